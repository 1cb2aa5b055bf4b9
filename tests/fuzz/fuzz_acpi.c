// SPDX-License-Identifier: MIT
/*
 * Any bytes around a root pointer: the tables are found or not, and nothing
 * outside RAM is read (tests/host/ram.c fails whoever does). Sums are made good
 * where the first byte says so, else no input gets past them.
 */
#include "fuzz.h"
#include "lib/error.h"
#include "machine.h"
#include "platform/acpi.h"

#include <stdlib.h>
#include <string.h>

#define AREA_BYTES 0x2000u
#define XSDT_AT	   0x100u

static uint64_t base; /* of the area, machine address */

static void make_sum_good(uint8_t *bytes, size_t count, size_t at)
{
	uint8_t sum = 0;

	bytes[at] = 0;
	for (size_t i = 0; i < count; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	bytes[at] = (uint8_t)(0u - sum);
}

static void repair(uint8_t *ram)
{
	uint64_t xsdt = base + XSDT_AT;
	uint32_t length;

	memcpy(ram, "RSD PTR ", 8);
	ram[15] = 2;
	memcpy(ram + 20, &(uint32_t){36}, 4);
	memcpy(ram + 24, &xsdt, 8);
	make_sum_good(ram, 20, 8);
	make_sum_good(ram, 36, 32);
	memcpy(ram + XSDT_AT, "XSDT", 4);
	memcpy(&length, ram + XSDT_AT + 4, 4);
	length = 36 + length % 256;
	memcpy(ram + XSDT_AT + 4, &length, 4);
	make_sum_good(ram + XSDT_AT, length, 9);
}

/* What the hypervisor asks for, on whatever is there. */
static void find_all(void)
{
	static const char names[][5] = {"DMAR", "MCFG", "APIC", "FACP", "IVRS"};
	struct acpi_table table;

	if (acpi_start(to_hpa(base)) != 0) {
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int result = acpi_find(names[i], &table);

		if (result == 0 && table.size < 36) {
			abort();
		}
		if (result != 0 && result != -XEN_ENOENT &&
		    result != -XEN_EINVAL) {
			abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *ram;

	if (size < 1 || size > AREA_BYTES) {
		return 0;
	}
	if (base == 0) {
		struct machine_config c = machine_default();

		c.stage = MACHINE_RAM;
		c.hypervisor_pages = 64;
		c.guest_pages = 64;
		c.control_pages = 64;
		machine_boot(&c);
		base = machine_rsdp().addr;
	}
	ram = machine_ram(base, AREA_BYTES);
	memset(ram, 0, AREA_BYTES);
	memcpy(ram, data + 1, size - 1);
	if (data[0] & 1) {
		repair(ram);
	}
	find_all();
	return 0;
}
