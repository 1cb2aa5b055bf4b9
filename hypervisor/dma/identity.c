// SPDX-License-Identifier: MIT
/*
 * Identity ranges: a contiguous one is a map like any other; the pages of a
 * list lie scattered, so all of them are checked, then all tables made, then
 * all leaves written. Contract 3.4. The guest's lock guards its scratch.
 */
#include "dma/identity.h"

#include "base/log.h"
#include "dma/frames.h"
#include "dma/service.h"
#include "dma/token.h"
#include "dma/translated.h"
#include "lib/check.h"

/* The domain, if identity calls mean something for its type. */
static struct dma_domain *find(struct dma_guest *dg, uint64_t handle)
{
	struct dma_domain *dma = dma_domain_find(dg, handle);

	return dma != NULL && dma->type != DomainTypeUnmanaged ? dma : NULL;
}

/*
 * Logical addresses to scratch.at, machine pages to scratch.pages. Return:
 * false for a bad description, or an address that the width does not hold.
 */
static bool read_pages(const struct guest_caller *c, struct dma_guest *dg,
		       const struct sluice_identity *a)
{
	struct dma_description d = {a->permissions, a->kind, a->base, a->frames,
				    a->pages};

	if (!dma_read_frames(c, dg, &d)) {
		return false;
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		uint64_t frame = dg->scratch.frames[i];

		if (frame > UINT64_MAX >> PAGE_SHIFT ||
		    !dma_is_in_width(frame << PAGE_SHIFT, 1)) {
			return false;
		}
		dg->scratch.at[i] = frame << PAGE_SHIFT;
	}
	return dma_resolve_frames(c->guest, dg, a->pages);
}

/* True when no address is named twice. Ascending lists, the rule, are quick. */
static bool are_distinct(const uint64_t *at, uint64_t pages)
{
	uint64_t sorted = 1;

	while (sorted < pages && at[sorted - 1] < at[sorted]) {
		sorted++;
	}
	for (uint64_t i = sorted; i < pages; i++) {
		for (uint64_t j = 0; j < i; j++) {
			if (at[i] == at[j]) {
				return false;
			}
		}
	}
	return true;
}

static bool all_free(const struct dma_guest *dg, const struct dma_domain *dma,
		     uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++) {
		if (!dma_is_free(dg, dma, dg->scratch.at[i], 1)) {
			return false;
		}
	}
	return are_distinct(dg->scratch.at, pages);
}

/* Clear @pages scattered pages; flush once; free. As dma_range_unmap(). */
static NTSTATUS clear_scattered(struct dma_guest *dg, struct dma_domain *dma,
				uint64_t pages)
{
	struct pt_gather gather = PT_GATHER_INIT;

	for (uint64_t i = 0; i < pages; i++) {
		dma->mapped_pages -=
			pt_clear(&dma->pt, dg->scratch.at[i], 1, &gather);
	}
	if (dma->was_attached && iommu_flush_domain(dma->asid) != 0) {
		log_guest(dg->guest->id,
			  "no unit confirms an unmap, %lu table pages are lost",
			  (unsigned long)gather.count);
		dma->owes_flush = true;
		return STATUS_UNSUCCESSFUL;
	}
	pt_gather_free(&dma->pt, &gather);
	return STATUS_SUCCESS;
}

static NTSTATUS map_scattered(struct dma_guest *dg, struct dma_domain *dma,
			      const struct sluice_identity *a)
{
	NTSTATUS undone;

	if (!dma_settle_flush(dma)) {
		return STATUS_UNSUCCESSFUL;
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		if (pt_reserve(&dma->pt, dg->scratch.at[i], 1) != 0) {
			/* Tables made so far go the way of all tables. */
			undone = clear_scattered(dg, dma, i);
			return undone == STATUS_SUCCESS
				       ? STATUS_INSUFFICIENT_RESOURCES
				       : undone;
		}
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		pt_set(&dma->pt, dg->scratch.at[i], dg->scratch.pages[i],
		       a->permissions);
	}
	dma->mapped_pages += a->pages;
	if (!dma->was_attached || !dma_service_limits()->needs_present_flush ||
	    iommu_flush_domain(dma->asid) == 0) {
		return STATUS_SUCCESS;
	}
	if (clear_scattered(dg, dma, a->pages) == STATUS_SUCCESS) {
		log_guest(dg->guest->id, "a map was taken back");
	}
	return STATUS_UNSUCCESSFUL;
}

