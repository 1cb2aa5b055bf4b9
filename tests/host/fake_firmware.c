// SPDX-License-Identifier: MIT
/*
 * Firmware tables as bytes. ACPI 6.5, chapter 5.2; Intel VT-d specification,
 * chapter 8; AMD IOMMU specification, chapter 5; PCI Firmware
 * specification, 4.1.2.
 */
#include "fake_firmware.h"

#include "machine.h"

#include <string.h>

#define HEADER_BYTES 36u
#define XSDT_AT	     0x100u
#define MCFG_AT	     0x200u
#define DMAR_AT	     0x1000u
#define IVRS_AT	     0x3000u

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	memcpy(at, &value, bytes);
}

static uint8_t sum(const uint8_t *bytes, uint32_t count)
{
	unsigned total = 0;

	for (uint32_t i = 0; i < count; i++) {
		total += bytes[i];
	}
	return (uint8_t)total;
}

void firmware_checksum(uint8_t *table, uint32_t bytes)
{
	table[9] = 0;
	table[9] = (uint8_t)(0u - sum(table, bytes));
}

static void header(uint8_t *t, const char *signature, uint32_t bytes)
{
	memcpy(t, signature, 4);
	put(t + 4, bytes, 4);
	t[8] = 1;
	memcpy(t + 10, "SLUICEFAKEFAKE", 14);
	firmware_checksum(t, bytes);
}

/* A device scope: one PCI endpoint on its bus. Return: its length. */
static uint32_t scope(uint8_t *at, uint32_t sbdf, bool is_bridge)
{
	at[0] = is_bridge ? 2 : 1;
	at[1] = 8;
	at[5] = (uint8_t)(sbdf >> 8);
	at[6] = (uint8_t)(sbdf >> 3 & 31);
	at[7] = (uint8_t)(sbdf & 7);
	return 8;
}

static uint32_t drhd(const struct machine_config *config, unsigned n,
		     uint8_t *at)
{
	const struct fake_vtd_config *unit = &config->unit[n];
	uint32_t bytes = 16;

	at[4] = !unit->explicit_scope;
	put(at + 6, unit->segment, 2);
	put(at + 8, MACHINE_VTD_BASE + n * PAGE_BYTES, 8);
	for (unsigned i = 0; unit->explicit_scope && i < config->function_count;
	     i++) {
		if (config->function[i].unit == n) {
			bytes += scope(at + bytes, config->function[i].sbdf,
				       config->function[i].is_bridge);
		}
	}
	put(at + 2, bytes, 2);
	return bytes;
}

uint32_t firmware_dmar(const struct machine_config *config,
		       uint8_t out[FIRMWARE_TABLE_MAX])
{
	uint32_t bytes = 48;

	memset(out, 0, FIRMWARE_TABLE_MAX);
	out[HEADER_BYTES] = 45; /* host address width - 1 */
	/* INCLUDE_ALL comes last in its segment, section 8.4. */
	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned n = 0; n < config->unit_count; n++) {
			if (config->unit[n].explicit_scope == (pass == 0)) {
				bytes += drhd(config, n, out + bytes);
			}
		}
	}
	header(out, "DMAR", bytes);
	return bytes;
}

/* One IVHD block of a type. Return: its length. */
static uint32_t ivhd(const struct machine_config *config, unsigned n,
		     uint8_t type, uint8_t *at)
{
	const struct fake_amdvi_config *unit = &config->amdvi[n];
	uint32_t bytes = type == 0x10 ? 24 : 40;

	at[0] = type;
	at[1] = unit->flags;
	put(at + 4, (uint16_t)MACHINE_AMDVI_SBDF(n), 2);
	put(at + 6, 0x40, 2);
	put(at + 8, MACHINE_AMDVI_BASE + n * FAKE_AMDVI_WINDOW, 8);
	put(at + 16, unit->segment, 2);
	if (!unit->explicit_scope) {
		at[bytes] = 1; /* all */
		bytes += 4;
	}
	for (unsigned i = 0; unit->explicit_scope && i < config->function_count;
	     i++) {
		if (config->function[i].unit == n) {
			at[bytes] = 2; /* select */
			put(at + bytes + 1, (uint16_t)config->function[i].sbdf,
			    2);
			bytes += 4;
		}
	}
	if (n == 0 && !unit->no_ir) {
		/* An I/O APIC: special device. */
		at[bytes] = 72;
		put(at + bytes + 5, MACHINE_IOAPIC, 2);
		at[bytes + 7] = 1;
		bytes += 8;
	}
	put(at + 2, bytes, 2);
	return bytes;
}

uint32_t firmware_ivrs(const struct machine_config *config,
		       uint8_t out[FIRMWARE_TABLE_MAX])
{
	uint32_t bytes = 48;

	memset(out, 0, FIRMWARE_TABLE_MAX);
	put(out + HEADER_BYTES, 40 << 8 | 48 << 15, 4);
	for (unsigned n = 0; n < config->unit_count; n++) {
		uint8_t type = config->amdvi[n].block_type;

		bytes += ivhd(config, n, type ? type : 0x10, out + bytes);
		if (type == 0) {
			bytes += ivhd(config, n, 0x11, out + bytes);
		}
	}
	header(out, "IVRS", bytes);
	return bytes;
}

uint64_t firmware_place(uint64_t base, const struct firmware_tables *tables)
{
	uint8_t *ram = machine_ram(base, 0x10000);
	uint8_t *mcfg = ram + MCFG_AT;
	uint8_t *xsdt = ram + XSDT_AT;
	uint32_t entries = 1;

	memset(ram, 0, 0x10000);
	put(mcfg + 44, MACHINE_ECAM_BASE, 8);
	mcfg[55] = MACHINE_ECAM_BUSES - 1;
	header(mcfg, "MCFG", 60);
	put(xsdt + HEADER_BYTES, base + MCFG_AT, 8);
	if (tables->dmar != NULL) {
		memcpy(ram + DMAR_AT, tables->dmar, tables->dmar_bytes);
		put(xsdt + HEADER_BYTES + 8 * entries++, base + DMAR_AT, 8);
	}
	if (tables->ivrs != NULL) {
		memcpy(ram + IVRS_AT, tables->ivrs, tables->ivrs_bytes);
		put(xsdt + HEADER_BYTES + 8 * entries++, base + IVRS_AT, 8);
	}
	header(xsdt, "XSDT", HEADER_BYTES + 8 * entries);
	memcpy(ram, "RSD PTR ", 8);
	memcpy(ram + 9, "SLUICE", 6);
	ram[15] = 2;
	put(ram + 20, 36, 4);
	put(ram + 24, base + XSDT_AT, 8);
	ram[8] = (uint8_t)(0u - sum(ram, 20));
	ram[32] = (uint8_t)(0u - sum(ram, 36));
	return base;
}
