// SPDX-License-Identifier: MIT
/*
 * The machines that sequences run on: units of both vendors in the widths,
 * superpages and coherency that they come in, and what goes wrong on each.
 */
#include "model_types.h"
#include "oracle.h"

/* clang-format off */
const struct oracle_setting oracle_settings[] = {
	{.name = "48-bit", .address_bits = 48,
	 .vtd = {.width = 48, .nd = 6, .mamv = 18, .superpages = 3, .fault_count = 1}},
	{.name = "39-bit", .address_bits = 39,
	 .vtd = {.width = 39, .nd = 6, .mamv = 18, .superpages = 3, .fault_count = 8, .is_coherent = true}},
	{.name = "caching-mode", .address_bits = 48,
	 .vtd = {.width = 48, .nd = 6, .superpages = 1, .fault_count = 1, .caching_mode = true, .is_coherent = true}},
	{.name = "bare", .address_bits = 39,
	 .vtd = {.width = 39, .nd = 6, .fault_count = 1, .no_psi = true, .needs_wbf = true}},
	{.name = "few-ids", .address_bits = 48,
	 .vtd = {.width = 48, .nd = 0, .mamv = 9, .superpages = 3, .fault_count = 1, .caching_mode = true}},
	{.name = "late", .address_bits = 48,
	 .vtd = {.width = 48, .nd = 6, .mamv = 18, .superpages = 3, .fault_count = 1},
	 .delay_ns = 10000, .reorders = true, .hammers = true},
	{.name = "small-quota", .address_bits = 48,
	 .vtd = {.width = 48, .nd = 6, .mamv = 18, .superpages = 1, .fault_count = 1},
	 .table_page_quota = 12, .domain_quota = 3},
	{.name = "no-memory", .address_bits = 48,
	 .vtd = {.width = 48, .nd = 6, .mamv = 18, .superpages = 3, .fault_count = 1},
	 .fail_1_in = 3},
	{.name = "bad-copies", .address_bits = 48,
	 .vtd = {.width = 48, .nd = 6, .mamv = 18, .superpages = 3, .fault_count = 1, .is_coherent = true},
	 .copy_1_in = 6},
	{.name = "bad-unit", .address_bits = 48,
	 .vtd = {.width = 48, .nd = 6, .mamv = 18, .superpages = 3, .fault_count = 1},
	 .command_1_in = 60},
	{.name = "no-unit", .address_bits = 48,
	 .vtd = {.width = 48, .nd = 6, .fault_count = 1},
	 .has_no_unit = true},
	{.name = "first-stage", .address_bits = 47,
	 .vtd = {.width = 48, .nd = 6, .mamv = 18, .superpages = 3, .fault_count = 1,
		 .scalable = true, .first_stage = true}},
	{.name = "first-stage-caching", .address_bits = 47,
	 .vtd = {.width = 48, .nd = 6, .superpages = 1, .fault_count = 2, .is_coherent = true, .walks_snoop = true,
		 .no_psi = true, .caching_mode = true, .needs_wbf = true, .scalable = true, .first_stage = true}},
	{.name = "first-stage-late", .address_bits = 47,
	 .vtd = {.width = 48, .nd = 0, .mamv = 9, .fault_count = 1, .walks_snoop = true,
		 .scalable = true, .first_stage = true},
	 .delay_ns = 10000, .reorders = true, .hammers = true, .fail_1_in = 6},
	{.name = "amd", .address_bits = 48, .vendor = MACHINE_AMD,
	 .amdvi = {.hats = 2, .np_cache = true}},
	{.name = "amd-4-levels", .address_bits = 48, .vendor = MACHINE_AMD,
	 .amdvi = {.hats = 0, .block_type = 0x10}, .fail_1_in = 6, .copy_1_in = 12},
	{.name = "amd-late", .address_bits = 48, .vendor = MACHINE_AMD,
	 .amdvi = {.hats = 1, .has_counters = true, .block_type = 0x40},
	 .delay_ns = 10000, .reorders = true, .hammers = true},
	{.name = "amd-bad-unit", .address_bits = 48, .vendor = MACHINE_AMD,
	 .amdvi = {.hats = 2, .np_cache = true},
	 .command_1_in = 60},
	{.name = "nested", .address_bits = 48,
	 .nest = {.can_nest = true, .pasid_count = 64}},
	{.name = "nested-short", .address_bits = 48,
	 .nest = {.can_nest = true, .pasid_count = 12, .asid_count = 40},
	 .fail_1_in = 8, .copy_1_in = 16},
};
/* clang-format on */

const unsigned oracle_setting_count =
	sizeof(oracle_settings) / sizeof(oracle_settings[0]);

uint32_t oracle_types(const struct oracle_setting *s)
{
	return 1u << MODEL_PASSTHROUGH | 1u << MODEL_UNMANAGED |
	       1u << (s->vtd.first_stage ? MODEL_TRANSLATE_S1
					 : MODEL_TRANSLATE);
}

bool oracle_serves(const struct oracle_setting *s, unsigned op)
{
	switch (op) {
	case SLUICE_OP_info:
	case SLUICE_OP_inventory:
	case SLUICE_OP_guest_policy:
		return true;
	case SLUICE_OP_configure_domain:
		return s->nest.can_nest;
	case SLUICE_OP_create_pasid:
	case SLUICE_OP_delete_pasid:
	case SLUICE_OP_attach_pasid:
	case SLUICE_OP_detach_pasid:
		return s->nest.pasid_count != 0;
	default:
		return !s->has_no_unit;
	}
}
