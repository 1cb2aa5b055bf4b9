// SPDX-License-Identifier: MIT
/*
 * A device between two owners: blocked, silent, reset by the hypervisor, as it
 * was configured, whatever the tools or the device do.
 */
#include "handover_fixture.h"

#define BEHIND SLUICE_SBDF(0, 1, 0, 0) /* the function below a bridge */
#define BRIDGE SLUICE_SBDF(0, 0, 28, 0)

static struct fake_guest *g;

static void reset_between_owners(int kind, struct fake_reset_config reset)
{
	struct fake_guest *heir;
	uint64_t began;
	uint32_t bar;

	boot_with(kind, reset);
	g = fake_guest_create(NULL);
	heir = fake_guest_create(NULL);
	bar = fake_function_config32(D1, BAR0);
	fake_function_keep(D1, NEVER_SEEN);
	fake_function_set_master(D1, true);
	take(D1);
	began = machine_clock_now();
	ck_assert_uint_eq(state_of(D1), SLUICE_DEVICE_BUSY);
	ck_assert_int_eq(dma_device_assign(g->guest, D1, NO_WAIVER),
			 -XEN_EAGAIN);
	ck_assert_int_eq(assign_to(g, D1, NO_WAIVER), 0);
	ck_assert_uint_ge(machine_clock_now() - began, 100 * MS);
	expect_fit(D1, bar);
	/* What the guest leaves is gone as well. */
	fake_guest_run(g);
	ANSWERS(STATUS_SUCCESS, attach(g, new_domain(g, 0), new_device(g, V1)));
	ck_assert(fake_function_is_master(D1));
	fake_function_keep(D1, NEVER_SEEN);
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert_int_eq(assign_to(heir, D1, NO_WAIVER), 0);
	expect_fit(D1, bar);
	ck_assert_uint_eq(fake_function_resets(D1), 2);
	machine_shutdown();
}

START_TEST(device_is_reset_between_owners)
{
	/* By FLR: 100 ms pass, its state is gone, its BARs are back. */
	reset_between_owners(_i,
			     (struct fake_reset_config){.way = FAKE_RESET_FLR});
}
END_TEST

START_TEST(advanced_features_reset_it_as_well)
{
	/* A conventional function with the AF capability: the same. */
	reset_between_owners(_i,
			     (struct fake_reset_config){.way = FAKE_RESET_AF});
}
END_TEST

START_TEST(other_guests_go_on_during_a_reset)
{
	/* Between any two looks at the reset another guest's calls succeed. */
	struct fake_guest *other;
	uint64_t domain, looks = 0;

	boot_with(_i, (struct fake_reset_config){.way = FAKE_RESET_FLR,
						 .answer_ns = 50 * MS});
	g = fake_guest_create(NULL);
	other = guest_with(1, D3);
	domain = new_domain(other, 0);
	ANSWERS(STATUS_SUCCESS, attach(other, domain, new_device(other, V1)));
	take(D1);
	while (dma_device_assign(g->guest, D1, NO_WAIVER) == -XEN_EAGAIN) {
		uint64_t before = machine_clock_now();

		/* One look takes no time of the hardware's. */
		ck_assert_int_ne(dma_device_release(D1), 0);
		ck_assert_uint_lt(machine_clock_now() - before, MS);
		ANSWERS(STATUS_SUCCESS, map(other, domain, LA, P(1), 1, RW));
		EXPECT(lands(D3, LA, other, P(1)), "its DMA goes on");
		ANSWERS(STATUS_SUCCESS, unmap(other, domain, LA, 1));
		looks++;
		machine_clock_advance(MS);
	}
	ck_assert_uint_ge(looks, 10);
	machine_shutdown();
}
END_TEST

