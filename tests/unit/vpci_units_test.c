// SPDX-License-Identifier: MIT
/*
 * From what a guest programs to what arrives at a CPU, over the units of both
 * vendors: the device's own messages, forged ones, and after it changed hands.
 */
#include "dma/device.h"
#include "fake_intr.h"
#include "vpci_fixture.h"

#include <string.h>

static const struct fake_register registers[] = {
	{0x04, 0x00100000, 0},
	{0x34, AT_MSI, 0},
	{AT_MSI, 0x0080c005, 0x00710000},
	{AT_MSI + 4, 0, 0xfffffffc},
	{AT_MSI + 8, 0, 0xffffffff},
	{AT_MSI + 12, 0, 0xffff},
	{AT_MSIX, 0x00040011, 0xc0000000},
	{AT_MSIX + 4, (uint32_t)TABLE, 0},
	{AT_MSIX + 8, (uint32_t)PENDING, 0},
};

static struct fake_guest *boot(int vendor)
{
	struct machine_config c = vendor ? machine_amd() : machine_default();
	struct fake_guest *g;

	c.function[1].registers = registers;
	c.function[1].register_count = ARRAY_COUNT(registers);
	machine_boot(&c);
	fake_registers_place(BAR_MACHINE);
	ck_assert(iommu_intr_is_present());
	g = fake_guest_create(NULL);
	vpci_guest_create(g->guest);
	fake_guest_assign(g, D1);
	dma_device_note_bar(g->guest, BAR_MACHINE, BAR_BYTES, to_gpa(BAR_AT),
			    true);
	fake_guest_run(g);
	return g;
}

/* The device sends what its MSI registers hold, if it is on. */
static bool send_msi(void)
{
	uint64_t address = fake_function_config32(D1, AT_MSI + 4) |
			   (uint64_t)fake_function_config32(D1, AT_MSI + 8)
				   << 32;

	return (fake_function_config32(D1, AT_MSI) & 0x10000) != 0 &&
	       fake_msi(D1, address, fake_function_config32(D1, AT_MSI + 12));
}

/* ... or what an entry of its table holds. */
static bool send_entry(unsigned n)
{
	uint64_t at = BAR_MACHINE + TABLE + 16 * (uint64_t)n;

	return (fake_registers_read(at + 12, 4) & 1) == 0 &&
	       fake_msi(D1, fake_registers_read(at, 8),
			(uint32_t)fake_registers_read(at + 8, 4));
}

static void program(struct fake_guest *g, uint32_t vector)
{
	config_put(g, AT_MSI + 4, 4, 0xfee00000);
	config_put(g, AT_MSI + 12, 2, vector);
	config_put(g, AT_MSI + 2, 2, 1);
}

static void program_entry(struct fake_guest *g, unsigned n, uint32_t vector)
{
	table_put(g, TABLE + 16 * n, 8, 0xfee00000);
	table_put(g, TABLE + 16 * n + 8, 8, vector);
}

/* The last arrival is this vector at the guest's CPU. */
static void expect_arrival(struct fake_guest *g, uint8_t vector)
{
	struct fake_arrival a = fake_arrival(fake_arrivals() - 1);

	ck_assert_uint_eq(a.vector, vector);
	ck_assert_uint_eq(a.apic_id, FAKE_APIC_ID(g->guest));
	ck_assert_uint_eq(a.mode, FAKE_INTR_FIXED);
}

START_TEST(message_arrives_at_the_guests_cpu)
{
	/* What the device sends is the vector that the guest programmed, at
	 * the guest's CPU; after a change it is the new one alone.
	 */
	struct fake_guest *g = boot(_i);

	program(g, 0x31);
	ck_assert(send_msi());
	expect_arrival(g, 0x31);
	program(g, 0x77);
	ck_assert(send_msi());
	expect_arrival(g, 0x77);
	config_put(g, AT_MSI + 2, 2, 0);
	ck_assert(!send_msi());
	vpci_boot_end();
}
END_TEST

