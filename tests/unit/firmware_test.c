// SPDX-License-Identifier: MIT
/*
 * Memory that the firmware keeps for devices: reached at every moment of a
 * device's life, with the rights that the firmware said, and nobody's to take.
 */
#include "firmware_fixture.h"

#include <string.h>

START_TEST(regions_are_reached_in_every_state)
{
	/* Home, quarantine, assigned, attached, detached: exactly as told. */
	uint64_t domain, device;

	boot_with(_i, two, 2);
	g = fake_guest_create(NULL);
	ck_assert(d1_is_kept());
	ck_assert(writes(D1, machine_control()->ram.addr));
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
	ck_assert(d1_is_quarantined());
	ck_assert(writes(D2, A) && is_blocked(D2, B));
	ck_assert_int_eq(
		dma_device_assign(g->guest, D1, SLUICE_ASSIGN_RESET_WAIVED), 0);
	fake_guest_run(g);
	allow_types();
	ck_assert(d1_is_quarantined());
	domain = new_domain(g, translating());
	device = new_device(g, V1);
	ck_assert_uint_eq(region_count(domain), 0);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert(d1_is_quarantined());
	ck_assert_uint_eq(region_count(domain), 2);
	ANSWERS(STATUS_SUCCESS, map(g, domain, 0x7000, P(1), 1, RW));
	ck_assert(lands(D1, 0x7000, g, P(1)));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(d1_is_quarantined() && is_blocked(D1, 0x7000));
	ck_assert_uint_eq(region_count(domain), 0);
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert(d1_is_quarantined());
	ck_assert_int_eq(dma_device_release(D1), 0);
	ck_assert(d1_is_kept());
	ck_assert(writes(D1, machine_control()->ram.addr));
	finish();
}
END_TEST

START_TEST(nobody_takes_a_region_from_a_device)
{
	/* Map, unmap, identity, token over a region: refused, still reached. */
	struct sluice_identity identity = {
		.kind = SLUICE_MAP_CONTIGUOUS, .base = LOW, .pages = 1};
	struct sluice_reserve_token token = {.bytes = PAGE_BYTES,
					     .has_logical_address = 1};

	boot_with(_i, low, 1);
	g = firmware_guest(1, D1);
	identity.domain = token.domain = new_domain(g, translating());
	ANSWERS(STATUS_SUCCESS, attach(g, token.domain, new_device(g, V1)));
	ck_assert(writes(D1, LOW));
	ANSWERS(STATUS_IN_USE, map(g, token.domain, LOW, P(1), 1, RW));
	ANSWERS(STATUS_IN_USE,
		map(g, token.domain, LOW - PAGE_BYTES, P(1), 2, RW));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, token.domain, LOW, 1));
	ANSWERS(STATUS_INVALID_PARAMETER, CALL(g, unmap_identity, identity));
	identity.permissions = RW;
	ANSWERS(STATUS_IN_USE, CALL(g, map_identity, identity));
	token.logical_address = LOW;
	ANSWERS(STATUS_IN_USE, CALL(g, reserve_token, token));
	ck_assert(writes(D1, LOW));
	ANSWERS(STATUS_SUCCESS,
		map(g, token.domain, LOW - PAGE_BYTES, P(1), 1, RW));
	ANSWERS(STATUS_SUCCESS,
		map(g, token.domain, LOW + PAGE_BYTES, P(2), 1, RW));
	ANSWERS(STATUS_SUCCESS, unmap(g, token.domain, LOW + PAGE_BYTES, 1));
	ck_assert(writes(D1, LOW));
	finish();
}
END_TEST

/* Takes every page of a 1 MiB space. Return: whether LOW was among them. */
static bool allocator_gives_low(uint64_t domain, unsigned *count)
{
	bool has_low = false;

	for (*count = 0; *count < 256; (*count)++) {
		struct sluice_allocate_range a = {.domain = domain, .pages = 1};

		if (CALL(g, allocate_range, a) != STATUS_SUCCESS) {
			break;
		}
		has_low |= a.logical_address == LOW;
	}
	return has_low;
}

START_TEST(allocator_gives_a_region_to_nobody)
{
	/* Withheld while a device needs it, and nobody's to free or fill. */
	const struct sluice_reserved_region hole = {.base = LOW - PAGE_BYTES,
						    .pages = 3};
	struct sluice_range_ref ref = {.logical_address = LOW, .pages = 1};
	struct sluice_map part = {.kind = SLUICE_MAP_CONTIGUOUS,
				  .permissions = RW,
				  .base = P(1),
				  .pages = 1,
				  .has_logical_address = 1,
				  .logical_address = LOW,
				  .options = SLUICE_MAP_PART};
	uint64_t device;
	unsigned count;

	boot_with(_i, low, 1);
	g = firmware_guest(1, D1);
	ref.domain = part.domain = allocator_domain(NULL);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, ref.domain, device));
	ck_assert(!allocator_gives_low(ref.domain, &count));
	ck_assert_uint_eq(count, 254);
	ANSWERS(STATUS_INVALID_PARAMETER, CALL(g, free_range, ref));
	ANSWERS(STATUS_INVALID_PARAMETER_4, CALL(g, map, part));
	ck_assert(writes(D1, LOW));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(allocator_gives_low(ref.domain, &count));
	/* Taken by the caller: then the device does not fit in. */
	ANSWERS(STATUS_INVALID_PARAMETER, attach(g, ref.domain, device));
	/* In a hole of the caller's it does, and the hole stays one. */
	ref.domain = allocator_domain(&hole);
	ANSWERS(STATUS_SUCCESS, attach(g, ref.domain, device));
	ck_assert(writes(D1, LOW));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(!allocator_gives_low(ref.domain, &count));
	ck_assert_uint_eq(count, 252);
	finish();
}
END_TEST

