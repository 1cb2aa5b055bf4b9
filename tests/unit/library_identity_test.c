/* SPDX-License-Identifier: MIT */
/*
 * Addresses that the caller does not choose: the allocator's ranges, which a
 * long request takes and gives back whole, and identity mappings.
 */
#include "fake_carrier.h"
#include "suites.h"

#define LONG (2 * SLUICE_MAP_MAX + 3)

static IOMMU_MAP_PHYSICAL_ADDRESS contiguous(uint64_t base, uint64_t pages)
{
	return (IOMMU_MAP_PHYSICAL_ADDRESS){
		.MapType = MapPhysicalAddressTypeContiguousRange,
		.ContiguousRange = {.Base = (PHYSICAL_ADDRESS)base,
				    .Size = pages * 4096},
	};
}

static NTSTATUS map_anywhere(uint64_t pages, uint64_t *min, uint64_t *max,
			     uint64_t *out)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = contiguous(0x8000, pages);

	return table.V3.MapLogicalRangeEx(DOMAIN, 3, &memory, NULL, min, max,
					  out);
}

START_TEST(test_short_map_leaves_the_address_to_the_hypervisor)
{
	uint64_t min = 0x1000, max = 0xffffffff, out = 0;

	ck_assert_int_eq(map_anywhere(5, &min, &max, &out), STATUS_SUCCESS);
	ck_assert_int_eq(fake.count, 1);
	ck_assert_uint_eq(fake.call[0].map.has_logical_address, 0);
	ck_assert_uint_eq(fake.call[0].map.options, 0);
	ck_assert_uint_eq(fake.call[0].map.has_bounds,
			  SLUICE_HAS_MIN | SLUICE_HAS_MAX);
	ck_assert_uint_eq(fake.call[0].map.min, 0x1000);
	ck_assert_uint_eq(fake.call[0].map.max, 0xffffffff);
}
END_TEST

START_TEST(test_long_map_fills_a_range_that_it_takes_first)
{
	uint64_t max = 0xffffffff, out = 0;

	ck_assert_int_eq(map_anywhere(LONG, NULL, &max, &out), STATUS_SUCCESS);
	ck_assert_uint_eq(out, 0x100000);
	ck_assert_int_eq(fake.count, 4);
	ck_assert_uint_eq(fake.call[0].op, SLUICE_OP_allocate_range);
	ck_assert_uint_eq(fake.call[0].range.pages, LONG);
	ck_assert_uint_eq(fake.call[0].range.has_bounds, SLUICE_HAS_MAX);
	ck_assert_uint_eq(fake.call[0].range.max, max);
	for (uint64_t i = 0; i < 3; i++) {
		const struct sluice_map *m = &fake.call[3 - i].map;

		ck_assert_uint_eq(m->options, SLUICE_MAP_PART);
		ck_assert_uint_eq(m->has_logical_address, 1);
		ck_assert_uint_eq(m->has_bounds, 0);
		ck_assert_uint_eq(m->logical_address,
				  0x100000 + i * SLUICE_MAP_MAX * 4096);
	}
}
END_TEST

