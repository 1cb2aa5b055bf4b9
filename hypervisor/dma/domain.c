// SPDX-License-Identifier: MIT
/*
 * Creation and deletion of domains: decode -> prepare -> commit, and back in
 * reverse order. Everything here runs under the guest's DMA lock; ids and pages
 * come from pools with locks of their own, further down the ladder.
 * Follows the contract, 3.1 and section 5 Q1-Q12, Q25-Q28.
 */
#include "dma/domain.h"

#include "arch/physmap.h"
#include "base/log.h"
#include "dma/asid.h"
#include "dma/dma.h"
#include "dma/passthrough.h"
#include "dma/policy.h"
#include "dma/ranges.h"
#include "dma/service.h"
#include "dma/token.h"
#include "guest/copy.h"
#include "lib/check.h"
#include "lib/error.h"
#include "mm/page.h"

#define ALLOCATOR_WIDTH_MIN 12u
#define ALLOCATOR_WIDTH_MAX 63u

struct dma_domain *dma_domain_find(const struct dma_guest *dg, uint64_t handle)
{
	return idmap_find(&dg->domains, handle);
}

uint16_t dma_domain_asid(const struct dma_guest *dg,
			 const struct dma_domain *dma)
{
	return dma->type == DomainTypePassThrough ? dg->passthrough.asid
						  : dma->asid;
}

struct pt *dma_domain_pt(struct dma_guest *dg, struct dma_domain *dma)
{
	switch (dma->type) {
	case DomainTypeTranslate:
	case DomainTypeTranslateS1:
		return &dma->pt;
	case DomainTypePassThrough:
		return &dg->passthrough.pt;
	default:
		return NULL;
	}
}

void dma_domain_note_attach(struct dma_guest *dg, struct dma_domain *dma)
{
	dma->was_attached = true;
	if (dma->type == DomainTypePassThrough) {
		dg->passthrough.was_attached = true;
	}
}

static bool has_own_table(uint32_t type)
{
	return type == DomainTypeTranslate || type == DomainTypeTranslateS1;
}

/* Contract Q5, Q6. None is the same as no configuration: width is ignored. */
static NTSTATUS decode_allocator(const struct sluice_create_domain *a)
{
	if (a->allocator_type == IommuDmaLogicalAllocatorNone) {
		return STATUS_SUCCESS;
	}
	if (a->allocator_type >= IommuDmaLogicalAllocatorMax ||
	    a->allocator_width < ALLOCATOR_WIDTH_MIN ||
	    a->allocator_width > ALLOCATOR_WIDTH_MAX ||
	    a->allocator_width > dma_service_limits()->address_bits ||
	    !has_own_table(a->type)) {
		return STATUS_INVALID_PARAMETER_3;
	}
	return STATUS_SUCCESS;
}

/* Contract Q7, Q8. Leaves the result in the guest's scratch. */
static NTSTATUS decode_regions(const struct guest_caller *c,
			       struct dma_guest *dg,
			       const struct sluice_create_domain *a)
{
	unsigned width = a->allocator_type == IommuDmaLogicalAllocatorNone
				 ? dma_service_limits()->address_bits
				 : a->allocator_width;

	dg->scratch.regions.count = 0;
	if (a->region_count == 0) {
		return STATUS_SUCCESS;
	}
	if (!has_own_table(a->type) || a->region_count > SLUICE_REGIONS_MAX ||
	    copy_from_guest(c, dg->scratch.list, a->regions,
			    a->region_count * sizeof(dg->scratch.list[0]))) {
		return STATUS_INVALID_PARAMETER_4;
	}
	return dma_regions_decode(dg->scratch.list, a->region_count, width,
				  &c->guest->p2m, &dg->scratch.regions);
}

/* Everything that is refused for what the arguments say, in position order. */
static NTSTATUS decode(const struct guest_caller *c, struct dma_guest *dg,
		       const struct sluice_create_domain *a)
{
	NTSTATUS status;

	if (a->type >= DomainTypeMax) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (a->creation_flags != 0) {
		return STATUS_INVALID_PARAMETER_2;
	}
	status = decode_allocator(a);
	if (status != STATUS_SUCCESS) {
		return status;
	}
	status = decode_regions(c, dg, a);
	if (status != STATUS_SUCCESS) {
		return status;
	}
	if ((dma_policy_types(c->guest) & 1u << a->type) == 0) {
		return STATUS_NOT_SUPPORTED;
	}
	return STATUS_SUCCESS;
}

static int init_table(struct dma_guest *dg, struct dma_domain *dma)
{
	const struct iommu_limits *limits = dma_service_limits();
	struct pt_memory memory = {
		.owner = dg->guest->id,
		.page_count = &dg->table_count,
		.page_quota = &dg->table_quota,
	};
	int err;

	err = pt_init(&dma->pt, iommu_format(), memory, limits->levels,
		      limits->address_bits, limits->is_coherent);
	if (err) {
		return err;
	}
	err = dma_regions_map(&dma->regions, &dg->guest->p2m, &dma->pt);
	if (err) {
		/* No unit has seen the table yet, so no flush is owed. */
		pt_destroy(&dma->pt);
		return err;
	}
	/* An unmap must not need memory. Regions above are never unmapped. */
	pt_keep_spares(&dma->pt);
	return 0;
}

/* Behind a caller's table stands the guest's memory, as for PassThrough. */
static bool needs_second_stage(uint32_t type)
{
	return type == DomainTypeUnmanaged &&
	       dma_service_limits()->can_nest_arm64;
}

