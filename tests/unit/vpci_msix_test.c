// SPDX-License-Identifier: MIT
/* MSI-X: the capability, and the table's pages, which the guest has not. */
#include "platform/pci_msix.h"
#include "vpci_fixture.h"

#define CONTROL	 (AT_MSIX + 2)
#define ON	 0x8000u
#define MASKED	 0x4000u
#define ENTRY(n) (TABLE + 16 * (uint64_t)(n))

static uint32_t hardware(unsigned n, unsigned word)
{
	return (uint32_t)fake_registers_read(BAR_MACHINE + ENTRY(n) + word, 4);
}

static void write_entry(struct fake_guest *g, unsigned n, uint64_t address,
			uint32_t data, uint32_t control)
{
	table_put(g, ENTRY(n) + 12, 4, 1);
	table_put(g, ENTRY(n), 4, (uint32_t)address);
	table_put(g, ENTRY(n) + 4, 4, address >> 32);
	table_put(g, ENTRY(n) + 8, 4, data);
	table_put(g, ENTRY(n) + 12, 4, control);
}

START_TEST(table_starts_masked_and_empty)
{
	/* Five entries, all masked; nothing of the hardware shows through. */
	struct fake_guest *g = vpci_boot(true);

	fake_registers_write(BAR_MACHINE + ENTRY(1), 4, 0xfee0beef);
	fake_registers_write(BAR_MACHINE + ENTRY(1) + 12, 4, 0);
	for (unsigned n = 0; n < TABLE_COUNT; n++) {
		ck_assert_uint_eq(table_get(g, ENTRY(n), 8), 0);
		ck_assert_uint_eq(table_get(g, ENTRY(n) + 8, 4), 0);
		ck_assert_uint_eq(table_get(g, ENTRY(n) + 12, 4), 1);
	}
	/* Once it is on, what stood there is masked. */
	config_put(g, CONTROL, 2, ON);
	for (unsigned n = 0; n < TABLE_COUNT; n++) {
		ck_assert_uint_eq(hardware(n, 12), 1);
	}
	ck_assert_uint_eq(vpci_sets, 0);
	vpci_boot_end();
}
END_TEST

START_TEST(unmasked_entry_holds_the_hypervisors_message)
{
	/* Before enabling nothing reaches the device; after it each unmasked
	 * entry does, and masking keeps its vector.
	 */
	struct fake_guest *g = vpci_boot(true);
	uint64_t writes;

	write_entry(g, 3, 0xfee00000, 0x4053, 0);
	ck_assert_uint_eq(vpci_sets, 0);
	config_put(g, CONTROL, 2, ON);
	ck_assert_uint_eq(fake_function_config32(D1, AT_MSIX) >> 30, 2);
	ck_assert_uint_eq(vpci_entry[3].vector, 0x53);
	ck_assert_uint_eq(vpci_entry[3].apic_id, FAKE_APIC_ID(g->guest));
	ck_assert_uint_eq(hardware(3, 0), MESSAGE_ADDRESS);
	ck_assert_uint_eq(hardware(3, 4), 0);
	ck_assert_uint_eq(hardware(3, 8), MESSAGE_DATA(3));
	ck_assert_uint_eq(hardware(3, 12), 0);
	ck_assert_uint_eq(table_get(g, ENTRY(3), 4), 0xfee00000);
	ck_assert_uint_eq(table_get(g, ENTRY(3) + 8, 4), 0x4053);
	/* Masked and unmasked without a word to the unit. */
	table_put(g, ENTRY(3) + 12, 4, 1);
	ck_assert_uint_eq(hardware(3, 12), 1);
	table_put(g, ENTRY(3) + 12, 4, 0);
	ck_assert_uint_eq(hardware(3, 12), 0);
	ck_assert_uint_eq(hardware(3, 8), MESSAGE_DATA(3));
	ck_assert_uint_eq(vpci_sets, 1);
	/* Another entry does not disturb it. */
	write_entry(g, 0, 0xfee00000, 0x54, 0);
	ck_assert_uint_eq(hardware(0, 8), MESSAGE_DATA(0));
	ck_assert_uint_eq(vpci_entry[3].vector, 0x53);
	/* Off: the entries go. */
	config_put(g, CONTROL, 2, 0);
	writes = fake_registers_writes();
	ck_assert_uint_eq(vpci_entry[3].vector, 0);
	ck_assert_uint_eq(vpci_entry[0].vector, 0);
	ck_assert_uint_eq(fake_function_config32(D1, AT_MSIX) >> 30, 0);
	write_entry(g, 3, 0xfee00000, 0x55, 0);
	ck_assert_uint_eq(fake_registers_writes(), writes);
	vpci_boot_end();
}
END_TEST

