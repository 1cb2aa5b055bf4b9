// SPDX-License-Identifier: MIT
/*
 * The table of families, one row a Xen number and ours. Only the control domain
 * finds Xen's management calls; a guest finds its own end and our service.
 */
#include "hypercall/hypercall.h"

#include "lib/error.h"

#include <sluice/abi.h>
#include <xen/xen.h>

enum who {
	ANY_GUEST,
	CONTROL,
};

struct family {
	uint32_t number;
	hypercall_family *handle;
	enum who who;
};

static const struct family families[] = {
	{__HYPERVISOR_memory_op, memory_op, CONTROL},
	{__HYPERVISOR_multicall, multicall_op, CONTROL},
	{__HYPERVISOR_xen_version, xen_version_op, CONTROL},
	{__HYPERVISOR_vcpu_op, vcpu_op, CONTROL},
	{__HYPERVISOR_sched_op, sched_op, ANY_GUEST},
	{__HYPERVISOR_sysctl, sysctl_op, CONTROL},
	{__HYPERVISOR_domctl, domctl_op, CONTROL},
	{SLUICE_HYPERCALL, sluice_op, ANY_GUEST},
};

static int64_t call_family(struct guest_caller *caller, uint64_t number,
			   const uint64_t args[HYPERCALL_ARGUMENTS])
{
	for (size_t i = 0; i < ARRAY_COUNT(families); i++) {
		const struct family *f = &families[i];

		if (f->number == number &&
		    (f->who == ANY_GUEST || caller->guest->is_control)) {
			return f->handle(caller, args);
		}
	}
	return -XEN_ENOSYS;
}

int64_t hypercall_dispatch(struct guest_caller *caller, uint64_t number,
			   const uint64_t args[HYPERCALL_ARGUMENTS])
{
	struct linear_cache cache = {0}, *outer = caller->cache;
	int64_t result;

	if (!caller->is_64bit) {
		return -XEN_EOPNOTSUPP;
	}
	if (caller->cpl != 0) {
		return -XEN_EPERM;
	}
	caller->cache = &cache;
	result = call_family(caller, number, args);
	caller->cache = outer;
	return result;
}

void (*hypercall_reset_machine)(void);

struct guest *hypercall_target(const struct guest_caller *caller,
			       uint16_t domid)
{
	struct guest *guest;

	if (domid == DOMID_SELF) {
		return caller->guest;
	}
	guest = guest_by_id(domid);
	return guest != NULL && guest->state != GUEST_DYING ? guest : NULL;
}