/* Id and table as the type wants them; on error nothing is held. */
static int take_resources(struct dma_guest *dg, struct dma_domain *dma)
{
	int err = 0;

	if (dma->type == DomainTypePassThrough) {
		return dma_passthrough_get(dg);
	}
	dma->asid = dma_asid_alloc();
	if (dma->asid == ASID_NONE) {
		return -XEN_ENOSPC;
	}
	if (has_own_table(dma->type)) {
		err = init_table(dg, dma);
	} else if (needs_second_stage(dma->type)) {
		err = dma_passthrough_get(dg);
	}
	if (err) {
		dma_asid_free(dma->asid);
	}
	return err;
}

/* The reverse. The flush comes first: until it is confirmed nothing changes. */
static int drop_resources(struct dma_guest *dg, struct dma_domain *dma)
{
	if (dma->type == DomainTypePassThrough) {
		return dma_passthrough_put(dg);
	}
	if (dma->was_attached) {
		int err = iommu_flush_domain(dma->asid);

		if (err) {
			return err;
		}
	}
	if (dma->has_allocator) {
		buddy_destroy(&dma->buddy);
	}
	if (has_own_table(dma->type)) {
		pt_destroy(&dma->pt);
	} else if (needs_second_stage(dma->type)) {
		int err = dma_passthrough_put(dg);

		if (err) {
			return err;
		}
	}
	dma_asid_free(dma->asid);
	return 0;
}

/* A domain with all that it needs but a handle; NULL: nothing is held. */
static struct dma_domain *prepare(struct dma_guest *dg, uint32_t type)
{
	struct dma_domain *dma;
	hpa_t page;
	int err;

	if (dg->domains.used >= read_once(dg->guest->policy.domain_quota)) {
		return NULL;
	}
	page = page_alloc(PAGE_POOL_HYPERVISOR, dg->guest->id);
	if (hpa_is_none(page)) {
		return NULL;
	}
	dma = physmap_ptr(page);
	dma->type = (IOMMU_DMA_DOMAIN_TYPE)type;
	dma->page = page;
	dma->regions = dg->scratch.regions;
	err = take_resources(dg, dma);
	if (err) {
		log_guest(dg->guest->id, "no DMA domain, error %d", err);
		page_put(page);
		return NULL;
	}
	return dma;
}

/* Undo prepare(): no unit has seen the domain, so nothing can refuse. */
static void discard(struct dma_guest *dg, struct dma_domain *dma)
{
	hpa_t page = dma->page;
	int err = drop_resources(dg, dma);

	CHECK(err == 0);
	page_put(page);
}

static NTSTATUS create_locked(const struct guest_caller *c,
			      struct dma_guest *dg,
			      struct sluice_create_domain *a)
{
	struct dma_domain *dma;
	NTSTATUS status = decode(c, dg, a);

	if (status != STATUS_SUCCESS) {
		return status;
	}
	if (dg->guest != c->guest) {
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	dma = prepare(dg, a->type);
	if (dma == NULL) {
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	if (a->allocator_type != IommuDmaLogicalAllocatorNone &&
	    dma_ranges_start(dg, dma, a->allocator_width) != 0) {
		discard(dg, dma);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	/* No quota is above the number of slots. */
	dma->handle = idmap_add(&dg->domains, dma);
	CHECK(dma->handle != 0);
	a->domain = dma->handle;
	return STATUS_SUCCESS;
}

/**
 * dma_create_domain() - CreateDomainEx: an empty address space for devices.
 * @c: caller; its lists are read through it, once
 * @a: checked header; .domain receives the handle on success
 *
 * All or nothing; attaches nothing and moves no DMA.
 * Return: as listed at struct sluice_create_domain, in that order.
 */
NTSTATUS dma_create_domain(const struct guest_caller *c,
			   struct sluice_create_domain *a)
{
	struct dma_guest *dg = dma_guest_of(c->guest);
	NTSTATUS status;

	/* Environment first: such a refusal depends on no argument (Q1). */
	if (!dma_service_is_present() ||
	    read_once(c->guest->policy.machine) == SLUICE_MACHINE_I386) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = create_locked(c, dg, a);
	spin_unlock(&dg->lock);
	return status;
}

int dma_domain_destroy(struct dma_guest *dg, struct dma_domain *dma)
{
	hpa_t page = dma->page;
	uint64_t handle = dma->handle;
	int err;

	CHECK(dma->device_count == 0);
	err = drop_resources(dg, dma);
	if (err) {
		return err;
	}
	dma_tokens_drop(dg, dma);
	idmap_remove(&dg->domains, handle);
	page_put(page);
	return 0;
}

/**
 * dma_delete_domain() - DeleteDomain; leftover mappings go with it.
 *
 * Return: STATUS_SUCCESS, or, in the order checked,
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a domain of @g
 *   RESOURCE_IN_USE      a device is attached, or a token is live
 *   UNSUCCESSFUL         a unit did not confirm the flush; nothing changed
 */
NTSTATUS dma_delete_domain(struct guest *g, uint64_t domain)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status = STATUS_SUCCESS;
	struct dma_domain *dma;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	dma = dma_domain_find(dg, domain);
	if (dma == NULL) {
		status = STATUS_INVALID_PARAMETER_1;
	} else if (dma->device_count != 0 || dma_tokens_of(dg, dma) != 0) {
		status = STATUS_RESOURCE_IN_USE;
	} else if (dma_domain_destroy(dg, dma)) {
		status = STATUS_UNSUCCESSFUL;
	}
	spin_unlock(&dg->lock);
	return status;
}
