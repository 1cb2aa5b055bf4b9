// SPDX-License-Identifier: MIT
/*
 * Removing leaves, the tables that this leaves empty, and spares that no leaf
 * needs any more.
 *
 * An unlinked table may still be in a walker's cache of upper levels. It waits
 * in a gather until the caller's flush has been confirmed; its first word then
 * holds the link, which reads as absent to a walker that still comes by.
 */
#include "arch/physmap.h"
#include "pt/table.h"
#include "pt/walk.h"

static void gather_add(struct pt_gather *gather, uint64_t *table)
{
	table[0] = hpa_is_none(gather->first) ? 0 : gather->first.addr;
	gather->first = physmap_hpa(table);
	gather->count++;
}

/* Somebody relies on the table being left, empty or not. */
static bool is_pinned(const struct pt_walk *w)
{
	const struct pt_step *parent = &w->step[w->level + 1];

	return (parent->table[parent->index] & w->pt->format->table_pin) != 0;
}

/* Drop the table being left if nothing is in it any more; never the root. */
static void leave_pruning(struct pt_walk *w)
{
	struct pt_step *s = &w->step[w->level];
	unsigned count = pt_count_entries(s->table, s->added);

	s->added = 0;
	if (count == 0 && w->level + 1 < w->pt->levels && !is_pinned(w)) {
		/* Its lines need no write-back: after the flush none reads
		 * them. */
		pt_step_store(&w->step[w->level + 1], 0);
		gather_add(w->gather, s->table);
		return;
	}
	pt_leave_clean(w);
}

/* Clear a run of one table. Return: how many were present. */
static unsigned clear_entries(uint64_t *entry, uint64_t count)
{
	unsigned cleared = 0;

	for (uint64_t i = 0; i < count; i++) {
		cleared += entry[i] != 0;
		write_once(entry[i], 0);
	}
	return cleared;
}

static unsigned clear_run(struct pt_walk *w, unsigned count)
{
	struct pt_step *s = &w->step[0];
	unsigned cleared = clear_entries(&s->table[s->index], count);

	pt_step_dirty(s, s->index, s->index + count);
	s->added -= (int)cleared;
	return cleared;
}

static uint64_t __noinline clear_walking(struct pt *pt, uint64_t start,
					 uint64_t pages,
					 struct pt_gather *gather)
{
	uint64_t cleared = 0;
	struct pt_walk w;

	pt_walk_start(&w, pt, start, pages);
	w.gather = gather;
	while (w.pages_left != 0) {
		uint64_t entry = pt_walk_entry(&w);

		if (w.level == 0) {
			unsigned run = pt_walk_run(&w);

			cleared += clear_run(&w, run);
			pt_walk_advance(&w, run, leave_pruning);
		} else if (entry == 0) {
			pt_walk_advance(&w, 1, leave_pruning);
		} else if (pt_entry_is_leaf(pt->format, entry, w.level)) {
			CHECK(pt_walk_covers(&w));
			pt_step_store(&w.step[w.level], 0);
			if (pt->keeps_spares) {
				gather_add(gather, pt_stock_take(&pt->spares));
			}
			cleared += pt_span_pages(w.level);
			pt_walk_advance(&w, 1, leave_pruning);
		} else {
			pt_walk_descend(&w);
		}
	}
	return cleared;
}

uint64_t pt_clear(struct pt *pt, uint64_t start, uint64_t pages,
		  struct pt_gather *gather)
{
	uint64_t *entry = pt_entries_at(pt, start, pages, 0);
	unsigned cleared = 0;

	if (entry != NULL) {
		cleared = clear_entries(entry, pages);
		if (pt_entries_changed(pt, entry, pages, -(int)cleared) != 0) {
			return cleared;
		}
		/* The walk finds the table empty, and drops it. */
	}
	return cleared + clear_walking(pt, start, pages, gather);
}

void pt_gather_free(struct pt *pt, struct pt_gather *gather)
{
	while (gather->count > 0) {
		hpa_t page = gather->first;

		gather->first = to_hpa(*(const uint64_t *)physmap_ptr(page));
		gather->count--;
		pt_page_free(pt, page);
	}
	gather->first = HPA_NONE;
}
