// SPDX-License-Identifier: MIT
/*
 * Life of a page table, questions about it, and leaves in tables that exist.
 * What makes tables is in grow.c, what removes them in gather.c.
 */
#include "pt/pt.h"

#include "lib/error.h"
#include "pt/table.h"
#include "pt/walk.h"

int pt_init(struct pt *pt, const struct pt_format *format,
	    struct pt_memory memory, unsigned levels, unsigned address_bits,
	    bool is_coherent)
{
	CHECK(levels >= 3 && levels <= PT_LEVELS_MAX);
	/* The largest leaf lies within the width as a whole. */
	CHECK(address_bits >= PAGE_SHIFT + 18 && address_bits <= 64);
	CHECK(address_bits <= PAGE_SHIFT + 9 * levels);
	*pt = (struct pt){
		.format = format,
		.memory = memory,
		.levels = levels,
		.address_bits = address_bits,
		.is_coherent = is_coherent,
		.spares = {HPA_NONE},
	};
	pt->root = pt_page_alloc(pt);
	if (hpa_is_none(pt->root)) {
		return -XEN_ENOMEM;
	}
	/* Its zeroes must be in memory before a walker is shown the root. */
	if (!is_coherent) {
		cache_clean(physmap_ptr(pt->root), PAGE_BYTES);
	}
	return 0;
}

void pt_keep_spares(struct pt *pt)
{
	pt->keeps_spares = true;
}

void pt_destroy(struct pt *pt)
{
	uint64_t *table[PT_LEVELS_MAX];
	unsigned index[PT_LEVELS_MAX] = {0};
	unsigned level = pt->levels - 1;

	if (hpa_is_none(pt->root)) {
		return;
	}
	pt_stock_drain(&pt->spares, pt);
	table[level] = physmap_ptr(pt->root);
	while (level < pt->levels) {
		uint64_t entry;

		/* Below level 1 are leaves alone: nothing to look for. */
		if (level == 0 || index[level] == PT_ENTRIES) {
			pt_page_free(pt, physmap_hpa(table[level]));
			level++;
			continue;
		}
		entry = table[level][index[level]++];
		if (entry != 0 && !pt_entry_is_leaf(pt->format, entry, level)) {
			level--;
			table[level] = pt_table_at(pt, entry);
			index[level] = 0;
		}
	}
	pt->root = HPA_NONE;
}

static bool all_present(const uint64_t *entry, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		if (entry[i] == 0) {
			return false;
		}
	}
	return true;
}

static bool all_absent(const uint64_t *entry, uint64_t count)
{
	const uint64_t *end = entry + count;
	uint64_t bits = 0;

	for (; end - entry >= 8; entry += 8) {
		bits |= entry[0] | entry[1] | entry[2] | entry[3] | entry[4] |
			entry[5] | entry[6] | entry[7];
	}
	for (; entry < end; entry++) {
		bits |= *entry;
	}
	return bits == 0;
}

static bool run_is(const uint64_t *entry, uint64_t count, bool mapped)
{
	return mapped ? all_present(entry, count) : all_absent(entry, count);
}

static bool __noinline walk_is(const struct pt *pt, uint64_t start,
			       uint64_t pages, bool mapped)
{
	struct pt_walk w;

	pt_walk_start(&w, pt, start, pages);
	while (w.pages_left != 0) {
		uint64_t entry = pt_walk_entry(&w);

		if (w.level == 0) {
			const struct pt_step *s = &w.step[0];
			unsigned run = pt_walk_run(&w);

			if (!run_is(&s->table[s->index], run, mapped)) {
				return false;
			}
			pt_walk_advance(&w, run, NULL);
		} else if (entry != 0 &&
			   !pt_entry_is_leaf(pt->format, entry, w.level)) {
			pt_walk_descend(&w);
		} else if ((entry != 0) != mapped) {
			return false;
		} else {
			pt_walk_advance(&w, 1, NULL);
		}
	}
	return true;
}

/* True when every page of the range is mapped, or when every page is not. */
static inline bool range_is(const struct pt *pt, uint64_t start, uint64_t pages,
			    bool mapped)
{
	const uint64_t *entry = pt_entries_at(pt, start, pages, 0);

	return entry != NULL ? run_is(entry, pages, mapped)
			     : walk_is(pt, start, pages, mapped);
}

bool pt_is_empty(const struct pt *pt, uint64_t start, uint64_t pages)
{
	return range_is(pt, start, pages, false);
}

bool pt_is_full(const struct pt *pt, uint64_t start, uint64_t pages)
{
	return range_is(pt, start, pages, true);
}

/* Store leaves into a run of one table. */
static void set_run(struct pt *pt, uint64_t *entry, const hpa_t *pages,
		    uint64_t count, uint64_t rights)
{
	uint64_t stray = ~pt->format->address_mask;
	int added = 0;

	for (uint64_t i = 0; i < count; i++) {
		uint64_t page = pages[i].addr;

		/* It would be a right, or another page. */
		CHECK((page & stray) == 0);
		added += entry[i] == 0;
		write_once(entry[i], rights | page);
	}
	pt_entries_changed(pt, entry, count, added);
}

void pt_set_pages(struct pt *pt, uint64_t at, const hpa_t *pages,
		  uint64_t count, unsigned prot)
{
	uint64_t rights = pt->format->make_leaf(to_hpa(0), prot, 0);

	CHECK(count != 0);
	while (count > 0) {
		uint64_t room = PT_ENTRIES - pt_index(at, 0);
		uint64_t run = count < room ? count : room;
		uint64_t *entry = pt_entries_at(pt, at, run, 0);

		CHECK(entry != NULL);
		set_run(pt, entry, pages, run, rights);
		pages += run;
		at += run << PAGE_SHIFT;
		count -= run;
	}
}

int pt_map_pages(struct pt *pt, uint64_t at, const hpa_t *pages, uint64_t count,
		 unsigned prot)
{
	uint64_t *entry = pt_entries_at(pt, at, count, 0);
	int err;

	if (entry != NULL) {
		set_run(pt, entry, pages, count,
			pt->format->make_leaf(to_hpa(0), prot, 0));
		return 0;
	}
	err = pt_reserve(pt, at, count);
	if (err == 0) {
		pt_set_pages(pt, at, pages, count, prot);
	}
	return err;
}

void pt_set(struct pt *pt, uint64_t at, hpa_t page, unsigned prot)
{
	pt_set_pages(pt, at, &page, 1, prot);
}

bool pt_lookup(const struct pt *pt, uint64_t at, struct pt_leaf *leaf)
{
	const uint64_t *table = physmap_ptr(pt->root);

	if (pt->address_bits < 64 && at >> pt->address_bits != 0) {
		return false;
	}
	for (unsigned level = pt->levels; level-- > 0;) {
		uint64_t entry = read_once(table[pt_index(at, level)]);
		uint64_t inside;

		if (!pt_entry_is_present(pt->format, entry)) {
			return false;
		}
		if (pt_entry_is_leaf(pt->format, entry, level)) {
			inside = (pt_span_pages(level) << PAGE_SHIFT) - 1;
			leaf->page = to_hpa((entry & pt->format->address_mask) |
					    (at & inside & ~PAGE_MASK));
			leaf->prot = pt->format->prot(entry);
			leaf->level = level;
			return true;
		}
		table = pt_table_at(pt, entry);
	}
	return false;
}
