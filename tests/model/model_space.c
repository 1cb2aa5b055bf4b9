// SPDX-License-Identifier: MIT
/*
 * Pages in chunks of a flat array, ranges in a list, and the allocator's rule
 * applied by looking: the lowest aligned power of two that nothing overlaps.
 */
#include "model_space.h"

#include <stdlib.h>
#include <string.h>

static struct model_chunk *find_chunk(const struct model_domain *d,
				      uint64_t page)
{
	for (unsigned i = 0; i < d->chunk_count; i++) {
		if (d->chunk[i]->number == page / MODEL_CHUNK_PAGES) {
			return d->chunk[i];
		}
	}
	return NULL;
}

struct model_page model_page_get(const struct model_domain *d, uint64_t page)
{
	const struct model_chunk *chunk = find_chunk(d, page);

	return chunk == NULL ? (struct model_page){0}
			     : chunk->page[page % MODEL_CHUNK_PAGES];
}

void model_page_set(struct model_domain *d, uint64_t page, struct model_page to)
{
	struct model_chunk *chunk = find_chunk(d, page);

	if (chunk == NULL) {
		if (d->chunk_count == MODEL_CHUNKS) {
			abort(); /* The generator aims wider than planned. */
		}
		chunk = calloc(1, sizeof(*chunk));
		if (chunk == NULL) {
			abort();
		}
		chunk->number = page / MODEL_CHUNK_PAGES;
		d->chunk[d->chunk_count++] = chunk;
	}
	chunk->page[page % MODEL_CHUNK_PAGES] = to;
}

bool model_pages_overlap(uint64_t a, uint64_t a_pages, uint64_t b,
			 uint64_t b_pages)
{
	return a < b + b_pages && b < a + a_pages;
}

struct model_range *model_range_at(const struct model_domain *d, uint64_t first,
				   uint64_t pages, unsigned kinds)
{
	for (unsigned i = 0; i < d->range_count; i++) {
		const struct model_range *r = &d->range[i];

		if ((MODEL_KIND(r->kind) & kinds) != 0 &&
		    model_pages_overlap(first, pages, r->first, r->pages)) {
			return (struct model_range *)r;
		}
	}
	return NULL;
}

void model_range_add(struct model_domain *d, struct model_range range)
{
	if (d->range_count == MODEL_RANGES) {
		abort();
	}
	d->range[d->range_count++] = range;
}

void model_range_remove(struct model_domain *d, struct model_range *range)
{
	*range = d->range[--d->range_count];
}

static bool is_mapped_in(const struct model_domain *d, uint64_t first,
			 uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++) {
		if (model_page_get(d, first + i).owner != MODEL_FREE) {
			return true;
		}
	}
	return false;
}

/* Contract Q10, K: nothing is put over a reserved region or the window. */
bool model_is_closed(const struct model_domain *d, uint64_t first,
		     uint64_t pages)
{
	return model_pages_overlap(first, pages, MODEL_WINDOW_FIRST,
				   MODEL_WINDOW_PAGES) ||
	       model_range_at(d, first, pages,
			      MODEL_KINDS_REGION |
				      MODEL_KIND(MODEL_RANGE_TOKEN)) != NULL ||
	       is_mapped_in(d, first, pages);
}

bool model_fits_width(unsigned width, uint64_t address, uint64_t pages)
{
	uint64_t limit = UINT64_C(1) << (width - MODEL_PAGE_SHIFT);
	uint64_t first = address >> MODEL_PAGE_SHIFT;

	return first < limit && pages <= limit - first;
}

uint64_t model_block(uint64_t pages)
{
	uint64_t block = 1;

	while (block < pages) {
		block *= 2;
	}
	return block;
}

/* The end of whatever overlaps the block, or 0 when it is free. */
static uint64_t blocked_until(const struct model_domain *d, uint64_t first,
			      uint64_t block)
{
	if (first == 0) {
		return 1; /* Q13: page 0 is never given out. */
	}
	if (model_pages_overlap(first, block, MODEL_WINDOW_FIRST,
				MODEL_WINDOW_PAGES)) {
		return MODEL_WINDOW_FIRST + MODEL_WINDOW_PAGES;
	}
	for (unsigned i = 0; i < d->range_count; i++) {
		const struct model_range *r = &d->range[i];

		if (model_pages_overlap(first, block, r->first, r->block)) {
			return r->first + r->block;
		}
	}
	return 0;
}

bool model_choose(const struct model_domain *d, uint64_t pages, uint64_t min,
		  uint64_t max, uint64_t *address)
{
	uint64_t limit = UINT64_C(1) << (d->width - MODEL_PAGE_SHIFT);
	uint64_t block = model_block(pages);
	uint64_t first = min >> MODEL_PAGE_SHIFT;
	uint64_t until;

	first += (min & MODEL_PAGE_MASK) != 0;
	for (;;) {
		first = (first + block - 1) & ~(block - 1);
		if (first >= limit || block > limit - first) {
			return false;
		}
		if (((first + pages) << MODEL_PAGE_SHIFT) - 1 > max) {
			return false;
		}
		until = blocked_until(d, first, block);
		if (until == 0) {
			*address = first << MODEL_PAGE_SHIFT;
			return true;
		}
		first = until;
	}
}

void model_space_clear(struct model_domain *d)
{
	for (unsigned i = 0; i < d->chunk_count; i++) {
		free(d->chunk[i]);
	}
	d->chunk_count = 0;
	d->range_count = 0;
}