START_TEST(destroyed_guests_device_is_reset)
{
	/* Nobody asks for it: the reset began when the guest went. */
	uint32_t bar;

	boot_with(_i, (struct fake_reset_config){.way = FAKE_RESET_FLR});
	bar = fake_function_config32(D1, BAR0);
	g = fake_guest_create(NULL);
	take(D1);
	ck_assert_int_eq(assign_to(g, D1, NO_WAIVER), 0);
	fake_guest_run(g);
	ANSWERS(STATUS_SUCCESS, attach(g, new_domain(g, 0), new_device(g, V1)));
	fake_function_keep(D1, NEVER_SEEN);
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	ck_assert_uint_eq(state_of(D1), SLUICE_DEVICE_BUSY);
	ck_assert(!fake_function_is_master(D1));
	ck_assert_int_eq(dma_device_release(D1), -XEN_EAGAIN);
	ck_assert_int_eq(send_home(D1), 0);
	ck_assert_uint_eq(fake_function_kept(D1), 0);
	ck_assert_uint_eq(fake_function_config32(D1, BAR0), bar);
	/* As its driver left it: decoding, interrupts as they were. */
	ck_assert_uint_eq(fake_function_config32(D1, COMMAND) & 0x0407, 2);
	machine_shutdown();
}
END_TEST

START_TEST(without_a_reset_somebody_must_say_so)
{
	/* EPERM and no change; with the waiver it goes, dirty, each time. */
	uint32_t command;

	boot_service(_i);
	g = fake_guest_create(NULL);
	command = fake_function_config32(D1, COMMAND);
	fake_function_keep(D1, NEVER_SEEN);
	take(D1);
	ck_assert_uint_eq(state_of(D1), SLUICE_DEVICE_AS_LEFT);
	ck_assert_int_eq(dma_device_assign(g->guest, D1, NO_WAIVER),
			 -XEN_EPERM);
	ck_assert_int_eq(dma_device_assign(g->guest, D1, 1), -XEN_EINVAL);
	ck_assert(dma_device_is_assignable(D1));
	ck_assert_int_eq(
		dma_device_assign(g->guest, D1, SLUICE_ASSIGN_RESET_WAIVED), 0);
	ck_assert_uint_eq(fake_function_kept(D1), NEVER_SEEN);
	ck_assert_uint_eq(fake_function_config32(D1, COMMAND) & 0x0407, 0x0402);
	/* The waiver was that assignment's. */
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert_int_eq(dma_device_assign(g->guest, D1, NO_WAIVER),
			 -XEN_EPERM);
	ck_assert_int_eq(dma_device_release(D1), 0);
	ck_assert_uint_eq(fake_function_config32(D1, COMMAND), command);
	machine_shutdown();
}
END_TEST

START_TEST(waiver_does_not_spare_a_reset)
{
	/* One that can be reset is, whoever accepts that it were not. */
	boot_with(_i, (struct fake_reset_config){.way = FAKE_RESET_FLR});
	g = fake_guest_create(NULL);
	fake_function_keep(D1, NEVER_SEEN);
	take(D1);
	ck_assert_int_eq(assign_to(g, D1, SLUICE_ASSIGN_RESET_WAIVED), 0);
	ck_assert_uint_eq(fake_function_kept(D1), 0);
	machine_shutdown();
}
END_TEST

START_TEST(own_device_goes_home_as_it_is)
{
	/* The control domain's, back before anybody had it: no reset. */
	boot_with(_i, (struct fake_reset_config){.way = FAKE_RESET_FLR});
	fake_function_keep(D1, NEVER_SEEN);
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
	ck_assert_int_eq(dma_device_release(D1), 0);
	ck_assert_uint_eq(fake_function_kept(D1), NEVER_SEEN);
	ck_assert_uint_eq(fake_function_resets(D1), 0);
	machine_shutdown();
}
END_TEST

/* ---- a bus of its own ---- */

static struct machine_config with_bridge(int kind)
{
	struct machine_config c = service_machine(kind);

