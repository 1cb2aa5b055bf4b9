// SPDX-License-Identifier: MIT
/*
 * MapLogicalRangeEx and UnmapLogicalRange: decode -> prepare -> commit, each
 * all or nothing over at most SLUICE_MAP_MAX pages, under the guest's lock.
 * Follows the contract, 3.3 and section 5 Q10, Q14-Q22.
 */
#include "base/log.h"
#include "dma/dma.h"
#include "dma/frames.h"
#include "dma/ranges.h"
#include "dma/service.h"
#include "dma/token.h"
#include "dma/translated.h"
#include "lib/check.h"
#include "lib/error.h"

static NTSTATUS decode_description(const struct guest_caller *c,
				   struct dma_guest *dg,
				   const struct sluice_map *a)
{
	struct dma_description d = {a->permissions, a->kind, a->base, a->frames,
				    a->pages};

	if (!dma_is_permission(a->permissions)) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (!dma_read_frames(c, dg, &d) ||
	    !dma_resolve_frames(c->guest, dg, a->pages)) {
		return STATUS_INVALID_PARAMETER_3;
	}
	return STATUS_SUCCESS;
}

/* Where to map is the allocator's to say, unless the range is its already. */
static NTSTATUS decode_address(const struct dma_guest *dg,
			       const struct dma_domain *dma,
			       const struct sluice_map *a)
{
	bool is_part = (a->options & SLUICE_MAP_PART) != 0;
	bool is_explicit = a->has_logical_address != 0;
	struct range at;

	if (!is_part && is_explicit == dma->has_allocator) {
		return STATUS_NOT_SUPPORTED;
	}
	if (a->has_logical_address > 1 ||
	    (a->options & ~SLUICE_MAP_PART) != 0 ||
	    (a->has_bounds & ~(SLUICE_HAS_MIN | SLUICE_HAS_MAX)) != 0 ||
	    (is_part && !(is_explicit && dma->has_allocator))) {
		return STATUS_INVALID_PARAMETER_4;
	}
	if (is_explicit && (!is_aligned(a->logical_address, PAGE_BYTES) ||
			    !dma_is_in_width(a->logical_address, a->pages))) {
		return STATUS_INVALID_PARAMETER_4;
	}
	/* A token's range is the allocator's as well, and the token's alone. */
	at = (struct range){a->logical_address, a->pages << PAGE_SHIFT};
	if (is_part &&
	    (!dma_ranges_hold(dma, at.start, a->pages) ||
	     dma_tokens_overlap(dg, dma, at) || dma_is_withheld(dma, at))) {
		return STATUS_INVALID_PARAMETER_4;
	}
	return STATUS_SUCCESS;
}

/* With an allocator: take a range, map it, and give it back if that fails. */
static NTSTATUS map_anywhere(struct dma_guest *dg, struct dma_domain *dma,
			     struct sluice_map *a)
{
	struct dma_bounds bounds = {a->has_bounds, a->min, a->max};
	uint64_t start;
	NTSTATUS status = dma_range_take(dma, a->pages, bounds, &start);

	if (status != STATUS_SUCCESS) {
		return status;
	}
	/* An earlier flush still fails: this range was never in any cache. */
	if (!dma_settle_flush(dma)) {
		buddy_free(&dma->buddy, start);
		return STATUS_UNSUCCESSFUL;
	}
	status = dma_range_map(dg, dma, start, a->pages, a->permissions);
	if (status == STATUS_SUCCESS) {
		a->logical_address = start;
	} else if (!dma->owes_flush) {
		buddy_free(&dma->buddy, start);
	}
	/* Else a unit may still hold what was there: the range is lost. */
	return status;
}

static NTSTATUS map_locked(const struct guest_caller *c, struct dma_guest *dg,
			   struct sluice_map *a)
{
	struct dma_domain *dma = dma_find_translated(dg, a->domain);
	NTSTATUS status;

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	status = decode_description(c, dg, a);
	if (status == STATUS_SUCCESS) {
		status = decode_address(dg, dma, a);
	}
	if (status != STATUS_SUCCESS) {
		return status;
	}
	if (a->has_logical_address == 0) {
		return map_anywhere(dg, dma, a);
	}
	if (!dma_is_free(dg, dma, a->logical_address, a->pages)) {
		return STATUS_IN_USE;
	}
	return dma_range_map(dg, dma, a->logical_address, a->pages,
			     a->permissions);
}