static NTSTATUS map_locked(const struct guest_caller *c, struct dma_guest *dg,
			   const struct sluice_identity *a)
{
	struct dma_domain *dma = find(dg, a->domain);

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (!dma_is_permission(a->permissions)) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (a->options != 0 || !read_pages(c, dg, a)) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (dma->type == DomainTypePassThrough) {
		return STATUS_SUCCESS; /* it is so already */
	}
	if (dma->has_allocator) {
		return STATUS_NOT_SUPPORTED;
	}
	if (!all_free(dg, dma, a->pages)) {
		return STATUS_IN_USE;
	}
	return a->kind == SLUICE_MAP_CONTIGUOUS
		       ? dma_range_map(dg, dma, a->base, a->pages,
				       a->permissions)
		       : map_scattered(dg, dma, a);
}

/**
 * dma_map_identity() - MapIdentityRangeEx.
 * Return: as listed at struct sluice_identity, in that order; then
 * UNSUCCESSFUL: a unit did not confirm.
 */
NTSTATUS dma_map_identity(const struct guest_caller *c,
			  const struct sluice_identity *a)
{
	struct dma_guest *dg = dma_guest_of(c->guest);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = map_locked(c, dg, a);
	spin_unlock(&dg->lock);
	return status;
}

/* Every page is mapped to its own address, and may be taken. */
static bool all_identical(const struct dma_guest *dg,
			  const struct dma_domain *dma, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++) {
		struct range at = {dg->scratch.at[i], PAGE_BYTES};
		struct pt_leaf leaf;

		if (dma_is_withheld(dma, at) ||
		    dma_tokens_overlap(dg, dma, at) ||
		    !pt_lookup(&dma->pt, at.start, &leaf) ||
		    leaf.page.addr != dg->scratch.pages[i].addr) {
			return false;
		}
	}
	return are_distinct(dg->scratch.at, pages);
}

static NTSTATUS unmap_scattered(struct dma_guest *dg, struct dma_domain *dma,
				uint64_t pages)
{
	/* Whether or not it splits a leaf: what follows flushes the domain. */
	for (uint64_t i = 0; i < pages; i++) {
		pt_split_by_spares(&dma->pt, dg->scratch.at[i], 1);
	}
	return clear_scattered(dg, dma, pages);
}

static NTSTATUS unmap_locked(const struct guest_caller *c, struct dma_guest *dg,
			     const struct sluice_identity *a)
{
	struct dma_domain *dma = find(dg, a->domain);

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (a->permissions != 0 || (a->options & ~SLUICE_UNMAP_CHECK) != 0 ||
	    !read_pages(c, dg, a)) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (dma->type == DomainTypePassThrough) {
		return STATUS_SUCCESS;
	}
	if (dma->has_allocator) {
		return STATUS_NOT_SUPPORTED;
	}
	if (!all_identical(dg, dma, a->pages)) {
		return STATUS_INVALID_PARAMETER;
	}
	if ((a->options & SLUICE_UNMAP_CHECK) != 0) {
		return STATUS_SUCCESS;
	}
	return a->kind == SLUICE_MAP_CONTIGUOUS
		       ? dma_range_unmap(dg, dma, a->base, a->pages)
		       : unmap_scattered(dg, dma, a->pages);
}

/**
 * dma_unmap_identity() - UnmapIdentityRangeEx.
 * Return: as listed at struct sluice_identity, in that order; then UNSUCCESSFUL
 * as for dma_unmap().
 */
NTSTATUS dma_unmap_identity(const struct guest_caller *c,
			    const struct sluice_identity *a)
{
	struct dma_guest *dg = dma_guest_of(c->guest);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = unmap_locked(c, dg, a);
	spin_unlock(&dg->lock);
	return status;
}