START_TEST(foreign_entries_stay_masked)
{
	/* NMI, INIT, another CPU, the hypervisor's vectors: the hardware's
	 * entry is masked, the unit's empty.
	 */
	static const struct {
		uint64_t address;
		uint32_t data;
	} rows[] = {
		{0xfee00000, 0x431},   {0xfee00000, 0x531},
		{0xfee01000, 0x31},    {0xfee00000, 0xf0},
		{0xfee00000, 0xff},    {0xfee00000, 0x1f},
		{0x1fee00000, 0x31},   {0xfee00010, 0x31},
		{0xfee00000, 0x8031},  {0x12345678, 0x31},
		{0xfee00000, 0x10031},
	};
	struct fake_guest *g = vpci_boot(true);

	config_put(g, CONTROL, 2, ON);
	write_entry(g, 2, 0xfee00000, 0x31, 0);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		write_entry(g, 2, rows[i].address, rows[i].data, 0);
		EXPECT(vpci_entry[2].vector == 0, "row %zu", i);
		EXPECT(hardware(2, 12) == 1, "row %zu", i);
		write_entry(g, 2, 0xfee00000, 0x31, 0);
		EXPECT(vpci_entry[2].vector == 0x31, "row %zu", i);
		EXPECT(hardware(2, 12) == 0, "row %zu", i);
	}
	vpci_boot_end();
}
END_TEST

START_TEST(accesses_keep_to_one_entry)
{
	/* 4 and 8 bytes, aligned; what crosses an edge is no access, and
	 * narrower ones read ones and write nothing.
	 */
	struct fake_guest *g = vpci_boot(true);
	uint64_t value = 0;

	table_put(g, ENTRY(1), 8, 0x00000002fee01000);
	table_put(g, ENTRY(1) + 8, 8, 0x0000000100000047);
	ck_assert_uint_eq(table_get(g, ENTRY(1), 4), 0xfee01000);
	ck_assert_uint_eq(table_get(g, ENTRY(1) + 4, 4), 2);
	ck_assert_uint_eq(table_get(g, ENTRY(1) + 8, 8), 0x100000047);
	for (uint64_t at = ENTRY(0); at < ENTRY(TABLE_COUNT); at++) {
		for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
			bool is_aligned = at % bytes == 0;

			EXPECT(vpci_mmio(g->guest, to_gpa(BAR_AT + at), bytes,
					 false, &value) == is_aligned,
			       "%u bytes at %lx", bytes, (unsigned long)at);
			if (is_aligned && bytes < 4) {
				table_put(g, at, bytes, 0);
				EXPECT(table_get(g, at, bytes) ==
					       GENMASK(8 * bytes - 1, 0),
				       "%u bytes at %lx", bytes,
				       (unsigned long)at);
			}
		}
	}
	ck_assert_uint_eq(table_get(g, ENTRY(1), 8), 0x00000002fee01000);
	/* The last word of the table, and the first behind it. */
	table_put(g, ENTRY(TABLE_COUNT) - 4, 4, 0);
	ck_assert_uint_eq(fake_registers_writes(), 0);
	table_put(g, ENTRY(TABLE_COUNT), 8, 0x1122334455667788);
	ck_assert_uint_eq(fake_registers_writes(), 1);
	ck_assert_uint_eq(hardware(TABLE_COUNT, 4), 0x11223344);
	vpci_boot_end();
}
END_TEST

START_TEST(rest_of_the_page_is_the_devices)
{
	/* Pending bits and whatever else lies there: every width, as written.
	 */
	struct fake_guest *g = vpci_boot(true);

	fake_registers_write(BAR_MACHINE + PENDING, 8, 0x15);
	ck_assert_uint_eq(table_get(g, PENDING, 8), 0x15);
	ck_assert_uint_eq(table_get(g, PENDING, 4), 0x15);
	for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
		table_put(g, TABLE_PAGE + 0x40, bytes, 0x8877665544332211);
		ck_assert_uint_eq(table_get(g, TABLE_PAGE + 0x40, bytes),
				  0x8877665544332211 &
					  GENMASK(8 * bytes - 1, 0));
	}
	table_put(g, TABLE - 4, 4, 0xabcdef01);
	ck_assert_uint_eq(fake_registers_read(BAR_MACHINE + TABLE - 4, 4),
			  0xabcdef01);
	vpci_boot_end();
}
END_TEST

