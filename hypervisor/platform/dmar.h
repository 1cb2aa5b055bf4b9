/* SPDX-License-Identifier: MIT */
/*
 * The firmware's description of VT-d units: where, in front of whom, and which
 * memory a device reaches behind the operating system's back.
 *
 * VT-d specification, "BIOS Considerations". The parser is pure: bytes in,
 * description or reason out.
 */
#pragma once

#include "lib/addr.h"

#define DMAR_UNITS_MAX	    8u
#define DMAR_SCOPES_MAX	    64u
#define DMAR_RESERVED_MAX   16u /* ranges                                   */
#define DMAR_RESERVED_NAMES 64u /* devices named by all ranges              */

struct dmar_unit {
	uint64_t registers;	 /* machine address, multiple of 4096         */
	uint64_t register_bytes; /* window, 4096 << 0..15                     */
	uint16_t segment;
	bool includes_all; /* every requester that no other unit names        */
};

/* A requester that a unit names. */
struct dmar_scope {
	unsigned unit; /* index in dmar.unit */
	uint16_t bdf;
};

/* Memory that a device uses for its firmware's purposes (RMRR). */
struct dmar_reserved {
	uint64_t base;
	uint64_t last; /* inclusive */
	uint16_t segment;
	bool is_anybodys; /* names a device behind a bridge: not resolved     */
};

struct dmar_reserved_name {
	unsigned range; /* index in dmar.reserved */
	uint16_t bdf;
};

struct dmar {
	struct dmar_unit unit[DMAR_UNITS_MAX];
	struct dmar_scope scope[DMAR_SCOPES_MAX];
	struct dmar_reserved reserved[DMAR_RESERVED_MAX];
	struct dmar_reserved_name name[DMAR_RESERVED_NAMES];
	unsigned unit_count;
	unsigned scope_count;
	unsigned reserved_count;
	unsigned name_count;
};

struct dmar_error {
	const char *reason; /* a clause, static                               */
	uint32_t offset;    /* byte of the table                              */
};

/**
 * dmar_parse() - Read a DMAR table, ACPI header included.
 * @bytes: the table, checksum already good
 * @size:  bytes there; must be what the header says
 * @dmar:  receives the description, unspecified after an error
 * @error: receives what is wrong and where
 *
 * Return: 0; -XEN_EINVAL malformed; -XEN_EOPNOTSUPP well-formed, but it needs
 * what is not built: a unit in front of a bridge or behind one, or more units
 * and devices than fit; -XEN_ENOENT no unit in it.
 */
int dmar_parse(const uint8_t *bytes, uint32_t size, struct dmar *dmar,
	       struct dmar_error *error) __must_check;

/* dmar_reserves_for() - True when a range is reserved for @sbdf, or may be. */
bool dmar_reserves_for(const struct dmar *dmar, uint32_t sbdf);

/**
 * dmar_start() - Find and parse this machine's table; acpi_start() came before.
 * Return: 0; -XEN_ENOENT no table, or no unit in it; -XEN_EINVAL,
 * -XEN_EOPNOTSUPP as dmar_parse(), with the reason in the log.
 */
int dmar_start(void) __must_check;

/* dmar_machine() - What dmar_start() read; empty before, and after an error. */
const struct dmar *dmar_machine(void);

/* dmar_has_reserved_memory() - dmar_reserves_for() this machine's table. */
bool dmar_has_reserved_memory(uint32_t sbdf);
