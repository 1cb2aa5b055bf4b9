// SPDX-License-Identifier: MIT
/*
 * Blocks of pages: which one is free and lowest, which pages of it are a live
 * range. Numbers below are of pages, but for the calls' own arguments.
 */
#include "dma/buddy.h"

#include "dma/buddy_bucket.h"
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

static struct buddy_node bucket_at(uint64_t page)
{
	return (struct buddy_node){
		.base = align_down(page, (uint64_t)BUDDY_BUCKET_PAGES)};
}

/*
 * Add the bits of @more, whose pages are free or withheld twice.
 * @path: towards its first page, with the bucket at the end (@kind) or none
 */
static int bucket_add(struct buddy *b, const struct buddy_path *path,
		      enum buddy_kind kind, const struct buddy_node *more)
{
	struct buddy_node *bucket;

	if (kind == BUDDY_NONE) {
		return buddy_tree_insert(
			b, path,
			BUDDY_BUCKET |
				field_prep(BUDDY_LINK_ORDER,
					   BUDDY_BUCKET_ORDER) |
				field_prep(BUDDY_LINK_FREE, bucket_free(more)),
			more);
	}
	CHECK(kind == BUDDY_BUCKET);
	bucket = buddy_link_node(*buddy_path_end(path));
	CHECK((bucket->held & (more->held | more->rest)) == 0);
	bucket->held |= more->held;
	bucket->rest |= more->rest;
	buddy_tree_set_free(path, bucket_free(bucket));
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

/* The lowest free block of @order at or above @from, or NOWHERE. */
static uint64_t bucket_fit(const struct buddy_node *bucket, unsigned order,
			   uint64_t from)
{
	uint64_t fits = free_blocks(bucket, order) &
			(~UINT64_C(0) << (from - bucket->base));

	return fits == 0 ? NOWHERE
			 : bucket->base + (uint64_t)__builtin_ctzll(fits);
}

/* From a branch to its half with @from, or to the right one if that has it. */
static struct slot descend(struct slot at, const struct buddy_node *branch,
			   unsigned order, uint64_t from, struct slot *next)
{
	unsigned half = buddy_link_order(at.link) - 1;
	struct slot left = {branch->child[0], branch->base, half};
	struct slot right = {branch->child[1], end_of(branch->base, half),
			     half};

	if (from >= right.base) {
		return right;
	}
	if (slot_has(right, order)) {
		if (!slot_has(left, order)) {
			return right;
		}
		*next = right;
	}
	return left;
}

/*
 * The lowest free block of @order at or above @from, a multiple of its size,
 * or NOWHERE.
 *
 * Down towards @from, remembering the nearest place to the right that is known
 * to have such a block. Where the way down ends in vain it goes on there, and
 * each turn from then on is known to lead to one: two walks at most.
 */
static uint64_t first_fit(const struct buddy *b, unsigned order, uint64_t from)
{
	const struct slot none = {0, NOWHERE, 0};
	struct slot at = {b->root, 0, top_order(b)};
	struct slot next = none;

	while (at.link != 0) {
		const struct buddy_node *node = buddy_link_node(at.link);
		uint64_t end = end_of(node->base, buddy_link_order(at.link));
		uint64_t after = end_of(from, order);
		uint64_t found = NOWHERE;

		if (from >= end || after <= node->base) {
			return from; /* beside the node */
		}
		after = after > end ? after : end;
		if (after < end_of(at.base, at.order)) {
			next = (struct slot){0, after, 0};
		}
		if (buddy_link_free(at.link) > order) {
			/* A block so small begins in the node, not before. */
			if (buddy_link_kind(at.link) == BUDDY_BRANCH) {
				at = descend(at, node, order, from, &next);
				from = from > at.base ? from : at.base;
				continue;
			}
			found = bucket_fit(node, order, from);
		}
		if (found != NOWHERE) {
			return found;
		}
		at = next;
		from = at.base;
		next = none;
	}
	return from;
}

/* ---- calls ---- */

void buddy_init(struct buddy *b, unsigned width_bits,
		struct buddy_memory memory)
{
	CHECK(width_bits >= BUDDY_WIDTH_MIN && width_bits <= BUDDY_WIDTH_MAX);
	*b = (struct buddy){
		.memory = memory, .width_bits = width_bits, .page = HPA_NONE};
}

void buddy_destroy(struct buddy *b)
{
	buddy_tree_clear(b);
	b->range_count = 0;
}

/* A leaf of one range alone; @pages = 0 withholds the block. */
static int insert_range(struct buddy *b, const struct buddy_path *path,
			uint64_t base, unsigned order, uint64_t pages)
{
	struct buddy_node leaf = {.base = base};

	leaf.pages = pages;
	return buddy_tree_insert(
		b, path, BUDDY_RANGE | field_prep(BUDDY_LINK_ORDER, order),
		&leaf);
}

/* All of @page up to @end as far as one leaf reaches. @next: out, behind it. */
static int withhold_some(struct buddy *b, uint64_t page, uint64_t end,
			 uint64_t *next)
{
	struct buddy_path path;
	enum buddy_kind kind = buddy_tree_walk(b, page, &path);
	uint64_t link = *buddy_path_end(&path);
	unsigned order = top_order(b);
	struct buddy_node bucket;

	if (kind == BUDDY_RANGE) {
		CHECK(buddy_link_node(link)->pages == 0);
		*next = end_of(buddy_link_node(link)->base,
			       buddy_link_order(link));
		return 0;
	}
	if (kind == BUDDY_NONE) {
		if (link != 0) {
			order = buddy_log2(page ^ buddy_link_node(link)->base);
		}
		while (!is_aligned(page, BIT(order)) ||
		       BIT(order) > end - page) {
			order--;
		}
		if (order > BUDDY_BUCKET_ORDER) {
			*next = end_of(page, order);
			return insert_range(b, &path, page, order, 0);
		}
	}
	bucket = bucket_at(page);
	*next = end_of(bucket.base, BUDDY_BUCKET_ORDER);
	*next = *next < end ? *next : end;
	bucket.rest = low_bits(*next - page) << (page - bucket.base);
	return bucket_add(b, &path, kind, &bucket);
}

int buddy_withhold(struct buddy *b, uint64_t start, uint64_t pages)
{
	uint64_t page = start >> PAGE_SHIFT;
	uint64_t limit = BIT(page_bits(b));
	int error = 0;

	CHECK(is_aligned(start, PAGE_BYTES));
	CHECK(page <= limit && pages <= limit - page);
	for (uint64_t end = page + pages; page < end && error == 0;) {
		error = withhold_some(b, page, end, &page);
	}
	return error;
}

/* The way to the lowest free block of @order at or above @page. */
static enum buddy_kind go_to_free(struct buddy *b, unsigned order,
				  uint64_t *page, struct buddy_path *path)
{
	enum buddy_kind kind;

	if (*page != 0) {
		*page = first_fit(b, order, *page);
		return *page == NOWHERE ? BUDDY_BRANCH
					: buddy_tree_walk(b, *page, path);
	}
	kind = buddy_tree_lowest(b, top_order(b), order, path, page);
	if (kind == BUDDY_BUCKET) {
		*page = bucket_fit(buddy_link_node(*buddy_path_end(path)),
				   order, *page);
	}
	return kind;
}

/* Make [@page, +@pages), whose block is free, a live range. */
static int take(struct buddy *b, const struct buddy_path *path,
		enum buddy_kind kind, uint64_t page, uint64_t pages)
{
	unsigned order = order_of(pages);
	struct buddy_node bucket;