START_TEST(only_the_tables_page_is_emulated)
{
	/* The page before, the page behind, and the same address in another
	 * guest are nobody's.
	 */
	struct fake_guest *g = vpci_boot(true);
	struct fake_guest *other = fake_guest_create(NULL);
	uint64_t value = 0;

	vpci_guest_create(other->guest);
	ck_assert(vpci_owns(g->guest, to_gpa(BAR_AT + TABLE_PAGE)));
	ck_assert(vpci_owns(g->guest, to_gpa(BAR_AT + TABLE_PAGE + 0xfff)));
	ck_assert(!vpci_owns(g->guest, to_gpa(BAR_AT + TABLE_PAGE - 1)));
	ck_assert(!vpci_owns(g->guest, to_gpa(BAR_AT + TABLE_PAGE + 0x1000)));
	ck_assert(!vpci_owns(g->guest, to_gpa(BAR_MACHINE + TABLE)));
	ck_assert(!vpci_owns(other->guest, to_gpa(BAR_AT + TABLE)));
	ck_assert(!vpci_mmio(other->guest, to_gpa(BAR_AT + TABLE), 4, true,
			     &value));
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert(!vpci_owns(g->guest, to_gpa(BAR_AT + TABLE)));
	vpci_boot_end();
}
END_TEST

START_TEST(one_kind_of_message_at_a_time)
{
	/* While one is enabled the other's bit cannot be set. */
	struct fake_guest *g = vpci_boot(true);

	config_put(g, CONTROL, 2, ON | MASKED);
	ck_assert_uint_eq(config_get(g, CONTROL, 2), 0xc004);
	ck_assert_uint_eq(fake_function_config32(D1, AT_MSIX) >> 30, 3);
	config_put(g, AT_MSI + 2, 2, 1);
	ck_assert_uint_eq(config_get(g, AT_MSI + 2, 2), 0x0180);
	config_put(g, CONTROL, 2, 0);
	config_put(g, AT_MSI + 2, 2, 1);
	config_put(g, CONTROL, 2, ON);
	ck_assert_uint_eq(config_get(g, CONTROL, 2), 4);
	ck_assert_uint_eq(config_get(g, AT_MSI + 2, 2), 0x0181);
	vpci_boot_end();
}
END_TEST

START_TEST(tables_that_cannot_be_driven_are_not_shown)
{
	/* Too many entries, no such BAR, beyond its end, above 4 GiB. */
	static const struct {
		uint32_t control, table;
		uint64_t bar;
	} rows[] = {
		{0x01000011, 0x2000, BAR_MACHINE},  /* 257 entries */
		{0x00040011, 0x2001, BAR_MACHINE},  /* BAR 1       */
		{0x00040011, 0x2006, BAR_MACHINE},  /* BAR 6       */
		{0x00040011, 0xfffc0, BAR_MACHINE}, /* 64 of 80 bytes */
		{0x00040011, 0x2000, UINT64_C(0x200000000)}, /* high       */
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct pci_device dev = {
			.bar[0] = {rows[i].bar, BAR_BYTES},
			.config = to_hpa(MACHINE_ECAM_BASE + (D1 << 12)),
		};
		const struct fake_register registers[] = {
			{0x04, 0x00100000, 0},
			{0x34, AT_MSIX, 0},
			{AT_MSIX, rows[i].control, 0},
			{AT_MSIX + 4, rows[i].table, 0},
		};
		struct fake_guest *g =
			vpci_boot_with(true, registers, ARRAY_COUNT(registers));

		pci_msix_describe(&dev);
		EXPECT(pci_msix_window(&dev).bytes == 0, "row %zu", i);
		if (rows[i].bar == BAR_MACHINE) {
			EXPECT(config_get(g, 0x34, 1) == 0, "row %zu", i);
			EXPECT(!vpci_owns(g->guest, to_gpa(BAR_AT + 0x2000)),
			       "row %zu", i);
		}
		vpci_boot_end();
	}
}
END_TEST

UNIT_SUITE(vpci_msix, table_starts_masked_and_empty,
	   unmasked_entry_holds_the_hypervisors_message,
	   foreign_entries_stay_masked, accesses_keep_to_one_entry,
	   rest_of_the_page_is_the_devices, only_the_tables_page_is_emulated,
	   one_kind_of_message_at_a_time,
	   tables_that_cannot_be_driven_are_not_shown)
