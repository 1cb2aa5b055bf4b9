/* SPDX-License-Identifier: MIT */
/*
 * What is not free, as a binary tree over page numbers without the branches
 * that would have one child. Rank 6, private to buddy.c.
 *
 * A leaf is a bucket (64 pages, two bits each) or a range (one block of more
 * than 64 pages). n leaves have n - 1 branches, so a live range costs two nodes
 * of 24 bytes at most. What no leaf covers is free.
 *
 * A link to a node holds the node's order and what is free below it, so that a
 * search passes a child by without reading it:
 *
 *   63..58  largest free block below: its order + 1, 0 = none
 *   57..52  order of the node: it covers 1 << order pages, aligned
 *   51..3   machine address of the node
 *    1..0   enum buddy_kind
 *
 * Nodes lie without gaps in a chain of pages: who is freed is replaced by the
 * last one. So the pages held follow from the number of nodes alone, whatever
 * happened before, and no pointer to a node outlives buddy_tree_remove().
 */
#pragma once

#include "arch/physmap.h"
#include "dma/buddy.h"

#define BUDDY_BUCKET_ORDER 6u
#define BUDDY_BUCKET_PAGES 64u
/* Branches have orders 7 to 51; one leaf. */
#define BUDDY_DEPTH_MAX 46u

enum buddy_kind {
	BUDDY_NONE = 0, /* only an empty tree's root */
	BUDDY_BUCKET = 1,
	BUDDY_RANGE = 2,
	BUDDY_BRANCH = 3,
};

struct buddy_node {
	uint64_t base; /* first page that it covers */
	union {
		/*
		 * One bit a page in each. First page of a live range: held.
		 * Further pages of it: held and rest. Rest of its block, or
		 * withheld: rest. Free: neither.
		 */
		struct {
			uint64_t held;
			uint64_t rest;
		};
		uint64_t pages; /* of a live range; 0 = withheld block */
		uint64_t child[2];
	};
};

#define BUDDY_LINK_FREE	 GENMASK(63, 58)
#define BUDDY_LINK_ORDER GENMASK(57, 52)
#define BUDDY_LINK_NODE	 GENMASK(51, 3)
#define BUDDY_LINK_KIND	 GENMASK(1, 0)

static inline enum buddy_kind buddy_link_kind(uint64_t link)
{
	return (enum buddy_kind)field_get(BUDDY_LINK_KIND, link);
}

static inline unsigned buddy_link_order(uint64_t link)
{
	return (unsigned)field_get(BUDDY_LINK_ORDER, link);
}

static inline unsigned buddy_link_free(uint64_t link)
{
	return (unsigned)field_get(BUDDY_LINK_FREE, link);
}

static inline struct buddy_node *buddy_link_node(uint64_t link)
{
	return physmap_ptr(to_hpa(link & BUDDY_LINK_NODE));
}

/* buddy_log2() - Number of the highest bit set in @x, which is not 0. */
static inline unsigned buddy_log2(uint64_t x)
{
	return 63u - (unsigned)__builtin_clzll(x);
}

/* The links from the root down to the end of a walk: its last one matters. */
struct buddy_path {
	uint64_t *link[BUDDY_DEPTH_MAX];
	unsigned count;
};

static inline uint64_t *buddy_path_end(const struct buddy_path *path)
{
	return path->link[path->count - 1];
}

/**
 * buddy_tree_lowest() - Go to the lowest free block of @order.
 * @top:  order of all there is
 * @path: out; as buddy_tree_walk() towards that block leaves it
 * @page: out: the block's first one, but for a bucket
 * Return: BUDDY_BUCKET: it is in the one at the end of @path; BUDDY_NONE: it
 * lies beside what is there; BUDDY_BRANCH: there is no such block.
 */
enum buddy_kind buddy_tree_lowest(struct buddy *b, unsigned top, unsigned order,
				  struct buddy_path *path, uint64_t *page);

/**
 * buddy_tree_walk() - Go towards @page.
 * @path: out; ends at the leaf that covers @page, else at the first node that
 *        does not, else at the root of an empty tree
 * Return: the leaf's kind, or BUDDY_NONE when @page is free.
 */
enum buddy_kind buddy_tree_walk(struct buddy *b, uint64_t page,
				struct buddy_path *path);

/**
 * buddy_tree_find() - Go to the leaf that covers @page.
 * @path: out; ends there
 * Return: its kind, or BUDDY_NONE when @page is free: the path is of no use.
 */
enum buddy_kind buddy_tree_find(struct buddy *b, uint64_t page,
				struct buddy_path *path);

/* buddy_tree_leaf() - Link to the leaf that covers @page, or 0. */
uint64_t buddy_tree_leaf(const struct buddy *b, uint64_t page);

/* buddy_tree_set_free() - The leaf at the end of @path has that free now. */
void buddy_tree_set_free(const struct buddy_path *path, unsigned free_order);

/**
 * buddy_tree_insert() - One more leaf, where buddy_tree_walk() found nothing.
 * @link: kind, order and free of the leaf
 * @leaf: its contents
 * Return: 0; -XEN_ENOMEM, and nothing has changed.
 */
int buddy_tree_insert(struct buddy *b, const struct buddy_path *path,
		      uint64_t link,
		      const struct buddy_node *leaf) __must_check;

/* buddy_tree_remove() - Drop the leaf at the end of @path. */
void buddy_tree_remove(struct buddy *b, const struct buddy_path *path);

/* buddy_tree_clear() - Drop everything. */
void buddy_tree_clear(struct buddy *b);
