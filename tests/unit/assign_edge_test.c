// SPDX-License-Identifier: MIT
/* Devices that change hands where there is no room, or a unit says no. */
#include "fake_firmware.h"
#include "fake_nest.h"
#include "service_fixture.h"

#include <string.h>

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

/* One more structure for a DMAR table: @sbdf needs a page at @base. */
static uint32_t add_reserved_memory(uint8_t *table, uint32_t bytes,
				    uint32_t sbdf, uint64_t base)
{
	const uint64_t last = base + PAGE_MASK;
	uint8_t *s = table + bytes;
	uint32_t total = bytes + 32;

	memset(s, 0, 32);
	s[0] = 1; /* RMRR */
	s[2] = 32;
	memcpy(s + 8, &base, sizeof(base));
	memcpy(s + 16, &last, sizeof(last));
	s[24] = 1; /* scope: one endpoint, by its path */
	s[25] = 8;
	s[30] = (uint8_t)(sbdf >> 3 & 31);
	s[31] = (uint8_t)(sbdf & 7);
	memcpy(table + 4, &total, sizeof(total));
	firmware_checksum(table, total);
	return total;
}

START_TEST(firmwares_memory_over_ram_keeps_a_device_at_home)
{
	/* No guest's domain can hold it; the device beside it is free to go. */
	struct machine_config c = machine_default();
	static uint8_t table[FIRMWARE_TABLE_MAX];
	uint64_t home;

	c.dmar_bytes = add_reserved_memory(table, firmware_dmar(&c, table), D1,
					   MACHINE_RAM_BASE);
	c.dmar = table;
	machine_boot(&c);
	home = machine_control()->ram.addr;
	ck_assert_int_eq(dma_device_quarantine(D1), -XEN_EOPNOTSUPP);
	ck_assert(!dma_device_is_assignable(D1));
	ck_assert_uint_eq(reach(D1, home, true), home);
	ck_assert_int_eq(dma_device_quarantine(D2), 0);
	ck_assert(is_blocked(D2, home));
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

START_TEST(release_goes_home_whole_or_not_at_all)
{
	/* Whichever request of it is refused: nobody's; the next try is home.
	 */
	unsigned refused = 0;

	for (int kind = 0; kind < SERVICE_KINDS; kind++) {
		bool is_over = false;
		uint64_t home;

		boot_service(kind);
		home = machine_control()->ram.addr;
		for (unsigned n = 1; n < 20 && !is_over; n++) {
			ck_assert_int_eq(dma_device_quarantine(D1), 0);
			fake_unit_queue_error(machine_unit(0), n);
			is_over = dma_device_release(D1) == 0;
			if (!is_over) {
				refused++;
				ck_assert(dma_device_is_assignable(D1));
				ck_assert(is_blocked(D1, home));
				ck_assert_int_eq(dma_device_release(D1), 0);
			}
			ck_assert_uint_eq(reach(D1, home, true), home);
		}
		machine_reset();
	}
	ck_assert_uint_gt(refused, 0);
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
	   firmwares_memory_over_ram_keeps_a_device_at_home,
	   refused_way_home_leaves_it_nobodys,
	   release_goes_home_whole_or_not_at_all,
	   unit_that_keeps_it_keeps_it_at_home)
