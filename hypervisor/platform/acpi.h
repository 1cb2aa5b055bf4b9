/* SPDX-License-Identifier: MIT */
/* Find a firmware table, check its sum, bound it. ACPI 6.5, chapter 5.2. */
#pragma once

#include "lib/addr.h"

struct acpi_table {
	hpa_t where;	      /* of the header                               */
	const uint8_t *bytes; /* the whole table                             */
	uint32_t size;	      /* header included                             */
};

/**
 * acpi_start() - Find the root pointer and the table that it leads to.
 * @rsdp: where it is; HPA_NONE = scan the extended BIOS data and BIOS areas
 *
 * Return: 0; -XEN_ENOENT no root pointer; -XEN_EINVAL the root table's length
 * or checksum is wrong. After an error every acpi_find() answers -XEN_ENOENT.
 */
int acpi_start(hpa_t rsdp) __must_check;

/* acpi_rsdp() - Where the root pointer is, or HPA_NONE. */
hpa_t acpi_rsdp(void);

/**
 * acpi_find() - First table with a signature.
 * Return: 0; -XEN_ENOENT none; -XEN_EINVAL it is there, but its length or
 * checksum is wrong (logged with the byte).
 */
int acpi_find(const char signature[4], struct acpi_table *table) __must_check;
