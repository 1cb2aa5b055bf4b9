// SPDX-License-Identifier: MIT
/* Mappings through the library's tables, down to what a device reaches. */
#include "inproc_fixture.h"

#define AT   UINT64_C(0x40000)
#define FAR  BIT(60)
#define HOLE UINT64_C(0x80000) /* a reserved region in make_reserved() */

static ULONGLONG out;

static NTSTATUS map_run(ULONGLONG at, uint64_t gpa, SIZE_T pages, ULONG rights)
{
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(gpa, pages);

	return v3.MapLogicalRangeEx(domain, rights, &run, &at, NULL, NULL,
				    &out);
}

static NTSTATUS map_mdl(ULONGLONG at, uint64_t gpa, ULONG rights)
{
	PFN_NUMBER frame = gpa / PAGE_BYTES;
	MDL mdl = {.ByteCount = PAGE_BYTES, .PageFrame = &frame};

	return v1.MapLogicalRange(domain, rights, &mdl, at);
}

START_TEST(both_maps_reach_memory)
{
	/* Version 3 by a range, version 1 by an MDL: the device gets there. */
	boot_service(_i);
	use(guest_with(1, D1));
	attach_new(DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, map_run(AT, P(0), 2, RW));
	ck_assert_uint_eq(out, AT);
	ANSWERS(STATUS_SUCCESS, map_mdl(AT + 2 * PAGE_BYTES, P(3), RW));
	ck_assert(lands(D1, AT + PAGE_BYTES, g, P(1)));
	ck_assert(lands(D1, AT + 2 * PAGE_BYTES, g, P(3)));
	ANSWERS(STATUS_SUCCESS, v3.UnmapLogicalRange(domain, AT, 3));
	ck_assert(is_blocked(D1, AT));
	machine_shutdown();
}
END_TEST

START_TEST(maps_are_refused_by_position)
{
	/* Domain, rights, address: each in its place, in both versions. */
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(P(0), 1);
	PFN_NUMBER frame = P(0) / PAGE_BYTES;
	MDL mdl = {.ByteCount = PAGE_BYTES, .PageFrame = &frame};
	ULONGLONG at = AT;
	PIOMMU_DMA_DOMAIN wrong[2];

	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeTranslate);
	wrong[0] = NOTHING;
	wrong[1] = make(DomainTypeUnmanaged);
	ANSWERS(STATUS_INVALID_PARAMETER_7,
		v3.MapLogicalRangeEx(domain, RW, &run, &at, NULL, NULL, NULL));
	for (unsigned i = 0; i < 2; i++) {
		ANSWERS(STATUS_INVALID_PARAMETER_1,
			v3.MapLogicalRangeEx(wrong[i], RW, &run, &at, NULL,
					     NULL, &out));
		ANSWERS(STATUS_INVALID_PARAMETER_1,
			v1.MapLogicalRange(wrong[i], RW, &mdl, at));
		ANSWERS(STATUS_INVALID_PARAMETER_1,
			v3.UnmapLogicalRange(wrong[i], at, 1));
	}
	ANSWERS(STATUS_INVALID_PARAMETER_2, map_run(AT, P(0), 1, 4));
	ANSWERS(STATUS_INVALID_PARAMETER_2, map_mdl(AT, P(0), 0));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_run(AT + 8, P(0), 1, RW));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_mdl(AT + 8, P(0), RW));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_run(FAR, P(0), 1, RW));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_mdl(FAR, P(0), RW));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v3.UnmapLogicalRange(domain, AT + 8, 1));
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		v3.UnmapLogicalRange(domain, AT, 0));
	machine_shutdown();
}
END_TEST

START_TEST(memory_is_whole_pages_of_the_caller)
{
	/* No description, none of pages, an odd one, not the caller's. */
	PFN_NUMBER frames[2] = {P(0) / PAGE_BYTES, P(1) / PAGE_BYTES};
	IOMMU_MAP_PHYSICAL_ADDRESS bad[] = {
		list_of(NULL, 1), list_of(frames, 0), run_of(P(0) + 8, 1),
		run_of(P(0), 1),  run_of(BIT(30), 1), run_of(P(0), 0)};
	MDL odd[] = {
		{.ByteOffset = 8, .ByteCount = PAGE_BYTES, .PageFrame = frames},
		{.ByteCount = PAGE_BYTES + 8, .PageFrame = frames},
		{.ByteCount = 0, .PageFrame = frames}};
	ULONGLONG at = AT;

	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeTranslate);
	bad[3].ContiguousRange.Size += 8;
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		v3.MapLogicalRangeEx(domain, RW, NULL, &at, NULL, NULL, &out));
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT(v3.MapLogicalRangeEx(domain, RW, &bad[i], &at, NULL,
					    NULL,
					    &out) == STATUS_INVALID_PARAMETER_3,
		       "row %u", i);
	}
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		v1.MapLogicalRange(domain, RW, NULL, AT));
	ANSWERS(STATUS_INVALID_PARAMETER_3, map_mdl(AT, BIT(30), RW));
	for (unsigned i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		EXPECT(v1.MapLogicalRange(domain, RW, &odd[i], AT) ==
			       STATUS_INVALID_PARAMETER_3,
		       "MDL %u", i);
	}
	machine_shutdown();
}
END_TEST

