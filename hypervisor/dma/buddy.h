/* SPDX-License-Identifier: MIT */
/*
 * The logical-address allocator's memory of what is free: power-of-two blocks
 * of 4 KiB pages, low addresses first. Knows nothing of domains or tables.
 *
 * A range of n pages lies at the start of a block of the next power of two,
 * aligned to its size; the rest of the block stays unused. Worst case of every
 * call is O(width), whatever is live; bookkeeping is made page by page as it is
 * needed and costs 49 bytes a live range at most, rounded up to a page, at any
 * time: see buddy_tree.h. Only buddy_withhold() takes as many steps as there
 * are blocks in its range, and buddy_destroy() as there are pages.
 */
#pragma once

#include "lib/addr.h"
#include "lib/range.h"

#define BUDDY_WIDTH_MIN 12u
#define BUDDY_WIDTH_MAX 63u

/* Where bookkeeping comes from: hypervisor pages charged to a guest. */
struct buddy_memory {
	uint16_t owner;
	uint64_t *page_count;	    /* pages held, shared                     */
	const uint64_t *page_quota; /* pages allowed, or NULL                 */
};

struct buddy {
	struct buddy_memory memory;
	unsigned width_bits; /* addresses are below 1 << this                 */
	uint64_t range_count; /* live ranges                                  */
	uint64_t root;	      /* link to the tree, see buddy_tree.h           */
	uint64_t node_count;  /* of the tree                                  */
	hpa_t page;	      /* with the last node, or HPA_NONE              */
};

/* buddy_init() - Everything free, no page held. */
void buddy_init(struct buddy *b, unsigned width_bits,
		struct buddy_memory memory);

/* buddy_destroy() - Give all bookkeeping back, whatever is live. */
void buddy_destroy(struct buddy *b);

/**
 * buddy_withhold() - Take a range out for good, wherever it lies.
 * @start, @pages: multiple of 4096; within the width; parts withheld already
 *                 are fine; no live range's block overlaps
 * Return: 0; -XEN_ENOMEM, after which the allocator is to be destroyed.
 */
int buddy_withhold(struct buddy *b, uint64_t start,
		   uint64_t pages) __must_check;

/**
 * buddy_allocate() - The lowest block that fits.
 * @pages:    1 up to the whole width
 * @min,@max: bytes, inclusive: all of [base, base + pages * 4096) lies between
 * @base:     out
 * Return: 0; -XEN_ENOSPC no such block; -XEN_ENOMEM no page for bookkeeping;
 * nothing has changed after an error.
 */
int buddy_allocate(struct buddy *b, uint64_t pages, uint64_t min, uint64_t max,
		   uint64_t *base) __must_check;

/* buddy_find() - Pages of the live range that begins at @base; 0 = none. */
uint64_t buddy_find(const struct buddy *b, uint64_t base);

/* buddy_free() - Give a live range back. Cannot fail, allocates nothing. */
void buddy_free(struct buddy *b, uint64_t base);
