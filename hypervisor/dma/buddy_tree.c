// SPDX-License-Identifier: MIT
/* The tree, and the pages in which its nodes lie side by side. */
#include "dma/buddy_tree.h"

#include "lib/check.h"
#include "lib/error.h"
#include "mm/page.h"

#define NODES_PER_PAGE 170u

/* Each page but the first in the chain is full. */
struct node_page {
	hpa_t next; /* or HPA_NONE */
	uint64_t unused;
	struct buddy_node node[NODES_PER_PAGE];
};
static_assert(sizeof(struct node_page) == PAGE_BYTES, "no gap");

/* ---- nodes ---- */

static bool quota_allows(const struct buddy *b)
{
	const struct buddy_memory *m = &b->memory;
	uint64_t held = m->page_count != NULL ? *m->page_count
					      : b->node_count / NODES_PER_PAGE;

	return m->page_quota == NULL || held < *m->page_quota;
}

static bool push_page(struct buddy *b)
{
	struct node_page *p;
	hpa_t page;

	if (!quota_allows(b)) {
		return false;
	}
	page = page_alloc(PAGE_POOL_HYPERVISOR, b->memory.owner);
	if (hpa_is_none(page)) {
		return false;
	}
	if (b->memory.page_count != NULL) {
		(*b->memory.page_count)++;
	}
	p = physmap_ptr(page);
	p->next = b->page;
	b->page = page;
	return true;
}

static void pop_page(struct buddy *b)
{
	struct node_page *p = physmap_ptr(b->page);
	hpa_t page = b->page;

	b->page = p->next;
	page_put(page);
	if (b->memory.page_count != NULL) {
		(*b->memory.page_count)--;
	}
}

static uint64_t last_node(const struct buddy *b)
{
	uint64_t slot = (b->node_count - 1) % NODES_PER_PAGE;

	return b->page.addr + offsetof(struct node_page, node) +
	       slot * sizeof(struct buddy_node);
}

/* Machine address of a new node, or 0. */
static uint64_t node_take(struct buddy *b)
{
	if (b->node_count % NODES_PER_PAGE == 0 && !push_page(b)) {
		return 0;
	}
	b->node_count++;
	return last_node(b);
}

static void drop_last_node(struct buddy *b)
{
	b->node_count--;
	if (b->node_count % NODES_PER_PAGE == 0) {
		pop_page(b);
	}
}

static uint64_t *child_towards(struct buddy_node *branch, unsigned order,
			       uint64_t page)
{
	return &branch->child[(page >> (order - 1)) & 1];
}

/* Free a node that nothing links to; the last one must be in the tree. */
static void node_give(struct buddy *b, uint64_t node)
{
	uint64_t last = last_node(b);
	struct buddy_node *moved = physmap_ptr(to_hpa(last));
	uint64_t *at = &b->root;

	if (node != last) {
		while ((*at & BUDDY_LINK_NODE) != last) {
			CHECK(buddy_link_kind(*at) == BUDDY_BRANCH);
			at = child_towards(buddy_link_node(*at),
					   buddy_link_order(*at), moved->base);
		}
		*at = (*at & ~BUDDY_LINK_NODE) | node;
		*(struct buddy_node *)physmap_ptr(to_hpa(node)) = *moved;
	}
	drop_last_node(b);
}

/* ---- tree ---- */

/* What is free in one half, of @order, of a branch. */
static unsigned free_in_half(uint64_t child, unsigned order)
{
	/* A smaller child leaves the half's other half free, of order - 1. */
	return buddy_link_order(child) == order ? buddy_link_free(child)
						: order;
}

static unsigned free_in_branch(const struct buddy_node *branch, unsigned order)
{
	unsigned left = free_in_half(branch->child[0], order - 1);
	unsigned right = free_in_half(branch->child[1], order - 1);

	return left > right ? left : right;
}

static void set_free(uint64_t *link, unsigned free_order)
{
	*link = (*link & ~BUDDY_LINK_FREE) |
		field_prep(BUDDY_LINK_FREE, free_order);
}

/* After a change of the first @count links' last one. */
static void refresh(const struct buddy_path *path, unsigned count)
{
	for (unsigned i = count - 1; i-- > 0;) {
		uint64_t link = *path->link[i];
		unsigned now = free_in_branch(buddy_link_node(link),
					      buddy_link_order(link));

		if (now == buddy_link_free(link)) {
			return;
		}
		set_free(path->link[i], now);
	}
}

static void path_add(struct buddy_path *path, uint64_t *at)
{
	CHECK(path->count < BUDDY_DEPTH_MAX);
	path->link[path->count++] = at;
}

enum buddy_kind buddy_tree_walk(struct buddy *b, uint64_t page,
				struct buddy_path *path)
{
	uint64_t *at = &b->root;

	for (path->count = 0;;) {
		unsigned order = buddy_link_order(*at);
		struct buddy_node *node;

		path_add(path, at);
		if (*at == 0) {
			return BUDDY_NONE;
		}
		node = buddy_link_node(*at);
		if (((page ^ node->base) >> order) != 0) {
			return BUDDY_NONE;
		}
		if (buddy_link_kind(*at) != BUDDY_BRANCH) {
			return buddy_link_kind(*at);
		}
		at = child_towards(node, order, page);
	}
}

