/* SPDX-License-Identifier: MIT */
/*
 * The library maps and unmaps in parts that one hypercall can take, and leaves
 * no part of a refused request mapped.
 */
#include "fake_carrier.h"
#include "suites.h"

static NTSTATUS map(PIOMMU_MAP_PHYSICAL_ADDRESS memory, uint64_t logical)
{
	IOMMU_DMA_LOGICAL_ADDRESS out;

	return table.V3.MapLogicalRangeEx(DOMAIN, IOMMU_ACCESS_READ, memory,
					  &logical, NULL, NULL, &out);
}

static IOMMU_MAP_PHYSICAL_ADDRESS contiguous(uint64_t base, uint64_t bytes)
{
	return (IOMMU_MAP_PHYSICAL_ADDRESS){
		.MapType = MapPhysicalAddressTypeContiguousRange,
		.ContiguousRange = {.Base = (PHYSICAL_ADDRESS)base,
				    .Size = bytes},
	};
}

/* A frame list of two parts; frame i is 1000 + i. */
static PFN_NUMBER frames[SLUICE_MAP_MAX + 1];

START_TEST(test_long_map_goes_in_adjacent_parts_highest_first)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory =
		contiguous(0x100000000, (2 * SLUICE_MAP_MAX + 3) * 4096ull);

	ck_assert_int_eq(map(&memory, 0x40000000), STATUS_SUCCESS);

	ck_assert_int_eq(fake.count, 3);
	for (uint64_t i = 0; i < 3; i++) {
		const struct sluice_map *m = &fake.call[2 - i].map;
		const uint64_t bytes = i * SLUICE_MAP_MAX * 4096;

		ck_assert_uint_eq(m->kind, SLUICE_MAP_CONTIGUOUS);
		ck_assert_uint_eq(m->permissions, 1);
		ck_assert_uint_eq(m->has_logical_address, 1);
		ck_assert_uint_eq(m->base, 0x100000000 + bytes);
		ck_assert_uint_eq(m->logical_address, 0x40000000 + bytes);
		ck_assert_uint_eq(m->pages, i < 2 ? SLUICE_MAP_MAX : 3);
	}
}
END_TEST

START_TEST(test_long_frame_lists_go_in_parts_of_the_list)
{
	MDL mdl = {.ByteCount = sizeof(frames) / sizeof(frames[0]) * 4096,
		   .PageFrame = frames};
	IOMMU_MAP_PHYSICAL_ADDRESS memory = {
		.MapType = _i == 0 ? MapPhysicalAddressTypePfn
				   : MapPhysicalAddressTypeMdl,
	};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		frames[i] = 1000 + i;
	}
	if (_i == 0) {
		memory.PfnArray.PageFrame = frames;
		memory.PfnArray.NumberOfPages = SLUICE_MAP_MAX + 1;
	} else {
		memory.Mdl.Mdl = &mdl;
	}
	ck_assert_int_eq(map(&memory, 0), STATUS_SUCCESS);

	ck_assert_int_eq(fake.count, 2);
	ck_assert_uint_eq(fake.call[0].map.kind, SLUICE_MAP_FRAMES);
	ck_assert_uint_eq(fake.call[1].map.pages, SLUICE_MAP_MAX);
	ck_assert_uint_eq(fake.call[1].first, 1000);
	ck_assert_uint_eq(fake.call[0].map.pages, 1);
	ck_assert_uint_eq(fake.call[0].first, 1000 + SLUICE_MAP_MAX);
}
END_TEST

START_TEST(test_failed_part_undoes_the_earlier_ones_and_keeps_the_reason)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory =
		contiguous(0, 3ull * SLUICE_MAP_MAX * 4096);

	fail_at(2, STATUS_IN_USE);
	ck_assert_int_eq(map(&memory, 0x1000), STATUS_IN_USE);

	ck_assert_int_eq(fake.count, 5);
	for (uint64_t i = 1; i < 3; i++) {
		const struct call *c = &fake.call[2 + i];

		ck_assert_uint_eq(c->op, SLUICE_OP_unmap);
		ck_assert_uint_eq(c->unmap.domain, 0xd0);
		ck_assert_uint_eq(c->unmap.options, 0);
		ck_assert_uint_eq(c->unmap.logical_address,
				  0x1000 + i * SLUICE_MAP_MAX * 4096);
		ck_assert_uint_eq(c->unmap.pages, SLUICE_MAP_MAX);
	}
}
END_TEST

