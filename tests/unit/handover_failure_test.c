// SPDX-License-Identifier: MIT
/* Devices that do not come back, come back late, or are gone. */
#include "handover_fixture.h"

static struct fake_guest *g;

START_TEST(one_that_does_not_come_back_is_nobodys)
{
	/* EIO after a bounded time, for guest and home; then anew. */
	const struct fake_reset_config broken[] = {
		{.way = FAKE_RESET_FLR, .never_answers = true},
		{.way = FAKE_RESET_AF, .never_answers = true},
		{.way = FAKE_RESET_FLR, .forgets_bars = true},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(broken); i++) {
		uint64_t began;

		boot_with(_i, broken[i]);
		g = fake_guest_create(NULL);
		take(D1);
		began = machine_clock_now();
		ck_assert_int_eq(assign_to(g, D1, SLUICE_ASSIGN_RESET_WAIVED),
				 -XEN_EIO);
		ck_assert_uint_lt(machine_clock_now() - began, 1500 * MS);
		ck_assert(dma_device_is_assignable(D1));
		ck_assert_uint_eq(state_of(D1), SLUICE_DEVICE_AS_LEFT);
		ck_assert(is_blocked(D1, machine_control()->ram.addr));
		ck_assert_int_eq(dma_device_assign(g->guest, D1, NO_WAIVER),
				 -XEN_EAGAIN);
		ck_assert_int_eq(send_home(D1), -XEN_EIO);
		ck_assert(is_blocked(D1, machine_control()->ram.addr));
		machine_shutdown();
	}
}
END_TEST

START_TEST(late_one_is_waited_for)
{
	/* "Not ready" for 600 ms, and requests that never end: both are reset.
	 */
	const struct fake_reset_config slow[] = {
		{.way = FAKE_RESET_FLR, .answer_ns = 600 * MS},
		{.way = FAKE_RESET_FLR, .never_drains = true},
		{.way = FAKE_RESET_AF, .never_drains = true},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(slow); i++) {
		uint64_t began;
		uint32_t bar;

		boot_with(_i, slow[i]);
		bar = fake_function_config32(D1, BAR0);
		g = fake_guest_create(NULL);
		fake_function_keep(D1, NEVER_SEEN);
		take(D1);
		began = machine_clock_now();
		ck_assert_int_eq(assign_to(g, D1, NO_WAIVER), 0);
		ck_assert_uint_ge(machine_clock_now() - began, 200 * MS);
		expect_fit(D1, bar);
		machine_shutdown();
	}
}
END_TEST

START_TEST(clock_jump_ends_no_reset_early)
{
	/* An hour passes between any two looks: reset, answered, restored. */
	uint32_t bar;
	int err;

	boot_with(_i, (struct fake_reset_config){.way = FAKE_RESET_FLR,
						 .answer_ns = 50 * MS});
	bar = fake_function_config32(D1, BAR0);
	g = fake_guest_create(NULL);
	fake_function_keep(D1, NEVER_SEEN);
	take(D1);
	do {
		machine_clock_advance(3600 * 1000 * MS);
		err = dma_device_assign(g->guest, D1, NO_WAIVER);
	} while (err == -XEN_EAGAIN);
	ck_assert_int_eq(err, 0);
	expect_fit(D1, bar);
	machine_shutdown();
}
END_TEST

START_TEST(unplugged_device_is_survived)
{
	/* All ones: not taken from home; taken from a guest all the same. */
	boot_with(_i, (struct fake_reset_config){.way = FAKE_RESET_FLR});
	g = fake_guest_create(NULL);
	take(D1);
	ck_assert_int_eq(assign_to(g, D1, NO_WAIVER), 0);
	fake_guest_run(g);
	ANSWERS(STATUS_SUCCESS, attach(g, new_domain(g, 0), new_device(g, V1)));
	fake_function_unplug(D1);
	fake_function_unplug(D2);
	ck_assert_int_eq(dma_device_quarantine(D2), -XEN_EIO);
	ck_assert_uint_eq(state_of(D2), SLUICE_DEVICE_IN_USE);
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	ck_assert(is_blocked(D1, LA));
	ck_assert_int_eq(send_home(D1), -XEN_EIO);
	ck_assert(is_blocked(D1, machine_control()->ram.addr));
	machine_shutdown();
}
END_TEST

START_TEST(moved_registers_are_not_given_away)
{
	/* A guest would be given the addresses of the start: refused. */
	boot_service(_i);
	fake_function_poke32(D1, BAR0, MACHINE_BAR_BASE + (7 << 20));
	ck_assert_int_eq(dma_device_quarantine(D1), -XEN_EOPNOTSUPP);
	ck_assert_uint_eq(state_of(D1), SLUICE_DEVICE_IN_USE);
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(handover_failure, one_that_does_not_come_back_is_nobodys,
	      late_one_is_waited_for, clock_jump_ends_no_reset_early,
	      unplugged_device_is_survived, moved_registers_are_not_given_away)
