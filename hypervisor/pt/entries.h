/* SPDX-License-Identifier: MIT */
/*
 * Entries of one table: where they are, and what is owed to those that change.
 * For pt/ alone. A walk over many tables is in walk.h.
 */
#pragma once

#include "arch/cache.h"
#include "arch/physmap.h"
#include "mm/page.h"
#include "pt/table.h"

#define PT_ENTRIES 512u

/* pt_span_pages() - 4 KiB pages that one entry of @level covers. */
static inline uint64_t pt_span_pages(unsigned level)
{
	return UINT64_C(1) << (9 * level);
}

static inline unsigned pt_index(uint64_t at, unsigned level)
{
	return (unsigned)(at >> (PAGE_SHIFT + 9 * level)) & (PT_ENTRIES - 1);
}

/* pt_table_at() - The table that a non-leaf entry points to. */
static inline uint64_t *pt_table_at(const struct pt *pt, uint64_t entry)
{
	return physmap_ptr(to_hpa(entry & pt->format->address_mask));
}

/**
 * pt_entries_at() - @count entries of level @to from @start on, in one table.
 *
 * The short way of most calls. No step is kept: whoever changes them counts and
 * cleans on his own: pt_entries_changed().
 * Return: NULL when it is more than one table, not there, or no good range.
 */
static inline uint64_t *pt_entries_at(const struct pt *pt, uint64_t start,
				      uint64_t count, unsigned to)
{
	const struct pt_format *format = pt->format;
	uint64_t *table = physmap_ptr(pt->root);

	if (!is_aligned(start, pt_span_pages(to) << PAGE_SHIFT) ||
	    (start >> PAGE_SHIFT) >> (pt->address_bits - PAGE_SHIFT) != 0 ||
	    count - 1 >= PT_ENTRIES - pt_index(start, to)) {
		return NULL;
	}
	for (unsigned level = pt->levels - 1; level > to; level--) {
		uint64_t entry = table[pt_index(start, level)];

		if (entry == 0 || pt_entry_is_leaf(format, entry, level)) {
			return NULL;
		}
		table = pt_table_at(pt, entry);
	}
	return &table[pt_index(start, to)];
}

/**
 * pt_count_entries() - A table has got @change more present entries.
 *
 * The pool keeps the number with the table's page, so that a table which has
 * become empty is known without a look at it.
 * Return: how many it has.
 */
static inline unsigned pt_count_entries(const uint64_t *table, int change)
{
	uint16_t *count = page_tally(physmap_hpa(table));

	*count = (uint16_t)(*count + change);
	return *count;
}

/* pt_entries_changed() - As when a walk leaves. Return: how many there are. */
static inline unsigned pt_entries_changed(const struct pt *pt,
					  const uint64_t *entry, uint64_t count,
					  int added)
{
	const uint64_t *table =
		(const uint64_t *)align_down((uintptr_t)entry, PAGE_BYTES);

	if (!pt->is_coherent) {
		cache_clean(entry, count * sizeof(*entry));
	}
	return pt_count_entries(table, added);
}