/**
 * dma_map() - Let a translated domain's devices reach memory of its guest.
 * @c: caller; its frame list is read through it, once
 * @a: checked header; .logical_address is filled in on success
 *
 * After an error the devices see what they saw before. On success they see the
 * pages at once.
 * Return: as listed at struct sluice_map, in that order; then UNSUCCESSFUL: a
 * unit did not confirm.
 */
NTSTATUS dma_map(const struct guest_caller *c, struct sluice_map *a)
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

/* Does the range that the allocator gave allow this unmap? Contract Q21. */
static bool is_own_range(const struct dma_domain *dma,
			 const struct sluice_unmap *a)
{
	bool is_part = (a->options & SLUICE_UNMAP_PART) != 0;

	if (!dma->has_allocator) {
		return a->range_base == 0 && a->range_pages == 0;
	}
	if (!is_part) {
		return a->range_base == 0 && a->range_pages == 0 &&
		       buddy_find(&dma->buddy, a->logical_address) == a->pages;
	}
	return a->range_pages != 0 &&
	       buddy_find(&dma->buddy, a->range_base) == a->range_pages &&
	       range_contains((struct range){a->range_base,
					     a->range_pages << PAGE_SHIFT},
			      (struct range){a->logical_address,
					     a->pages << PAGE_SHIFT});
}

static NTSTATUS unmap_check(const struct dma_guest *dg,
			    const struct dma_domain *dma,
			    const struct sluice_unmap *a)
{
	struct range at = {a->logical_address, a->pages << PAGE_SHIFT};

	if (!is_aligned(a->logical_address, PAGE_BYTES)) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (a->pages == 0 || a->pages > SLUICE_MAP_MAX) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if ((a->options & ~(SLUICE_UNMAP_PART | SLUICE_UNMAP_CHECK)) != 0 ||
	    !dma_is_in_width(a->logical_address, a->pages) ||
	    dma_is_withheld(dma, at) || dma_tokens_overlap(dg, dma, at) ||
	    !pt_is_full(&dma->pt, a->logical_address, a->pages) ||
	    !is_own_range(dma, a)) {
		return STATUS_INVALID_PARAMETER;
	}
	return STATUS_SUCCESS;
}

static NTSTATUS unmap_locked(struct dma_guest *dg, const struct sluice_unmap *a)
{
	struct dma_domain *dma = dma_find_translated(dg, a->domain);
	NTSTATUS status;

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	status = unmap_check(dg, dma, a);
	if (status != STATUS_SUCCESS ||
	    (a->options & SLUICE_UNMAP_CHECK) != 0) {
		return status;
	}
	status = dma_range_unmap(dg, dma, a->logical_address, a->pages);
	if (status == STATUS_SUCCESS && dma->has_allocator &&
	    (a->options & SLUICE_UNMAP_PART) == 0) {
		buddy_free(&dma->buddy, a->logical_address);
	}
	return status;
}

/**
 * dma_unmap() - Take memory away from a translated domain's devices.
 *
 * On success no unit holds a translation and the pages may be reused.
 * Return: as listed at struct sluice_unmap, in that order; then UNSUCCESSFUL: a
 * unit did not confirm, the pages may still be reached and must not be reused.
 */
NTSTATUS dma_unmap(struct guest *g, const struct sluice_unmap *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = unmap_locked(dg, a);
	spin_unlock(&dg->lock);
	return status;
}

/* dma_undo_part() - Take back a PART map whose reply was not delivered. */
void dma_undo_part(struct guest *g, const struct sluice_unmap *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	struct dma_domain *dma;

	spin_lock(&dg->lock);
	dma = dma_find_translated(dg, a->domain);
	if (dma != NULL && pt_is_full(&dma->pt, a->logical_address, a->pages) &&
	    dma_range_unmap(dg, dma, a->logical_address, a->pages) !=
		    STATUS_SUCCESS) {
		log_guest(g->id, "a map whose reply was lost stays");
	}
	spin_unlock(&dg->lock);
}
