/* SPDX-License-Identifier: MIT */
/*
 * What an entry of a table looks like: rights, and one format per hardware.
 */
#pragma once

#include "lib/addr.h"

#define PT_READ	  1u
#define PT_WRITE  2u
#define PT_EXEC	  4u /* formats without an execute bit ignore it */
#define PT_DEVICE 8u /* uncached; formats without memory types ignore it */

/*
 * A mark 0..7 that software keeps beside a leaf: nested paging stores it in
 * bits that hardware ignores and returns it from prot(); others drop it.
 */
#define PT_SOFT_SHIFT	  8
#define PT_SOFT_MASK	  (7u << PT_SOFT_SHIFT)
#define PT_SOFT(n)	  (((unsigned)(n) << PT_SOFT_SHIFT) & PT_SOFT_MASK)
#define PT_SOFT_GET(prot) (((prot)&PT_SOFT_MASK) >> PT_SOFT_SHIFT)

#define PT_LEVELS_MAX 6u

/*
 * Geometry, bits, and three pure functions on entries. All constant, no state.
 *
 * Two rules that the walker rests on: an absent entry is the word 0, whatever
 * else the format would take for one; and an entry's address bits stand at
 * their own place, so that make_leaf(a) == make_leaf(0) | a.
 */
struct pt_format {
	const char *name;
	unsigned leaf_levels; /* leaves may stand at level 0..leaf_levels-1 */
	uint64_t present; /* an entry with any of these bits is present       */
	/* A present entry above level 0 is a leaf when (entry & mask) == value.
	 */
	uint64_t leaf_mask;
	uint64_t leaf_value;
	uint64_t (*make_leaf)(hpa_t page, unsigned prot, unsigned level);
	/* @level: of the entry, 1 up; the table stands one below it. */
	uint64_t (*make_table)(hpa_t table, unsigned level);
	unsigned (*prot)(uint64_t entry); /* of a leaf: PT_* */
	uint64_t address_mask; /* bits of an entry that are an address */
	uint64_t table_pin; /* bit of a non-leaf entry that hardware ignores */
	bool write_only_ok; /* PT_WRITE without PT_READ is exact */
};

static inline bool pt_entry_is_present(const struct pt_format *format,
				       uint64_t entry)
{
	return (entry & format->present) != 0;
}

/* pt_entry_is_leaf() - Of a present entry: does it end the walk? */
static inline bool pt_entry_is_leaf(const struct pt_format *format,
				    uint64_t entry, unsigned level)
{
	return level == 0 || (entry & format->leaf_mask) == format->leaf_value;
}

extern const struct pt_format pt_format_amdv1;
extern const struct pt_format pt_format_npt;
extern const struct pt_format pt_format_vtdfs;
extern const struct pt_format pt_format_vtdss;
extern const struct pt_format pt_format_vtdss_snoop;