START_TEST(test_long_map_that_fails_gives_its_range_back)
{
	uint64_t out = 77;

	/* Range, highest part, middle part; its lower one answers the same. */
	fail_at(2, STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(map_anywhere(LONG, NULL, NULL, &out),
			 STATUS_INVALID_PARAMETER_3);
	ck_assert_uint_eq(out, 77);
	ck_assert_int_eq(fake.count, 5);
	ck_assert_uint_eq(fake.call[3].op, SLUICE_OP_unmap);
	ck_assert_uint_eq(fake.call[3].unmap.options, SLUICE_UNMAP_PART);
	ck_assert_uint_eq(fake.call[3].unmap.range_base, 0x100000);
	ck_assert_uint_eq(fake.call[3].unmap.range_pages, LONG);
	ck_assert_uint_eq(fake.call[3].unmap.pages, 3);
	ck_assert_uint_eq(fake.call[4].op, SLUICE_OP_free_range);
	ck_assert_uint_eq(fake.call[4].free.pages, LONG);
}
END_TEST

START_TEST(test_refused_range_lets_wrong_arguments_answer_first)
{
	uint64_t out;

	answer(SLUICE_OP_allocate_range, STATUS_INVALID_PARAMETER_MIX);
	answer(SLUICE_OP_map, STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(map_anywhere(LONG, NULL, NULL, &out),
			 STATUS_INVALID_PARAMETER_2);
	answer(SLUICE_OP_map, STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(map_anywhere(LONG, NULL, NULL, &out),
			 STATUS_INVALID_PARAMETER_MIX);
	ck_assert_int_eq(calls_of(SLUICE_OP_free_range), 0);
}
END_TEST

START_TEST(test_identity_maps_go_in_parts_and_are_undone)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = contiguous(0x8000, LONG);

	ck_assert_int_eq(table.V3.MapIdentityRangeEx(DOMAIN, 2, &memory),
			 STATUS_SUCCESS);
	ck_assert_int_eq(fake.count, 3);
	ck_assert_uint_eq(fake.call[2].identity.base, 0x8000);
	ck_assert_uint_eq(fake.call[2].identity.permissions, 2);
	ck_assert_uint_eq(fake.call[0].identity.pages, 3);

	fail_at(4, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(table.V3.MapIdentityRangeEx(DOMAIN, 2, &memory),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(fake.count, 6);
	ck_assert_uint_eq(fake.call[5].op, SLUICE_OP_unmap_identity);
	ck_assert_uint_eq(fake.call[5].identity.permissions, 0);
	ck_assert_uint_eq(fake.call[5].identity.pages, 3);
}
END_TEST

START_TEST(test_version_1_identity_maps_an_mdl)
{
	PFN_NUMBER frames[2] = {9, 4};
	MDL mdl = {.ByteCount = 2 * 4096, .PageFrame = frames};
	MDL odd = {.ByteCount = 4097, .PageFrame = frames};
	DMA_IOMMU_INTERFACE_EX one;

	(void)IoGetIommuInterfaceEx(1, 0, &one);
	ck_assert_int_eq(one.V1.MapIdentityRange(DOMAIN, 1, &mdl),
			 STATUS_SUCCESS);
	ck_assert_uint_eq(fake.call[0].identity.kind, SLUICE_MAP_FRAMES);
	ck_assert_uint_eq(fake.call[0].identity.pages, 2);
	ck_assert_uint_eq(fake.call[0].first, 9);
	ck_assert_int_eq(one.V1.UnmapIdentityRange(DOMAIN, &mdl),
			 STATUS_SUCCESS);
	ck_assert_uint_eq(fake.call[1].op, SLUICE_OP_unmap_identity);
	ck_assert_int_eq(one.V1.MapIdentityRange(DOMAIN, 1, &odd),
			 STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(one.V1.UnmapIdentityRange(DOMAIN, NULL),
			 STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(one.V1.MapLogicalRange(DOMAIN, 1, &mdl, 0x5000),
			 STATUS_SUCCESS);
	ck_assert_uint_eq(last_of(SLUICE_OP_map, 0)->map.logical_address,
			  0x5000);
	ck_assert_int_eq(one.V1.MapLogicalRange(DOMAIN, 1, NULL, 0x5000),
			 STATUS_INVALID_PARAMETER_3);
}
END_TEST

#define LIST (SLUICE_MAP_MAX + 2)

START_TEST(test_long_identity_unmap_asks_about_every_part_first)
{
	static PFN_NUMBER frames[LIST];
	IOMMU_MAP_PHYSICAL_ADDRESS memory = {
		.MapType = MapPhysicalAddressTypePfn,
		.PfnArray = {frames, LIST},
	};

	for (size_t i = 0; i < LIST; i++) {
		frames[i] = 100 + i + (i < 10 ? 0 : 5000);
	}
	ck_assert_int_eq(table.V3.UnmapIdentityRangeEx(DOMAIN, &memory),
			 STATUS_SUCCESS);
	ck_assert_int_eq(fake.count, 4);
	for (int i = 0; i < 4; i++) {
		ck_assert_uint_eq(fake.call[i].op, SLUICE_OP_unmap_identity);
		ck_assert_uint_eq(fake.call[i].identity.options,
				  i < 2 ? SLUICE_UNMAP_CHECK : 0);
		ck_assert_uint_eq(fake.call[i].identity.pages,
				  i % 2 == 0 ? SLUICE_MAP_MAX : 2);
	}
}
END_TEST

START_TEST(test_page_named_in_two_parts_is_refused_before_the_first_goes)
{
	static PFN_NUMBER frames[LIST];
	IOMMU_MAP_PHYSICAL_ADDRESS memory = {
		.MapType = MapPhysicalAddressTypePfn,
		.PfnArray = {frames, LIST},
	};

	for (size_t i = 0; i < LIST; i++) {
		frames[i] = 100 + i;
	}
	frames[LIST - 1] = 100 + 7;
	fail_at(2, STATUS_INVALID_PARAMETER);
	ck_assert_int_eq(table.V3.UnmapIdentityRangeEx(DOMAIN, &memory),
			 STATUS_INVALID_PARAMETER);
	/* Two parts are asked about, then the page itself, twice. */
	ck_assert_int_eq(fake.count, 3);
	ck_assert_uint_eq(fake.call[2].identity.options, SLUICE_UNMAP_CHECK);
	ck_assert_uint_eq(fake.call[2].identity.pages, 2);
	ck_assert_uint_eq(fake.call[2].first, 107);
}
END_TEST

START_TEST(test_long_identity_unmap_of_what_is_not_mapped_takes_nothing)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = contiguous(0x8000, LONG);

	fail_at(1, STATUS_INVALID_PARAMETER);
	ck_assert_int_eq(table.V3.UnmapIdentityRangeEx(DOMAIN, &memory),
			 STATUS_INVALID_PARAMETER);
	/* All three are asked about: a later one may be described wrongly. */
	ck_assert_int_eq(fake.count, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(fake.call[i].identity.options,
				  SLUICE_UNMAP_CHECK);
	}
}
END_TEST

START_TEST(test_wrong_description_of_a_later_part_answers_first)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = contiguous(0x8000, LONG);

	answer(SLUICE_OP_unmap_identity, STATUS_INVALID_PARAMETER);
	fail_at(2, STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(table.V3.UnmapIdentityRangeEx(DOMAIN, &memory),
			 STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(fake.count, 3);
}
END_TEST

Suite *library_identity_suite(void)
{
	Suite *suite = suite_create("library_identity");
	TCase *c = tcase_create("ranges");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_short_map_leaves_the_address_to_the_hypervisor);
	tcase_add_test(c, test_long_map_fills_a_range_that_it_takes_first);
	tcase_add_test(c, test_long_map_that_fails_gives_its_range_back);
	tcase_add_test(c, test_refused_range_lets_wrong_arguments_answer_first);
	tcase_add_test(c, test_identity_maps_go_in_parts_and_are_undone);
	tcase_add_test(c, test_version_1_identity_maps_an_mdl);
	tcase_add_test(c, test_long_identity_unmap_asks_about_every_part_first);
	tcase_add_test(
		c,
		test_page_named_in_two_parts_is_refused_before_the_first_goes);
	tcase_add_test(
		c,
		test_long_identity_unmap_of_what_is_not_mapped_takes_nothing);
	tcase_add_test(c, test_wrong_description_of_a_later_part_answers_first);
	suite_add_tcase(suite, c);
	return suite;
}
