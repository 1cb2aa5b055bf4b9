// SPDX-License-Identifier: MIT
/*
 * MADT entries of type 0 (local APIC) and 9 (local x2APIC). The table lies in
 * memory that the firmware wrote for the operating system; hiding a CPU clears
 * its enabled and online-capable flags there.
 */
#include "platform/madt.h"

#include "arch/physmap.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "platform/acpi.h"

#define MADT_HEADER_BYTES 44u
#define TYPE_APIC	  0u
#define TYPE_X2APIC	  9u
#define FLAG_ENABLED	  BIT(0)
#define FLAGS_USABLE	  (BIT(0) | BIT(1))
#define CHECKSUM_OFFSET	  9u

struct cpu_entry {
	uint32_t apic_id;
	uint8_t *flags; /* of 4 bytes */
};

/* The next CPU entry at or after *@offset; steps over others. */
static bool next_cpu(const struct acpi_table *table, uint32_t *offset,
		     struct cpu_entry *cpu)
{
	uint8_t *bytes = physmap_ptr(table->where);

	while (*offset + 2 <= table->size) {
		uint8_t *entry = bytes + *offset;
		uint32_t length = entry[1];

		if (length < 2 || length > table->size - *offset) {
			return false;
		}
		*offset += length;
		if (entry[0] == TYPE_APIC && length >= 8) {
			*cpu = (struct cpu_entry){entry[3], entry + 4};
			return true;
		}
		if (entry[0] == TYPE_X2APIC && length >= 16) {
			memcpy(&cpu->apic_id, entry + 4, 4);
			cpu->flags = entry + 8;
			return true;
		}
	}
	return false;
}

unsigned madt_cpus(uint32_t *apic_ids, unsigned max)
{
	uint32_t offset = MADT_HEADER_BYTES;
	struct acpi_table table;
	struct cpu_entry cpu;
	unsigned count = 0;

	if (acpi_find("APIC", &table) != 0) {
		return 0;
	}
	while (count < max && next_cpu(&table, &offset, &cpu)) {
		if (cpu.flags[0] & FLAG_ENABLED) {
			apic_ids[count++] = cpu.apic_id;
		}
	}
	return count;
}

void madt_hide_others(uint32_t own_apic_id)
{
	uint32_t offset = MADT_HEADER_BYTES;
	struct acpi_table table;
	struct cpu_entry cpu;
	uint8_t *bytes;

	if (acpi_find("APIC", &table) != 0) {
		return;
	}
	bytes = physmap_ptr(table.where);
	while (next_cpu(&table, &offset, &cpu)) {
		uint8_t before = cpu.flags[0];

		if (cpu.apic_id == own_apic_id) {
			continue;
		}
		cpu.flags[0] = (uint8_t)(before & ~FLAGS_USABLE);
		bytes[CHECKSUM_OFFSET] = (uint8_t)(bytes[CHECKSUM_OFFSET] +
						   before - cpu.flags[0]);
	}
}