START_TEST(device_does_not_fit_over_something_else)
{
	/* Mapped, reserved, a token's, the guest's RAM: refused, unchanged. */
	const struct sluice_reserved_region mapped = {
		.base = LOW, .pages = 1, .should_map = 1};
	struct sluice_reserve_token token = {.bytes = PAGE_BYTES,
					     .has_logical_address = 1,
					     .logical_address = LOW};
	uint64_t domain[4], device;
	struct snapshot before;

	boot_with(_i, low, 1);
	g = firmware_guest(1, D1);
	device = new_device(g, V1);
	domain[0] = new_domain(g, translating());
	ANSWERS(STATUS_SUCCESS, map(g, domain[0], LOW, P(1), 1, RW));
	token.domain = domain[1] = new_domain(g, translating());
	ANSWERS(STATUS_SUCCESS, CALL(g, reserve_token, token));
	ANSWERS(STATUS_SUCCESS,
		create_with(g, translating(), &mapped, 1, &domain[2]));
	domain[3] = new_domain(g, DomainTypePassThrough);
	before = snap(g);
	for (unsigned i = 0; i < 4; i++) {
		ANSWERS(STATUS_INVALID_PARAMETER, attach(g, domain[i], device));
		expect_same(g, before, "refused attach");
		ck_assert(writes(D1, LOW) && is_blocked(D1, LOW + PAGE_BYTES));
	}
	ANSWERS(STATUS_SUCCESS, unmap(g, domain[0], LOW, 1));
	ANSWERS(STATUS_SUCCESS, attach(g, domain[0], device));
	ck_assert(writes(D1, LOW));
	finish();
}
END_TEST

START_TEST(caller_owned_table_cannot_hold_a_region)
{
	/* Unmanaged: not offered to the device, and refused. */
	uint64_t domain, device, other;
	uint32_t types;

	boot_with(_i, low, 1);
	g = firmware_guest(2, D1);
	domain = new_domain(g, DomainTypeUnmanaged);
	device = new_device(g, V1);
	other = new_device(g, V2);
	ANSWERS(STATUS_SUCCESS, query_types(g, device, &types));
	ck_assert_uint_eq(types, types_of(3));
	ANSWERS(STATUS_SUCCESS, query_types(g, other, &types));
	ck_assert_uint_eq(types, types_of(7));
	ANSWERS(STATUS_ACCESS_DENIED, attach(g, domain, device));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, other));
	ck_assert(writes(D1, LOW));
	finish();
}
END_TEST

START_TEST(shared_region_stays_until_the_last_leaves)
{
	/* Two devices in one domain: the first to leave takes nothing along. */
	uint64_t domain, first, second;
	struct snapshot before;

	boot_with(_i, two, 2);
	g = firmware_guest(2, D1);
	domain = new_domain(g, translating());
	first = new_device(g, V1);
	second = new_device(g, V2);
	before = snap(g);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, first));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, second));
	ck_assert_uint_eq(region_count(domain), 2);
	ck_assert(writes(D2, A) && reads(D2, B));
	ANSWERS(STATUS_SUCCESS, detach(g, first));
	ck_assert_uint_eq(region_count(domain), 1);
	ck_assert(writes(D2, A) && is_blocked(D2, B));
	ANSWERS(STATUS_IN_USE, map(g, domain, A, P(1), 1, RW));
	ANSWERS(STATUS_SUCCESS, map(g, domain, B, P(1), 1, RW));
	ck_assert(lands(D2, B, g, P(1)));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, B, 1));
	ANSWERS(STATUS_SUCCESS, detach(g, second));
	expect_same(g, before, "both have left");
	ANSWERS(STATUS_SUCCESS, map(g, domain, A, P(1), 1, RW));
	ck_assert(writes(D2, A) && d1_is_kept());
	finish();
}
END_TEST

START_TEST(withdrawn_pass_through_leaves_the_regions)
{
	/* Policy cuts the guest's memory off at once, and not the firmware's.
	 */
	uint64_t pass;

	boot_with(_i, two, 2);
	g = firmware_guest(1, D1);
	pass = new_domain(g, DomainTypePassThrough);
	ANSWERS(STATUS_SUCCESS, attach(g, pass, new_device(g, V1)));
	ck_assert(d1_is_kept() && lands(D1, P(1), g, P(1)));
	ANSWERS(STATUS_SUCCESS, set_types(g, types_of(5)));
	ck_assert(d1_is_quarantined());
	ANSWERS(STATUS_SUCCESS, set_types(g, types_of(7)));
	ck_assert(d1_is_kept() && lands(D1, P(1), g, P(1)));
	finish();
}
END_TEST

FIRMWARE_SUITE(firmware, regions_are_reached_in_every_state,
	       nobody_takes_a_region_from_a_device,
	       allocator_gives_a_region_to_nobody,
	       device_does_not_fit_over_something_else,
	       caller_owned_table_cannot_hold_a_region,
	       shared_region_stays_until_the_last_leaves,
	       withdrawn_pass_through_leaves_the_regions)
