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
	CHECK(address_bits > PAGE_SHIFT && address_bits <= 64);
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
		if (entry != 0 && !pt->format->is_leaf(entry, level)) {
			level--;
			table[level] = pt_table_at(pt, entry);
			index[level] = 0;
		}
	}
	pt->root = HPA_NONE;
}

/* True when each of the @count entries from the position on is (not) absent. */
static bool run_is(const struct pt_walk *w, unsigned count, bool mapped)
{
	const struct pt_step *s = &w->step[w->level];

	for (unsigned i = s->index; i < s->index + count; i++) {
		if ((s->table[i] != 0) != mapped) {
			return false;
		}
	}
	return true;
}

/* True when every page of the range is mapped, or when every page is not. */
static bool range_is(const struct pt *pt, uint64_t start, uint64_t pages,
		     bool mapped)
{
	struct pt_walk w;

	pt_walk_start(&w, pt, start, pages);
	while (w.pages_left != 0) {
		uint64_t entry = pt_walk_entry(&w);

		if (w.level == 0) {
			unsigned run = pt_walk_run(&w);

			if (!run_is(&w, run, mapped)) {
				return false;
			}
			pt_walk_advance(&w, run, NULL);
		} else if (entry != 0 && !pt->format->is_leaf(entry, w.level)) {
			pt_walk_descend(&w);
		} else if ((entry != 0) != mapped) {
			return false;
		} else {
			pt_walk_advance(&w, 1, NULL);
		}
	}
	return true;
}

bool pt_is_empty(const struct pt *pt, uint64_t start, uint64_t pages)
{
	return range_is(pt, start, pages, false);
}

bool pt_is_full(const struct pt *pt, uint64_t start, uint64_t pages)
{
	return range_is(pt, start, pages, true);
}

/* Store leaves for the next @count pages in the level-0 table at hand. */
static void set_run(struct pt_walk *w, const hpa_t *pages, unsigned count,
		    uint64_t rights)
{
	struct pt_step *s = &w->step[0];
	uint64_t mask = w->pt->format->address_mask;

	for (unsigned i = 0; i < count; i++) {
		/* A stray bit here would be a right, or another page. */
		CHECK((pages[i].addr & ~mask) == 0);
		write_once(s->table[s->index + i], rights | pages[i].addr);
	}
	pt_step_dirty(s, s->index, s->index + count);
}

void pt_set_pages(struct pt *pt, uint64_t at, const hpa_t *pages,
		  uint64_t count, unsigned prot)
{
	uint64_t rights = pt->format->make_leaf(to_hpa(0), prot, 0);
	struct pt_walk w;

	pt_walk_start(&w, pt, at, count);
	while (w.pages_left != 0) {
		unsigned run;

		if (w.level > 0) {
			uint64_t entry = pt_walk_entry(&w);

			CHECK(entry != 0);
			CHECK(!pt->format->is_leaf(entry, w.level));
			pt_walk_descend(&w);
			continue;
		}
		run = pt_walk_run(&w);
		set_run(&w, pages, run, rights);
		pages += run;
		pt_walk_advance(&w, run, pt_leave_clean);
	}
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
		uint64_t inside = (pt_span_pages(level) << PAGE_SHIFT) - 1;

		if (!pt->format->is_present(entry)) {
			return false;
		}
		if (pt->format->is_leaf(entry, level)) {
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
