// SPDX-License-Identifier: MIT
/*
 * Tokens: a reserved range's tables stay whatever happens around it, and
 * mapping in it takes no page.
 */
#include "token_fixture.h"

#define TOKENS 32

/* ---- refusals ---- */

#define SPOIL(name, type, ...)                                                 \
	static void name(void *request)                                        \
	{                                                                      \
		type *a = request;                                             \
                                                                               \
		__VA_ARGS__;                                                   \
	}

/* clang-format off */
SPOIL(reserve_domain, struct sluice_reserve_token, a->domain ^= BIT(16))
SPOIL(reserve_nothing, struct sluice_reserve_token, a->bytes = 0)
SPOIL(reserve_automatic, struct sluice_reserve_token,
      a->has_logical_address = 0)
SPOIL(reserve_misaligned, struct sluice_reserve_token, a->logical_address |= 8)
SPOIL(reserve_window, struct sluice_reserve_token,
      a->logical_address = 0xfee00000)
SPOIL(reserve_quota, struct sluice_reserve_token, a->bytes = BIT(37))
SPOIL(map_token, struct sluice_map_token, a->token ^= BIT(16))
SPOIL(map_offset, struct sluice_map_token, a->offset = BYTES(40))
SPOIL(map_permissions, struct sluice_map_token, a->permissions = 0)
SPOIL(map_end, struct sluice_map_token, a->offset = BYTES(39))
SPOIL(map_marks, struct sluice_map_token, a->marks = 4)
SPOIL(map_in_use, struct sluice_map_token, a->pages = 9)
/* clang-format on */

static int64_t attempt_reserve(const struct defect *early,
			       const struct defect *late)
{
	struct sluice_reserve_token a = {.domain = domain,
					 .bytes = BYTES(3),
					 .has_logical_address = 1,
					 .logical_address = BIT(37)};
	struct snapshot before = snap(g);
	NTSTATUS status;

	if (late != NULL) {
		late->spoil(&a);
	}
	early->spoil(&a);
	status = CALL(g, reserve_token, a);
	expect_same(g, before, early->name);
	return status;
}

static uint64_t spoiled;

static int64_t attempt_map(const struct defect *early,
			   const struct defect *late)
{
	struct sluice_map_token a = {.token = spoiled,
				     .permissions = RW,
				     .kind = SLUICE_MAP_CONTIGUOUS,
				     .base = P(0),
				     .pages = 2,
				     .marks = WHOLE};
	struct snapshot before = snap(g);
	NTSTATUS status;

	if (late != NULL) {
		late->spoil(&a);
	}
	early->spoil(&a);
	status = CALL(g, map_token, a);
	expect_same(g, before, early->name);
	return status;
}

START_TEST(first_defect_in_order_answers)
{
	static const struct defect reserving[] = {
		{"domain", STATUS_INVALID_PARAMETER_1, reserve_domain},
		{"nothing", STATUS_INVALID_PARAMETER_2, reserve_nothing},
		{"automatic", STATUS_NOT_SUPPORTED, reserve_automatic},
		{"misaligned", STATUS_INVALID_PARAMETER_3, reserve_misaligned},
		{"window", STATUS_IN_USE, reserve_window},
		{"quota", STATUS_INSUFFICIENT_RESOURCES, reserve_quota},
	};
	static const struct defect mapping[] = {
		{"token", STATUS_INVALID_PARAMETER_1, map_token},
		{"offset", STATUS_INVALID_PARAMETER_2, map_offset},
		{"permissions", STATUS_INVALID_PARAMETER_3, map_permissions},
		{"end", STATUS_INVALID_PARAMETER_4, map_end},
		{"marks", STATUS_INVALID_PARAMETER_4, map_marks},
		{"in use", STATUS_RESOURCE_IN_USE, map_in_use},
	};

	set_up(_i);
	expect_order(reserving, sizeof(reserving) / sizeof(reserving[0]),
		     attempt_reserve);
	spoiled = new_token(LA, 40);
	ANSWERS(STATUS_SUCCESS, map_part(spoiled, 8, 4, WHOLE));
	expect_order(mapping, sizeof(mapping) / sizeof(mapping[0]),
		     attempt_map);
	machine_shutdown();
}
END_TEST