enum buddy_kind buddy_tree_lowest(struct buddy *b, unsigned top, unsigned order,
				  struct buddy_path *path, uint64_t *page)
{
	uint64_t *at = &b->root;
	uint64_t base = 0;

	path->count = 0;
	path_add(path, at);
	*page = 0;
	if (*at == 0) {
		return BUDDY_NONE;
	}
	if (free_in_half(*at, top) <= order) {
		return BUDDY_BRANCH;
	}
	/* A half that begins at @base, with @at to what is not free in it. */
	for (;;) {
		unsigned half = buddy_link_order(*at) - 1;
		struct buddy_node *node = buddy_link_node(*at);

		*page = base;
		if (node->base - base >= BIT(order)) {
			return BUDDY_NONE;
		}
		if (buddy_link_free(*at) <= order) {
			/* Behind the node, and behind the block around it. */
			*page += BIT(half >= order ? half + 1 : order);
			return BUDDY_NONE;
		}
		if (buddy_link_kind(*at) != BUDDY_BRANCH) {
			return BUDDY_BUCKET;
		}
		base = node->base;
		at = &node->child[0];
		if (free_in_half(*at, half) <= order) {
			base += BIT(half);
			at = &node->child[1];
		}
		path_add(path, at);
	}
}

static bool covers(uint64_t link, uint64_t page)
{
	return link != 0 && ((page ^ buddy_link_node(link)->base) >>
			     buddy_link_order(link)) == 0;
}

enum buddy_kind buddy_tree_find(struct buddy *b, uint64_t page,
				struct buddy_path *path)
{
	uint64_t *at = &b->root;

	/* A branch that does not cover the page leads to a leaf that does not.
	 */
	for (path->count = 0;;) {
		path_add(path, at);
		if (buddy_link_kind(*at) != BUDDY_BRANCH) {
			return covers(*at, page) ? buddy_link_kind(*at)
						 : BUDDY_NONE;
		}
		at = child_towards(buddy_link_node(*at), buddy_link_order(*at),
				   page);
	}
}

uint64_t buddy_tree_leaf(const struct buddy *b, uint64_t page)
{
	uint64_t link = b->root;

	while (buddy_link_kind(link) == BUDDY_BRANCH) {
		link = *child_towards(buddy_link_node(link),
				      buddy_link_order(link), page);
	}
	return covers(link, page) ? link : 0;
}

void buddy_tree_set_free(const struct buddy_path *path, unsigned free_order)
{
	set_free(buddy_path_end(path), free_order);
	refresh(path, path->count);
}

int buddy_tree_insert(struct buddy *b, const struct buddy_path *path,
		      uint64_t link, const struct buddy_node *leaf)
{
	uint64_t *at = buddy_path_end(path);
	struct buddy_node *branch;
	uint64_t node, fork;
	unsigned order;

	node = node_take(b);
	if (node == 0) {
		return -XEN_ENOMEM;
	}
	link |= node;
	if (*at == 0) {
		*(struct buddy_node *)physmap_ptr(to_hpa(node)) = *leaf;
		*at = link;
		return 0;
	}
	fork = node_take(b);
	if (fork == 0) {
		drop_last_node(b);
		return -XEN_ENOMEM;
	}
	*(struct buddy_node *)physmap_ptr(to_hpa(node)) = *leaf;
	order = buddy_log2(leaf->base ^ buddy_link_node(*at)->base) + 1;
	CHECK(order > buddy_link_order(link) && order > buddy_link_order(*at));
	branch = physmap_ptr(to_hpa(fork));
	branch->base = align_down(leaf->base, BIT(order));
	*child_towards(branch, order, leaf->base) = link;
	*child_towards(branch, order, ~leaf->base) = *at;
	*at = fork | BUDDY_BRANCH | field_prep(BUDDY_LINK_ORDER, order) |
	      field_prep(BUDDY_LINK_FREE, free_in_branch(branch, order));
	refresh(path, path->count);
	return 0;
}

void buddy_tree_remove(struct buddy *b, const struct buddy_path *path)
{
	uint64_t *at = buddy_path_end(path);
	uint64_t leaf = *at & BUDDY_LINK_NODE;
	struct buddy_node *branch;
	uint64_t *up;
	uint64_t fork;

	if (path->count == 1) {
		b->root = 0;
		node_give(b, leaf);
		return;
	}
	up = path->link[path->count - 2];
	fork = *up & BUDDY_LINK_NODE;
	branch = buddy_link_node(*up);
	*up = branch->child[at == &branch->child[0]];
	refresh(path, path->count - 1);
	/* Neither is in the tree any more: the last node goes first. */
	if (fork == last_node(b)) {
		node_give(b, fork);
		node_give(b, leaf);
	} else {
		node_give(b, leaf);
		node_give(b, fork);
	}
}

void buddy_tree_clear(struct buddy *b)
{
	while (!hpa_is_none(b->page)) {
		pop_page(b);
	}
	b->root = 0;
	b->node_count = 0;
}
