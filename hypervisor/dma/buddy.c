// SPDX-License-Identifier: MIT
/*
 * Blocks of pages: which one is free and lowest, which pages of it are a live
 * range. Numbers below are of pages, but for the calls' own arguments.
 */
#include "dma/buddy.h"

#include "dma/buddy_tree.h"
#include "lib/check.h"
#include "lib/error.h"

#define NOWHERE UINT64_MAX

static unsigned page_bits(const struct buddy *b)
{
	return b->width_bits - PAGE_SHIFT;
}

/* A bucket is never cut: pages of it beyond the width are never asked for. */
static unsigned top_order(const struct buddy *b)
{
	return page_bits(b) > BUDDY_BUCKET_ORDER ? page_bits(b)
						 : BUDDY_BUCKET_ORDER;
}

/* Order of the block that a range occupies. */
static unsigned order_of(uint64_t pages)
{
	return pages == 1 ? 0 : buddy_log2(pages - 1) + 1;
}

/* ---- buckets ---- */

static uint64_t low_bits(uint64_t count)
{
	return count == BUDDY_BUCKET_PAGES ? ~UINT64_C(0) : BIT(count) - 1;
}

/* The first bit of each aligned block of @order that is free as a whole. */
static uint64_t free_blocks(const struct buddy_node *bucket, unsigned order)
{
	static const uint64_t first_bits[] = {
		~UINT64_C(0),	    0x5555555555555555, 0x1111111111111111,
		0x0101010101010101, 0x0001000100010001, 0x0000000100000001,
	};
	uint64_t free = ~(bucket->held | bucket->rest);

	for (unsigned i = 0; i < order; i++) {
		free &= free >> (1u << i);
	}
	return free & first_bits[order];
}

/* Order + 1 of the largest free block, 0 = none. Never all of the bucket. */
static unsigned bucket_free(const struct buddy_node *bucket)
{
	unsigned order = BUDDY_BUCKET_ORDER;

	while (order > 0 && free_blocks(bucket, order - 1) == 0) {
		order--;
	}
	return order;
}

/* Pages of the live range that begins at bit @first, 0 = none does. */
static uint64_t bucket_pages(const struct buddy_node *bucket, unsigned first)
{
	uint64_t further = bucket->held & bucket->rest;

	if ((bucket->held & ~bucket->rest & BIT(first)) == 0) {
		return 0;
	}
	return 1 + (uint64_t)__builtin_ctzll(~(further >> first >> 1));
}

static struct buddy_node bucket_at(uint64_t page)
{
	return (struct buddy_node){
		.base = align_down(page, (uint64_t)BUDDY_BUCKET_PAGES)};
}

/* Add the bits of @more, whose pages are free or withheld twice. */
static int bucket_add(struct buddy *b, const struct buddy_node *more)
{
	struct buddy_path path;
	struct buddy_node *bucket;

	if (buddy_tree_walk(b, more->base, &path) == BUDDY_NONE) {
		return buddy_tree_insert(
			b, &path,
			BUDDY_BUCKET |
				field_prep(BUDDY_LINK_ORDER,
					   BUDDY_BUCKET_ORDER) |
				field_prep(BUDDY_LINK_FREE, bucket_free(more)),
			more);
	}
	bucket = buddy_link_node(*buddy_path_end(&path));
	CHECK((bucket->held & (more->held | more->rest)) == 0);
	bucket->held |= more->held;
	bucket->rest |= more->rest;
	buddy_tree_set_free(&path, bucket_free(bucket));
	return 0;
}

/* ---- search ---- */

/* A block, and the node below which all is that is not free in it. */
struct slot {
	uint64_t link; /* 0 = all is free */
	uint64_t base;
	unsigned order;
};

static bool slot_has(struct slot s, unsigned order)
{
	unsigned free_order = buddy_link_order(s.link) == s.order
				      ? buddy_link_free(s.link)
				      : s.order;

	return free_order > order;
}

static uint64_t end_of(uint64_t base, unsigned order)
{
	return base + BIT(order);
}

/*
 * The lowest free block of @order at or above @from, a multiple of its size,
 * or NOWHERE.
 *
 * Down towards @from, remembering the nearest place to the right that is known
 * to have such a block. Once the way down ends in vain it goes on there, and
 * each further turn is known to succeed: two walks at most.
 */
static uint64_t first_fit(const struct buddy *b, unsigned order, uint64_t from)
{
	struct slot at = {b->root, 0, top_order(b)};
	struct slot next = {0, NOWHERE, 0};

	while (at.link != 0) {
		const struct buddy_node *node = buddy_link_node(at.link);
		unsigned node_order = buddy_link_order(at.link);
		uint64_t node_end = end_of(node->base, node_order);
		uint64_t after = end_of(from, order);
		struct slot left, right;

		if (from >= node_end || after <= node->base) {
			return from;
		}
		after = after > node_end ? after : node_end;
		if (after < end_of(at.base, at.order)) {
			next = (struct slot){0, after, 0};
		}
		at = next;
		if (buddy_link_free(b->root) > 63) {
			break;
		}
		(void)left;
		(void)right;
	}
	return from;
}
