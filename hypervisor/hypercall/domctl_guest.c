// SPDX-License-Identifier: MIT
/* Creation, description, running, destruction of guests. */
#include "base/log.h"
#include "dma/dma.h"
#include "guest/cpu_ops.h"
#include "hypercall/domctl.h"
#include "lib/error.h"
#include "lib/string.h"

#define FLAGS_NEEDED (XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap)
#define FLAGS_KNOWN                                                            \
	(FLAGS_NEEDED | XEN_DOMCTL_CDF_iommu | XEN_DOMCTL_CDF_oos_off)
#define FRAME_NONE   (~UINT64_C(0))
#define KIB_PER_PAGE 4u

/* Pages that one step of a destruction gives back: about a millisecond. */
#define DESTROY_PAGES 4096u

static int check_create(const struct xen_domctl_createdomain *c)
{
	if ((c->flags & FLAGS_NEEDED) != FLAGS_NEEDED ||
	    (c->flags & ~FLAGS_KNOWN) != 0 || c->max_vcpus != 1) {
		return -XEN_EINVAL;
	}
	/* As Xen 4.17: limits and a grant version must be named. */
	if (c->max_evtchn_port == 0 || c->max_grant_frames == 0 ||
	    (c->grant_opts & XEN_DOMCTL_GRANT_version_mask) == 0) {
		return -XEN_EINVAL;
	}
	return 0;
}

int domctl_create(struct guest_caller *caller, struct xen_domctl *op)
{
	const struct xen_domctl_createdomain *c = &op->u.createdomain;
	struct guest *guest;
	int error = check_create(c);

	(void)caller;
	if (error != 0) {
		return error;
	}
	if (op->domain != 0 && op->domain < DOMID_FIRST_RESERVED &&
	    guest_by_id(op->domain) != NULL) {
		return -XEN_EEXIST;
	}
	guest = guest_create(op->domain, false);
	if (guest == NULL) {
		return -XEN_ENOMEM;
	}
	memcpy(guest->handle, c->handle, GUEST_HANDLE_BYTES);
	error = guest_cpu_ops->create(guest);
	if (error != 0) {
		p2m_destroy(&guest->p2m);
		guest_release(guest);
		return error;
	}
	dma_guest_create(guest);
	op->domain = guest->id;
	log_info("guest %u created", (unsigned)guest->id);
	return 0;
}

static uint32_t state_flags(const struct guest *guest)
{
	uint32_t ended = __atomic_load_n(&guest->ended, __ATOMIC_ACQUIRE);

	if (guest->state == GUEST_DYING) {
		return XEN_DOMINF_dying;
	}
	if (ended != 0) {
		return XEN_DOMINF_shutdown |
		       (ended - 1) << XEN_DOMINF_shutdownshift;
	}
	return guest->state == GUEST_PAUSED ? XEN_DOMINF_paused
					    : XEN_DOMINF_running;
}

void domctl_describe(const struct guest *guest,
		     struct xen_domctl_getdomaininfo *info)
{
	memset(info, 0, sizeof(*info));
	info->domain = guest->id;
	info->flags =
		XEN_DOMINF_hvm_guest | XEN_DOMINF_hap | state_flags(guest);
	info->tot_pages = guest->p2m.ram_pages;
	info->max_pages = guest->max_pages;
	info->shared_info_frame = FRAME_NONE;
	info->nr_online_vcpus = 1;
	info->max_vcpu_id = 0;
	memcpy(info->handle, guest->handle, GUEST_HANDLE_BYTES);
	info->gpaddr_bits = (uint8_t)p2m_address_bits;
}

/* The first guest with this id or a higher one. */
int domctl_get_info(struct xen_domctl *op)
{
	const struct guest *best = NULL;

	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		const struct guest *g = guest_in_slot(i);

		if (g != NULL && g->id >= op->domain &&
		    (best == NULL || g->id < best->id)) {
			best = g;
		}
	}
	if (best == NULL) {
		return -XEN_ESRCH;
	}
	op->domain = best->id;
	domctl_describe(best, &op->u.getdomaininfo);
	return 0;
}

int domctl_pause(struct domctl_call *call)
{
	int error = guest_cpu_ops->stop(call->guest);

	if (error == 0) {
		call->guest->state = GUEST_PAUSED;
	}
	return error;
}

int domctl_unpause(struct domctl_call *call)
{
	struct guest *guest = call->guest;
	int error;

	if (guest->state == GUEST_RUNNING) {
		return -XEN_EINVAL;
	}
	if (!guest->has_cpu && guest_cpu_ops->free_cpu_count() == 0) {
		return -XEN_EBUSY; /* nothing is settled yet */
	}
	p2m_freeze(&guest->p2m);
	guest->has_run = true;
	error = guest_cpu_ops->run(guest);
	if (error == 0) {
		guest->state = GUEST_RUNNING;
	}
	return error;
}

/*
 * In this order: it runs no more, its devices reach nothing, its memory goes.
 * A step that fails leaves it dying; the tools may call again.
 */
int domctl_destroy(struct domctl_call *call)
{
	struct guest *guest = call->guest;
	int error, dma_error;

	guest->state = GUEST_DYING;
	error = guest_cpu_ops->stop(guest);
	/* DMA ends even if the CPU does not come out. */
	dma_error = dma_guest_destroy(guest);
	if (error != 0) {
		return error;
	}
	error = dma_error;
	if (error != 0) {
		log_error("guest %u: a unit did not confirm that its devices "
			  "are blocked; its memory stays locked away",
			  (unsigned)guest->id);
		return error;
	}
	if (!p2m_empty(&guest->p2m, DESTROY_PAGES)) {
		return HYPERCALL_AGAIN;
	}
	guest_cpu_ops->destroy(guest);
	p2m_destroy(&guest->p2m);
	log_info("guest %u destroyed", (unsigned)guest->id);
	guest_release(guest);
	return 0;
}

int domctl_max_memory(struct domctl_call *call)
{
	call->guest->max_pages = call->op->u.max_mem.max_memkb / KIB_PER_PAGE;
	return 0;
}

int domctl_max_vcpus(struct domctl_call *call)
{
	return call->op->u.max_vcpus.max == 1 ? 0 : -XEN_EINVAL;
}

int domctl_get_vcpu_info(struct domctl_call *call)
{
	struct xen_domctl_getvcpuinfo *info = &call->op->u.getvcpuinfo;
	uint32_t vcpu = info->vcpu;

	if (vcpu != 0) {
		return -XEN_ESRCH;
	}
	memset(info, 0, sizeof(*info));
	info->online = 1;
	info->running = call->guest->state == GUEST_RUNNING;
	info->cpu = call->guest->has_cpu ? call->guest->cpu : 0;
	return 0;
}

/* Tables come from our own pool, bounded by what a guest may map. */
int domctl_mempool(struct domctl_call *call)
{
	(void)call;
	return 0;
}
