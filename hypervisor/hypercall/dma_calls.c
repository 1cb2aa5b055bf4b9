// SPDX-License-Identifier: MIT
/*
 * Thin handlers: take the argument apart, call the service or the room that
 * knows. No lock here, and no check that the service makes.
 */
#include "hypercall/dma_calls.h"

#include "base/log.h"
#include "dma/dma.h"
#include "iommu/fault.h"
#include "iommu/unit.h"
#include "lib/string.h"
#include "mm/page.h"

#define SLUICE_RELEASE "0.1"

uint32_t (*hypercall_cpu_count)(void);
uint32_t (*hypercall_free_cpu_count)(void);
uint64_t hypercall_ram_pages;

NTSTATUS dma_call_info(const struct guest_caller *caller,
		       union sluice_argument *a)
{
	return dma_info(caller->guest, &a->info);
}

NTSTATUS dma_call_create_domain(const struct guest_caller *caller,
				union sluice_argument *a)
{
	return dma_create_domain(caller, &a->create_domain);
}

void dma_undo_create_domain(const struct guest_caller *caller,
			    const union sluice_argument *a)
{
	/* Nobody knows the handle, or used it already: then it stays. */
	(void)dma_delete_domain(caller->guest, a->create_domain.domain);
}

NTSTATUS dma_call_delete_domain(const struct guest_caller *caller,
				union sluice_argument *a)
{
	return dma_delete_domain(caller->guest, a->delete_domain.domain);
}

NTSTATUS dma_call_create_device(const struct guest_caller *caller,
				union sluice_argument *a)
{
	return dma_create_device(caller->guest, &a->create_device);
}

void dma_undo_create_device(const struct guest_caller *caller,
			    const union sluice_argument *a)
{
	(void)dma_delete_device(caller->guest, a->create_device.device);
}

NTSTATUS dma_call_delete_device(const struct guest_caller *caller,
				union sluice_argument *a)
{
	return dma_delete_device(caller->guest, a->delete_device.device);
}

NTSTATUS dma_call_attach_device(const struct guest_caller *caller,
				union sluice_argument *a)
{
	return dma_attach_device(caller->guest, a->attach_device.domain,
				 a->attach_device.device);
}

NTSTATUS dma_call_detach_device(const struct guest_caller *caller,
				union sluice_argument *a)
{
	return dma_detach_device(caller->guest, a->detach_device.device);
}

NTSTATUS dma_call_map(const struct guest_caller *caller,
		      union sluice_argument *a)
{
	return dma_map(caller, &a->map);
}

NTSTATUS dma_call_unmap(const struct guest_caller *caller,
			union sluice_argument *a)
{
	return dma_unmap(caller->guest, &a->unmap);
}

NTSTATUS dma_call_query_domain_types(const struct guest_caller *caller,
				     union sluice_argument *a)
{
	return dma_query_domain_types(caller->guest, &a->query_domain_types);
}

NTSTATUS dma_call_list_devices(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_list_devices(caller->guest, &a->list_devices);
}

NTSTATUS dma_call_list_domains(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_list_domains(caller->guest, &a->list_domains);
}

NTSTATUS dma_call_inventory(const struct guest_caller *caller,
			    union sluice_argument *a)
{
	return dma_inventory(caller->guest, &a->inventory);
}

NTSTATUS dma_call_guest_policy(const struct guest_caller *caller __unused,
			       union sluice_argument *a)
{
	return dma_guest_policy(&a->guest_policy);
}

NTSTATUS dma_call_audit(const struct guest_caller *caller __unused,
			union sluice_argument *a)
{
	return dma_audit(&a->audit);
}

/**
 * dma_call_read_faults() - Hand out fault records, the units' newest included.
 * Return: STATUS_SUCCESS always.
 */
NTSTATUS dma_call_read_faults(const struct guest_caller *caller __unused,
			      union sluice_argument *a)
{
	struct sluice_read_faults *r = &a->read_faults;
	struct fault_totals totals;

	(void)iommu_poll_faults();
	r->count =
		fault_read(&r->sequence, r->fault, SLUICE_FAULTS_MAX, &totals);
	r->dropped = totals.dropped;
	r->total = totals.total;
	r->storms = totals.storms;
	return STATUS_SUCCESS;
}

/**
 * dma_call_read_log() - Hand out the hypervisor's log, in pieces.
 * Return: STATUS_SUCCESS always.
 */
NTSTATUS dma_call_read_log(const struct guest_caller *caller __unused,
			   union sluice_argument *a)
{
	struct sluice_read_log *r = &a->read_log;

	r->length = (uint32_t)log_read(&r->offset, &r->lost, r->text,
				       sizeof(r->text));
	return STATUS_SUCCESS;
}

/* All of @to is written, so that nothing of ours leaks behind the text. */
static void copy_text(char *to, size_t bytes, const char *from)
{
	size_t n = strlen(from);

	if (n > bytes - 1) {
		n = bytes - 1;
	}
	memset(to, 0, bytes);
	memcpy(to, from, n);
}

static void report_memory(struct sluice_platform *p)
{
	struct page_pool_counts guests = page_pool_counts(PAGE_POOL_GUEST);
	struct page_pool_counts ours = page_pool_counts(PAGE_POOL_HYPERVISOR);
	const struct guest *control = guest_control();

	p->control_pages = control != NULL ? control->p2m.ram_pages : 0;
	p->pool_pages = guests.total;
	p->pool_free_pages = guests.free;
	p->hypervisor_pages = ours.total;
	p->hypervisor_free_pages = ours.free;
	p->memory_pages = hypercall_ram_pages;
	if (p->memory_pages == 0) {
		p->memory_pages = p->control_pages + guests.total + ours.total;
	}
}

/**
 * dma_call_platform() - The machine, for `sluice info`.
 * Return: STATUS_SUCCESS always.
 */
NTSTATUS dma_call_platform(const struct guest_caller *caller __unused,
			   union sluice_argument *a)
{
	struct sluice_platform *p = &a->platform;
	struct dma_asid_counts asids = dma_asid_counts();

	p->cpu_count = hypercall_cpu_count != NULL ? hypercall_cpu_count() : 1;
	p->free_cpu_count = hypercall_free_cpu_count != NULL
				    ? hypercall_free_cpu_count()
				    : 0;
	p->unit_count = iommu_unit_count();
	p->asid_capacity = asids.capacity;
	p->asid_in_use = asids.in_use;
	p->guest_count = guest_count();
	report_memory(p);
	copy_text(p->iommu_name, sizeof(p->iommu_name), iommu_name());
	copy_text(p->version, sizeof(p->version), SLUICE_RELEASE);
	return STATUS_SUCCESS;
}