	if (order > BUDDY_BUCKET_ORDER) {
		CHECK(kind == BUDDY_NONE);
		return insert_range(b, path, page, order, pages);
	}
	bucket = bucket_at(page);
	bucket.held = low_bits(pages) << (page - bucket.base);
	bucket.rest = (low_bits(BIT(order)) & ~UINT64_C(1))
		      << (page - bucket.base);
	return bucket_add(b, path, kind, &bucket);
}

int buddy_allocate(struct buddy *b, uint64_t pages, uint64_t min, uint64_t max,
		   uint64_t *base)
{
	uint64_t end = (max >> PAGE_SHIFT) + ((max & PAGE_MASK) == PAGE_MASK);
	uint64_t limit = BIT(page_bits(b));
	uint64_t page = bytes_to_pages(min);
	struct buddy_path path;
	enum buddy_kind kind;
	int error;

	CHECK(pages != 0);
	end = end < limit ? end : limit;
	if (pages > end) {
		return -XEN_ENOSPC;
	}
	page = align_up(page, BIT(order_of(pages)));
	if (page > end - pages) {
		return -XEN_ENOSPC;
	}
	kind = go_to_free(b, order_of(pages), &page, &path);
	if (kind == BUDDY_BRANCH || page > end - pages) {
		return -XEN_ENOSPC;
	}
	error = take(b, &path, kind, page, pages);
	if (error == 0) {
		b->range_count++;
		*base = page << PAGE_SHIFT;
	}
	return error;
}

static uint64_t leaf_pages(uint64_t link, uint64_t page)
{
	const struct buddy_node *leaf;

	if (link == 0) {
		return 0;
	}
	leaf = buddy_link_node(link);
	if (buddy_link_kind(link) == BUDDY_BUCKET) {
		return bucket_pages(leaf, (unsigned)(page - leaf->base));
	}
	return leaf->base == page ? leaf->pages : 0;
}

uint64_t buddy_find(const struct buddy *b, uint64_t base)
{
	uint64_t page = base >> PAGE_SHIFT;

	if (!is_aligned(base, PAGE_BYTES) || page >= BIT(page_bits(b))) {
		return 0;
	}
	return leaf_pages(buddy_tree_leaf(b, page), page);
}

void buddy_free(struct buddy *b, uint64_t base)
{
	uint64_t page = base >> PAGE_SHIFT;
	struct buddy_node *bucket;
	struct buddy_path path;
	enum buddy_kind kind;
	uint64_t pages, block;

	CHECK(is_aligned(base, PAGE_BYTES) && page < BIT(page_bits(b)));
	kind = buddy_tree_find(b, page, &path);
	CHECK(kind != BUDDY_NONE);
	pages = leaf_pages(*buddy_path_end(&path), page);
	CHECK(pages != 0);
	b->range_count--;
	if (kind == BUDDY_BUCKET) {
		bucket = buddy_link_node(*buddy_path_end(&path));
		block = low_bits(BIT(order_of(pages))) << (page - bucket->base);
		bucket->held &= ~block;
		bucket->rest &= ~block;
		if ((bucket->held | bucket->rest) != 0) {
			buddy_tree_set_free(&path, bucket_free(bucket));
			return;
		}
	}
	buddy_tree_remove(b, &path);
}
