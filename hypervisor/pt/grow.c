// SPDX-License-Identifier: MIT
/*
 * Everything that makes tables: reserve, map with large leaves, split.
 *
 * Each is two passes of one function over the range. The first has no stock: it
 * stores nothing, finds what is in the way, and counts the tables that are
 * missing. Then all pages are taken at once. The second pass cannot fail. A new
 * table is filled, and written back, before its parent points to it.
 */
#include "arch/barrier.h"
#include "lib/error.h"
#include "pt/table.h"
#include "pt/walk.h"

struct grow {
	uint64_t start;
	uint64_t pages;
	hpa_t to;
	unsigned prot;
	unsigned max_level;
	bool tables_only;	/* reserve: level-0 tables, no leaves        */
	struct pt_stock *stock; /* NULL in the counting pass                 */
	uint64_t tables;	/* missing ones met                          */
	uint64_t spares;	/* large leaves met that get a page each     */
};

/* Show a new table to walkers, now that all it holds is in memory. */
static void leave_linking(struct pt_walk *w)
{
	struct pt_step *s = &w->step[w->level];
	struct pt_step *parent = s + 1;

	pt_leave_clean(w);
	if (s->is_fresh) {
		barrier_publish();
		pt_step_store(parent,
			      w->pt->format->make_table(physmap_hpa(s->table),
							w->level + 1));
	}
}

/* Enter the table under the position, or the one that is to be there. */
static void descend_growing(struct pt_walk *w, struct grow *g)
{
	uint64_t *table = NULL;

	if (pt_walk_entry(w) != 0) {
		pt_walk_descend(w);
		return;
	}
	g->tables++;
	if (g->stock != NULL) {
		table = pt_stock_take(g->stock);
	}
	pt_walk_enter(w, w->level - 1, table, table != NULL);
}

/* Machine address that the position is to translate to. */
static uint64_t target(const struct pt_walk *w, const struct grow *g)
{
	return g->to.addr + (w->at - g->start);
}

static bool leaf_fits(const struct pt_walk *w, const struct grow *g)
{
	uint64_t span_bytes = pt_span_pages(w->level) << PAGE_SHIFT;

	return !g->tables_only && w->level <= g->max_level &&
	       pt_walk_covers(w) && is_aligned(target(w, g), span_bytes);
}

/* Absent entries from here on that leaves of this level can fill. */
static unsigned leaf_run(const struct pt_walk *w)
{
	const struct pt_step *s = &w->step[w->level];
	uint64_t whole = w->pages_left >> (9 * w->level);
	uint64_t room = PT_ENTRIES - s->index;
	unsigned run = (unsigned)(whole < room ? whole : room);

	for (unsigned i = 0; s->table != NULL && i < run; i++) {
		if (s->table[s->index + i] != 0) {
			return i;
		}
	}
	return run;
}

/* The leaves under the position are to be @count more. */
static void count_spares(const struct pt_walk *w, struct grow *g,
			 unsigned count)
{
	if (w->pt->keeps_spares && w->level > 0) {
		/* One page splits a leaf of level 1, and no higher one. */
		CHECK(w->level == 1);
		g->spares += count;
	}
}

static void store_leaves(struct pt_walk *w, const struct grow *g,
			 unsigned count)
{
	struct pt_step *s = &w->step[w->level];
	uint64_t step = pt_span_pages(w->level) << PAGE_SHIFT;
	uint64_t entry = w->pt->format->make_leaf(to_hpa(target(w, g)), g->prot,
						  w->level);

	for (unsigned i = 0; i < count; i++) {
		write_once(s->table[s->index + i], entry);
		entry += step;
	}
	pt_step_dirty(s, s->index, s->index + count);
	s->added += (int)count;
}

/* One pass. Return: 0, or -XEN_EEXIST a leaf is in the way (first pass only).
 */
