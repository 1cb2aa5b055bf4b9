/* SPDX-License-Identifier: MIT */
/*
 * Questions about a bucket's 64 pages, answered from its two words of bits.
 * Pure. Private to buddy.c.
 */
#pragma once

#include "dma/buddy_tree.h"

static inline uint64_t low_bits(uint64_t count)
{
	return count == BUDDY_BUCKET_PAGES ? ~UINT64_C(0) : BIT(count) - 1;
}

/* Where blocks of an order begin. */
static const uint64_t block_starts[BUDDY_BUCKET_ORDER] = {
	~UINT64_C(0),	    0x5555555555555555, 0x1111111111111111,
	0x0101010101010101, 0x0001000100010001, 0x0000000100000001,
};

/* The first bit of each block of @order that is free as a whole. */
static inline uint64_t free_blocks(const struct buddy_node *bucket,
				   unsigned order)
{
	uint64_t free = ~(bucket->held | bucket->rest);

	for (unsigned i = 0; i < order; i++) {
		free &= free >> (1u << i);
	}
	return free & block_starts[order];
}

/* Order + 1 of the largest free block, 0 = none. Never all of the bucket. */
static inline unsigned bucket_free(const struct buddy_node *bucket)
{
	uint64_t free = ~(bucket->held | bucket->rest);
	unsigned order = 0;

	while (order < BUDDY_BUCKET_ORDER && (free & block_starts[order])) {
		free &= free >> (1u << order);
		order++;
	}
	return order;
}

/* Pages of the live range that begins at bit @first, 0 = none does. */
static inline uint64_t bucket_pages(const struct buddy_node *bucket,
				    unsigned first)
{
	uint64_t further = bucket->held & bucket->rest;

	if ((bucket->held & ~bucket->rest & BIT(first)) == 0) {
		return 0;
	}
	return 1 + (uint64_t)__builtin_ctzll(~(further >> first >> 1));
}