START_TEST(test_wrong_memory_of_another_part_is_the_first_reason)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory =
		contiguous(0, 3ull * SLUICE_MAP_MAX * 4096);

	/* Part 2 is refused; part 0 passes the question, part 1 does not. */
	fake.fails_at = 0;
	fake.status = STATUS_IN_USE;
	answer(SLUICE_OP_map, STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(map(&memory, 0x1000), STATUS_INVALID_PARAMETER_3);

	const struct call *question = &fake.call[1];

	ck_assert_int_eq(fake.count, 2);
	ck_assert_uint_eq(question->map.pages, SLUICE_MAP_MAX);
	ck_assert_uint_eq(question->map.base, 0);
	/* It cannot succeed. */
	ck_assert_uint_ne(question->map.logical_address % 4096, 0);
	ck_assert_uint_eq(question->map.has_logical_address, 1);
}
END_TEST

START_TEST(test_questions_that_find_nothing_keep_the_reason)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory =
		contiguous(0, 3ull * SLUICE_MAP_MAX * 4096);

	fail_at(0, STATUS_IN_USE);
	answer(SLUICE_OP_map, STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(map(&memory, 0x1000), STATUS_IN_USE);
	ck_assert_int_eq(fake.count, 3);
}
END_TEST

START_TEST(test_wrapping_map_touches_nothing)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory =
		contiguous(0, 2ull * SLUICE_MAP_MAX * 4096);
	IOMMU_MAP_PHYSICAL_ADDRESS wraps =
		contiguous(UINT64_MAX - 4095, 2ull * 4096);

	answer(SLUICE_OP_map, STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(map(&memory, UINT64_MAX - 4095),
			 STATUS_INVALID_PARAMETER_4);
	for (int i = 0; i < fake.count; i++) {
		ck_assert_uint_eq(fake.call[i].map.logical_address, 1);
	}
	(void)map(&wraps, 0);
	ck_assert_uint_eq(last_of(SLUICE_OP_map, 0)->map.kind, 0);
}
END_TEST

