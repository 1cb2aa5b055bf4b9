/* SPDX-License-Identifier: MIT */
/*
 * The kinds of unit, of both vendors, on which each property of a backend must
 * hold; and the few numbers in which they differ.
 */
#pragma once

#include "pt/pt.h"
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
		 .fault_count = 8,
		 .has_eim = true,
		 .mhmv = 15}},
	{.vtd = {.width = 48,
		 .nd = 2,
		 .mamv = 9,
		 .superpages = 1,
		 .fault_count = 4,
		 .mhmv = 8,
		 .snoop_control = true,
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
	/* Scalable mode with a second stage: driven in legacy mode. */
	{.vtd = {.width = 48,
		 .nd = 6,
		 .mamv = 18,
		 .superpages = 3,
		 .fault_count = 1,
		 .scalable = true}},
	/* Scalable mode with the first stage alone. */
	{.vtd = {.width = 48,
		 .nd = 6,
		 .mamv = 18,
		 .superpages = 3,
		 .fault_count = 1,
		 .scalable = true,
		 .first_stage = true}},
	{.vtd = {.width = 48,
		 .nd = 2,
		 .mamv = 9,
		 .superpages = 1,
		 .fault_count = 4,
		 .is_coherent = true,
		 .walks_snoop = true,
		 .left_enabled = true,
		 .scalable = true,
		 .first_stage = true}},
	{.vtd = {.width = 48,
		 .nd = 6,
		 .no_psi = true,
		 .fault_count = 2,
		 .walks_snoop = true,
		 .caching_mode = true,
		 .needs_wbf = true,
		 .scalable = true,
		 .first_stage = true}},
	{.vtd = {.width = 48,
		 .nd = 0,
		 .mamv = 0,
		 .fault_count = 1,
		 .is_coherent = true,
		 .collapse_faults = true,
		 .scalable = true,
		 .first_stage = true}},
	{.vendor = MACHINE_AMD, .amdvi = {.hats = 2, .np_cache = true}},
	{.vendor = MACHINE_AMD,
	 .amdvi = {.hats = 0, .left_enabled = true, .block_type = 0x10}},
	{.vendor = MACHINE_AMD,
	 .amdvi = {.hats = 1, .has_counters = true, .block_type = 0x40}},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Does this kind walk first-stage tables? */
static inline bool is_first(int kind)
{
	return kinds[kind].vtd.first_stage;
}

static inline unsigned width_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? 48
	       : is_first(kind)			 ? 47
						 : kinds[kind].vtd.width;
}

static inline const struct pt_format *format_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? &pt_format_amdv1
	       : is_first(kind)			 ? &pt_format_vtdfs
	       : kinds[kind].vtd.snoop_control	 ? &pt_format_vtdss_snoop
						 : &pt_format_vtdss;
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

/*
 * How often the first attach on a bus, repeated, lacks one page more. For
 * first-stage tables two PASID directories and their tables are of one go.
 */
static inline unsigned attach_tries_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? 0 : is_first(kind) ? 4 : 1;
}

/* A block has two requests, with PASIDs four, and as many waits. */
static inline unsigned block_commands_of(int kind)
{
	return is_first(kind) ? 8 : 4;
}

/* What a unit says of a write that goes nowhere, or beyond the width. */
static inline unsigned absent_write_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? 0x22
	       : is_first(kind)			 ? 0x71
						 : 5;
}

static inline unsigned far_write_of(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD ? 0x22
	       : is_first(kind)			 ? 0x80
						 : 4;
}

static inline bool is_amd(int kind)
{
	return kinds[kind].vendor == MACHINE_AMD;
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
