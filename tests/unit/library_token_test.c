/* SPDX-License-Identifier: MIT */
/*
 * Reserved ranges: the library keeps a token's record, trusts nothing that its
 * caller could have changed, and maps a segment whole or not at all.
 */
#include "fake_carrier.h"
#include "suites.h"

#include <pthread.h>

#define LONG (2 * SLUICE_MAP_MAX + 3)

static PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN reserve(uint64_t pages)
{
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token = NULL;

	ck_assert_int_eq(
		table.V3.ReserveLogicalAddressRange(DOMAIN, pages * 4096, NULL,
						    NULL, NULL, &token),
		STATUS_SUCCESS);
	return token;
}

static NTSTATUS map(PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token, uint64_t offset,
		    uint64_t pages,
		    PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = {
		.MapType = MapPhysicalAddressTypeContiguousRange,
		.ContiguousRange = {.Base = 0x8000, .Size = pages * 4096},
	};

	return table.V3.MapReservedLogicalRange(token, offset, 3, &memory,
						segment);
}

START_TEST(test_reserve_passes_every_argument_and_shows_the_range)
{
	uint64_t at = 0x7000, min = 1, max = 2;
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token;
	const struct sluice_reserve_token *r = &fake.call[0].reserve;

	ck_assert_int_eq(table.V3.ReserveLogicalAddressRange(
				 DOMAIN, 0x3000, &at, &min, &max, &token),
			 STATUS_SUCCESS);
	ck_assert_uint_eq(token->LogicalAddressBase, 0x7000);
	ck_assert_uint_eq(token->Size, 0x3000);
	ck_assert_uint_eq(r->domain, 0xd0);
	ck_assert_uint_eq(r->bytes, 0x3000);
	ck_assert_uint_eq(r->min, 1);
	ck_assert_uint_eq(r->max, 2);
	ck_assert_uint_eq(r->has_bounds, 3);
	ck_assert_uint_eq(r->has_logical_address, 1);
	ck_assert_int_eq(table.V3.ReserveLogicalAddressRange(
				 DOMAIN, 0x3000, &at, NULL, NULL, NULL),
			 STATUS_INVALID_PARAMETER_6);
	ck_assert_int_eq(fake.count, 1);
}
END_TEST