	c.function[1] = (struct fake_function_config){
		.sbdf = BRIDGE,
		.vendor = 0x1b36,
		.device = 0x000c,
		.class_code = 0x060400,
		.is_bridge = true,
		.capability = 0x00420010, /* Express, a root port */
		.secondary = 1,
	};
	c.function[2].sbdf = BEHIND;
	return c;
}

START_TEST(device_alone_on_its_bus_is_reset_with_it)
{
	/* The bridge's secondary bus, held for a millisecond at least. */
	struct machine_config c = with_bridge(_i);
	uint64_t began;
	uint32_t bar;

	machine_boot(&c);
	bar = fake_function_config32(BEHIND, BAR0);
	g = fake_guest_create(NULL);
	fake_function_keep(BEHIND, NEVER_SEEN);
	take(BEHIND);
	began = machine_clock_now();
	ck_assert_int_eq(assign_to(g, BEHIND, NO_WAIVER), 0);
	ck_assert_uint_ge(machine_clock_now() - began, 101 * MS);
	ck_assert_uint_eq(fake_function_resets(BEHIND), 1);
	ck_assert_uint_eq(fake_function_resets(D3), 0);
	expect_fit(BEHIND, bar);
	/* The bridge lets it go again. */
	ck_assert_uint_eq(fake_function_config32(BRIDGE, 0x3c) >> 16 & 0x40, 0);
	machine_shutdown();
}
END_TEST

START_TEST(bus_is_not_reset_under_a_neighbour)
{
	/* Two functions on the bus: neither can be reset. */
	struct machine_config c = with_bridge(_i);

	c.function[3].sbdf = BEHIND + 8;
	machine_boot(&c);
	g = fake_guest_create(NULL);
	take(BEHIND);
	ck_assert_int_eq(dma_device_assign(g->guest, BEHIND, NO_WAIVER),
			 -XEN_EPERM);
	ck_assert_uint_eq(fake_function_resets(BEHIND + 8), 0);
	machine_shutdown();
}
END_TEST

/* ---- ATS, page requests, PASIDs ---- */

static const unsigned controls[] = {FAKE_RESET_ATS + 4, FAKE_RESET_ATS + 20,
				    FAKE_RESET_ATS + 36};

static void switch_on(void)
{
	for (unsigned i = 0; i < ARRAY_COUNT(controls); i++) {
		fake_function_poke32(D1, controls[i], 0x80018001);
	}
}

static bool is_off(void)
{
	/* PRI has its control in the low half, the others in the high one. */
	return fake_function_config32(D1, controls[0]) >> 16 == 0 &&
	       (uint16_t)fake_function_config32(D1, controls[1]) == 0 &&
	       fake_function_config32(D1, controls[2]) >> 16 == 0;
}

START_TEST(translation_services_are_off)
{
	/* At hand-over, and again when its DMA is let through; with a reset or
	 * without. */
	const struct fake_reset_config rows[] = {
		{.way = FAKE_RESET_FLR, .has_ats = true},
		{.way = FAKE_RESET_NONE, .has_ats = true},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
		boot_with(_i, rows[i]);
		g = fake_guest_create(NULL);
		switch_on();
		ck_assert(!is_off());
		take(D1);
		ck_assert_int_eq(assign_to(g, D1, SLUICE_ASSIGN_RESET_WAIVED),
				 0);
		ck_assert(is_off());
		fake_guest_run(g);
		switch_on();
		ANSWERS(STATUS_SUCCESS,
			attach(g, new_domain(g, 0), new_device(g, V1)));
		ck_assert(is_off());
		machine_shutdown();
	}
}
END_TEST

SERVICE_SUITE(handover, device_is_reset_between_owners,
	      advanced_features_reset_it_as_well,
	      other_guests_go_on_during_a_reset,
	      destroyed_guests_device_is_reset,
	      without_a_reset_somebody_must_say_so,
	      waiver_does_not_spare_a_reset, own_device_goes_home_as_it_is,
	      device_alone_on_its_bus_is_reset_with_it,
	      bus_is_not_reset_under_a_neighbour, translation_services_are_off)
