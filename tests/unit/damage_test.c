// SPDX-License-Identifier: MIT
/*
 * Firmware's tables damaged in each way: the machine boots, nothing is
 * assigned, a line names the byte, and whoever asks is told why.
 */
#include "dma/device.h"
#include "fake_firmware.h"
#include "region_tables.h"
#include "service_fixture.h"

#include <string.h>

#define UNIT_AT 48u /* the first unit's structure or block */
/* The last one, of reserved memory: 32 bytes of it, counted from the end. */
#define LAST_AT	   0x10000u
#define LAST_BYTES 32u

static uint8_t table[FIRMWARE_TABLE_MAX];

struct damage {
	const char *what;
	enum machine_vendor vendor;
	uint32_t at;
	uint64_t value;
	unsigned bytes;
	const char *line; /* of the log */
	uint32_t reason;
};

/* clang-format off */
static const struct damage damages[] = {
	{"length of the table", MACHINE_INTEL, 4, 47, 4,
	 "dmar: table at ", SLUICE_INTERFACE_BAD_TABLE},
	{"table beyond memory", MACHINE_INTEL, 4, 0xffffffff, 4,
	 "byte 4: length 4294967295", SLUICE_INTERFACE_BAD_TABLE},
	{"length of a structure", MACHINE_INTEL, UNIT_AT + 2, 3, 2,
	 "byte 48: structure of a bad length", SLUICE_INTERFACE_BAD_TABLE},
	{"registers that overlap", MACHINE_INTEL, UNIT_AT + 8,
	 MACHINE_VTD_BASE, 8,
	 "registers of two units overlap", SLUICE_INTERFACE_BAD_TABLE},
	{"registers nowhere", MACHINE_INTEL, UNIT_AT + 8, 0, 8,
	 "byte 52: bad register address", SLUICE_INTERFACE_BAD_TABLE},
	{"length of a scope", MACHINE_INTEL, UNIT_AT + 17, 6, 1,
	 "byte 64: scope of a bad length", SLUICE_INTERFACE_BAD_TABLE},
	{"scope of no function", MACHINE_INTEL, UNIT_AT + 22, 32, 1,
	 "byte 64: scope names no function", SLUICE_INTERFACE_BAD_TABLE},
	{"scope of a kind to come", MACHINE_INTEL, UNIT_AT + 16, 9, 1,
	 "byte 64: unknown scope type", SLUICE_INTERFACE_UNFIT_UNIT},
	{"scope of a bridge that is none", MACHINE_INTEL, UNIT_AT + 16, 2, 1,
	 "byte 64: scope leads to 00:03.0, which is no bridge",
	 SLUICE_INTERFACE_BAD_TABLE},
	{"reserved memory that ends before it begins", MACHINE_INTEL,
	 LAST_AT + 16, 0xfff, 8, ": bad reserved range",
	 SLUICE_INTERFACE_BAD_TABLE},

	{"length of the table", MACHINE_AMD, 4, 47, 4,
	 "ivrs: table at ", SLUICE_INTERFACE_BAD_TABLE},
	{"table beyond memory", MACHINE_AMD, 4, 0xffffffff, 4,
	 "byte 4: length 4294967295", SLUICE_INTERFACE_BAD_TABLE},
	{"length of a block", MACHINE_AMD, UNIT_AT + 2, 3, 2,
	 "byte 48: block of a bad length", SLUICE_INTERFACE_BAD_TABLE},
	{"registers that overlap", MACHINE_AMD, UNIT_AT + 8,
	 MACHINE_AMDVI_BASE + FAKE_AMDVI_WINDOW, 8,
	 "registers of two units overlap", SLUICE_INTERFACE_BAD_TABLE},
	{"registers nowhere", MACHINE_AMD, UNIT_AT + 8, 0, 8,
	 "byte 48: bad register address", SLUICE_INTERFACE_BAD_TABLE},
	{"entry of a bad length", MACHINE_AMD, UNIT_AT + 24, 0xff, 1,
	 "byte 72: device entry of a bad length", SLUICE_INTERFACE_BAD_TABLE},
	{"end without a range", MACHINE_AMD, UNIT_AT + 24, 4, 1,
	 "byte 72: end without a range", SLUICE_INTERFACE_BAD_TABLE},
	{"two units that include all", MACHINE_AMD, UNIT_AT + 24, 1, 1,
	 "two units include all of a segment", SLUICE_INTERFACE_BAD_TABLE},
	{"reserved memory without length", MACHINE_AMD, LAST_AT + 24, 0, 8,
	 ": bad reserved range", SLUICE_INTERFACE_BAD_TABLE},
};
/* clang-format on */

/*
 * A machine of two units: the first names one function, D1, and comes first in
 * the table; the other has the rest. Memory is kept for D2.
 */