START_TEST(nobody_else_touches_a_token)
{
	/* Neither the plain calls, nor another guest, nor a second token. */
	struct fake_guest *owner;
	uint64_t token, other;
	struct snapshot before;

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA - BYTES(1), P(0), 1, RW));
	token = new_token(LA, 40);
	ANSWERS(STATUS_SUCCESS, map_part(token, 0, 40, WHOLE));
	before = snap(g);
	ANSWERS(STATUS_IN_USE, map(g, domain, LA + BYTES(39), P(0), 2, RW));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, LA, 1));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, LA - BYTES(1), 2));
	ANSWERS(STATUS_IN_USE, reserve(LA - BYTES(4), 5, &other));
	ANSWERS(STATUS_IN_USE, reserve(LA - BYTES(1), 1, &other));
	ANSWERS(STATUS_RESOURCE_IN_USE, free_token(token));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_domain(g, domain));
	owner = g;
	g = guest_with(0, 0);
	ANSWERS(STATUS_INVALID_PARAMETER_1, unmap_whole(token, 0, 40));
	ANSWERS(STATUS_INVALID_PARAMETER_1, free_token(token));
	g = owner;
	/* The other guest took pages as well. */
	before.pages = machine_counts();
	expect_same(g, before, "refused");
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_domain(g, domain));
	ANSWERS(STATUS_SUCCESS, unmap_whole(token, 0, 40));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_domain(g, domain));
	ANSWERS(STATUS_SUCCESS, free_token(token));
	ANSWERS(STATUS_INVALID_PARAMETER_1, free_token(token));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	machine_shutdown();
}
END_TEST

/* ---- the guarantee ---- */

START_TEST(mapping_takes_no_page_whatever_neighbours_do)
{
	/* Neighbours in the same tables come and go; each device access lands.
	 */
	uint64_t token;

	set_up(_i);
	token = new_token(LA, 40);
	fail_off();
	fail_from(1);
	for (unsigned round = 0; round < 4; round++) {
		ANSWERS(STATUS_SUCCESS,
			map(g, domain, LA - BYTES(4), P(9), 4, RW));
		ANSWERS(STATUS_SUCCESS, map_part(token, round, 36, WHOLE));
		ck_assert(lands(D1, LA + BYTES(round), g, P(round)));
		ck_assert(lands(D1, LA + BYTES(round + 35), g, P(round + 35)));
		ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA - BYTES(4), 4));
		ANSWERS(STATUS_SUCCESS, unmap_whole(token, round, 36));
		ck_assert(is_blocked(D1, LA + BYTES(round)));
		ck_assert(is_blocked(D1, LA + BYTES(round + 35)));
	}
	EXPECT(fail_allocations() == 0, "%u pages taken", fail_allocations());
	fail_off();
	machine_shutdown();
}
END_TEST

START_TEST(freed_token_gives_back_all_but_what_others_need)
{
	/* Three tokens in one table, the last one reaching into the next. */
	struct snapshot empty, all;
	uint64_t token[3];

	set_up(_i);
	empty = snap(g);
	for (unsigned gone = 0; gone < 3; gone++) {
		token[0] = new_token(LA - BYTES(8), 4);
		token[1] = new_token(LA - BYTES(4), 4);
		token[2] = new_token(LA, 40);
		all = snap(g);
		ANSWERS(STATUS_SUCCESS, free_token(token[gone]));
		fail_from(1);
		for (unsigned i = 0; i < 3; i++) {
			if (i != gone) {
				ANSWERS(STATUS_SUCCESS,
					map_part(token[i], 0, 4, WHOLE));
				ANSWERS(STATUS_SUCCESS,
					unmap_whole(token[i], 0, 4));
				ANSWERS(STATUS_SUCCESS,
					map_part(token[i], 0, 1, WHOLE));
				ANSWERS(STATUS_SUCCESS,
					unmap_whole(token[i], 0, 1));
			}
		}
		fail_off();
		EXPECT(snap(g).inventory.table_pages ==
			       all.inventory.table_pages - (gone == 2),
		       "tables after token %u", gone);
		for (unsigned i = 0; i < 3; i++) {
			if (i != gone) {
				ANSWERS(STATUS_SUCCESS, free_token(token[i]));
			}
		}
		expect_same(g, empty, "all freed");
	}
	machine_shutdown();
}
END_TEST

START_TEST(refused_reservation_changes_nothing)
{
	/* Without its n-th page; then one token too many; then all come back.
	 */
	uint64_t token[TOKENS], extra;
	struct snapshot empty;

	set_up(_i);
	empty = snap(g);
	for (unsigned n = 1;; n++) {
		NTSTATUS status;

		fail_at(n);
		status = reserve(LA, 9000, &extra);
		if (!fail_hit()) {
			ANSWERS(STATUS_SUCCESS, status);
			break;
		}
		fail_off();
		ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
		expect_same(g, empty, "no memory");
	}
	fail_off();
	ANSWERS(STATUS_SUCCESS, free_token(extra));
	for (unsigned i = 0; i < TOKENS; i++) {
		token[i] = new_token(LA + BYTES(i), 1);
	}
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		reserve(LA + BYTES(TOKENS), 1, &extra));
	for (unsigned i = 0; i < TOKENS; i++) {
		ANSWERS(STATUS_SUCCESS, free_token(token[i]));
	}
	expect_same(g, empty, "all freed");
	machine_shutdown();
}
END_TEST

