// SPDX-License-Identifier: MIT
/*
 * Conditions of the gate's statuses, one at a time: requests that are good but
 * for one thing, where other suites spoil several.
 */
#include "fake_nest.h"
#include "guest/p2m.h"
#include "mm/page.h"
#include "token_fixture.h"

#include <string.h>

#define WINDOW UINT64_C(0xfee00000)

START_TEST(longest_region_list_is_of_64)
{
	/* 64 regions that are fine make a domain, 65 do not. */
	struct sluice_reserved_region list[SLUICE_REGIONS_MAX + 1];
	uint64_t made;

	boot_service(_i);
	g = guest_with(0, 0);
	memset(list, 0, sizeof(list));
	for (unsigned i = 0; i < SLUICE_REGIONS_MAX + 1; i++) {
		list[i].base = BYTES(2 * i + 1);
		list[i].pages = 1;
	}
	ANSWERS(STATUS_SUCCESS, create_with(g, DomainTypeTranslate, list,
					    SLUICE_REGIONS_MAX, &made));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		create_with(g, DomainTypeTranslate, list,
			    SLUICE_REGIONS_MAX + 1, &made));
	machine_shutdown();
}
END_TEST

START_TEST(only_pasids_can_be_configured)
{
	/* A unit that could serve PASIDs takes no other configuration. */
	struct sluice_create_device a = {.sbdf = V1};

	fake_nest_boot(&(struct fake_nest_config){.pasid_count = 64});
	g = guest_with(1, D1);
	a.config_type = IommuDeviceCreationConfigTypeDeviceId;
	ANSWERS(STATUS_INVALID_PARAMETER_2, CALL(g, create_device, a));
	a.config_type = IommuDeviceCreationConfigTypePasid;
	ANSWERS(STATUS_SUCCESS, CALL(g, create_device, a));
	machine_shutdown();
}
END_TEST

static NTSTATUS change_policy(uint16_t machine, uint32_t domains,
			      uint32_t tables)
{
	struct sluice_guest_policy a = {.guest = g->guest->id};

	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), guest_policy, a));
	a.operation = SLUICE_POLICY_SET;
	a.machine = machine != 0 ? machine : a.machine;
	a.domain_quota = domains != 0 ? domains - 1 : a.domain_quota;
	a.table_page_quota = tables != 0 ? tables - 1 : a.table_page_quota;
	return CALL(machine_control(), guest_policy, a);
}

START_TEST(each_part_of_a_policy_is_judged_alone)
{
	/* Quotas of 0 never; once the guest has run, none of the three. */
	boot_service(_i);
	g = fake_guest_create(NULL);
	ANSWERS(STATUS_INVALID_PARAMETER_4, change_policy(0, 1, 0));
	ANSWERS(STATUS_INVALID_PARAMETER_4, change_policy(0, 0, 1));
	ANSWERS(STATUS_SUCCESS, change_policy(0, 9, 0));
	fake_guest_run(g);
	ANSWERS(STATUS_SUCCESS, change_policy(0, 0, 0));
	ANSWERS(STATUS_ACCESS_DENIED, change_policy(SLUICE_MACHINE_I386, 0, 0));
	ANSWERS(STATUS_ACCESS_DENIED, change_policy(0, 8, 0));
	ANSWERS(STATUS_ACCESS_DENIED, change_policy(0, 0, 8));
	machine_shutdown();
}
END_TEST

START_TEST(ranges_are_of_domains_with_a_table_of_ours)
{
	/* Of a wrong type: position 1; of a right one without allocator: not
	 * supported. */
	static const struct {
		uint32_t type;
		NTSTATUS answer;
	} rows[] = {
		{DomainTypeTranslate, STATUS_NOT_SUPPORTED},
		{DomainTypePassThrough, STATUS_INVALID_PARAMETER_1},
		{DomainTypeUnmanaged, STATUS_INVALID_PARAMETER_1},
	};

	boot_service(_i);
	g = guest_with(0, 0);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sluice_allocate_range take = {.pages = 1};
		struct sluice_range_ref back = {.pages = 1};

		take.domain = back.domain = new_domain(g, rows[i].type);
		EXPECT(CALL(g, allocate_range, take) == rows[i].answer,
		       "allocate, row %u", i);
		EXPECT(CALL(g, free_range, back) == rows[i].answer,
		       "free, row %u", i);
	}
	machine_shutdown();
}
END_TEST

