// SPDX-License-Identifier: MIT
/* sysctl: the machine as the tools see it. Xen public headers: sysctl.h, 4.17.
 */
#include "base/log.h"
#include "dma/dma.h"
#include "guest/copy.h"
#include "guest/cpu_ops.h"
#include "hypercall/dma_calls.h"
#include "hypercall/domctl.h"
#include "hypercall/hypercall.h"
#include "lib/error.h"
#include "lib/string.h"
#include "mm/page.h"

#include <xen/sysctl.h>
#include <xen/xen.h>

#define CHUNK 512u

/* Where incremental readers left off; the guest-list lock guards it. */
static uint64_t console_read;

static int read_console(struct guest_caller *caller,
			struct xen_sysctl_readconsole *c)
{
	uint64_t offset = c->incremental ? console_read : 0;
	uint32_t done = 0;
	uint64_t lost;

	while (done < c->count) {
		char text[CHUNK];
		size_t room = c->count - done < CHUNK ? c->count - done : CHUNK;
		size_t n = log_read(&offset, &lost, text, room);

		if (n == 0) {
			break;
		}
		if (copy_to_guest(caller, (uintptr_t)(c->buffer.p + done), text,
				  n) != 0) {
			return -XEN_EFAULT;
		}
		done += (uint32_t)n;
	}
	console_read = offset;
	c->index = (uint32_t)offset;
	c->count = done;
	return 0;
}

static int physical_info(struct xen_sysctl_physinfo *info)
{
	struct page_pool_counts pool = page_pool_counts(PAGE_POOL_GUEST);

	memset(info, 0, sizeof(*info));
	info->threads_per_core = 1;
	info->cores_per_socket = guest_cpu_ops->cpu_count();
	info->nr_cpus = guest_cpu_ops->cpu_count();
	info->max_cpu_id = info->nr_cpus - 1;
	info->nr_nodes = 1;
	info->capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap;
	if (dma_no_interface() == SLUICE_INTERFACE_PRESENT) {
		info->capabilities |= XEN_SYSCTL_PHYSCAP_directio;
	}
	info->total_pages = hypercall_ram_pages;
	info->free_pages = pool.free;
	return 0;
}

static int list_guests(struct guest_caller *caller,
		       struct xen_sysctl_getdomaininfolist *list)
{
	uint32_t done = 0;
	uint32_t from = list->first_domain;

	while (done < list->max_domains && done < GUESTS_MAX) {
		struct xen_domctl op = {.domain = (domid_t)from};

		if (from > UINT16_MAX || domctl_get_info(&op) != 0) {
			break;
		}
		if (copy_to_guest(caller, (uintptr_t)(list->buffer.p + done),
				  &op.u.getdomaininfo,
				  sizeof(op.u.getdomaininfo)) != 0) {
			return -XEN_EFAULT;
		}
		from = op.domain + 1u;
		done++;
	}
	list->num_domains = done;
	return 0;
}

static int dispatch(struct guest_caller *caller, struct xen_sysctl *op)
{
	switch (op->cmd) {
	case XEN_SYSCTL_readconsole:
		return read_console(caller, &op->u.readconsole);
	case XEN_SYSCTL_physinfo:
		return physical_info(&op->u.physinfo);
	case XEN_SYSCTL_getdomaininfolist:
		return list_guests(caller, &op->u.getdomaininfolist);
	default:
		return -XEN_ENOSYS;
	}
}

int64_t sysctl_op(struct guest_caller *caller,
		  const uint64_t args[HYPERCALL_ARGUMENTS])
{
	struct xen_sysctl op;
	int error = copy_from_guest(caller, &op, args[0], sizeof(op));

	if (error != 0) {
		return error;
	}
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION) {
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