START_TEST(guest_with_live_tokens_can_go)
{
	/* Mapped or not, attached or not: shutdown counts every page. */
	uint64_t token;

	set_up(_i);
	token = new_token(LA, 64);
	(void)new_token(BIT(30), 2000);
	ANSWERS(STATUS_SUCCESS, map_part(token, 0, 64, WHOLE));
	ck_assert(lands(D1, LA, g, P(0)));
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	ck_assert(is_blocked(D1, LA));
	machine_shutdown();
}
END_TEST

START_TEST(refused_flush_is_told)
{
	/* A later map settles it first; free does as well. */
	uint64_t token;

	set_up(_i);
	token = new_token(LA, 8);
	ANSWERS(STATUS_SUCCESS, map_part(token, 0, 8, WHOLE));
	ck_assert(reach(D1, LA, true) != 0);
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, unmap_whole(token, 0, 8));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	ANSWERS(STATUS_SUCCESS, map_part(token, 0, 8, WHOLE));
	ck_assert(lands(D1, LA, g, P(0)));
	ANSWERS(STATUS_SUCCESS, unmap_whole(token, 0, 8));
	ck_assert(is_blocked(D1, LA));
	ANSWERS(STATUS_SUCCESS, free_token(token));
	machine_shutdown();
}
END_TEST

START_TEST(allocator_places_tokens)
{
	/* Low blocks first, inside bounds; its ranges and tokens never mix. */
	struct sluice_create_domain create = {
		.allocator_type = IommuDmaLogicalAllocatorBuddy,
		.allocator_width = 32};
	struct sluice_reserve_token a = {.bytes = BYTES(3)};
	struct sluice_range_ref range = {.pages = 3};
	struct sluice_map plain = {.permissions = RW,
				   .kind = SLUICE_MAP_CONTIGUOUS,
				   .base = P(0),
				   .pages = 3,
				   .options = SLUICE_MAP_PART,
				   .has_logical_address = 1};
	struct snapshot empty;

	boot_service(_i);
	g = guest_with(1, D1);
	ANSWERS(STATUS_SUCCESS, CALL(g, create_domain, create));
	domain = create.domain;
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	empty = snap(g);
	a.domain = plain.domain = range.domain = domain;
	a.has_bounds = SLUICE_HAS_MIN | SLUICE_HAS_MAX;
	a.min = 1;
	a.max = BYTES(7) - 2;
	ANSWERS(STATUS_INVALID_PARAMETER_MIX, CALL(g, reserve_token, a));
	a.has_bounds = SLUICE_HAS_MIN;
	a.bytes = BIT(32);
	ANSWERS(STATUS_INVALID_PARAMETER_MIX, CALL(g, reserve_token, a));
	a.has_bounds = 0;
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, CALL(g, reserve_token, a));
	a.bytes = BIT(30);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, CALL(g, reserve_token, a));
	expect_same(g, empty, "refused");
	a.bytes = BYTES(3);
	a.has_bounds = SLUICE_HAS_MIN | SLUICE_HAS_MAX;
	a.max = BYTES(7) - 1;
	ANSWERS(STATUS_SUCCESS, CALL(g, reserve_token, a));
	ck_assert_uint_eq(a.logical_address, BYTES(4));
	plain.logical_address = range.logical_address = a.logical_address;
	ANSWERS(STATUS_INVALID_PARAMETER_4, CALL(g, map, plain));
	ANSWERS(STATUS_INVALID_PARAMETER, CALL(g, free_range, range));
	ANSWERS(STATUS_SUCCESS, map_part(a.token, 0, 3, WHOLE));
	ck_assert(lands(D1, BYTES(4), g, P(0)));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, BYTES(4), 3));
	ANSWERS(STATUS_SUCCESS, unmap_whole(a.token, 0, 3));
	ANSWERS(STATUS_SUCCESS, free_token(a.token));
	expect_same(g, empty, "freed");
	ANSWERS(STATUS_SUCCESS, CALL(g, reserve_token, a));
	ck_assert_uint_eq(a.logical_address, BYTES(4));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(token, first_defect_in_order_answers, nobody_else_touches_a_token,
	      mapping_takes_no_page_whatever_neighbours_do,
	      freed_token_gives_back_all_but_what_others_need,
	      refused_reservation_changes_nothing,
	      guest_with_live_tokens_can_go, refused_flush_is_told,
	      allocator_places_tokens)
