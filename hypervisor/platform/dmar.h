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
#include "platform/pci.h"

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

/*
 * Where a scope leads: from a bus through bridges to a function. Which ids
 * that are is known when the buses' numbers are (pci_follow()).
 */
struct dmar_path {
	uint32_t where; /* byte of the table                                 */
	uint8_t bus;
	uint8_t hops;
	uint8_t hop[PCI_HOPS_MAX]; /* device 7..3, function 2..0             */
	bool is_bridge; /* the function, and all that lies behind it         */
};

/* Requesters that a unit names. */
struct dmar_scope {
	unsigned unit; /* index in dmar.unit */
	struct dmar_path path;
};

/* Memory that a device uses for its firmware's purposes (RMRR). */
struct dmar_reserved {
	uint64_t base;
	uint64_t last; /* inclusive */
	uint16_t segment;
};

struct dmar_reserved_name {
	unsigned range; /* index in dmar.reserved */
	struct dmar_path path;
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
 * what is not built: an unknown kind of scope, or more units, devices and
 * hops than fit; -XEN_ENOENT no unit in it.
 */
int dmar_parse(const uint8_t *bytes, uint32_t size, struct dmar *dmar,
	       struct dmar_error *error) __must_check;

/**
 * dmar_start() - Find and parse this machine's table; acpi_start() came before.
 * Return: 0; -XEN_ENOENT no table, or no unit in it; -XEN_EINVAL,
 * -XEN_EOPNOTSUPP as dmar_parse(), with the reason in the log.
 */
int dmar_start(void) __must_check;

/* dmar_machine() - What dmar_start() read; empty before, and after an error. */
const struct dmar *dmar_machine(void);