static struct machine_config config(enum machine_vendor vendor)
{
	static const struct kept kept[] = {
		{D2, D2, 0x4f000000, PAGE_BYTES, RW}};
	struct machine_config c =
		vendor == MACHINE_AMD ? machine_amd() : machine_default();

	c.unit_count = 2;
	c.hypervisor_pages += 520;
	if (vendor == MACHINE_AMD) {
		c.amdvi[0].explicit_scope = true;
		c.amdvi[0].block_type = 0x10;
		c.amdvi[1] = FAKE_AMDVI_DEFAULT;
		c.amdvi[1].block_type = 0x10;
		for (unsigned i = 0; i < c.function_count; i++) {
			c.function[i].unit = i == 1 ? 0 : 1;
		}
	} else {
		c.unit[1] = FAKE_VTD_DEFAULT;
		c.unit[1].explicit_scope = true;
		c.function[1].unit = 1;
	}
	region_tables(&c, kept, 1, table);
	return c;
}

static uint32_t bytes_of(const struct machine_config *c)
{
	return c->vendor == MACHINE_AMD ? c->ivrs_bytes : c->dmar_bytes;
}

/* No domain, no assignment, and the reason wherever one asks. */
static void expect_closed(uint32_t reason, const char *what)
{
	struct sluice_device_info d = {.scope = SLUICE_SCOPE_MACHINE};
	struct fake_guest *control = machine_control();
	struct sluice_info info = {.guest = 0};

	EXPECT(machine_no_interface() == reason, "%s: reason %u", what,
	       machine_no_interface());
	ANSWERS(STATUS_SUCCESS, CALL(control, info, info));
	EXPECT(info.no_interface == reason && info.available_types == 0,
	       "%s: info", what);
	ANSWERS(STATUS_NOT_SUPPORTED, create_domain(control, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, create_device(control, D1));
	while (CALL(control, list_devices, d) == STATUS_SUCCESS) {
		EXPECT(d.is_assignable == 0 && d.unfit != SLUICE_FIT,
		       "%s: device %x is assignable", what, d.sbdf);
		d.index++;
	}
	EXPECT(d.index == pci_device_count(), "%s: %u devices", what, d.index);
	EXPECT(dma_device_quarantine(D1) == -XEN_ENODEV,
	       "%s: taken from the control domain", what);
	EXPECT(!fake_unit_is_translating(machine_unit(0)) &&
		       !fake_unit_is_translating(machine_unit(1)),
	       "%s: a unit is driven", what);
}

START_TEST(undamaged_tables_are_believed)
{
	/* What is damaged below is sound before. */
	struct machine_config c = config(_i);

	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
}
END_TEST

START_TEST(each_damage_is_told_with_its_byte)
{
	/* One field wrong, sum right: a line that names it, no assignment. */
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(damages); i++) {
		const struct damage *d = &damages[i];
		struct machine_config c = config(d->vendor);
		uint32_t at;

		if (d->vendor != (enum machine_vendor)_i) {
			continue;
		}
		at = d->at < LAST_AT
			     ? d->at
			     : bytes_of(&c) - LAST_BYTES + d->at - LAST_AT;
		put_bytes(table + at, d->value, d->bytes);
		firmware_checksum(table, d->at == 4 && d->value == 47
						 ? 47
						 : bytes_of(&c));
		machine_boot(&c);
		EXPECT(strstr(machine_serial(), d->line) != NULL,
		       "%s: no line '%s' in: %s", d->what, d->line,
		       machine_serial());
		expect_closed(d->reason, d->what);
		machine_shutdown();
		count++;
	}
	ck_assert_uint_ge(count, 9);
}
END_TEST

START_TEST(wrong_sum_is_told)
{
	/* Any byte changed without the sum: the sum's own byte is named. */
	for (uint32_t at = 0; at < 2; at++) {
		struct machine_config c = config(_i);

		table[at == 0 ? 9 : bytes_of(&c) - 1] ^= 0x40;
		machine_boot(&c);
		ck_assert_ptr_nonnull(
			strstr(machine_serial(), "byte 9: wrong checksum"));
		expect_closed(SLUICE_INTERFACE_BAD_TABLE, "sum");
		machine_shutdown();
	}
}
END_TEST

Suite *damage_suite(void);
Suite *damage_suite(void)
{
	const TTest *const tests[] = {undamaged_tables_are_believed,
				      each_damage_is_told_with_its_byte,
				      wrong_sum_is_told};
	Suite *suite = suite_create("damage");
	TCase *tcase = tcase_create("damage");

	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < ARRAY_COUNT(tests); i++) {
		tcase_add_loop_test(tcase, tests[i], MACHINE_INTEL,
				    MACHINE_AMD + 1);
	}
	suite_add_tcase(suite, tcase);
	return suite;
}
