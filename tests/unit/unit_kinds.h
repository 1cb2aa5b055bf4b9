/* SPDX-License-Identifier: MIT */
/*
 * The kinds of unit, of both vendors, on which each property of a backend must
 * hold; and the few numbers in which they differ.
 */
#pragma once

#include "suite.h"

/* A kind of unit: of one vendor, and what that vendor's units say. */
struct unit_kind {
	enum machine_vendor vendor;
	struct fake_vtd_config vtd;
	struct fake_amdvi_config amdvi;
};

/* The kinds of unit on which each property must hold. */
static const struct unit_kind kinds[] = {
	{.vtd = {.width = 48,
		 .nd = 6,
		 .mamv = 18,
		 .superpages = 3,
		 .fault_count = 1}},
	{.vtd = {.width = 39,
		 .nd = 6,
		 .mamv = 18,
		 .superpages = 3,
		 .fault_count = 8}},
	{.vtd = {.width = 48,
		 .nd = 2,
		 .mamv = 9,
		 .superpages = 1,
		 .fault_count = 4,
		 .is_coherent = true}},
	{.vtd = {.width = 48,
		 .nd = 6,
		 .mamv = 0,
		 .fault_count = 1,
		 .caching_mode = true}},
	{.vtd = {.width = 48,
		 .nd = 6,
		 .fault_count = 2,
		 .no_psi = true,
		 .needs_wbf = true,
		 .collapse_faults = true}},
	{.vtd = {.width = 39,
		 .nd = 0,
		 .mamv = 18,
		 .superpages = 3,
		 .fault_count = 1,
		 .left_enabled = true,
		 .caching_mode = true}},
	{.vendor = MACHINE_AMD, .amdvi = {.hats = 2, .np_cache = true}},
	{.vendor = MACHINE_AMD,
	 .amdvi = {.hats = 0, .left_enabled = true, .block_type = 0x10}},
	{.vendor = MACHINE_AMD,
	 .amdvi = {.hats = 1, .has_counters = true, .block_type = 0x40}},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static inline unsigned width_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? 48 : kinds[kind].vtd.width;
}

static inline uint32_t ids_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD
		       ? 0x10000
		       : 1u << (4 + 2 * kinds[kind].vtd.nd);
}

/* Blocked accesses that a unit keeps until they are read. */
static inline unsigned records_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? FAKE_AMDVI_EVENTS
						 : kinds[kind].vtd.fault_count;
}

/* Pages that the first attach on a bus takes. */
static inline unsigned attach_pages_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? 0 : 1;
}

/* What a unit says of a write that goes nowhere, or beyond the width. */
static inline unsigned absent_write_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? 0x22 : 5;
}

static inline unsigned far_write_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? 0x22 : 4;
}

static inline struct machine_config kind_config(int kind)
{
	struct machine_config c = kinds[kind].vendor == MACHINE_AMD
					  ? machine_amd()
					  : machine_default();

	c.unit[0] = kinds[kind].vtd;
	c.amdvi[0] = kinds[kind].amdvi;
	return c;
}
