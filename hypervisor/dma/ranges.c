// SPDX-License-Identifier: MIT
/* What stands between the buddy structure and the contract. */
#include "dma/ranges.h"

#include "dma/service.h"
#include "dma/token.h"
#include "dma/translated.h"
#include "lib/error.h"

#define PAGES_MAX (UINT64_C(1) << 51)

/* Withhold what lies in the allocator's width; a window may reach beyond. */
static int withhold(struct buddy *b, struct range at, unsigned width_bits)
{
	uint64_t limit = UINT64_C(1) << width_bits;

	if (at.start >= limit) {
		return 0;
	}
	if (at.bytes > limit - at.start) {
		at.bytes = limit - at.start;
	}
	return buddy_withhold(b, at.start, at.bytes >> PAGE_SHIFT);
}

static int withhold_all(struct dma_domain *dma, unsigned width_bits)
{
	struct buddy *b = &dma->buddy;
	/* Many devices take address 0 for "none" (Q13). */
	int err = withhold(b, (struct range){0, PAGE_BYTES}, width_bits);

	if (err == 0) {
		err = withhold(b, DMA_INTERRUPT_WINDOW, width_bits);
	}
	for (uint32_t i = 0; err == 0 && i < dma->regions.count; i++) {
		err = withhold(b, dma->regions.region[i].at, width_bits);
	}
	return err;
}

int dma_ranges_start(struct dma_guest *dg, struct dma_domain *dma,
		     unsigned width_bits)
{
	struct buddy_memory memory = {
		.owner = dg->guest->id,
		.page_count = &dg->table_count,
		.page_quota = &dg->table_quota,
	};
	int err;

	buddy_init(&dma->buddy, width_bits, memory);
	err = withhold_all(dma, width_bits);
	if (err) {
		buddy_destroy(&dma->buddy);
		return err;
	}
	dma->has_allocator = true;
	return 0;
}

/* Behind the reserved region that holds @at, or @at itself. */
static uint64_t past_hole(const struct dma_domain *dma, uint64_t at)
{
	for (uint32_t i = 0; i < dma->regions.count; i++) {
		struct range hole = dma->regions.region[i].at;

		if (at >= hole.start && at - hole.start < hole.bytes) {
			return hole.start + hole.bytes;
		}
	}
	return at == 0 ? PAGE_BYTES : at;
}

/* Where the next reserved region begins, or @end. */
static uint64_t next_hole(const struct dma_domain *dma, uint64_t at,
			  uint64_t end)
{
	for (uint32_t i = 0; i < dma->regions.count; i++) {
		uint64_t start = dma->regions.region[i].at.start;

		if (start > at && start < end) {
			return start;
		}
	}
	return end;
}

/*
 * The largest block that begins at or behind *@at and holds nothing but what
 * lies before @end and in no hole. False: there is none left.
 */
static bool next_block(const struct dma_domain *dma, uint64_t *at, uint64_t end,
		       struct range *block)
{
	uint64_t start = *at;
	uint64_t bytes = PAGE_BYTES;
	uint64_t stop;

	while (start < end && past_hole(dma, start) != start) {
		start = past_hole(dma, start);
	}
	if (start >= end) {
		return false;
	}
	stop = next_hole(dma, start, end);
	while (is_aligned(start, bytes * 2) && bytes * 2 <= stop - start) {
		bytes *= 2;
	}
	*block = (struct range){start, bytes};
	*at = start + bytes;
	return true;
}

static void return_blocks(struct dma_domain *dma, uint64_t from, uint64_t end)
{
	struct range block;

	while (next_block(dma, &from, end, &block)) {
		buddy_free(&dma->buddy, block.start);
	}
}

/* The end of a range, cut off at the allocator's width. */
static uint64_t end_in_width(const struct dma_domain *dma, struct range at)
{
	uint64_t limit = UINT64_C(1) << dma->buddy.width_bits;

	return range_last(at) < limit ? range_last(at) + 1 : limit;
}

int dma_ranges_withhold(struct dma_domain *dma, struct range at)
{
	uint64_t from = at.start;
	struct range block;
	uint64_t end, base;
	int err;

	if (!dma->has_allocator) {
		return 0;
	}
	end = end_in_width(dma, at);
	while (next_block(dma, &from, end, &block)) {
		err = buddy_allocate(&dma->buddy, block.bytes >> PAGE_SHIFT,
				     block.start, range_last(block), &base);
		if (err) {
			return_blocks(dma, at.start, block.start);
			return err;
		}
	}
	return 0;
}

