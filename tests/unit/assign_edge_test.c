// SPDX-License-Identifier: MIT
/* Devices that change hands where there is no room, or a unit says no. */
#include "fake_nest.h"
#include "service_fixture.h"

static struct fake_guest *g;

START_TEST(bus_of_a_guest_holds_31_devices)
{
	/* The 32nd stays in quarantine; one that leaves makes room for it. */
	struct machine_config c = machine_default();
	uint32_t first = c.function_count, last;

	for (unsigned i = 0; i < 28; i++) {
		c.function[c.function_count++] = (struct fake_function_config){
			.sbdf = SLUICE_SBDF(0, 0, 3 + i % 4, 1 + i / 4),
			.vendor = 0x1234,
			.device = 0x11e8,
			.class_code = 0x00ff00,
		};
	}
	for (unsigned i = 1; i < first; i++) {
		c.function[i].multifunction = true;
	}
	machine_boot(&c);
	g = fake_guest_create(NULL);
	for (unsigned i = 0; i < 31; i++) {
		uint32_t at = fake_guest_assign(
			g, SLUICE_SBDF(0, 0, 3 + i % 4, i / 4));

		ck_assert_uint_eq(at, SLUICE_SBDF(0, 0, 1 + i, 0));
	}
	last = SLUICE_SBDF(0, 0, 6, 7);
	ck_assert_int_eq(dma_device_quarantine(last), 0);
	ck_assert_int_eq(
		dma_device_assign(g->guest, last, SLUICE_ASSIGN_RESET_WAIVED),
		-XEN_ENOSPC);
	ck_assert(dma_device_is_assignable(last));
	ck_assert_int_eq(dma_device_deassign(g->guest, D2), 0);
	ck_assert_int_eq(
		dma_device_assign(g->guest, last, SLUICE_ASSIGN_RESET_WAIVED),
		0);
	machine_shutdown();
}
END_TEST

START_TEST(refused_way_home_leaves_it_nobodys)
{
	/* It stays in quarantine, blocked, and can be released again. */
	fake_nest_boot(&(struct fake_nest_config){.can_nest = true});
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
	fake_nest_refusals.attach = -XEN_EIO;
	ck_assert_int_eq(dma_device_release(D1), -XEN_EIO);
	ck_assert_ptr_null(fake_nest_target(D1, FAKE_NEST_UNTAGGED));
	ck_assert(dma_device_is_assignable(D1));
	fake_nest_refusals.attach = 0;
	ck_assert_int_eq(dma_device_release(D1), 0);
	ck_assert_ptr_nonnull(fake_nest_target(D1, FAKE_NEST_UNTAGGED));
	machine_shutdown();
}
END_TEST

START_TEST(unit_that_keeps_it_keeps_it_at_home)
{
	/* A block that is not confirmed changes no owner; told each time. */
	fake_nest_boot(&(struct fake_nest_config){.can_nest = true});
	fake_nest_refusals.block = -XEN_EIO;
	ck_assert_int_eq(dma_device_quarantine(D1), -XEN_EIO);
	ck_assert(!dma_device_is_assignable(D1));
	ck_assert_ptr_nonnull(fake_nest_target(D1, FAKE_NEST_UNTAGGED));
	fake_nest_refusals.block = 0;
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
	ck_assert_ptr_null(fake_nest_target(D1, FAKE_NEST_UNTAGGED));
	machine_shutdown();
}
END_TEST

UNIT_SUITE(assign_edge, bus_of_a_guest_holds_31_devices,
	   refused_way_home_leaves_it_nobodys,
	   unit_that_keeps_it_keeps_it_at_home)
