// SPDX-License-Identifier: MIT
/*
 * Decoding, look-up and identity mapping of reserved regions. Pure but for the
 * caller's memory map; the owner's lock keeps a domain's list still.
 */
#include "dma/reserved.h"

#include "dma/service.h"
#include "lib/error.h"

/*
 * Is every page of a should_map region memory that its caller may lend?
 * @budget: look-ups left for this call, over all its regions
 */
static bool is_mappable(struct p2m *p2m, struct range at, uint64_t *budget)
{
	uint64_t pages = at.bytes >> PAGE_SHIFT;
	hpa_t page;

	if (range_overlaps(at, DMA_INTERRUPT_WINDOW)) {
		return false;
	}
	/* What goes beyond the limit is refused later, as a lack of resources.
	 */
	if (pages > *budget) {
		pages = *budget;
	}
	*budget -= pages;
	for (uint64_t i = 0; i < pages; i++) {
		if (p2m_lookup(p2m, to_gpa(at.start + (i << PAGE_SHIFT)),
			       &page) != P2M_RAM) {
			return false;
		}
	}
	return true;
}

/* One element on its own: shape first, so that no sum can wrap after it. */
static bool decode_one(const struct sluice_reserved_region *raw,
		       unsigned width_bits, struct dma_region *region)
{
	uint64_t width_pages = BIT(width_bits - PAGE_SHIFT);

	for (size_t i = 0; i < ARRAY_COUNT(raw->reserved); i++) {
		if (raw->reserved[i] != 0) {
			return false;
		}
	}
	if (raw->should_map > 1 || !is_aligned(raw->base, PAGE_BYTES) ||
	    raw->pages == 0 || raw->pages > width_pages ||
	    raw->base >> PAGE_SHIFT > width_pages - raw->pages) {
		return false;
	}
	region->at = (struct range){raw->base, raw->pages << PAGE_SHIFT};
	region->should_map = raw->should_map != 0;
	return true;
}

/* Insertion sort: at most 64 elements, and nearly always sorted ones. */
static void insert_sorted(struct dma_regions *regions, struct dma_region region)
{
	uint32_t i = regions->count;

	while (i > 0 && regions->region[i - 1].at.start > region.at.start) {
		regions->region[i] = regions->region[i - 1];
		i--;
	}
	regions->region[i] = region;
	regions->count++;
}

/*
 * Merge overlapping neighbours of a sorted list. Firmware lists do contain
 * duplicates; two that disagree have no meaning. False for those.
 */
static bool merge(struct dma_regions *regions)
{
	uint32_t kept = 0;

	for (uint32_t i = 1; i < regions->count; i++) {
		struct dma_region *last = &regions->region[kept];
		const struct dma_region *next = &regions->region[i];

		if (!range_overlaps(last->at, next->at)) {
			regions->region[++kept] = *next;
			continue;
		}
		if (last->should_map != next->should_map) {
			return false;
		}
		if (range_last(next->at) > range_last(last->at)) {
			last->at.bytes =
				range_last(next->at) - last->at.start + 1;
		}
	}
	if (regions->count != 0) {
		regions->count = kept + 1;
	}
	return true;
}

NTSTATUS dma_regions_decode(const struct sluice_reserved_region *list,
			    uint32_t count, unsigned width_bits,
			    struct p2m *p2m, struct dma_regions *regions)
{
	uint64_t budget = DMA_REGION_PAGES_MAX;

	regions->count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct dma_region region;

		if (!decode_one(&list[i], width_bits, &region)) {
			return STATUS_INVALID_PARAMETER_4;
		}
		insert_sorted(regions, region);
	}
	if (!merge(regions)) {
		return STATUS_INVALID_PARAMETER_4;
	}
	for (uint32_t i = 0; i < regions->count; i++) {
		if (regions->region[i].should_map &&
		    !is_mappable(p2m, regions->region[i].at, &budget)) {
			return STATUS_INVALID_PARAMETER_4;
		}
	}
	return STATUS_SUCCESS;
}

bool dma_regions_overlap(const struct dma_regions *regions, struct range at)
{
	for (uint32_t i = 0; i < regions->count; i++) {
		if (range_overlaps(regions->region[i].at, at)) {
			return true;
		}
	}
	return false;
}

/* Pages from @start on that are RAM and contiguous in the machine; 0 = none. */
static uint64_t ram_run(struct p2m *p2m, uint64_t start, uint64_t pages,
			hpa_t *first)
{
	uint64_t n = 1;
	hpa_t page;

	if (p2m_lookup(p2m, to_gpa(start), first) != P2M_RAM) {
		return 0;
	}
	while (n < pages &&
	       p2m_lookup(p2m, to_gpa(start + (n << PAGE_SHIFT)), &page) ==
		       P2M_RAM &&
	       page.addr == first->addr + (n << PAGE_SHIFT)) {
		n++;
	}
	return n;
}

static int map_one(struct range at, struct p2m *p2m, struct pt *pt)
{
	uint64_t left = at.bytes >> PAGE_SHIFT;
	uint64_t start = at.start;

	while (left != 0) {
		hpa_t page;
		uint64_t run = ram_run(p2m, start, left, &page);
		int err;

		if (run == 0) {
			return -XEN_EINVAL;
		}
		/* Large leaves are safe: no part of a region is ever unmapped.
		 */
		err = pt_map_range(pt, start, page, run, PT_READ | PT_WRITE,
				   dma_service_leaf_level());
		if (err) {
			return err;
		}
		start += run << PAGE_SHIFT;
		left -= run;
	}
	return 0;
}

int dma_regions_map(const struct dma_regions *regions, struct p2m *p2m,
		    struct pt *pt)
{
	uint64_t room = DMA_REGION_PAGES_MAX;

	for (uint32_t i = 0; i < regions->count; i++) {
		const struct dma_region *region = &regions->region[i];
		uint64_t pages = region->at.bytes >> PAGE_SHIFT;
		int err;

		if (!region->should_map) {
			continue;
		}
		if (pages > room) {
			return -XEN_ENOMEM;
		}
		room -= pages;
		err = map_one(region->at, p2m, pt);
		if (err) {
			return err;
		}
	}
	return 0;
}