static int grow_pass(struct pt *pt, struct grow *g)
{
	pt_leave_fn *leave = g->stock != NULL ? leave_linking : NULL;
	struct pt_walk w;

	g->tables = 0;
	g->spares = 0;
	pt_walk_start(&w, pt, g->start, g->pages);
	while (w.pages_left != 0) {
		uint64_t entry = pt_walk_entry(&w);

		if (w.level == 0 && g->tables_only) {
			pt_walk_advance(&w, pt_walk_run(&w), leave);
		} else if (entry != 0 &&
			   pt_entry_is_leaf(pt->format, entry, w.level)) {
			return -XEN_EEXIST;
		} else if (entry == 0 && leaf_fits(&w, g)) {
			unsigned run = leaf_run(&w);

			count_spares(&w, g, run);
			if (g->stock != NULL) {
				store_leaves(&w, g, run);
			}
			pt_walk_advance(&w, run, leave);
		} else {
			descend_growing(&w, g);
		}
	}
	return 0;
}

static int grow(struct pt *pt, struct grow *g)
{
	struct pt_stock stock;
	int err;

	err = grow_pass(pt, g);
	if (err) {
		return err;
	}
	if (g->tables_only && g->tables == 0) {
		return 0;
	}
	err = pt_stock_fill(&stock, pt, g->tables + g->spares);
	if (err) {
		return err;
	}
	g->stock = &stock;
	err = grow_pass(pt, g);
	CHECK(err == 0);
	for (uint64_t i = 0; i < g->spares; i++) {
		pt_stock_move(&pt->spares, &stock);
	}
	CHECK(hpa_is_none(stock.first));
	return 0;
}

int pt_reserve(struct pt *pt, uint64_t start, uint64_t pages)
{
	struct grow g = {
		.start = start,
		.pages = pages,
		.tables_only = true,
	};
	return grow(pt, &g);
}

/*
 * The place of the one leaf that the range is, if it is there and empty; else
 * NULL. @level: out
 */
static uint64_t *single_leaf(const struct pt *pt, const struct grow *g,
			     unsigned *level)
{
	uint64_t *entry;

	for (*level = 0; pt_span_pages(*level) < g->pages; (*level)++) {
	}
	if (*level > g->max_level || pt_span_pages(*level) != g->pages ||
	    !is_aligned(g->to.addr, g->pages << PAGE_SHIFT)) {
		return NULL;
	}
	entry = pt_entries_at(pt, g->start, 1, *level);
	return entry != NULL && *entry == 0 ? entry : NULL;
}

/* Fill it. Return: 0, -XEN_ENOMEM no spare. */
static int store_single(struct pt *pt, const struct grow *g, uint64_t *entry,
			unsigned level)
{
	struct pt_stock stock;

	if (pt->keeps_spares && level > 0) {
		CHECK(level == 1);
		if (pt_stock_fill(&stock, pt, 1) != 0) {
			return -XEN_ENOMEM;
		}
		pt_stock_move(&pt->spares, &stock);
	}
	write_once(*entry, pt->format->make_leaf(g->to, g->prot, level));
	pt_entries_changed(pt, entry, 1, 1);
	return 0;
}

int pt_map_range(struct pt *pt, uint64_t start, hpa_t to, uint64_t pages,
		 unsigned prot, unsigned max_level)
{
	struct grow g = {
		.start = start,
		.pages = pages,
		.to = to,
		.prot = prot,
		.max_level = max_level,
	};
	uint64_t *entry;
	unsigned level;

	CHECK(max_level < pt->format->leaf_levels);
	CHECK(is_aligned(to.addr, PAGE_BYTES));
	CHECK(pages != 0 && pages - 1 <= (UINT64_MAX - to.addr) >> PAGE_SHIFT);
	CHECK(((to.addr + ((pages - 1) << PAGE_SHIFT)) &
	       ~pt->format->address_mask) == 0);
	entry = single_leaf(pt, &g, &level);
	return entry != NULL ? store_single(pt, &g, entry, level)
			     : grow(pt, &g);
}

