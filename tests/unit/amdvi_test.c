// SPDX-License-Identifier: MIT
/*
 * What is AMD's alone: entries of the device table as bytes, the unit's own PCI
 * function, firmware's wishes, the event log. What holds on units of either
 * vendor is in iommu_test.c, iommu_failure_test.c and iommu_start_test.c.
 */
#include "dma/dma.h"
#include "fail_at.h"
#include "fake_firmware.h"
#include "iommu/amdvi/amdvi.h"
#include "iommu_fixture.h"
#include "platform/pci.h"

#include <string.h>

static struct machine_config config(void)
{
	struct machine_config c = machine_amd();

	c.stage = MACHINE_IOMMU;
	return c;
}

static void boot(const struct machine_config *c)
{
	machine_boot(c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	fixture_tables = 0;
}

static const struct amdvi_dte *entry(uint16_t bdf)
{
	const struct amdvi *amdvi = iommu_unit_at(0)->backend;
	const struct amdvi_dte *table =
		machine_ram(amdvi->table.addr, AMDVI_DEVICES * 32);

	return &table[bdf];
}

static void expect_blocked(uint16_t bdf)
{
	EXPECT(entry(bdf)->translation.low == 3 &&
		       entry(bdf)->translation.high == 0,
	       "%x: %lx %lx", bdf, entry(bdf)->translation.low,
	       entry(bdf)->translation.high);
}

START_TEST(entries_are_as_the_manual_says)
{
	/* One entry of 65536 names the table, its depth and id; all others are
	 * valid and grant nothing, before and after. */
	struct machine_config c = config();
	struct pt pt;

	boot(&c);
	pt = new_table();
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 0xabcd)), 0);
	for (unsigned bdf = 0; bdf < AMDVI_DEVICES; bdf++) {
		if (bdf != D1) {
			expect_blocked((uint16_t)bdf);
		}
		/* IV without IntCtl: messages are dropped. */
		EXPECT((entry((uint16_t)bdf)->interrupts.low == 1 ||
			bdf == MACHINE_IOAPIC) &&
			       entry((uint16_t)bdf)->interrupts.high == 0,
		       "%x: interrupts", bdf);
	}
	ck_assert_uint_eq(entry((uint16_t)D1)->translation.low,
			  pt.root.addr | 3 | 4 << 9 | BIT(61) | BIT(62));
	ck_assert_uint_eq(entry((uint16_t)D1)->translation.high, 0xabcd);
	ck_assert_int_eq(iommu_block(D1, 0xabcd), 0);
	expect_blocked((uint16_t)D1);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(shallow_table_ends_at_its_depth)
{
	/* With three levels the entry says so, and 2^39 is out of reach. */
	struct machine_config c = config();
	struct pt_memory memory = {1, &fixture_tables, NULL};
	struct pt pt;
	hpa_t page;

	boot(&c);
	page = memory_page();
	ck_assert_int_eq(pt_init(&pt, iommu_format(), memory, 3, 39, true), 0);
	map(&pt, BIT(39) - PAGE_BYTES, page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert(lands_in(D1, BIT(39) - PAGE_BYTES, page));
	ck_assert_int_eq(probe(D1, BIT(39), true), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D1, BIT(48) - PAGE_BYTES, true), FAKE_DMA_FAULT);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(pages_are_flushed_by_one_command)
{
	/* The smallest aligned power of two that holds the range: what lies in
	 * it goes, what lies beside it stays cached. */
	static const struct {
		uint64_t first, pages, gone_first, gone_pages;
	} rows[] = {{0, 1, 0, 1},     {7, 1, 7, 1},    {8, 8, 8, 8},
		    {3, 2, 0, 8},     {2, 2, 2, 2},    {9, 4, 8, 8},
		    {0, 512, 0, 512}, {255, 2, 0, 512}};

	for (unsigned r = 0; r < ARRAY_COUNT(rows); r++) {
		struct machine_config c = config();
		uint64_t at = 0x40000000, pages_before;
		struct pt pt;
		hpa_t page;

		boot(&c);
		pt = new_table();
		page = memory_page();
		for (unsigned i = 0; i < 512; i++) {
			map(&pt, at + i * PAGE_BYTES, page, RW);
		}
		ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
		for (unsigned i = 0; i < 512; i++) {
			probe(D1, at + i * PAGE_BYTES, true);
		}
		pages_before = fake_unit_counts(machine_unit(0)).page_flushes;
		ck_assert_int_eq(
			iommu_flush_pages(1, at + rows[r].first * PAGE_BYTES,
					  rows[r].pages),
			0);
		ck_assert_uint_eq(
			fake_unit_counts(machine_unit(0)).page_flushes,
			pages_before + 1);
		for (unsigned i = 0; i < 512; i++) {
			uint64_t walks =
				fake_unit_counts(machine_unit(0)).walks;
			bool gone = i - rows[r].gone_first < rows[r].gone_pages;

			probe(D1, at + i * PAGE_BYTES, true);
			EXPECT((fake_unit_counts(machine_unit(0)).walks !=
				walks) == gone,
			       "row %u, page %u", r, i);
		}
		ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
		machine_reset();
	}
}
END_TEST

START_TEST(own_function_is_nobodys)
{
	/* The unit's PCI function keeps its switches and has no owner, and no
	 * call gives it one. */
	struct machine_config c = machine_amd();
	uint32_t own = MACHINE_AMDVI_SBDF(0);
	uint32_t before;

	c.stage = MACHINE_FIRMWARE;
	machine_boot(&c);
	before = fake_function_config32(own, 4);
	ck_assert_uint_eq(before & 6, 6);
	c.stage = MACHINE_SERVICE;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	ck_assert(pci_device_find(own)->is_iommu);
	ck_assert_int_eq(dma_device_quarantine(own), -XEN_ENODEV);
	ck_assert_uint_eq(fake_function_config32(own, 4), before);
	expect_blocked((uint16_t)own);
	machine_shutdown();
}
END_TEST

START_TEST(windows_have_the_units_size)
{
	/* 16 KiB of registers, 512 KiB on a unit with counters. */
	struct machine_config c = config();

	boot(&c);
	ck_assert(!iommu_owns_registers(MACHINE_AMDVI_BASE + 0x4000, 1));
	c.amdvi[0].has_counters = true;
	boot(&c);
	ck_assert(iommu_owns_registers(MACHINE_AMDVI_BASE + 0x7ffff, 1));
	ck_assert(!iommu_owns_registers(MACHINE_AMDVI_BASE + 0x80000, 1));
}
END_TEST

START_TEST(absence_is_flushed_where_it_is_cached)
{
	/* NpCache of the unit's function decides; without the function, yes. */
	struct machine_config c = config();

	for (unsigned np = 0; np < 2; np++) {
		c.amdvi[0].np_cache = np;
		boot(&c);
		ck_assert_uint_eq(iommu_limits().needs_present_flush, np);
	}
	c.amdvi[0].np_cache = false;
	c.function_count--;
	boot(&c);
	ck_assert(iommu_limits().needs_present_flush);
}
END_TEST

START_TEST(absent_unit_says_so)
{
	/* Where all ones are read there is no unit to drive. */
	struct machine_config c = config();

	c.amdvi[0].is_gone = true;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNIT_FAILED);
	ck_assert_uint_eq(iommu_unit_count(), 0);
}
END_TEST

