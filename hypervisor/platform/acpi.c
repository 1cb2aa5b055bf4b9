// SPDX-License-Identifier: MIT
/*
 * ACPI's root pointer and the tables that it leads to.
 *
 * Every length comes from firmware: it is bounded before anything that it
 * covers is read, and a sum that does not come out makes the table unusable.
 *
 * ACPI 6.5, 5.2.5 (root pointer), 5.2.6 (header), 5.2.7 and 5.2.8 (root
 * tables).
 */
#include "platform/acpi.h"

#include "arch/physmap.h"
#include "base/log.h"
#include "lib/error.h"
#include "lib/range.h"
#include "lib/string.h"
#include "platform/bytes.h"

#define RSDP_BYTES	20u /* what its first sum covers          */
#define RSDP_BYTES_MIN2 36u /* revision 2 and up                  */
#define HEADER_BYTES	36u
#define TABLE_BYTES_MAX (1u << 20)
#define TABLES_MAX	256u

/* BIOS data area: the segment of the EBDA. */
static const hpa_t ebda_segment_at = {0x40e};

#define BIOS_AREA_START 0xe0000u
#define BIOS_AREA_BYTES 0x20000u

/* Fixed at start-up. */
static struct {
	hpa_t rsdp;
	struct acpi_table root;
	uint32_t entry_bytes; /* 4 or 8 */
} state = {.rsdp = {~UINT64_C(0)}};

static bool sum_is_zero(const uint8_t *bytes, uint32_t count)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	return sum == 0;
}

static uint64_t number_at(const uint8_t *bytes, uint32_t offset, uint32_t count)
{
	struct bytes b = {
		.start = bytes, .size = offset + count, .offset = offset};

	return bytes_get(&b, count);
}

/* An address that a table of at least @bytes may have. */
static bool is_place(uint64_t address, uint64_t bytes)
{
	return address != 0 && range_is_valid(address, bytes);
}

/* Look at a table. Return: 0, or -XEN_EINVAL with a line in the log. */
static int open_table(uint64_t address, struct acpi_table *table)
{
	const uint8_t *bytes;
	uint32_t size;

	if (!is_place(address, TABLE_BYTES_MAX) ||
	    !physmap_covers(to_hpa(address), HEADER_BYTES)) {
		log_error("acpi: no table can be at %lx", address);
		return -XEN_EINVAL;
	}
	bytes = physmap_ptr(to_hpa(address));
	size = (uint32_t)number_at(bytes, 4, 4);
	if (size < HEADER_BYTES || size > TABLE_BYTES_MAX ||
	    !physmap_covers(to_hpa(address), size)) {
		log_error("acpi: table at %lx, byte 4: length %u", address,
			  size);
		return -XEN_EINVAL;
	}
	if (!sum_is_zero(bytes, size)) {
		log_error("acpi: table at %lx, byte 9: wrong checksum",
			  address);
		return -XEN_EINVAL;
	}
	*table = (struct acpi_table){to_hpa(address), bytes, size};
	return 0;
}

static bool is_rsdp(hpa_t at)
{
	const uint8_t *bytes = physmap_ptr(at);

	return memcmp(bytes, "RSD PTR ", 8) == 0 &&
	       sum_is_zero(bytes, RSDP_BYTES);
}

/* On a 16-byte border, as the manual promises. */
static hpa_t scan(uint64_t start, uint64_t bytes)
{
	for (uint64_t at = start; at < start + bytes; at += 16) {
		if (is_rsdp(to_hpa(at))) {
			return to_hpa(at);
		}
	}
	return HPA_NONE;
}

static hpa_t find_rsdp(void)
{
	/* Read as a variable: compilers take so low a constant for a mistake.
	 */
	const uint8_t *segment = physmap_ptr(read_once(ebda_segment_at));
	uint64_t ebda = number_at(segment, 0, 2) << 4;
	hpa_t found = HPA_NONE;

	if (ebda >= 0x400 && ebda < 0xa0000) {
		found = scan(ebda, 1024);
	}
	if (hpa_is_none(found)) {
		found = scan(BIOS_AREA_START, BIOS_AREA_BYTES);
	}
	return found;
}

/* The 64-bit root table's address, or 0 when there is none to be trusted. */
static uint64_t xsdt_of(const uint8_t *rsdp)
{
	uint32_t size;

	if (rsdp[15] < 2) {
		return 0;
	}
	size = (uint32_t)number_at(rsdp, 20, 4);
	if (size < RSDP_BYTES_MIN2 || size > PAGE_BYTES ||
	    !sum_is_zero(rsdp, size)) {
		log_warn("acpi: root pointer: bad extended part, not used");
		return 0;
	}
	return number_at(rsdp, 24, 8);
}

int acpi_start(hpa_t rsdp)
{
	const uint8_t *bytes;
	uint64_t root;
	int err;

	state.rsdp = HPA_NONE;
	state.root.size = 0;
	if (hpa_is_none(rsdp)) {
		rsdp = find_rsdp();
	}
	if (hpa_is_none(rsdp) || !is_rsdp(rsdp)) {
		log_error("acpi: no root pointer");
		return -XEN_ENOENT;
	}
	bytes = physmap_ptr(rsdp);
	root = xsdt_of(bytes);
	state.entry_bytes = root != 0 ? 8 : 4;
	if (root == 0) {
		root = number_at(bytes, 16, 4);
	}
	err = open_table(root, &state.root);
	if (err) {
		state.root.size = 0;
		return err;
	}
	state.rsdp = rsdp;
	return 0;
}

hpa_t acpi_rsdp(void)
{
	return state.rsdp;
}

int acpi_find(const char signature[4], struct acpi_table *table)
{
	uint32_t count;

	if (state.root.size == 0) {
		return -XEN_ENOENT;
	}
	count = (state.root.size - HEADER_BYTES) / state.entry_bytes;
	if (count > TABLES_MAX) {
		log_warn("acpi: %u tables, the first %u looked at", count,
			 TABLES_MAX);
		count = TABLES_MAX;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint64_t at = number_at(state.root.bytes,
					HEADER_BYTES + i * state.entry_bytes,
					state.entry_bytes);

		if (at != 0 && physmap_covers(to_hpa(at), HEADER_BYTES) &&
		    memcmp(physmap_ptr(to_hpa(at)), signature, 4) == 0) {
			return open_table(at, table);
		}
	}
	return -XEN_ENOENT;
}