START_TEST(test_failed_first_part_undoes_nothing)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory =
		contiguous(0, 2ull * SLUICE_MAP_MAX * 4096);

	fail_at(0, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(map(&memory, 0), STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(fake.count, 1);
}
END_TEST

START_TEST(test_unreadable_memory_goes_out_as_a_refusable_descriptor)
{
	MDL no_frames = {.ByteCount = 4096};
	MDL offset = {.ByteOffset = 8, .ByteCount = 4096, .PageFrame = frames};
	MDL odd = {.ByteCount = 4097, .PageFrame = frames};
	IOMMU_MAP_PHYSICAL_ADDRESS rows[] = {
		{.MapType = MapPhysicalAddressTypeMdl},
		{.MapType = MapPhysicalAddressTypeMdl, .Mdl = {&no_frames}},
		{.MapType = MapPhysicalAddressTypeMdl, .Mdl = {&offset}},
		{.MapType = MapPhysicalAddressTypeMdl, .Mdl = {&odd}},
		{.MapType = MapPhysicalAddressTypePfn, .PfnArray = {NULL, 1}},
		{.MapType = MapPhysicalAddressTypeMax},
		{.MapType = MapPhysicalAddressTypePfn,
		 .PfnArray = {frames, UINT64_C(1) << 61}},
		{.MapType = MapPhysicalAddressTypePfn,
		 .PfnArray = {(PPFN_NUMBER)(UINTPTR_MAX - 7), 2}},
		contiguous(0x1000, 0x1001),
	};
	const int count = sizeof(rows) / sizeof(rows[0]);

	/* Refused even by a hypervisor that finds nothing wrong. */
	for (int i = 0; i < count; i++) {
		ck_assert_int_eq(map(&rows[i], 0), STATUS_INVALID_PARAMETER_3);
		ck_assert_uint_eq(fake.call[i].map.pages, 1);
		ck_assert_uint_eq(fake.call[i].map.kind, 0);
	}
	ck_assert_int_eq(map(NULL, 0), STATUS_INVALID_PARAMETER_3);

	/* What it finds wrong before argument 3 comes first. */
	fail_at(fake.count, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(map(NULL, 0), STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(fake.count, count + 2);
}
END_TEST

START_TEST(test_empty_memory_is_asked_for_as_no_pages)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = contiguous(0x1000, 0);

	fail_at(0, STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(map(&memory, 0), STATUS_INVALID_PARAMETER_3);
	ck_assert_uint_eq(fake.call[0].map.pages, 0);
	ck_assert_int_eq(fake.count, 1);
}
END_TEST

START_TEST(test_missing_explicit_address_is_told_from_address_0)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = contiguous(0x1000, 0x1000);
	IOMMU_DMA_LOGICAL_ADDRESS out;

	fail_at(0, STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(table.V3.MapLogicalRangeEx(DOMAIN, 1, &memory, NULL,
						    NULL, NULL, &out),
			 STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(map(&memory, 0), STATUS_SUCCESS);
	ck_assert_uint_eq(fake.call[0].map.has_logical_address, 0);
	ck_assert_uint_eq(fake.call[1].map.has_logical_address, 1);
}
END_TEST

START_TEST(test_long_unmap_checks_every_part_before_the_first_goes)
{
	const uint64_t pages = 2 * SLUICE_MAP_MAX + 1;

	answer(SLUICE_OP_allocate_range, STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(table.V3.UnmapLogicalRange(DOMAIN, 0x2000, pages),
			 STATUS_SUCCESS);
	ck_assert_int_eq(fake.count, 7);
	ck_assert_uint_eq(fake.call[0].range.pages, 0);
	for (int i = 1; i < 7; i++) {
		const struct sluice_unmap *u = &fake.call[i].unmap;
		const uint64_t part = (uint64_t)(i - 1) % 3;

		ck_assert_uint_eq(u->options, i < 4 ? SLUICE_UNMAP_CHECK : 0);
		ck_assert_uint_eq(u->range_base, 0);
		ck_assert_uint_eq(u->logical_address,
				  0x2000 + part * SLUICE_MAP_MAX * 4096);
		ck_assert_uint_eq(u->pages, part < 2 ? SLUICE_MAP_MAX : 1);
	}

	fail_at(7 + 3, STATUS_INVALID_PARAMETER);
	ck_assert_int_eq(table.V3.UnmapLogicalRange(DOMAIN, 0x2000, pages),
			 STATUS_INVALID_PARAMETER);
	ck_assert_int_eq(fake.count, 11);
}
END_TEST

START_TEST(test_long_unmap_of_an_allocator_names_its_range_and_returns_it)
{
	const uint64_t pages = SLUICE_MAP_MAX + 1;

	answer(SLUICE_OP_allocate_range, STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(table.V3.UnmapLogicalRange(DOMAIN, 0x2000, pages),
			 STATUS_SUCCESS);
	ck_assert_int_eq(fake.count, 6);
	for (int i = 1; i < 5; i++) {
		const struct sluice_unmap *u = &fake.call[i].unmap;

		ck_assert_uint_eq(u->options,
				  SLUICE_UNMAP_PART |
					  (i < 3 ? SLUICE_UNMAP_CHECK : 0));
		ck_assert_uint_eq(u->range_base, 0x2000);
		ck_assert_uint_eq(u->range_pages, pages);
	}
	ck_assert_uint_eq(fake.call[5].op, SLUICE_OP_free_range);
	ck_assert_uint_eq(fake.call[5].free.logical_address, 0x2000);
	ck_assert_uint_eq(fake.call[5].free.pages, pages);
}
END_TEST

START_TEST(test_wrapping_unmap_touches_nothing)
{
	const uint64_t top = UINT64_MAX - 4095;

	fail_at(0, STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(table.V3.UnmapLogicalRange(DOMAIN, top, 2),
			 STATUS_INVALID_PARAMETER);
	ck_assert_uint_gt(fake.call[0].unmap.pages, SLUICE_MAP_MAX);
	fail_at(1, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(table.V3.UnmapLogicalRange(DOMAIN, 0, UINT64_MAX),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(fake.count, 2);

	/* The last page of the address space does not wrap. */
	ck_assert_int_eq(table.V3.UnmapLogicalRange(DOMAIN, top, 1),
			 STATUS_SUCCESS);
	ck_assert_uint_eq(fake.call[2].unmap.pages, 1);
}
END_TEST

Suite *library_map_suite(void)
{
	Suite *suite = suite_create("library_map");
	TCase *c = tcase_create("ranges");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_long_map_goes_in_adjacent_parts_highest_first);
	tcase_add_loop_test(c, test_long_frame_lists_go_in_parts_of_the_list, 0,
			    2);
	tcase_add_test(
		c,
		test_failed_part_undoes_the_earlier_ones_and_keeps_the_reason);
	tcase_add_test(c, test_failed_first_part_undoes_nothing);
	tcase_add_test(
		c, test_unreadable_memory_goes_out_as_a_refusable_descriptor);
	tcase_add_test(c, test_empty_memory_is_asked_for_as_no_pages);
	tcase_add_test(c, test_missing_explicit_address_is_told_from_address_0);
	tcase_add_test(c,
		       test_long_unmap_checks_every_part_before_the_first_goes);
	tcase_add_test(
		c,
		test_long_unmap_of_an_allocator_names_its_range_and_returns_it);
	tcase_add_test(c,
		       test_wrong_memory_of_another_part_is_the_first_reason);
	tcase_add_test(c, test_questions_that_find_nothing_keep_the_reason);
	tcase_add_test(c, test_wrapping_map_touches_nothing);
	tcase_add_test(c, test_wrapping_unmap_touches_nothing);
	suite_add_tcase(suite, c);
	return suite;
}
