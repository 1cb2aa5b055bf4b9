/* SPDX-License-Identifier: MIT */
/*
 * Values on the command line are read whole or not at all.
 */
#include "parse.h"
#include "suites.h"

START_TEST(test_numbers_are_decimal_or_hexadecimal)
{
	static const struct {
		const char *text;
		uint64_t number;
	} good[] = {
		{"0", 0},
		{"0x0", 0},
		{"10", 10},
		{"0x10", 16},
		{"0xaBcDeF", 0xabcdef},
		{"18446744073709551615", UINT64_MAX},
		{"0xffffffffffffffff", UINT64_MAX},
	};
	static const char *const bad[] = {
		"",
		"0x",
		"-1",
		"+1",
		" 1",
		"1 ",
		"1k",
		"a",
		"0xg",
		"1.0",
		"0X1",
		"18446744073709551616",
		"0x10000000000000000",
	};
	uint64_t number;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		number = 77;
		ck_assert_msg(parse_number(good[i].text, &number), "%s",
			      good[i].text);
		ck_assert_uint_eq(number, good[i].number);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		number = 77;
		ck_assert_msg(!parse_number(bad[i], &number), "%s", bad[i]);
		ck_assert_uint_eq(number, 77);
	}
}
END_TEST

START_TEST(test_types_read_as_a_mask)
{
	uint32_t mask = 77;

	ck_assert(parse_types("translate", &mask));
	ck_assert_uint_eq(mask, 1);
	ck_assert(parse_types("translates1,passthrough", &mask));
	ck_assert_uint_eq(mask, 0xa);
	ck_assert(parse_types("none", &mask));
	ck_assert_uint_eq(mask, 0);
	mask = 77;
	ck_assert(!parse_types("", &mask));
	ck_assert(!parse_types("translate,", &mask));
	ck_assert(!parse_types(",translate", &mask));
	ck_assert(!parse_types("translate,none", &mask));
	ck_assert(!parse_types("Translate", &mask));
	ck_assert_uint_eq(mask, 77);
}
END_TEST

START_TEST(test_regions_and_permissions)
{
	IOMMU_DMA_RESERVED_REGION region;
	uint32_t permissions = 0;

	ck_assert(parse_region("0x1000,16,map", &region));
	ck_assert_uint_eq(region.Base, 0x1000);
	ck_assert_uint_eq(region.NumberOfPages, 16);
	ck_assert_uint_eq(region.ShouldMap, 1);
	ck_assert(parse_region("0,1,hole", &region));
	ck_assert_uint_eq(region.ShouldMap, 0);
	ck_assert(!parse_region("0,1", &region));
	ck_assert(!parse_region("0,1,", &region));
	ck_assert(!parse_region("0,1,hole,", &region));
	ck_assert(!parse_region("0,1,window", &region));
	ck_assert(!parse_region("0,x,map", &region));
	ck_assert(parse_permissions("w", &permissions));
	ck_assert_uint_eq(permissions, IOMMU_ACCESS_WRITE);
	ck_assert(parse_permissions("rw", &permissions));
	ck_assert_uint_eq(permissions, 3);
	ck_assert(!parse_permissions("wr", &permissions));
	ck_assert(!parse_permissions("", &permissions));
}
END_TEST

START_TEST(test_handle_is_a_number_that_is_not_0)
{
	PIOMMU_DMA_DOMAIN domain = NULL;

	ck_assert(parse_handle("0xd0", &domain));
	ck_assert_uint_eq((uintptr_t)domain, 0xd0);
	ck_assert(!parse_handle("0", &domain));
	ck_assert(!parse_handle("d0", &domain));
}
END_TEST

Suite *cli_value_suite(void)
{
	Suite *suite = suite_create("cli_value");
	TCase *c = tcase_create("values");

	tcase_add_test(c, test_numbers_are_decimal_or_hexadecimal);
	tcase_add_test(c, test_types_read_as_a_mask);
	tcase_add_test(c, test_regions_and_permissions);
	tcase_add_test(c, test_handle_is_a_number_that_is_not_0);
	suite_add_tcase(suite, c);
	return suite;
}
