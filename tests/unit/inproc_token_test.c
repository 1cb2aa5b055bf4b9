// SPDX-License-Identifier: MIT
/* Reserved ranges through the library's tables. */
#include "inproc_fixture.h"

#define AT    UINT64_C(0x40000)
#define HOLE  UINT64_C(0x80000)
#define FAR   BIT(60)
#define PAGES 4

static PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token;
static IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment;

static NTSTATUS reserve(ULONGLONG at, SIZE_T bytes)
{
	return v3.ReserveLogicalAddressRange(domain, bytes, &at, NULL, NULL,
					     &token);
}

static NTSTATUS map_at(SIZE_T offset, SIZE_T pages, ULONG rights)
{
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(P(0), pages);

	return v3.MapReservedLogicalRange(token, offset, rights, &run,
					  &segment);
}

static void set_up(int kind)
{
	boot_service(kind);
	use(guest_with(1, D1));
	attach_new(DomainTypeTranslate);
}

START_TEST(segment_reaches_memory_until_unmapped)
{
	set_up(_i);
	ANSWERS(STATUS_SUCCESS, reserve(AT, PAGES * PAGE_BYTES));
	ck_assert(is_blocked(D1, AT));
	ANSWERS(STATUS_SUCCESS, map_at(PAGE_BYTES, 2, RW));
	ck_assert(lands(D1, AT + 2 * PAGE_BYTES, g, P(1)));
	ANSWERS(STATUS_RESOURCE_IN_USE,
		v3.FreeReservedLogicalAddressRange(token));
	ANSWERS(STATUS_SUCCESS, v3.UnmapReservedLogicalRange(&segment));
	ck_assert(is_blocked(D1, AT + 2 * PAGE_BYTES));
	ck_assert_ptr_null(segment.OwningToken);
	ANSWERS(STATUS_SUCCESS, v3.FreeReservedLogicalAddressRange(token));
	machine_shutdown();
}
END_TEST

START_TEST(reserve_refuses_by_position)
{
	ULONGLONG at = AT, max = 0;
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(P(0), 1);
	ULONGLONG out;

	boot_service(_i);
	use(guest_with(0, 0));
	domain = make_reserved(HOLE, 1);
	ANSWERS(STATUS_INVALID_PARAMETER_6,
		v3.ReserveLogicalAddressRange(domain, PAGE_BYTES, &at, NULL,
					      NULL, NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_2, reserve(AT, 0));
	ANSWERS(STATUS_INVALID_PARAMETER_2, reserve(AT, 8));
	ANSWERS(STATUS_INVALID_PARAMETER_3, reserve(AT + 8, PAGE_BYTES));
	ANSWERS(STATUS_INVALID_PARAMETER_3, reserve(FAR, PAGE_BYTES));
	ANSWERS(STATUS_IN_USE, reserve(HOLE, PAGE_BYTES));
	ANSWERS(STATUS_SUCCESS,
		v3.MapLogicalRangeEx(domain, RW, &run, &at, NULL, NULL, &out));
	ANSWERS(STATUS_IN_USE, reserve(AT, PAGE_BYTES));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.ReserveLogicalAddressRange(domain, PAGE_BYTES, NULL, NULL,
					      NULL, &token));
	domain = make_buddy(32);
	ANSWERS(STATUS_NOT_SUPPORTED, reserve(AT, PAGE_BYTES));
	ANSWERS(STATUS_INVALID_PARAMETER_MIX,
		v3.ReserveLogicalAddressRange(domain, PAGE_BYTES, NULL, NULL,
					      &max, &token));
	domain = NOTHING;
	ANSWERS(STATUS_INVALID_PARAMETER_1, reserve(AT, PAGE_BYTES));
	domain = make(DomainTypeUnmanaged);
	ANSWERS(STATUS_INVALID_PARAMETER_1, reserve(AT, PAGE_BYTES));
	machine_shutdown();
}
END_TEST

START_TEST(tokens_are_bounded)
{
	/* By the guest's number of tokens, and by memory for their tables. */
	unsigned made = 0;

	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeTranslate);
	for (unsigned nth = 1; nth < 8; nth++) {
		NTSTATUS status;

		fail_at(nth);
		status = reserve(AT - PAGE_BYTES, PAGE_BYTES);
		if (status == STATUS_SUCCESS) {
			break;
		}
		EXPECT(status == STATUS_INSUFFICIENT_RESOURCES, "%x", status);
	}
	fail_off();
	while (made < 256 &&
	       reserve(AT + made * PAGE_BYTES, PAGE_BYTES) == STATUS_SUCCESS) {
		made++;
	}
	ck_assert_uint_eq(made, 31);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		reserve(AT + made * PAGE_BYTES, PAGE_BYTES));
	machine_shutdown();
}
END_TEST

