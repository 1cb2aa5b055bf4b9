/* SPDX-License-Identifier: MIT */
/*
 * The walker: a position in a tree of tables that moves over a range once.
 *
 *   level 3   [ . . . . x . . . ]          step[3].index -> x
 *                       |
 *   level 2   [ . x . . . . . . ]          step[2] ...
 *
 * An operation looks at the entry under the position, then either descends
 * into it or advances over it. Advancing past a table's last entry, or past
 * the range's last page, leaves the table: leave() cleans what changed in it,
 * links it or drops it, with the parent's step still on its entry. So each
 * table is entered and left once a range, and each line cleaned once.
 *
 * A step without a table stands for one that does not exist yet; it reads as
 * all absent. Plans walk through such steps to count the tables they need.
 */
#pragma once

#include "lib/check.h"
#include "pt/entries.h"

struct pt_step {
	uint64_t *table;      /* NULL: does not exist                         */
	uint16_t index;	      /* entry under the position                     */
	uint16_t dirty_first; /* entries stored to: [dirty_first, dirty_end)  */
	uint16_t dirty_end;
	int added; /* present entries that it has more than before           */
	bool is_fresh; /* not linked to its parent yet: nobody walks it */
};

struct pt_walk {
	const struct pt *pt;
	struct pt_gather *gather; /* for operations that drop tables */
	uint64_t at;
	uint64_t pages_left;
	unsigned level;
	struct pt_step step[PT_LEVELS_MAX];
};

typedef void pt_leave_fn(struct pt_walk *w);

static inline void pt_walk_enter(struct pt_walk *w, unsigned level,
				 uint64_t *table, bool is_fresh)
{
	w->level = level;
	w->step[level] = (struct pt_step){
		.table = table,
		.index = (uint16_t)pt_index(w->at, level),
		.dirty_first = PT_ENTRIES,
		.dirty_end = 0,
		.is_fresh = is_fresh,
	};
}

/* pt_walk_start() - Stand at the root's entry for the first page. */
static inline void pt_walk_start(struct pt_walk *w, const struct pt *pt,
				 uint64_t start, uint64_t pages)
{
	uint64_t limit = UINT64_C(1) << (pt->address_bits - PAGE_SHIFT);

	CHECK(pages != 0 && is_aligned(start, PAGE_BYTES));
	CHECK(pages <= limit && (start >> PAGE_SHIFT) <= limit - pages);
	w->pt = pt;
	w->gather = NULL;
	w->at = start;
	w->pages_left = pages;
	pt_walk_enter(w, pt->levels - 1, physmap_ptr(pt->root), false);
}

/* pt_walk_entry() - The entry under the position, 0 when absent. */
static inline uint64_t pt_walk_entry(const struct pt_walk *w)
{
	const struct pt_step *s = &w->step[w->level];

	return s->table == NULL ? 0 : s->table[s->index];
}

/* pt_walk_descend() - Go to the table under the position. */
static inline void pt_walk_descend(struct pt_walk *w)
{
	uint64_t *table = pt_table_at(w->pt, pt_walk_entry(w));

	pt_walk_enter(w, w->level - 1, table, false);
}

/* Pages of the entry under the position that lie before the position. */
static inline uint64_t pt_walk_inside(const struct pt_walk *w)
{
	return (w->at >> PAGE_SHIFT) & (pt_span_pages(w->level) - 1);
}

/* pt_walk_run() - Entries from here on that the range touches in this table. */
static inline unsigned pt_walk_run(const struct pt_walk *w)
{
	uint64_t room = PT_ENTRIES - w->step[w->level].index;
	uint64_t last = pt_walk_inside(w) + w->pages_left - 1;
	uint64_t touched = (last >> (9 * w->level)) + 1;

	return (unsigned)(touched < room ? touched : room);
}

/* pt_walk_covers() - True when the range holds all of the entry's pages. */
static inline bool pt_walk_covers(const struct pt_walk *w)
{
	return pt_walk_inside(w) == 0 &&
	       w->pages_left >= pt_span_pages(w->level);
}

/* pt_walk_advance() - Move over @entries entries; leave tables that are done.
 */
static inline void pt_walk_advance(struct pt_walk *w, unsigned entries,
				   pt_leave_fn *leave)
{
	uint64_t pages =
		((uint64_t)entries << (9 * w->level)) - pt_walk_inside(w);

	if (pages > w->pages_left) {
		pages = w->pages_left;
	}
	w->at += pages << PAGE_SHIFT;
	w->pages_left -= pages;
	w->step[w->level].index = (uint16_t)(w->step[w->level].index + entries);
	while (w->pages_left == 0 || w->step[w->level].index == PT_ENTRIES) {
		if (leave != NULL) {
			leave(w);
		}
		if (w->level + 1 == w->pt->levels) {
			return;
		}
		w->level++;
		w->step[w->level].index++;
	}
}

/* pt_step_dirty() - Entries [first, end) have been stored to. */
static inline void pt_step_dirty(struct pt_step *s, unsigned first,
				 unsigned end)
{
	if (first < s->dirty_first) {
		s->dirty_first = (uint16_t)first;
	}
	if (end > s->dirty_end) {
		s->dirty_end = (uint16_t)end;
	}
}

/* pt_step_store() - One aligned 64-bit store: a walker sees old or new. */
static inline void pt_step_store(struct pt_step *s, uint64_t entry)
{
	s->added += (entry != 0) - (s->table[s->index] != 0);
	write_once(s->table[s->index], entry);
	pt_step_dirty(s, s->index, s->index + 1u);
}

/* pt_leave_clean() - Count and write back what changed in the table being left.
 */
static inline void pt_leave_clean(struct pt_walk *w)
{
	const struct pt_step *s = &w->step[w->level];

	if (s->added != 0) {
		pt_count_entries(s->table, s->added);
	}
	if (w->pt->is_coherent) {
		return;
	}
	if (s->is_fresh) {
		cache_clean(s->table, PAGE_BYTES);
	} else if (s->dirty_first < s->dirty_end) {
		cache_clean(&s->table[s->dirty_first],
			    (size_t)(s->dirty_end - s->dirty_first) *
				    sizeof(*s->table));
	}
}