START_TEST(leavings_are_dropped_one_by_one)
{
	/* A unit that has no command for all: what firmware's use left in its
	 * caches is gone all the same. */
	struct machine_config c = config();

	c.amdvi[0].no_ia = true;
	c.amdvi[0].left_enabled = true;
	boot(&c);
	ck_assert_uint_eq(fake_unit_counts(machine_unit(0)).global_flushes, 0);
	ck_assert_int_eq(probe(D1, 0, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D1, MACHINE_RAM_BASE, true), FAKE_DMA_FAULT);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(second_table_is_refused)
{
	/* With DMAR and IVRS the units of DMAR are driven, and a line says it.
	 */
	struct machine_config amd = config();
	struct machine_config c = machine_default();
	static uint8_t ivrs[FIRMWARE_TABLE_MAX];

	c.stage = MACHINE_IOMMU;
	c.ivrs = ivrs;
	c.ivrs_bytes = firmware_ivrs(&amd, ivrs);
	boot(&c);
	ck_assert_str_eq(iommu_name(), "vtd");
	ck_assert_ptr_nonnull(strstr(machine_serial(), "DMAR and IVRS"));
}
END_TEST

START_TEST(messages_pass_for_interrupt_controllers_alone)
{
	/* Of firmware's wishes, an I/O APIC's are granted but for INIT, and a
	 * device's are not; DMA is blocked for both. */
	static const uint8_t entries[] = {2, 0x18, 0, 0xd7, 72, 0,
					  0, 0xd7, 0, 0xa0, 0,	1};
	struct machine_config c = config();
	static uint8_t ivrs[FIRMWARE_TABLE_MAX];

	c.amdvi[0].block_type = 0x10;
	c.amdvi[0].no_ir = true;
	c.ivrs_bytes = firmware_ivrs(&c, ivrs) + sizeof(entries);
	c.ivrs = ivrs;
	memcpy(ivrs + 48 + 28, entries, sizeof(entries));
	ivrs[48 + 2] = 28 + sizeof(entries);
	ivrs[4] = (uint8_t)c.ivrs_bytes;
	firmware_checksum(ivrs, c.ivrs_bytes);
	boot(&c);
	ck_assert_uint_eq(entry(0xa0)->interrupts.low & GENMASK(63, 52),
			  BIT(57) | BIT(58) | BIT(61) | BIT(62) | BIT(63));
	ck_assert_uint_eq(entry(0x18)->interrupts.low, 1);
	ck_assert(fake_msi(0xa0, 0xfee00000, 0x400));
	ck_assert_int_eq(fake_arrival(0).mode, FAKE_INTR_NMI);
	ck_assert(!fake_msi(0xa0, 0xfee00000, 0x500));
	ck_assert(!fake_msi(0x18, 0xfee00000, 0x400));
	expect_blocked(0xa0);
	ck_assert_int_eq(probe(0xa0, MACHINE_RAM_BASE, true), FAKE_DMA_FAULT);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(kinds_of_faults_are_told_apart)
{
	/* Nothing there, no right, nothing at all for this requester. */
	struct machine_config c = config();
	struct fault_totals totals;
	struct sluice_fault f[4];
	uint64_t sequence = 0;
	struct pt pt;

	boot(&c);
	pt = new_table();
	map(&pt, 0x40000, memory_page(), PT_READ);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert_int_eq(probe(D1, 0x50000, false), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D1, 0x40fff, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D2, 0x40000, false), FAKE_DMA_FAULT);
	iommu_poll_faults();
	ck_assert_uint_eq(fault_read(&sequence, f, 4, &totals), 3);
	ck_assert_uint_eq(f[0].kind, SLUICE_FAULT_TRANSLATION);
	ck_assert_uint_eq(f[1].kind, SLUICE_FAULT_PERMISSION);
	ck_assert_uint_eq(f[1].address, 0x40000);
	ck_assert_uint_eq(f[1].is_write, 1);
	ck_assert_uint_eq(f[2].kind, SLUICE_FAULT_TRANSLATION);
	ck_assert_uint_eq(f[2].sbdf, D2);
}
END_TEST

START_TEST(event_that_is_not_there_yet_is_counted)
{
	/* A tail that runs ahead of what is written neither hangs the reader
	 * nor invents a record. */
	struct machine_config c = config();
	struct fault_totals totals;
	struct sluice_fault f[2];
	uint64_t sequence = 0;
	const struct amdvi *amdvi;

	boot(&c);
	amdvi = iommu_unit_at(0)->backend;
	ck_assert_int_eq(probe(D1, 0x1000, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D2, 0x2000, true), FAKE_DMA_FAULT);
	memset(machine_ram(amdvi->events.addr, 16), 0, 16);
	iommu_poll_faults();
	ck_assert_uint_eq(fault_read(&sequence, f, 2, &totals), 1);
	ck_assert_uint_eq(f[0].sbdf, D2);
	ck_assert_uint_eq(totals.dropped, 1);
}
END_TEST

START_TEST(buffer_that_stays_stopped_fails_the_unit)
{
	/* A refused command from which the unit does not recover: the call
	 * ends at its deadline, the requester is blocked in memory, and no
	 * later call is believed. */
	struct machine_config c = config();
	struct pt pt;

	boot(&c);
	pt = new_table();
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	fake_unit_queue_error(machine_unit(0), 1);
	fake_unit_ignore_commands(machine_unit(0), true);
	ck_assert_int_eq(iommu_block(D1, 1), -XEN_EIO);
	ck_assert(iommu_unit_at(0)->has_failed);
	expect_blocked((uint16_t)D1);
	fake_unit_ignore_commands(machine_unit(0), false);
	ck_assert_int_eq(iommu_flush_domain(1), -XEN_EIO);
	ck_assert_int_eq(iommu_attach(D2, target(&pt, 1)), -XEN_EIO);
	expect_blocked((uint16_t)D2);
}
END_TEST

UNIT_SUITE(amdvi, entries_are_as_the_manual_says,
	   shallow_table_ends_at_its_depth, pages_are_flushed_by_one_command,
	   own_function_is_nobodys, windows_have_the_units_size,
	   absence_is_flushed_where_it_is_cached, absent_unit_says_so,
	   leavings_are_dropped_one_by_one, second_table_is_refused,
	   messages_pass_for_interrupt_controllers_alone,
	   kinds_of_faults_are_told_apart,
	   event_that_is_not_there_yet_is_counted,
	   buffer_that_stays_stopped_fails_the_unit)
