// SPDX-License-Identifier: MIT
/* From the firmware's table to driven units, or to a reason why not. */
#include "fail_at.h"
#include "fake_firmware.h"
#include "iommu_fixture.h"

/* Each test runs once a vendor. */
static struct machine_config config(int vendor)
{
	struct machine_config c =
		vendor == MACHINE_AMD ? machine_amd() : machine_default();

	c.stage = MACHINE_IOMMU;
	return c;
}

/* A second unit that names 00:03.0 (D1); the first keeps the rest. */
static struct machine_config config_of_two(int vendor)
{
	struct machine_config c = config(vendor);

	c.unit_count = 2;
	c.hypervisor_pages += vendor == MACHINE_AMD ? 520 : 0;
	c.unit[1] = FAKE_VTD_DEFAULT;
	c.unit[1].explicit_scope = true;
	c.amdvi[1] = FAKE_AMDVI_DEFAULT;
	c.amdvi[1].explicit_scope = true;
	c.function[1].unit = 1;
	return c;
}

/* The firmware's table of the units, to be damaged. */
static uint8_t table[FIRMWARE_TABLE_MAX];

static uint32_t give_table(struct machine_config *c)
{
	if (c->vendor == MACHINE_AMD) {
		c->ivrs = table;
		c->ivrs_bytes = firmware_ivrs(c, table);
		return c->ivrs_bytes;
	}
	c->dmar = table;
	c->dmar_bytes = firmware_dmar(c, table);
	return c->dmar_bytes;
}

/* Where the n-th unit's registers are, and how many bytes. */
static uint64_t window(int vendor)
{
	return vendor == MACHINE_AMD ? FAKE_AMDVI_WINDOW : PAGE_BYTES;
}

static uint64_t base_of(int vendor, unsigned n)
{
	return (vendor == MACHINE_AMD ? MACHINE_AMDVI_BASE : MACHINE_VTD_BASE) +
	       n * window(vendor);
}

START_TEST(machine_without_units_says_so)
{
	/* No table: no interface, no unit, nobody behind one. */
	struct machine_config c = config(_i);

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
	/* A table with a bad length inside is a bad table, not no table. */
	struct machine_config c = config(_i);
	uint32_t bytes = give_table(&c);

	table[48 + 2] = 3;
	firmware_checksum(table, bytes);
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_BAD_TABLE);
	ck_assert(!fake_unit_is_translating(machine_unit(0)));
}
END_TEST

START_TEST(wrong_checksum_is_a_bad_table)
{
	/* A table whose sum is wrong is not believed. */
	struct machine_config c = config(_i);

	give_table(&c);
	table[9] ^= 1;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_BAD_TABLE);
}
END_TEST

START_TEST(unfit_unit_says_so)
{
	/* A unit without a queue, or of a reserved kind, is not driven. */
	struct machine_config c = config(_i);

	c.unit[0].no_qi = true;
	c.amdvi[0].hats = 3;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNFIT_UNIT);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
	c.unit[0] = FAKE_VTD_DEFAULT;
	c.unit[0].nd = 7;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNFIT_UNIT);
}
END_TEST

START_TEST(units_of_two_stages_do_not_mix)
{
	/* A domain has one table, which every unit must be able to walk. */
	struct machine_config c = config_of_two(MACHINE_INTEL);

	c.unit[1].scalable = true;
	c.unit[1].first_stage = true;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNFIT_UNIT);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(1)));
}
END_TEST

START_TEST(disobedient_unit_says_so)
{
	/* A unit whose status never follows is a failed one, after a deadline.
	 */
	struct machine_config c = config(_i);

	c.unit[0].is_deaf = true;
	c.amdvi[0].is_deaf = true;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNIT_FAILED);
	ck_assert_uint_ge(machine_clock_now(), IOMMU_DEADLINE_NS);
}
END_TEST

START_TEST(one_bad_unit_spoils_all_and_the_others_block)
{
	/* All or nothing: no interface, but the sound unit blocks its devices.
	 */
	struct machine_config c = config_of_two(_i);

	c.unit[1].is_deaf = true;
	c.amdvi[1].is_deaf = true;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_UNIT_FAILED);
	ck_assert(fake_unit_is_translating(machine_unit(0)));
	ck_assert_int_eq(probe(D2, MACHINE_RAM_BASE, true), FAKE_DMA_FAULT);
}
END_TEST

