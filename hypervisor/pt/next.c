// SPDX-License-Identifier: MIT
/* Enumeration of leaves in address order, skipping absent tables whole. */
#include "pt/pt.h"
#include "pt/walk.h"

/* The first address behind the entry of @level that covers @at; 0 = wrapped. */
static uint64_t behind(uint64_t at, unsigned level)
{
	uint64_t span = pt_span_pages(level) << PAGE_SHIFT;

	return align_down(at, span) + span;
}

/*
 * Look for a leaf that covers @at. Return: true with @leaf filled, or false
 * with the level of the absent entry in @leaf->level.
 */
static bool leaf_at(const struct pt *pt, uint64_t at, struct pt_leaf *leaf)
{
	const uint64_t *table = physmap_ptr(pt->root);

	for (unsigned level = pt->levels; level-- > 0;) {
		uint64_t entry = read_once(table[pt_index(at, level)]);

		leaf->level = level;
		if (!pt_entry_is_present(pt->format, entry)) {
			return false;
		}
		if (pt_entry_is_leaf(pt->format, entry, level)) {
			leaf->page = to_hpa(entry & pt->format->address_mask);
			leaf->prot = pt->format->prot(entry);
			return true;
		}
		table = pt_table_at(pt, entry);
	}
	return false;
}

bool pt_next(const struct pt *pt, uint64_t *at, struct pt_leaf *leaf)
{
	uint64_t limit =
		pt->address_bits < 64 ? UINT64_C(1) << pt->address_bits : 0;

	while (limit == 0 || *at < limit) {
		if (leaf_at(pt, *at, leaf)) {
			*at = align_down(*at, pt_span_pages(leaf->level)
						      << PAGE_SHIFT);
			return true;
		}
		*at = behind(*at, leaf->level);
		if (*at == 0) {
			return false;
		}
	}
	return false;
}