START_TEST(what_is_taken_stays)
{
	/* Mapped or reserved: in use, and reserved is never unmapped. */
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token;
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment;
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(P(7), 1);
	IOMMU_DMA_RESERVED_REGION region = {
		.Base = P(9), .NumberOfPages = 1, .ShouldMap = 1};
	ULONGLONG at = HOLE + 0x10000;

	boot_service(_i);
	use(guest_with(0, 0));
	domain = make_reserved(HOLE, 2);
	ANSWERS(STATUS_SUCCESS, map_run(AT, P(0), 1, RW));
	ANSWERS(STATUS_IN_USE, map_run(AT, P(1), 1, RW));
	ANSWERS(STATUS_IN_USE, map_mdl(AT, P(1), RW));
	ANSWERS(STATUS_IN_USE, map_run(HOLE, P(1), 1, RW));
	ANSWERS(STATUS_IN_USE, map_mdl(HOLE, P(1), RW));
	ANSWERS(STATUS_INVALID_PARAMETER, v3.UnmapLogicalRange(domain, AT, 2));
	ANSWERS(STATUS_SUCCESS,
		v3.ReserveLogicalAddressRange(domain, PAGE_BYTES, &at, NULL,
					      NULL, &token));
	ANSWERS(STATUS_SUCCESS,
		v3.MapReservedLogicalRange(token, 0, RW, &run, &segment));
	ANSWERS(STATUS_INVALID_PARAMETER, v3.UnmapLogicalRange(domain, at, 1));
	ANSWERS(STATUS_SUCCESS, v3.CreateDomainEx(DomainTypeTranslate, no_flags,
						  NULL, &region, &domain));
	ANSWERS(STATUS_INVALID_PARAMETER,
		v3.UnmapLogicalRange(domain, P(9), 1));
	machine_shutdown();
}
END_TEST

START_TEST(unmap_does_not_wrap)
{
	/* So many pages that the range would end where it begins. */
	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, map_run(0, P(0), 1, RW));
	ANSWERS(STATUS_INVALID_PARAMETER,
		v3.UnmapLogicalRange(domain, 0, BIT(52) + 1));
	machine_shutdown();
}
END_TEST

START_TEST(allocator_chooses_and_takes_back)
{
	/* It refuses addresses; bounds that nothing fits; a part of a range. */
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(P(0), 2);
	ULONGLONG at = AT, max = PAGE_BYTES - 1;

	boot_service(_i);
	use(guest_with(1, D1));
	domain = make_buddy(14); /* four pages, the first withheld */
	device = token_of(&pdo);
	ANSWERS(STATUS_SUCCESS, v3.AttachDeviceEx(domain, device));
	ANSWERS(STATUS_NOT_SUPPORTED, map_run(AT, P(0), 1, RW));
	ANSWERS(STATUS_NOT_SUPPORTED, map_mdl(at, P(0), RW));
	ANSWERS(STATUS_INVALID_PARAMETER_MIX,
		v3.MapLogicalRangeEx(domain, RW, &run, NULL, NULL, &max, &out));
	ANSWERS(STATUS_SUCCESS,
		v3.MapLogicalRangeEx(domain, RW, &run, NULL, NULL, NULL, &out));
	ck_assert(lands(D1, out, g, P(0)));
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		v3.MapLogicalRangeEx(domain, RW, &run, NULL, NULL, NULL, &at));
	ANSWERS(STATUS_INVALID_PARAMETER, v3.UnmapLogicalRange(domain, out, 1));
	ANSWERS(STATUS_SUCCESS, v3.UnmapLogicalRange(domain, out, 2));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.MapLogicalRangeEx(make(DomainTypeTranslate), RW, &run, NULL,
				     NULL, NULL, &out));
	machine_shutdown();
}
END_TEST

START_TEST(tables_are_bounded)
{
	/* One page of memory short: refused, and the next one goes well. */
	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeTranslate);
	fail_at(1);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, map_run(AT, P(0), 1, RW));
	fail_off();
	ANSWERS(STATUS_SUCCESS, map_run(AT, P(0), 1, RW));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(inproc_map, both_maps_reach_memory, maps_are_refused_by_position,
	      memory_is_whole_pages_of_the_caller, what_is_taken_stays,
	      unmap_does_not_wrap, allocator_chooses_and_takes_back,
	      tables_are_bounded)
