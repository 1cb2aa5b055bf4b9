// SPDX-License-Identifier: MIT
/* From the firmware's table to driven units, or to a reason why not. */
#include "fail_at.h"
#include "fake_firmware.h"
#include "iommu_fixture.h"

static struct machine_config config(void)
{
	struct machine_config c = machine_default();

	c.stage = MACHINE_IOMMU;
	return c;
}

START_TEST(machine_without_units_says_so)
{
	/* No DMAR: no interface, no unit, nobody behind one. */
	struct machine_config c = config();

	c.unit_count = 0;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_NO_IOMMU);
	ck_assert_uint_eq(iommu_unit_count(), 0);
	ck_assert_uint_eq(iommu_limits().asid_count, 0);
	ck_assert_ptr_null(iommu_unit_of(D1));
	ck_assert_int_eq(
		iommu_attach(D1, (struct iommu_target){.asid = 1,
						       .root = {0x1000},
						       .levels = 4}),
		-XEN_ENODEV);
	machine_shutdown();
}
END_TEST

START_TEST(malformed_table_says_so)
{
	/* A DMAR with a bad length inside is a bad table, not no table. */
	struct machine_config c = config();
	uint8_t dmar[FIRMWARE_TABLE_MAX];

	c.dmar_bytes = firmware_dmar(&c, dmar);
	dmar[48 + 2] = 3;
	firmware_checksum(dmar, c.dmar_bytes);
	c.dmar = dmar;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_BAD_TABLE);
	ck_assert(!fake_vtd_is_translating(machine_unit(0)));
}
END_TEST

START_TEST(wrong_checksum_is_a_bad_table)
{
	/* A DMAR whose sum is wrong is not believed. */
	struct machine_config c = config();
	uint8_t dmar[FIRMWARE_TABLE_MAX];

	c.dmar_bytes = firmware_dmar(&c, dmar);
	dmar[9] ^= 1;
	c.dmar = dmar;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_BAD_TABLE);
}
END_TEST

START_TEST(unfit_unit_says_so)
{
	/* A unit without a queue, or of a reserved kind, is not driven. */
	struct machine_config c = config();

	c.unit[0].no_qi = true;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNFIT_UNIT);
	ck_assert_ptr_null(fake_vtd_violation(machine_unit(0)));
	c.unit[0] = FAKE_VTD_DEFAULT;
	c.unit[0].nd = 7;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNFIT_UNIT);
}
END_TEST

START_TEST(units_of_two_stages_do_not_mix)
{
	/* A domain has one table, which every unit must be able to walk. */
	struct machine_config c = config();

	c.unit_count = 2;
	c.unit[1] = FAKE_VTD_DEFAULT;
	c.unit[1].explicit_scope = true;
	c.unit[1].scalable = true;
	c.unit[1].first_stage = true;
	c.function[1].unit = 1;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNFIT_UNIT);
	ck_assert_ptr_null(fake_vtd_violation(machine_unit(1)));
}
END_TEST

START_TEST(disobedient_unit_says_so)
{
	/* A unit whose status never follows is a failed one, after a deadline.
	 */
	struct machine_config c = config();

	c.unit[0].is_deaf = true;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNIT_FAILED);
	ck_assert_uint_ge(machine_clock_now(), IOMMU_DEADLINE_NS);
}
END_TEST

START_TEST(one_bad_unit_spoils_all_and_the_others_block)
{
	/* All or nothing: no interface, but the sound unit blocks its devices.
	 */
	struct machine_config c = config();

	c.unit_count = 2;
	c.unit[1] = FAKE_VTD_DEFAULT;
	c.unit[1].explicit_scope = true;
	c.unit[1].is_deaf = true;
	c.function[1].unit = 1;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNIT_FAILED);
	ck_assert(fake_vtd_is_translating(machine_unit(0)));
	ck_assert_int_eq(probe(D2, MACHINE_RAM_BASE, true), FAKE_DMA_FAULT);
}
END_TEST

static void boot_two(void)
{
	struct machine_config c = config();

	c.unit_count = 2;
	c.unit[1] = FAKE_VTD_DEFAULT;
	c.unit[1].explicit_scope = true;
	c.unit[1].width = 39;
	c.unit[1].nd = 2;
	c.function[1].unit = 1; /* D1 */
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
}