START_TEST(entries_arrive_each_as_its_own)
{
	/* Five entries, five vectors; a masked one sends nothing. */
	struct fake_guest *g = boot(_i);

	config_put(g, AT_MSIX + 2, 2, 0x8000);
	for (unsigned n = 0; n < TABLE_COUNT; n++) {
		program_entry(g, n, 0x40 + 0x11 * n);
	}
	for (unsigned n = 0; n < TABLE_COUNT; n++) {
		ck_assert(send_entry(n));
		expect_arrival(g, (uint8_t)(0x40 + 0x11 * n));
	}
	table_put(g, TABLE + 12, 4, 1);
	ck_assert(!send_entry(0));
	config_put(g, AT_MSIX + 2, 2, 0);
	for (unsigned n = 0; n < TABLE_COUNT; n++) {
		ck_assert(!send_entry(n));
	}
	vpci_boot_end();
}
END_TEST

START_TEST(forged_messages_reach_own_vectors_alone)
{
	/* Whatever the device writes into the window, what arrives is a
	 * programmed vector at the guest's CPU.
	 */
	struct fake_guest *g = boot(_i);
	unsigned arrived;

	program(g, 0x31);
	ck_assert(send_msi());
	arrived = fake_arrivals();
	for (uint32_t at = 0xfee00000; at < 0xfef00000; at += 4) {
		(void)fake_msi(D1, at, (at >> 2 & 0x7ff) | 0x400);
		(void)fake_msi(D1, at, at >> 2 & 0xff);
		for (; arrived < fake_arrivals(); arrived++) {
			struct fake_arrival a =
				fake_arrival(fake_arrivals() - 1);

			EXPECT(a.vector == 0x31 &&
				       a.apic_id == FAKE_APIC_ID(g->guest) &&
				       a.mode == FAKE_INTR_FIXED,
			       "%x: vector %x, mode %u, CPU %u", at, a.vector,
			       a.mode, a.apic_id);
			if (arrived + 1 >= FAKE_ARRIVALS_MAX) {
				goto end;
			}
		}
	}
end:
	fake_unit_forgive(machine_unit(0));
	vpci_boot_end();
}
END_TEST

START_TEST(old_owner_gets_nothing)
{
	/* The message that the device still holds goes nowhere once it is
	 * taken away, nor when the next guest has it; that one's own arrives.
	 */
	struct fake_guest *g = boot(_i);
	struct fake_guest *heir = fake_guest_create(NULL);
	uint64_t address;
	uint32_t data;

	program(g, 0x31);
	ck_assert(send_msi());
	address = fake_function_config32(D1, AT_MSI + 4);
	data = fake_function_config32(D1, AT_MSI + 12);
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert(!fake_msi(D1, address, data));
	vpci_guest_create(heir->guest);
	ck_assert_int_eq(
		dma_device_assign(heir->guest, D1, SLUICE_ASSIGN_RESET_WAIVED),
		0);
	ck_assert(!fake_msi(D1, address, data));
	program(heir, 0x52);
	ck_assert(send_msi());
	expect_arrival(heir, 0x52);
	fake_unit_forgive(machine_unit(0));
	vpci_boot_end();
}
END_TEST

Suite *vpci_units_suite(void);
Suite *vpci_units_suite(void)
{
	const TTest *const tests[] = {
		message_arrives_at_the_guests_cpu,
		entries_arrive_each_as_its_own,
		forged_messages_reach_own_vectors_alone,
		old_owner_gets_nothing,
	};
	Suite *suite = suite_create("vpci_units");
	TCase *tcase = tcase_create("vpci_units");

	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < ARRAY_COUNT(tests); i++) {
		tcase_add_loop_test(tcase, tests[i], 0, 2);
	}
	suite_add_tcase(suite, tcase);
	return suite;
}
