// SPDX-License-Identifier: MIT
/*
 * The ABI as a program of tomorrow sees it: numbers and sizes written down once
 * more, by hand, so that a change of the headers alone is noticed.
 */
#include "suite.h"

#include <sluice/abi.h>
#include <sluice/dma.h>
#include <sluice/dma_ops.h>
#include <sluice/ntstatus.h>

START_TEST(sub_op_numbers_are_frozen)
{
	/* A sub-op keeps its number for ever. */
	ck_assert_int_eq(SLUICE_OP_info, 0);
	ck_assert_int_eq(SLUICE_OP_create_domain, 1);
	ck_assert_int_eq(SLUICE_OP_delete_domain, 2);
	ck_assert_int_eq(SLUICE_OP_create_device, 3);
	ck_assert_int_eq(SLUICE_OP_delete_device, 4);
	ck_assert_int_eq(SLUICE_OP_attach_device, 5);
	ck_assert_int_eq(SLUICE_OP_detach_device, 6);
	ck_assert_int_eq(SLUICE_OP_map, 7);
	ck_assert_int_eq(SLUICE_OP_unmap, 8);
	ck_assert_int_eq(SLUICE_OP_query_domain_types, 9);
	ck_assert_int_eq(SLUICE_OP_list_devices, 10);
	ck_assert_int_eq(SLUICE_OP_list_domains, 11);
	ck_assert_int_eq(SLUICE_OP_inventory, 12);
	ck_assert_int_eq(SLUICE_OP_guest_policy, 16);
	ck_assert_int_eq(SLUICE_OP_read_faults, 17);
	ck_assert_int_eq(SLUICE_OP_read_log, 18);
	ck_assert_int_eq(SLUICE_OP_platform, 19);
	ck_assert_int_eq(SLUICE_OP_audit, 38);
	ck_assert_uint_eq(SLUICE_HYPERCALL, 56);
	ck_assert_uint_eq(SLUICE_ABI_VERSION, 1);
}
END_TEST

START_TEST(structure_sizes_are_frozen)
{
	/* A structure keeps its size within an ABI version. */
	static const struct {
		const char *name;
		size_t is, shall;
	} rows[] = {
#define ROW(type, bytes) {#type, sizeof(struct type), bytes}
		ROW(sluice_header, 16),
		ROW(sluice_info, 48),
		ROW(sluice_reserved_region, 24),
		ROW(sluice_create_domain, 64),
		ROW(sluice_domain_ref, 24),
		ROW(sluice_create_device, 40),
		ROW(sluice_device_ref, 24),
		ROW(sluice_attach_device, 32),
		ROW(sluice_map, 96),
		ROW(sluice_unmap, 64),
		ROW(sluice_domain_types, 32),
		ROW(sluice_device_info, 168),
		ROW(sluice_domain_info, 72),
		ROW(sluice_inventory, 80),
		ROW(sluice_guest_policy, 40),
		ROW(sluice_fault, 40),
		ROW(sluice_read_faults, 688),
		ROW(sluice_read_log, 2088),
		ROW(sluice_platform, 120),
		ROW(sluice_allocate_range, 64),
		ROW(sluice_range_ref, 40),
		ROW(sluice_identity, 64),
		ROW(sluice_reserve_token, 72),
		ROW(sluice_token_ref, 24),
		ROW(sluice_map_token, 72),
		ROW(sluice_unmap_token, 56),
		ROW(sluice_configure, 64),
		ROW(sluice_flush_list, 40),
		ROW(sluice_device_state, 40),
		ROW(sluice_create_pasid, 40),
		ROW(sluice_pasid_ref, 24),
		ROW(sluice_attach_pasid, 32),
		ROW(sluice_query_device, 32),
		ROW(sluice_audit, 112),
#undef ROW
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(rows[i].is == rows[i].shall,
			      "%s has %zu bytes, not %zu", rows[i].name,
			      rows[i].is, rows[i].shall);
	}
}
END_TEST

START_TEST(every_argument_starts_with_a_header_and_fits_a_page)
{
	/* The gate may read the header of any sub-op before knowing which. */
#define FITS(nr, name, type, who)                                              \
	ck_assert_uint_eq(offsetof(type, header), 0);                          \
	ck_assert_uint_le(sizeof(type), SLUICE_ARGUMENT_MAX);                  \
	ck_assert_uint_eq(sizeof(type) % 8, 0);
	SLUICE_DMA_OPS(FITS)
#undef FITS
}
END_TEST

START_TEST(cpuid_signature_spells_the_name)
{
	/* A guest that prints ebx, ecx, edx reads "SluiceSluice". */
	const uint32_t words[3] = {SLUICE_CPUID_EBX, SLUICE_CPUID_ECX,
				   SLUICE_CPUID_EDX};

	ck_assert_mem_eq(words, "SluiceSluice", 12);
}
END_TEST

START_TEST(status_numbers_are_those_published)
{
	/* A caller of the contract compares with the published NTSTATUS. */
	ck_assert_int_eq(STATUS_SUCCESS, 0);
	ck_assert_uint_eq((uint32_t)STATUS_UNSUCCESSFUL, 0xc0000001);
	ck_assert_uint_eq((uint32_t)STATUS_INVALID_PARAMETER, 0xc000000d);
	ck_assert_uint_eq((uint32_t)STATUS_ACCESS_DENIED, 0xc0000022);
	ck_assert_uint_eq((uint32_t)STATUS_INSUFFICIENT_RESOURCES, 0xc000009a);
	ck_assert_uint_eq((uint32_t)STATUS_NOT_SUPPORTED, 0xc00000bb);
	ck_assert_uint_eq((uint32_t)STATUS_INVALID_PARAMETER_1, 0xc00000ef);
	ck_assert_uint_eq((uint32_t)STATUS_INVALID_PARAMETER_4, 0xc00000f2);
	ck_assert_uint_eq((uint32_t)STATUS_NOT_FOUND, 0xc0000225);
	ck_assert(NT_SUCCESS(STATUS_SUCCESS));
	ck_assert(!NT_SUCCESS(STATUS_UNSUCCESSFUL));
}
END_TEST

UNIT_SUITE(abi, sub_op_numbers_are_frozen, structure_sizes_are_frozen,
	   every_argument_starts_with_a_header_and_fits_a_page,
	   cpuid_signature_spells_the_name, status_numbers_are_those_published)