START_TEST(test_exhausted_pool_gives_the_range_back_and_recovers)
{
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN tokens[SLUICE_TOKENS_MAX], one = NULL;

	for (size_t i = 0; i < SLUICE_TOKENS_MAX; i++) {
		tokens[i] = reserve(1);
	}
	ck_assert_int_eq(table.V3.ReserveLogicalAddressRange(DOMAIN, 4096, NULL,
							     NULL, NULL, &one),
			 STATUS_INSUFFICIENT_RESOURCES);
	ck_assert_ptr_null(one);
	ck_assert_int_eq(calls_of(SLUICE_OP_free_token), 1);

	/* A wrong argument still comes first. */
	answer(SLUICE_OP_reserve_token, STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(table.V3.ReserveLogicalAddressRange(DOMAIN, 1, NULL,
							     NULL, NULL, &one),
			 STATUS_INVALID_PARAMETER_2);
	answer(SLUICE_OP_reserve_token, STATUS_SUCCESS);
	ck_assert_int_eq(table.V3.FreeReservedLogicalAddressRange(tokens[100]),
			 STATUS_SUCCESS);
	ck_assert_ptr_eq(reserve(2), tokens[100]);
}
END_TEST

START_TEST(test_pointers_that_are_no_token_are_refused_in_place)
{
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN stranger = {.Size = 0x10000};
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment = {
		.OwningToken = &stranger, .Size = 0x1000};
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token = reserve(1);
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN inside =
		(PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN)((char *)token + 8);
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN const bad[] = {NULL, &stranger, inside,
							token};

	ck_assert_int_eq(table.V3.FreeReservedLogicalAddressRange(inside),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(table.V3.FreeReservedLogicalAddressRange(token),
			 STATUS_SUCCESS);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(
			table.V3.FreeReservedLogicalAddressRange(bad[i]),
			STATUS_INVALID_PARAMETER_1);
		ck_assert_int_eq(map(bad[i], 0, 1, &segment),
				 STATUS_INVALID_PARAMETER_1);
		segment.OwningToken = bad[i];
		ck_assert_int_eq(table.V3.UnmapReservedLogicalRange(&segment),
				 STATUS_INVALID_PARAMETER);
		ck_assert_uint_eq(
			last_of(SLUICE_OP_unmap_token, 0)->unmap_token.token,
			0);
	}
	ck_assert_int_eq(table.V3.UnmapReservedLogicalRange(NULL),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(map(&stranger, 0, 1, NULL),
			 STATUS_INVALID_PARAMETER_5);

	/* Without an interface that is the answer. */
	answer(SLUICE_OP_free_token, STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(table.V3.FreeReservedLogicalAddressRange(NULL),
			 STATUS_NOT_SUPPORTED);
}
END_TEST

START_TEST(test_long_segment_goes_in_marked_parts_each_naming_it)
{
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token = reserve(4 * SLUICE_MAP_MAX);
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment;
	static const uint32_t marks[3] = {SLUICE_TOKEN_FIRST, 0,
					  SLUICE_TOKEN_LAST};

	ck_assert_int_eq(map(token, 0x4000, LONG, &segment), STATUS_SUCCESS);
	ck_assert_ptr_eq(segment.OwningToken, token);
	ck_assert_uint_eq(segment.Offset, 0x4000);
	ck_assert_uint_eq(segment.Size, LONG * 4096);
	for (uint64_t i = 0; i < 3; i++) {
		const struct sluice_map_token *m = &fake.call[1 + i].map_token;

		ck_assert_uint_eq(m->token, 0x7001);
		ck_assert_uint_eq(m->marks, marks[i]);
		ck_assert_uint_eq(m->offset,
				  0x4000 + i * SLUICE_MAP_MAX * 4096);
		ck_assert_uint_eq(m->base, 0x8000 + i * SLUICE_MAP_MAX * 4096);
	}
	ck_assert_int_eq(table.V3.UnmapReservedLogicalRange(&segment),
			 STATUS_SUCCESS);
	for (uint64_t i = 0; i < 3; i++) {
		const struct sluice_unmap_token *u =
			&fake.call[4 + i].unmap_token;

		ck_assert_uint_eq(u->segment_offset, 0x4000);
		ck_assert_uint_eq(u->segment_bytes, LONG * 4096);
		ck_assert_uint_eq(u->offset,
				  0x4000 + i * SLUICE_MAP_MAX * 4096);
		ck_assert_uint_eq(u->pages, i < 2 ? SLUICE_MAP_MAX : 3);
	}
	/* The segment is void: a second time is refused. */
	ck_assert_ptr_null(segment.OwningToken);
	ck_assert_int_eq(table.V3.UnmapReservedLogicalRange(&segment),
			 STATUS_INVALID_PARAMETER);
}
END_TEST

START_TEST(test_short_segment_has_both_marks)
{
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment;

	ck_assert_int_eq(map(reserve(3), 0x1000, 2, &segment), STATUS_SUCCESS);
	ck_assert_uint_eq(last_of(SLUICE_OP_map_token, 0)->map_token.marks,
			  SLUICE_TOKEN_FIRST | SLUICE_TOKEN_LAST);
}
END_TEST

START_TEST(test_refused_part_undoes_the_segment_and_fills_nothing)
{
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment = {.Size = 77};

	fail_at(3, STATUS_RESOURCE_IN_USE);
	ck_assert_int_eq(map(reserve(LONG), 0, LONG, &segment),
			 STATUS_RESOURCE_IN_USE);
	ck_assert_uint_eq(segment.Size, 77);
	ck_assert_int_eq(calls_of(SLUICE_OP_unmap_token), 2);
	for (int i = 0; i < 2; i++) {
		const struct sluice_unmap_token *u =
			&last_of(SLUICE_OP_unmap_token, i)->unmap_token;

		/* What was mapped of it, since it has no end. */
		ck_assert_uint_eq(u->segment_bytes, 2 * SLUICE_MAP_MAX * 4096);
		ck_assert_uint_eq(u->segment_offset, 0);
		ck_assert_uint_eq(u->pages, SLUICE_MAP_MAX);
	}
}
END_TEST

START_TEST(test_end_beyond_the_token_is_refused_before_any_part)
{
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token = reserve(LONG);
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment;

	/* What the caller writes in it is not believed. */
	token->Size = UINT64_MAX;
	ck_assert_int_eq(map(token, 0x1000, LONG, &segment),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_uint_eq(fake.call[1].map_token.kind, 0);
	ck_assert_int_eq(fake.count, 2);
	/* An offset beyond it goes out, for its own place. */
	answer(SLUICE_OP_map_token, STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(map(token, LONG * 4096, 1, &segment),
			 STATUS_INVALID_PARAMETER_2);
	ck_assert_uint_eq(last_of(SLUICE_OP_map_token, 0)->map_token.offset,
			  LONG * 4096);
}
END_TEST

START_TEST(test_token_that_the_hypervisor_lost_is_being_freed)
{
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token = reserve(1);
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment;

	answer(SLUICE_OP_map_token, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(map(token, 0, 1, &segment), STATUS_UNSUCCESSFUL);

	/* A free that is refused leaves the token. */
	answer(SLUICE_OP_map_token, STATUS_SUCCESS);
	answer(SLUICE_OP_free_token, STATUS_RESOURCE_IN_USE);
	ck_assert_int_eq(table.V3.FreeReservedLogicalAddressRange(token),
			 STATUS_RESOURCE_IN_USE);
	ck_assert_int_eq(map(token, 0, 1, &segment), STATUS_SUCCESS);
}
END_TEST

#define THREADS 4
#define ROUNDS	500

static uint64_t handles;

/* Keeps nothing but a count, so that threads may call at once. */
static long carry_plain(uint32_t op, void *argument, size_t size)
{
	struct sluice_header *header = argument;
	struct sluice_reserve_token *reserve = argument;

	(void)size;
	header->status = STATUS_SUCCESS;
	if (op == SLUICE_OP_reserve_token) {
		reserve->token =
			__atomic_add_fetch(&handles, 1, __ATOMIC_RELAXED);
		reserve->logical_address = reserve->token << 12;
	}
	return 0;
}

/* Return: NULL, or a token that was not this thread's alone. */
static void *use_tokens(void *nothing)
{
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment;
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token;

	(void)nothing;
	for (int i = 0; i < ROUNDS; i++) {
		NTSTATUS status = table.V3.ReserveLogicalAddressRange(
			DOMAIN, 4096, NULL, NULL, NULL, &token);
		const uint64_t base = token->LogicalAddressBase;

		status |= map(token, 0, 1, &segment);
		status |= table.V3.UnmapReservedLogicalRange(&segment);
		if (status != STATUS_SUCCESS ||
		    token->LogicalAddressBase != base ||
		    table.V3.FreeReservedLogicalAddressRange(token) !=
			    STATUS_SUCCESS) {
			return token;
		}
	}
	return NULL;
}

START_TEST(test_threads_do_not_share_a_record)
{
	pthread_t thread[THREADS];
	void *result;

	sluice_set_carrier(carry_plain);
	for (int i = 0; i < THREADS; i++) {
		ck_assert_int_eq(
			pthread_create(&thread[i], NULL, use_tokens, NULL), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(thread[i], &result), 0);
		ck_assert_ptr_null(result);
	}
}
END_TEST

Suite *library_token_suite(void)
{
	Suite *suite = suite_create("library_token");
	TCase *c = tcase_create("tokens");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c,
		       test_reserve_passes_every_argument_and_shows_the_range);
	tcase_add_test(c,
		       test_exhausted_pool_gives_the_range_back_and_recovers);
	tcase_add_test(c, test_pointers_that_are_no_token_are_refused_in_place);
	tcase_add_test(c,
		       test_long_segment_goes_in_marked_parts_each_naming_it);
	tcase_add_test(c, test_short_segment_has_both_marks);
	tcase_add_test(c,
		       test_refused_part_undoes_the_segment_and_fills_nothing);
	tcase_add_test(c, test_end_beyond_the_token_is_refused_before_any_part);
	tcase_add_test(c, test_token_that_the_hypervisor_lost_is_being_freed);
	tcase_add_test(c, test_threads_do_not_share_a_record);
	suite_add_tcase(suite, c);
	return suite;
}
