// SPDX-License-Identifier: MIT
/* Finding firmware tables, and the PCI functions that they lead to. */
#include "fake_firmware.h"
#include "lib/error.h"
#include "platform/acpi.h"
#include "platform/pci.h"
#include "suite.h"

#include <string.h>

#define XSDT_AT 0x100u /* as fake_firmware.c places them */
#define MCFG_AT 0x200u
#define DMAR_AT 0x1000u

static uint8_t *boot(void)
{
	struct machine_config c = machine_default();

	c.stage = MACHINE_FIRMWARE;
	machine_boot(&c);
	return machine_ram(machine_rsdp().addr, 0x2000);
}

START_TEST(tables_are_found_by_signature)
{
	/* What is there is found whole, what is not is -XEN_ENOENT. */
	struct acpi_table table;
	uint8_t *firmware = boot();

	ck_assert_uint_eq(acpi_rsdp().addr, machine_rsdp().addr);
	ck_assert_int_eq(acpi_find("MCFG", &table), 0);
	ck_assert_uint_eq(table.size, 60);
	ck_assert_ptr_eq(table.bytes, firmware + MCFG_AT);
	ck_assert_int_eq(acpi_find("DMAR", &table), 0);
	ck_assert_int_eq(acpi_find("IVRS", &table), -XEN_ENOENT);
}
END_TEST

START_TEST(any_changed_byte_of_a_table_is_noticed)
{
	/* A table with one byte changed fails its sum or changes its name. */
	struct acpi_table table;
	uint8_t *mcfg = boot() + MCFG_AT;

	for (unsigned at = 0; at < 60; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			int error;

			mcfg[at] ^= (uint8_t)(1u << bit);
			error = acpi_find("MCFG", &table);
			EXPECT(error == (at < 4 ? -XEN_ENOENT : -XEN_EINVAL),
			       "byte %u bit %u: %d", at, bit, error);
			mcfg[at] ^= (uint8_t)(1u << bit);
		}
	}
	ck_assert_int_eq(acpi_find("MCFG", &table), 0);
}
END_TEST

START_TEST(lengths_that_cannot_be_are_refused)
{
	/* A table shorter than its header or absurdly long is -XEN_EINVAL. */
	static const uint32_t sizes[] = {0,	   1,	       8,	  35,
					 0x100001, 0x80000000, UINT32_MAX};
	struct acpi_table table;
	uint8_t *mcfg = boot() + MCFG_AT;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memcpy(mcfg + 4, &sizes[i], 4);
		ck_assert_int_eq(acpi_find("MCFG", &table), -XEN_EINVAL);
	}
}
END_TEST

START_TEST(damaged_root_finds_nothing)
{
	/* A root pointer or root table with a wrong sum is not followed. */
	static const uint32_t at[] = {0,	   8,		9,
				      XSDT_AT + 4, XSDT_AT + 9, XSDT_AT + 36};
	struct acpi_table table;
	uint8_t *firmware = boot();

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		firmware[at[i]] ^= 0x40;
		ck_assert_msg(acpi_start(machine_rsdp()) != 0, "byte %x",
			      at[i]);
		ck_assert_int_eq(acpi_find("MCFG", &table), -XEN_ENOENT);
		firmware[at[i]] ^= 0x40;
	}
	ck_assert_int_eq(acpi_start(machine_rsdp()), 0);
	ck_assert_int_eq(acpi_find("MCFG", &table), 0);
}
END_TEST

START_TEST(functions_are_found_with_their_bars)
{
	/* Enumeration finds each function, sizes its BARs and restores them. */
	struct machine_config c = machine_default();
	struct pci_device *dev;

	c.stage = MACHINE_FIRMWARE;
	c.function[2].bar[2].address = 0x3800000000;
	c.function[2].bar[2].bytes = 0x10000;
	c.function[2].bar[2].is_64bit = true;
	c.function[2].bar[4].address = 0xc000;
	c.function[2].bar[4].bytes = 0x20;
	c.function[2].bar[4].is_io = true;
	c.function[3].sbdf = SLUICE_SBDF(0, 2, 0, 0);
	c.function[3].multifunction = true;
	c.function[4].sbdf = SLUICE_SBDF(0, 2, 0, 5);
	machine_boot(&c);
	ck_assert_uint_eq(pci_device_count(), c.function_count);
	dev = pci_device_find(c.function[2].sbdf);
	ck_assert_ptr_nonnull(dev);
	ck_assert_uint_eq(dev->vendor, 0x1234);
	ck_assert_uint_eq(dev->bar[0].address, c.function[2].bar[0].address);
	ck_assert_uint_eq(dev->bar[0].bytes, 1 << 20);
	ck_assert_uint_eq(dev->bar[2].address, 0x3800000000);
	ck_assert_uint_eq(dev->bar[2].bytes, 0x10000);
	ck_assert_uint_eq(dev->bar[4].bytes, 0);
	ck_assert_ptr_nonnull(pci_device_find(c.function[4].sbdf));
	ck_assert_uint_eq(fake_function_config32(c.function[2].sbdf, 0x18),
			  0x00000004);
	ck_assert_uint_eq(fake_function_config32(c.function[2].sbdf, 0x1c),
			  0x38);
	ck_assert_uint_eq(fake_function_config32(c.function[2].sbdf, 4), 2);
}
END_TEST

START_TEST(bus_master_bit_is_switched_alone)
{
	/* pci_set_bus_master() changes bit 2 of the command register only. */
	uint32_t sbdf = SLUICE_SBDF(0, 0, 3, 0);

	boot();
	ck_assert(!fake_function_is_master(sbdf));
	pci_set_bus_master(pci_device_find(sbdf), true);
	ck_assert(fake_function_is_master(sbdf));
	ck_assert_uint_eq(fake_function_config32(sbdf, 4), 6);
	pci_set_bus_master(pci_device_find(sbdf), false);
	ck_assert_uint_eq(fake_function_config32(sbdf, 4), 2);
}
END_TEST

UNIT_SUITE(acpi, tables_are_found_by_signature,
	   any_changed_byte_of_a_table_is_noticed,
	   lengths_that_cannot_be_are_refused, damaged_root_finds_nothing,
	   functions_are_found_with_their_bars,
	   bus_master_bit_is_switched_alone)