/* An address at which pt_clear() will begin or end. */
struct edge {
	uint64_t at;
	unsigned leaf_level; /* of the leaf around it                         */
	unsigned goal;	     /* level of leaf that does not cross it          */
};

/* Tables needed below the leaf around an edge, so that none crosses it. */
static unsigned edge_find(const struct pt *pt, struct edge *e)
{
	struct pt_leaf leaf;

	e->leaf_level = 0;
	e->goal = 0;
	if (!pt_lookup(pt, e->at, &leaf)) {
		return 0;
	}
	while (e->goal < leaf.level &&
	       is_aligned(e->at, pt_span_pages(e->goal + 1) << PAGE_SHIFT)) {
		e->goal++;
	}
	e->leaf_level = leaf.level;
	return e->leaf_level - e->goal;
}

/* Tables that serve both edges: those where both paths run together. */
static unsigned edges_shared(const struct edge *a, const struct edge *b)
{
	unsigned level =
		a->leaf_level < b->leaf_level ? a->leaf_level : b->leaf_level;
	unsigned goal = a->goal > b->goal ? a->goal : b->goal;
	unsigned shared = 0;

	while (level > goal && a->at >> (PAGE_SHIFT + 9 * level) ==
				       b->at >> (PAGE_SHIFT + 9 * level)) {
		shared++;
		level--;
	}
	return shared;
}

/* Fill a new table with leaves that translate as the large one above did. */
static void fill_split(const struct pt *pt, uint64_t *table, uint64_t large,
		       unsigned level)
{
	uint64_t step = pt_span_pages(level) << PAGE_SHIFT;
	uint64_t entry =
		pt->format->make_leaf(to_hpa(large & pt->format->address_mask),
				      pt->format->prot(large), level);

	for (unsigned i = 0; i < PT_ENTRIES; i++) {
		table[i] = entry;
		entry += step;
	}
}

static void split_edge(struct pt *pt, const struct edge *e,
		       struct pt_stock *stock)
{
	struct pt_walk w;

	if (e->leaf_level == e->goal) {
		return;
	}
	pt_walk_start(&w, pt, e->at, 1);
	while (w.level > e->goal) {
		uint64_t entry = pt_walk_entry(&w);
		uint64_t *table;

		if (!pt_entry_is_leaf(pt->format, entry, w.level)) {
			pt_walk_descend(&w);
			continue;
		}
		table = pt_stock_take(stock);
		fill_split(pt, table, entry, w.level - 1);
		pt_walk_enter(&w, w.level - 1, table, true);
		w.step[w.level].added = PT_ENTRIES;
	}
	/* From the bottom up, so that each is whole before it is seen. */
	pt_walk_advance(&w, 1, leave_linking);
}

int pt_split(struct pt *pt, uint64_t start, uint64_t pages)
{
	struct edge first = {.at = start};
	struct edge end = {.at = start + (pages << PAGE_SHIFT)};
	struct pt_stock stock;
	unsigned tables = edge_find(pt, &first) + edge_find(pt, &end);

	tables -= edges_shared(&first, &end);
	if (pt_stock_fill(&stock, pt, tables) != 0) {
		return -XEN_ENOMEM;
	}
	split_edge(pt, &first, &stock);
	split_edge(pt, &end, &stock);
	CHECK(hpa_is_none(stock.first));
	return 0;
}

bool pt_split_by_spares(struct pt *pt, uint64_t start, uint64_t pages)
{
	struct edge first = {.at = start};
	struct edge end = {.at = start + (pages << PAGE_SHIFT)};
	unsigned tables;

	CHECK(pt->keeps_spares);
	/* Without a spare there is no large leaf that may be cut. */
	if (hpa_is_none(pt->spares.first)) {
		return false;
	}
	tables = edge_find(pt, &first) + edge_find(pt, &end);
	/* Each leaf that is split gives up the page behind it. */
	split_edge(pt, &first, &pt->spares);
	split_edge(pt, &end, &pt->spares);
	return tables != 0;
}
