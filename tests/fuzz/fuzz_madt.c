// SPDX-License-Identifier: MIT
/*
 * Any bytes as a MADT: as many CPUs as there is room for, and the other ones
 * hidden so that the table's sum still comes out.
 */
#include "fuzz.h"
#include "machine.h"
#include "platform/acpi.h"
#include "platform/madt.h"

#include <stdlib.h>
#include <string.h>

#define XSDT_AT	     0x100u
#define MADT_AT	     0x200u
#define HEADER_BYTES 36u
#define BODY_MAX     0x1000u
#define CPUS_MAX     8u

static uint64_t base; /* of the tables, machine address */

static uint8_t sum_of(const uint8_t *bytes, size_t count)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	return sum;
}

static void make_sum_good(uint8_t *bytes, size_t count, size_t at)
{
	bytes[at] = 0;
	bytes[at] = (uint8_t)(0u - sum_of(bytes, count));
}

static void table(uint8_t *at, const char *name, uint32_t bytes)
{
	memcpy(at, name, 4);
	memcpy(at + 4, &bytes, 4);
	make_sum_good(at, bytes, 9);
}

/* Root pointer and root table with one entry: @body behind a header. */
static uint8_t *place(const uint8_t *body, uint32_t bytes)
{
	uint8_t *ram = machine_ram(base, MADT_AT + HEADER_BYTES + BODY_MAX);
	uint64_t xsdt = base + XSDT_AT;
	uint64_t madt = base + MADT_AT;

	memset(ram, 0, MADT_AT + HEADER_BYTES + BODY_MAX);
	memcpy(ram + MADT_AT + HEADER_BYTES, body, bytes);
	table(ram + MADT_AT, "APIC", HEADER_BYTES + bytes);
	memcpy(ram + XSDT_AT + HEADER_BYTES, &madt, sizeof(madt));
	table(ram + XSDT_AT, "XSDT", HEADER_BYTES + sizeof(madt));
	memcpy(ram, "RSD PTR ", 8);
	ram[15] = 2;
	memcpy(ram + 20, &(uint32_t){36}, 4);
	memcpy(ram + 24, &xsdt, sizeof(xsdt));
	make_sum_good(ram, 20, 8);
	make_sum_good(ram, 36, 32);
	return ram + MADT_AT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t ids[CPUS_MAX + 1];
	uint32_t bytes;
	unsigned count;
	uint8_t *madt;

	if (size > BODY_MAX) {
		return 0;
	}
	if (base == 0) {
		struct machine_config c = machine_default();

		c.stage = MACHINE_RAM;
		machine_boot(&c);
		base = machine_rsdp().addr;
	}
	bytes = (uint32_t)size;
	madt = place(data, bytes);
	if (acpi_start(to_hpa(base)) != 0) {
		abort();
	}
	ids[CPUS_MAX] = 0xdeadbeef;
	count = madt_cpus(ids, CPUS_MAX);
	if (count > CPUS_MAX || ids[CPUS_MAX] != 0xdeadbeef) {
		abort();
	}
	madt_hide_others(count != 0 ? ids[0] : 0);
	if (sum_of(madt, HEADER_BYTES + bytes) != 0) {
		abort();
	}
	for (unsigned i = madt_cpus(ids + 1, CPUS_MAX - 1); i > 0; i--) {
		if (count == 0 || ids[i] != ids[0]) {
			abort();
		}
	}
	return 0;
}
