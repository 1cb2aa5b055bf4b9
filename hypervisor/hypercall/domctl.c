// SPDX-License-Identifier: MIT
/*
 * domctl: interface version first, then the row. Serialised by the guest-list
 * lock; only the control domain gets here.
 */
#include "hypercall/domctl.h"

#include "guest/copy.h"
#include "lib/error.h"

enum needs {
	ANY,	     /* may name DOMID_IO: guest is NULL then */
	LIVE_GUEST,  /* not the control domain, not dying     */
	KNOWN_GUEST, /* may be dying: destruction is retried  */
};

struct row {
	uint32_t command;
	domctl_handler *handle;
	enum needs needs;
};

static const struct row rows[] = {
	{XEN_DOMCTL_destroydomain, domctl_destroy, KNOWN_GUEST},
	{XEN_DOMCTL_pausedomain, domctl_pause, LIVE_GUEST},
	{XEN_DOMCTL_unpausedomain, domctl_unpause, LIVE_GUEST},
	{XEN_DOMCTL_max_mem, domctl_max_memory, LIVE_GUEST},
	{XEN_DOMCTL_max_vcpus, domctl_max_vcpus, LIVE_GUEST},
	{XEN_DOMCTL_getvcpuinfo, domctl_get_vcpu_info, LIVE_GUEST},
	{XEN_DOMCTL_gethvmcontext, domctl_get_context, LIVE_GUEST},
	{XEN_DOMCTL_sethvmcontext, domctl_set_context, LIVE_GUEST},
	{XEN_DOMCTL_assign_device, domctl_assign, ANY},
	{XEN_DOMCTL_deassign_device, domctl_deassign, ANY},
	{XEN_DOMCTL_test_assign_device, domctl_test_assign, ANY},
	{XEN_DOMCTL_memory_mapping, domctl_memory_mapping, LIVE_GUEST},
	{XEN_DOMCTL_set_paging_mempool_size, domctl_mempool, LIVE_GUEST},
};

static int find_guest(struct domctl_call *call, enum needs needs)
{
	uint16_t id = call->op->domain;

	if (needs == ANY && (id == DOMID_IO || id >= DOMID_FIRST_RESERVED)) {
		return id == DOMID_IO ? 0 : -XEN_ESRCH;
	}
	call->guest = guest_by_id(id);
	if (call->guest == NULL ||
	    (call->guest->state == GUEST_DYING && needs != KNOWN_GUEST)) {
		return -XEN_ESRCH;
	}
	return call->guest->is_control ? -XEN_EPERM : 0;
}

static int dispatch(struct guest_caller *caller, struct xen_domctl *op)
{
	struct domctl_call call = {caller, op, NULL};

	if (op->cmd == XEN_DOMCTL_createdomain) {
		return domctl_create(caller, op);
	}
	if (op->cmd == XEN_DOMCTL_getdomaininfo) {
		return domctl_get_info(op);
	}
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (rows[i].command == op->cmd) {
			int error = find_guest(&call, rows[i].needs);

			return error != 0 ? error : rows[i].handle(&call);
		}
	}
	return -XEN_ENOSYS;
}

int64_t domctl_op(struct guest_caller *caller,
		  const uint64_t args[HYPERCALL_ARGUMENTS])
{
	struct xen_domctl op;
	int error = copy_from_guest(caller, &op, args[0], sizeof(op));

	if (error != 0) {
		return error;
	}
	if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION) {
		return -XEN_EACCES;
	}
	spin_lock(&guest_list_lock);
	error = dispatch(caller, &op);
	spin_unlock(&guest_list_lock);
	if (error == 0) {
		error = copy_to_guest(caller, args[0], &op, sizeof(op));
	}
	return error;
}