void dma_ranges_return(struct dma_domain *dma, struct range at)
{
	if (dma->has_allocator) {
		return_blocks(dma, at.start, end_in_width(dma, at));
	}
}

NTSTATUS dma_range_take(struct dma_domain *dma, uint64_t pages,
			struct dma_bounds bounds, uint64_t *start)
{
	uint64_t min = bounds.has & SLUICE_HAS_MIN ? bounds.min : 0;
	uint64_t max = bounds.has & SLUICE_HAS_MAX ? bounds.max : UINT64_MAX;
	int err;

	if (min > max) {
		return STATUS_INVALID_PARAMETER_MIX;
	}
	err = buddy_allocate(&dma->buddy, pages, min, max, start);
	if (err == -XEN_ENOSPC && bounds.has != 0) {
		return STATUS_INVALID_PARAMETER_MIX;
	}
	return err ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS;
}

bool dma_ranges_hold(const struct dma_domain *dma, uint64_t start,
		     uint64_t pages)
{
	struct range wanted = {start, pages << PAGE_SHIFT};
	/*
	 * A range lies at the start of a block of the next power of two, so
	 * the base of the one around @start is @start with low bits cleared.
	 */
	for (unsigned bit = PAGE_SHIFT; bit <= dma->buddy.width_bits; bit++) {
		uint64_t base = align_down(start, UINT64_C(1) << bit);
		uint64_t held = buddy_find(&dma->buddy, base);

		if (held != 0) {
			return range_contains(
				(struct range){base, held << PAGE_SHIFT},
				wanted);
		}
	}
	return false;
}

static NTSTATUS allocate_locked(struct dma_guest *dg,
				struct sluice_allocate_range *a)
{
	struct dma_domain *dma = dma_find_translated(dg, a->domain);
	struct dma_bounds bounds = {a->has_bounds, a->min, a->max};

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (!dma->has_allocator) {
		return STATUS_NOT_SUPPORTED;
	}
	if (a->pages == 0 || a->pages > PAGES_MAX) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if ((a->has_bounds & ~(SLUICE_HAS_MIN | SLUICE_HAS_MAX)) != 0) {
		return STATUS_INVALID_PARAMETER_4;
	}
	return dma_range_take(dma, a->pages, bounds, &a->logical_address);
}

/**
 * dma_allocate_range() - Take logical addresses without mapping them.
 * Return: as listed at struct sluice_allocate_range, in that order.
 */
NTSTATUS dma_allocate_range(struct guest *g, struct sluice_allocate_range *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = allocate_locked(dg, a);
	spin_unlock(&dg->lock);
	return status;
}

static NTSTATUS free_locked(struct dma_guest *dg,
			    const struct sluice_range_ref *a)
{
	struct dma_domain *dma = dma_find_translated(dg, a->domain);

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (!dma->has_allocator) {
		return STATUS_NOT_SUPPORTED;
	}
	if (a->pages == 0 || !is_aligned(a->logical_address, PAGE_BYTES) ||
	    buddy_find(&dma->buddy, a->logical_address) != a->pages ||
	    dma_is_withheld(dma, (struct range){a->logical_address,
						a->pages << PAGE_SHIFT}) ||
	    dma_tokens_overlap(dg, dma,
			       (struct range){a->logical_address,
					      a->pages << PAGE_SHIFT})) {
		return STATUS_INVALID_PARAMETER;
	}
	if (!pt_is_empty(&dma->pt, a->logical_address, a->pages)) {
		return STATUS_RESOURCE_IN_USE;
	}
	/* What was unmapped here must be out of every cache before reuse. */
	if (!dma_settle_flush(dma)) {
		return STATUS_UNSUCCESSFUL;
	}
	buddy_free(&dma->buddy, a->logical_address);
	return STATUS_SUCCESS;
}

/**
 * dma_free_range() - Give logical addresses back.
 * Return: as listed at struct sluice_range_ref, in that order; then
 * UNSUCCESSFUL: a unit has not confirmed an earlier unmap.
 */
NTSTATUS dma_free_range(struct guest *g, const struct sluice_range_ref *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = free_locked(dg, a);
	spin_unlock(&dg->lock);
	return status;
}