static NTSTATUS map_same(uint64_t gpa)
{
	struct sluice_identity a = {.domain = domain,
				    .permissions = RW,
				    .kind = SLUICE_MAP_CONTIGUOUS,
				    .base = gpa,
				    .pages = 1};

	return CALL(g, map_identity, a);
}

static NTSTATUS unmap_same(const uint64_t *gpa, uint64_t pages)
{
	uint64_t frames[4];
	struct sluice_identity a = {
		.domain = domain, .kind = SLUICE_MAP_FRAMES, .pages = pages};

	for (uint64_t i = 0; i < pages; i++) {
		frames[i] = gpa[i] / PAGE_BYTES;
	}
	a.frames = fake_guest_list(g, frames, pages * sizeof(frames[0]));
	return CALL(g, unmap_identity, a);
}

/* Before the guest runs: one page more of RAM. */
static void add_ram(uint64_t gpa)
{
	hpa_t page = page_alloc(PAGE_POOL_GUEST, g->guest->id);

	ck_assert(!hpa_is_none(page));
	ck_assert_int_eq(p2m_add(&g->guest->p2m, to_gpa(gpa), page, 1, P2M_RAM),
			 0);
}

START_TEST(identity_knows_window_and_width)
{
	/* RAM where interrupts go, or beyond the width, is nobody's address. */
	const uint64_t top = BIT(_i == 2 ? 39 : 48);

	boot_service(_i);
	g = fake_guest_create(NULL);
	add_ram(WINDOW - PAGE_BYTES);
	add_ram(WINDOW);
	if (_i == 2) {
		add_ram(top);
	}
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, map_same(WINDOW - PAGE_BYTES));
	ANSWERS(STATUS_IN_USE, map_same(WINDOW));
	ANSWERS(STATUS_INVALID_PARAMETER_3, map_same(top));
	machine_shutdown();
}
END_TEST

START_TEST(identity_takes_away_what_it_gave_alone)
{
	/* Not what is absent, a token's, or named twice. */
	const uint64_t twice[2] = {P(2), P(2)};
	const uint64_t absent[2] = {P(2), P(3)};
	const uint64_t pair[2] = {P(2), P(4)};
	uint64_t token;

	boot_service(_i);
	g = guest_with(0, 0);
	domain = new_domain(g, DomainTypeTranslate);
	token = new_token(P(4), 1);
	ANSWERS(STATUS_SUCCESS, map_same(P(2)));
	/* The token's page leads to its own address, too. */
	{
		uint64_t frame = P(4) / PAGE_BYTES;
		struct sluice_map_token a = {
			.token = token,
			.permissions = RW,
			.kind = SLUICE_MAP_FRAMES,
			.frames = fake_guest_list(g, &frame, sizeof(frame)),
			.pages = 1,
			.marks = WHOLE};

		ANSWERS(STATUS_SUCCESS, CALL(g, map_token, a));
	}
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_same(absent, 2));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_same(&absent[1], 1));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_same(twice, 2));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_same(pair, 2));
	ANSWERS(STATUS_SUCCESS, unmap_same(twice, 1));
	machine_shutdown();
}
END_TEST

START_TEST(token_takes_no_list_that_it_cannot_read)
{
	/* The list's address leads nowhere: refused, nothing is mapped. */
	struct sluice_map_token a = {.permissions = RW,
				     .kind = SLUICE_MAP_FRAMES,
				     .frames = 0x1000,
				     .pages = 1,
				     .marks = WHOLE};

	const uint64_t frame = P(0) / PAGE_BYTES;
	struct sluice_flush_list before = {.count = 1};

	set_up(_i);
	a.token = new_token(LA, 1);
	/* A list before it, refused as well, is a good one for us. */
	before.domain = new_domain(g, DomainTypeUnmanaged);
	before.addresses = fake_guest_list(g, &frame, sizeof(frame));
	ANSWERS(STATUS_INVALID_PARAMETER_4, CALL(g, flush_list, before));
	ANSWERS(STATUS_INVALID_PARAMETER_4, CALL(g, map_token, a));
	ck_assert(is_blocked(D1, LA));
	machine_shutdown();
}
END_TEST