START_TEST(requester_goes_to_the_unit_that_names_it)
{
	/* Named functions go to their unit, all others to the catch-all. */
	boot_two();
	ck_assert_uint_eq(iommu_unit_count(), 2);
	ck_assert_uint_eq(iommu_unit_of(D1)->registers.addr,
			  MACHINE_VTD_BASE + PAGE_BYTES);
	ck_assert_uint_eq(iommu_unit_of(D2)->registers.addr, MACHINE_VTD_BASE);
	ck_assert_uint_eq(iommu_unit_of(0x1234)->registers.addr,
			  MACHINE_VTD_BASE);
	ck_assert_ptr_null(iommu_unit_of(0x10000 | D1));
	ck_assert(iommu_owns_registers(MACHINE_VTD_BASE + 4095, 2));
	ck_assert(!iommu_owns_registers(MACHINE_VTD_BASE - 1, 1));
	ck_assert(!iommu_owns_registers(MACHINE_VTD_BASE + 8192, 4096));
}
END_TEST

START_TEST(narrowest_unit_rules)
{
	/* Limits are those that every unit can do. */
	struct iommu_limits limits;

	boot_two();
	limits = iommu_limits();
	ck_assert_uint_eq(limits.levels, 3);
	ck_assert_uint_eq(limits.address_bits, 39);
	ck_assert_uint_eq(limits.asid_count, 256);
}
END_TEST

START_TEST(domain_over_two_units_is_flushed_on_both)
{
	/* A page warm in two units dies in both with one flush. */
	struct pt pt;
	hpa_t page;

	boot_two();
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert_int_eq(iommu_attach(D2, target(&pt, 1)), 0);
	ck_assert(lands_in(D1, 0x40000, page));
	ck_assert(lands_in(D2, 0x40000, page));
	ck_assert_int_eq(unmap(&pt, 1, 0x40000, 1), 0);
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D2, 0x40000, true), FAKE_DMA_FAULT);
}
END_TEST

START_TEST(silent_unit_does_not_spare_the_other)
{
	/* One unit fails the flush; the other one has flushed all the same. */
	struct pt pt;
	hpa_t page;

	boot_two();
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	ck_assert_int_eq(iommu_attach(D2, target(&pt, 1)), 0);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert(lands_in(D2, 0x40000, page));
	ck_assert(lands_in(D1, 0x40000, page));
	for (unsigned held = 0; held < 2; held++) {
		struct pt_gather gather = PT_GATHER_INIT;
		uint32_t other = held == 0 ? D1 : D2;

		if (held == 1) {
			machine_reset();
			boot_two();
			pt = new_table();
			page = memory_page();
			map(&pt, 0x40000, page, RW);
			ck_assert_int_eq(iommu_attach(D2, target(&pt, 1)), 0);
			ck_assert(lands_in(D2, 0x40000, page));
		}
		pt_clear(&pt, 0x40000, 1, &gather);
		fake_vtd_hold(machine_unit(held), true);
		ck_assert_int_eq(iommu_flush_pages(1, 0x40000, 1), -XEN_EIO);
		ck_assert_int_eq(probe(other, 0x40000, true), FAKE_DMA_FAULT);
	}
}
END_TEST

START_TEST(start_without_memory_is_no_start)
{
	/* Whichever page is missing, there is no interface and no crash. */
	unsigned n;

	for (n = 1; n < 50; n++) {
		struct machine_config c = config();
		uint32_t no;

		c.stage = MACHINE_FIRMWARE;
		machine_boot(&c);
		fail_at(n);
		no = iommu_start();
		if (!fail_hit()) {
			ck_assert_uint_eq(no, SLUICE_INTERFACE_PRESENT);
			break;
		}
		ck_assert_uint_ne(no, SLUICE_INTERFACE_PRESENT);
		fail_off();
		machine_shutdown();
	}
	ck_assert_uint_gt(n, 1);
	ck_assert_uint_lt(n, 50);
}
END_TEST

UNIT_SUITE(iommu_start, machine_without_units_says_so, malformed_table_says_so,
	   wrong_checksum_is_a_bad_table, unfit_unit_says_so,
	   units_of_two_stages_do_not_mix, disobedient_unit_says_so,
	   one_bad_unit_spoils_all_and_the_others_block,
	   requester_goes_to_the_unit_that_names_it, narrowest_unit_rules,
	   domain_over_two_units_is_flushed_on_both,
	   silent_unit_does_not_spare_the_other,
	   start_without_memory_is_no_start)
