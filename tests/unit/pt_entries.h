/* SPDX-License-Identifier: MIT */
/* What an entry says, decoded anew for each format, as the manuals have it. */
#pragma once

#include "pt/pt.h"
#include "suite.h"

/* Bits that the manuals reserve or that we never set, by format. */
static inline uint64_t forbidden(const struct pt *pt, bool is_leaf,
				 unsigned level)
{
	uint64_t bits = GENMASK(51, 46);

	if (is_leaf && level > 0) {
		bits |= GENMASK(11 + 9 * level, 12);
	}
	if (pt->format == &pt_format_npt) {
		return bits | GENMASK(62, 52) | BIT(8);
	}
	if (pt->format == &pt_format_amdv1) {
		/* Bit 1 of a table's entry is hardware's to ignore: our pin. */
		return bits | BIT(63) | GENMASK(59, 52) | GENMASK(8, 2) |
		       (is_leaf ? BIT(1) : BIT(60));
	}
	bits |= GENMASK(63, 52) | GENMASK(11, 8);
	/* Where snooping is forced, each leaf does it. */
	if (pt->format == &pt_format_vtdss_snoop && is_leaf) {
		bits &= ~BIT(11);
	}
	return pt->format == &pt_format_vtdfs ? bits | GENMASK(4, 3)
					      : bits | GENMASK(6, 2);
}

/* A user's walk needs U/S at each level; A and D stand, so none is stored. */
static inline bool is_first_stage(uint64_t entry, bool is_leaf)
{
	uint64_t dirty = is_leaf && (entry & BIT(1)) ? BIT(6) : 0;

	return (entry & (BIT(2) | BIT(5) | BIT(6))) ==
	       (BIT(2) | BIT(5) | dirty);
}

static inline bool says_leaf(const struct pt *pt, uint64_t entry,
			     unsigned level)
{
	if (pt->format != &pt_format_amdv1) {
		return level == 0 || (entry & BIT(7));
	}
	/* The entry tells the depth of what it points to, 0 for a page. */
	EXPECT((entry >> 9 & 7) == 0 || (entry >> 9 & 7) == level,
	       "level %u entry %lx", level, entry);
	return (entry >> 9 & 7) == 0;
}

/* What an entry allows, as PT_READ and PT_WRITE; 0 = absent. */
static inline unsigned rights(const struct pt *pt, uint64_t entry)
{
	if (pt->format == &pt_format_npt || pt->format == &pt_format_vtdfs) {
		return entry & 1 ? PT_READ | (unsigned)(entry & 2) : 0;
	}
	if (pt->format == &pt_format_amdv1) {
		return entry & 1 ? (unsigned)(entry >> 61 & 3) : 0;
	}
	return (unsigned)(entry & 3);
}