START_TEST(library_has_room_for_256_tokens)
{
	/* A guest may have 32, so it takes nine of them to run the pool dry. */
	unsigned made = 0;
	NTSTATUS status = STATUS_SUCCESS;

	boot_service(_i);
	for (unsigned i = 0; i < 9; i++) {
		use(fake_guest_create(
			&(struct fake_guest_config){.ram_pages = 64}));
		domain = make(DomainTypeTranslate);
		for (unsigned n = 0; n < 32 && status == STATUS_SUCCESS; n++) {
			status = reserve(AT + n * PAGE_BYTES, PAGE_BYTES);
			made += status == STATUS_SUCCESS;
		}
	}
	ck_assert_uint_eq(made, SLUICE_TOKENS_MAX);
	ck_assert_int_eq(status, STATUS_INSUFFICIENT_RESOURCES);
	machine_shutdown();
}
END_TEST

START_TEST(segments_are_refused_by_position)
{
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(P(0), 1);
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN mine = {.Size = PAGE_BYTES};
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN kept;

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, reserve(AT, PAGES * PAGE_BYTES));
	ANSWERS(STATUS_INVALID_PARAMETER_5,
		v3.MapReservedLogicalRange(token, 0, RW, &run, NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_2, map_at(8, 1, RW));
	ANSWERS(STATUS_INVALID_PARAMETER_3, map_at(0, 1, 4));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_at(0, PAGES + 1, RW));
	run = run_of(P(0) + 8, 1);
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.MapReservedLogicalRange(token, 0, RW, &run, &segment));
	run = run_of(BIT(30), 1);
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.MapReservedLogicalRange(token, 0, RW, &run, &segment));
	ANSWERS(STATUS_SUCCESS, map_at(0, 1, RW));
	ANSWERS(STATUS_RESOURCE_IN_USE, map_at(0, 1, RW));
	kept = token;
	token = &mine;
	ANSWERS(STATUS_INVALID_PARAMETER_1, map_at(0, 1, RW));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.FreeReservedLogicalAddressRange(token));
	token = kept;
	machine_shutdown();
}
END_TEST

START_TEST(first_page_behind_a_token)
{
	set_up(_i);
	ANSWERS(STATUS_SUCCESS, reserve(AT, PAGE_BYTES));
	ANSWERS(STATUS_INVALID_PARAMETER_2, map_at(PAGE_BYTES, 1, RW));
	machine_shutdown();
}
END_TEST

START_TEST(second_page_of_a_token_of_one)
{
	set_up(_i);
	ANSWERS(STATUS_SUCCESS, reserve(AT, PAGE_BYTES));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_at(0, 2, RW));
	ck_assert(is_blocked(D1, AT));
	machine_shutdown();
}
END_TEST

START_TEST(only_a_mapped_segment_goes)
{
	/* Not none, not one that is gone, not one that somebody changed. */
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT changed;

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, reserve(AT, PAGES * PAGE_BYTES));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.UnmapReservedLogicalRange(NULL));
	ANSWERS(STATUS_SUCCESS, map_at(0, 3, RW));
	changed = segment;
	changed.Offset = PAGE_BYTES;
	changed.Size = 2 * PAGE_BYTES;
	ANSWERS(STATUS_INVALID_PARAMETER,
		v3.UnmapReservedLogicalRange(&changed));
	ck_assert(lands(D1, AT + PAGE_BYTES, g, P(1)));
	changed = segment;
	ANSWERS(STATUS_SUCCESS, v3.UnmapReservedLogicalRange(&segment));
	ANSWERS(STATUS_INVALID_PARAMETER,
		v3.UnmapReservedLogicalRange(&changed));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(inproc_token, segment_reaches_memory_until_unmapped,
	      reserve_refuses_by_position, tokens_are_bounded,
	      library_has_room_for_256_tokens, segments_are_refused_by_position,
	      first_page_behind_a_token, second_page_of_a_token_of_one,
	      only_a_mapped_segment_goes)