START_TEST(segment_ends_where_it_was_said_to)
{
	/* Pages before the named segment, or more than a call may touch. */
	const uint64_t max = SLUICE_MAP_MAX;
	uint64_t token;

	set_up(_i);
	token = new_token(LA, 2 * max);
	ANSWERS(STATUS_SUCCESS, map_part(token, 0, 2, WHOLE));
	ANSWERS(STATUS_SUCCESS, map_part(token, 2, 2, WHOLE));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_part(token, 2, 2, 0, 1));
	ck_assert(lands(D1, LA, g, P(0)));
	ANSWERS(STATUS_SUCCESS, map_part(token, 4, max, FIRST));
	ANSWERS(STATUS_SUCCESS, map_part(token, 4 + max, 4, LAST));
	ANSWERS(STATUS_INVALID_PARAMETER,
		unmap_part(token, 4, max + 4, 4, max + 1));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 4, max + 4, 4, max));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 4, max + 4, 4 + max, 4));
	machine_shutdown();
}
END_TEST

START_TEST(bounds_must_not_cross)
{
	/* Min above max is a mix of arguments, for each that takes bounds. */
	const uint32_t both = SLUICE_HAS_MIN | SLUICE_HAS_MAX;
	struct sluice_create_domain make = {
		.allocator_type = IommuDmaLogicalAllocatorBuddy,
		.allocator_width = 32};
	struct sluice_allocate_range take = {
		.pages = 1, .min = 0x8000, .max = 0x7fff, .has_bounds = both};
	struct sluice_reserve_token keep = {.bytes = PAGE_BYTES,
					    .min = 0x8000,
					    .max = 0,
					    .has_bounds = both};
	struct sluice_map a = {.permissions = RW,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = P(0),
			       .pages = 1,
			       .min = UINT64_MAX,
			       .has_bounds = both};

	boot_service(_i);
	g = guest_with(0, 0);
	ANSWERS(STATUS_SUCCESS, CALL(g, create_domain, make));
	take.domain = keep.domain = a.domain = make.domain;
	take.pages = 0;
	ANSWERS(STATUS_INVALID_PARAMETER_3, CALL(g, allocate_range, take));
	take.pages = 1;
	ANSWERS(STATUS_INVALID_PARAMETER_MIX, CALL(g, allocate_range, take));
	ANSWERS(STATUS_INVALID_PARAMETER_MIX, CALL(g, reserve_token, keep));
	ANSWERS(STATUS_INVALID_PARAMETER_MIX, CALL(g, map, a));
	machine_shutdown();
}
END_TEST

START_TEST(memory_does_not_wrap)
{
	/* The last page of all and what would come after it. */
	set_up(_i);
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		map(g, domain, LA, ~PAGE_MASK, 2, RW));
	machine_shutdown();
}
END_TEST

START_TEST(offset_lies_in_its_token)
{
	/* The first page behind a token is not the token's. */
	uint64_t token;

	set_up(_i);
	token = new_token(LA, 3);
	ANSWERS(STATUS_INVALID_PARAMETER_2, map_part(token, 3, 1, WHOLE));
	ck_assert(is_blocked(D1, LA + BYTES(3)));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(condition, longest_region_list_is_of_64,
	      only_pasids_can_be_configured,
	      each_part_of_a_policy_is_judged_alone,
	      ranges_are_of_domains_with_a_table_of_ours,
	      identity_knows_window_and_width,
	      identity_takes_away_what_it_gave_alone,
	      token_takes_no_list_that_it_cannot_read,
	      segment_ends_where_it_was_said_to, bounds_must_not_cross,
	      memory_does_not_wrap, offset_lies_in_its_token)