static void boot_two(int vendor)
{
	struct machine_config c = config_of_two(vendor);

	c.unit[1].width = 39;
	c.unit[1].nd = 2;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
}

START_TEST(requester_goes_to_the_unit_that_names_it)
{
	/* Named functions go to their unit, all others to the catch-all. */
	boot_two(_i);
	ck_assert_uint_eq(iommu_unit_count(), 2);
	ck_assert_uint_eq(iommu_unit_of(D1)->registers.addr, base_of(_i, 1));
	ck_assert_uint_eq(iommu_unit_of(D2)->registers.addr, base_of(_i, 0));
	ck_assert_uint_eq(iommu_unit_of(0x1234)->registers.addr,
			  base_of(_i, 0));
	ck_assert_ptr_null(iommu_unit_of(0x10000 | D1));
	ck_assert(iommu_owns_registers(base_of(_i, 1) - 1, 2));
	ck_assert(!iommu_owns_registers(base_of(_i, 0) - 1, 1));
	ck_assert(iommu_owns_registers(base_of(_i, 2) - 1, 1));
	ck_assert(!iommu_owns_registers(base_of(_i, 2), 4096));
}
END_TEST

START_TEST(narrowest_unit_rules)
{
	/* Limits are those that every unit can do. */
	struct iommu_limits limits;

	boot_two(_i);
	limits = iommu_limits();
	ck_assert_uint_eq(limits.levels, _i == MACHINE_AMD ? 4 : 3);
	ck_assert_uint_eq(limits.address_bits, _i == MACHINE_AMD ? 48 : 39);
	ck_assert_uint_eq(limits.asid_count, _i == MACHINE_AMD ? 65536 : 256);
}
END_TEST

START_TEST(domain_over_two_units_is_flushed_on_both)
{
	/* A page warm in two units dies in both with one flush. */
	struct pt pt;
	hpa_t page;

	boot_two(_i);
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

	boot_two(_i);
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
			boot_two(_i);
			pt = new_table();
			page = memory_page();
			map(&pt, 0x40000, page, RW);
			ck_assert_int_eq(iommu_attach(D2, target(&pt, 1)), 0);
			ck_assert(lands_in(D2, 0x40000, page));
		}
		pt_clear(&pt, 0x40000, 1, &gather);
		fake_unit_hold(machine_unit(held), true);
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
		struct machine_config c = config(_i);
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

START_TEST(snooping_is_forced_where_every_unit_can)
{
	/* One unit that would refuse the bit decides: tables are shared. */
	for (unsigned n = 0; n < 4; n++) {
		struct machine_config c = machine_default();

		c.unit_count = 2;
		c.unit[0].snoop_control = (n & 1) != 0;
		c.unit[1] = FAKE_VTD_DEFAULT;
		c.unit[1].explicit_scope = true;
		c.unit[1].snoop_control = (n & 2) != 0;
		machine_boot(&c);
		ck_assert_uint_eq(iommu_unit_count(), 2);
		ck_assert_ptr_eq(iommu_format(), n == 3 ? &pt_format_vtdss_snoop
							: &pt_format_vtdss);
		machine_shutdown();
	}
}
END_TEST

Suite *iommu_start_suite(void);
Suite *iommu_start_suite(void)
{
	const TTest *const tests[] = {
		machine_without_units_says_so,
		malformed_table_says_so,
		wrong_checksum_is_a_bad_table,
		unfit_unit_says_so,
		disobedient_unit_says_so,
		one_bad_unit_spoils_all_and_the_others_block,
		requester_goes_to_the_unit_that_names_it,
		narrowest_unit_rules,
		domain_over_two_units_is_flushed_on_both,
		silent_unit_does_not_spare_the_other,
		start_without_memory_is_no_start};
	Suite *suite = suite_create("iommu_start");
	TCase *tcase = tcase_create("iommu_start");

	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < ARRAY_COUNT(tests); i++) {
		tcase_add_loop_test(tcase, tests[i], MACHINE_INTEL,
				    MACHINE_AMD + 1);
	}
	tcase_add_test(tcase, units_of_two_stages_do_not_mix);
	tcase_add_test(tcase, snooping_is_forced_where_every_unit_can);
	suite_add_tcase(suite, tcase);
	return suite;
}
