/* SPDX-License-Identifier: MIT */
/*
 * Radix page tables, one walker over several entry formats.
 *
 * Levels count from 0 (4 KiB leaves) up; a table has 512 entries of 8 bytes.
 * Work goes in beats: reserve (may fail, changes no translation), commit
 * (cannot fail), and after a clear: flush, only then free (gather). No lock
 * here: whoever owns a `struct pt` serialises its changes.
 */
#pragma once

#include "pt/format.h"

/* Where a page table's own pages come from and how many it may have. */
struct pt_memory {
	uint16_t owner;	      /* guest charged                              */
	uint64_t *page_count; /* counts table pages, shared between tables  */
	const uint64_t *page_quota; /* table pages allowed at most, or NULL */
};

/* Pages that are charged and in no table. */
struct pt_stock {
	hpa_t first; /* linked through the pages' own first word */
};

struct pt {
	const struct pt_format *format;
	struct pt_memory memory;
	hpa_t root;
	unsigned levels;       /* 3..PT_LEVELS_MAX                           */
	unsigned address_bits; /* input addresses are below 1 << this        */
	bool is_coherent; /* the walker snoops; else each store is cleaned */
	uint64_t table_pages; /* this table's own, root and spares included */
	bool keeps_spares;    /* see pt_keep_spares()                       */
	struct pt_stock spares;
};

/* Tables unlinked but perhaps still cached by a walker; freed after a flush. */
struct pt_gather {
	hpa_t first; /* linked through the pages' own first word, 0 ends it:
			no format takes a bare page address for present     */
	uint64_t count;
};

#define PT_GATHER_INIT                                                         \
	{                                                                      \
		.first = {~UINT64_C(0)}, .count = 0                            \
	}

/**
 * pt_init() - An empty table.
 * @levels:       tables on the path to a 4 KiB leaf, 3..PT_LEVELS_MAX
 * @address_bits: 30 up to 12 + 9 * levels, 64 at most
 * Return: 0, or -XEN_ENOMEM (quota or pool).
 */
int pt_init(struct pt *pt, const struct pt_format *format,
	    struct pt_memory memory, unsigned levels, unsigned address_bits,
	    bool is_coherent) __must_check;

/**
 * pt_destroy() - Free every table. The caller has flushed: no walker may hold
 * the root any more.
 */
void pt_destroy(struct pt *pt);

/**
 * pt_keep_spares() - From here on, a page lies ready behind each 2 MiB leaf.
 *
 * pt_map_range() takes it and answers -XEN_ENOMEM for want of it,
 * pt_split_by_spares() uses it, pt_clear() of a whole leaf gathers it. No leaf
 * above 2 MiB is made any more; leaves that stand have none, and stay.
 */
void pt_keep_spares(struct pt *pt);

/**
 * pt_reserve() - Make every table that 4 KiB leaves for a range will need.
 * @start: input address, multiple of 4096
 * @pages: 4 KiB pages, not 0; the range lies below 1 << address_bits
 *
 * A table made here and left empty is freed by the next pt_clear() over it.
 * Return: 0; or, with nothing left behind, -XEN_EEXIST a large leaf is in the
 * way, -XEN_ENOMEM quota or pool.
 */
int pt_reserve(struct pt *pt, uint64_t start, uint64_t pages) __must_check;

/* pt_is_empty() - True when no page of the range is mapped. */
bool pt_is_empty(const struct pt *pt, uint64_t start, uint64_t pages);

/* pt_is_full() - True when every page of the range is mapped. */
bool pt_is_full(const struct pt *pt, uint64_t start, uint64_t pages);

/* pt_set() - Write one 4 KiB leaf whose tables pt_reserve() made. */
void pt_set(struct pt *pt, uint64_t at, hpa_t page, unsigned prot);

/**
 * pt_set_pages() - Write a run of 4 KiB leaves whose tables pt_reserve() made.
 * @at:    first input address, multiple of 4096
 * @pages: machine page of each, in order
 * @count: leaves to write, not 0
 *
 * One walk for the whole run; leaves that were there are replaced. Cannot fail.
 */
void pt_set_pages(struct pt *pt, uint64_t at, const hpa_t *pages,
		  uint64_t count, unsigned prot);

/**
 * pt_map_pages() - pt_reserve(), then pt_set_pages(); one walk when the tables
 * are there. Return: as pt_reserve().
 */
int pt_map_pages(struct pt *pt, uint64_t at, const hpa_t *pages, uint64_t count,
		 unsigned prot) __must_check;

/**
 * pt_map_range() - Map a contiguous range with the largest leaves that fit.
 * @to:        machine address of its first page
 * @max_level: highest level for a leaf, below format->leaf_levels
 *
 * All or nothing. A table that stands in the range stays, even an empty one,
 * and takes smaller leaves: replacing it would need a flush.
 * Return: 0, -XEN_EEXIST part is mapped, -XEN_ENOMEM quota or pool.
 */
int pt_map_range(struct pt *pt, uint64_t start, hpa_t to, uint64_t pages,
		 unsigned prot, unsigned max_level) __must_check;

/**
 * pt_split() - Replace large leaves that only partly lie in a range, so that
 * pt_clear() of exactly this range cannot fail. Translations do not change.
 *
 * A walker may go on holding the large leaf, so the flush after the pt_clear()
 * must cover all of it: flush the domain, not the range.
 * Return: 0, or -XEN_ENOMEM with no table made and nothing changed.
 */
int pt_split(struct pt *pt, uint64_t start, uint64_t pages) __must_check;

/**
 * pt_split_by_spares() - The same in a table that keeps spares; cannot fail.
 * Return: true when a leaf was split, so that the flush must be the domain's.
 */
bool pt_split_by_spares(struct pt *pt, uint64_t start, uint64_t pages);

/**
 * pt_pin() - Keep the tables of a range even when nothing is mapped in them.
 *
 * All of them exist down to level 0 (pt_reserve()), none is replaced by a large
 * leaf. A table is pinned or not: it does not count how often.
 */
void pt_pin(struct pt *pt, uint64_t start, uint64_t pages);

/**
 * pt_unpin() - Let the next pt_clear() drop them again.
 *
 * Tables at the edges, and those above, may serve other pinned ranges: the
 * caller pins these again.
 */
void pt_unpin(struct pt *pt, uint64_t start, uint64_t pages);

/**
 * pt_clear() - Remove every leaf of a range; absent ones are skipped.
 * @gather: receives tables that became empty (no pinned one, never the root)
 *
 * The range must not cut a large leaf (pt_split() first). The caller flushes,
 * waits, then calls pt_gather_free().
 * Return: 4 KiB pages that were mapped.
 */
uint64_t pt_clear(struct pt *pt, uint64_t start, uint64_t pages,
		  struct pt_gather *gather);

/* pt_gather_free() - Give gathered pages back, after a completed flush. */
void pt_gather_free(struct pt *pt, struct pt_gather *gather);

struct pt_leaf {
	hpa_t page; /* machine address that @at translates to, page part */
	unsigned prot;
	unsigned level; /* 0 = 4 KiB */
};

/* pt_lookup() - Translate. Return: false when @at is not mapped. */
bool pt_lookup(const struct pt *pt, uint64_t at, struct pt_leaf *leaf);

/**
 * pt_next() - The leaf that covers *@at, or the first one behind it.
 * @at:   in: where to look from; out: the leaf's first address
 * @leaf: .page is the leaf's first machine page
 * Return: false when there is none up to the end.
 */
bool pt_next(const struct pt *pt, uint64_t *at, struct pt_leaf *leaf);
