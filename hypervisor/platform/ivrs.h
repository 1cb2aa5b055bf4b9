/* SPDX-License-Identifier: MIT */
/*
 * The firmware's description of AMD IOMMUs: where, in front of whom, and which
 * memory a device reaches behind the operating system's back.
 *
 * AMD I/O Virtualization Technology (IOMMU) specification, 48882, chapter "I/O
 * Virtualization ACPI Table". The parser is pure: bytes in, description or
 * reason out.
 */
#pragma once

#include "lib/addr.h"

#define IVRS_UNITS_MAX	 8u
#define IVRS_DEVICES_MAX 256u
#define IVRS_UNITY_MAX	 32u

/* Flags of a unit's block that its control register is to repeat. */
#define IVRS_HT_TUNNEL	 BIT(0)
#define IVRS_PASS_PW	 BIT(1)
#define IVRS_RES_PASS_PW BIT(2)
#define IVRS_ISOCHRONOUS BIT(3)
#define IVRS_COHERENT	 BIT(5)

struct ivrs_unit {
	uint64_t registers; /* machine address, multiple of 16 KiB        */
	uint64_t features;  /* image of the extended features, 0 = none   */
	uint32_t where;	    /* of its block in the table                  */
	uint16_t segment;
	uint16_t bdf;	     /* of its own PCI function                    */
	uint16_t capability; /* offset in that function's configuration    */
	uint8_t type;	     /* of the block: 10h, 11h, 40h                */
	uint8_t flags;	     /* IVRS_*                                     */
	bool includes_all;   /* every requester of its segment             */
};

enum ivrs_kind {
	IVRS_DEVICES, /* requesters first..last use their own ids             */
	IVRS_ALIAS,   /* functions first..last; their requests carry .alias   */
	IVRS_IOAPIC,  /* interrupts of I/O APIC .handle carry id .first       */
	IVRS_HPET,    /* interrupts of HPET .handle carry id .first           */
	IVRS_NAMED,   /* a device of the ACPI name space, id .first           */
};

struct ivrs_device {
	unsigned unit; /* index in ivrs.unit                                  */
	enum ivrs_kind kind;
	uint16_t first;
	uint16_t last; /* inclusive                                           */
	uint16_t alias;
	uint8_t handle;
	uint8_t settings; /* interrupt messages to pass, as in a table entry  */
};

/* Memory that devices use for their firmware's purposes (IVMD). */
struct ivrs_unity {
	uint64_t base;
	uint64_t last; /* inclusive                                           */
	uint16_t segment;
	uint16_t first_bdf;
	uint16_t last_bdf;
	bool can_read;
	bool can_write;
	bool is_exclusion; /* the firmware would have it not translated      */
};

struct ivrs {
	struct ivrs_unit unit[IVRS_UNITS_MAX];
	struct ivrs_device device[IVRS_DEVICES_MAX];
	struct ivrs_unity unity[IVRS_UNITY_MAX];
	unsigned unit_count;
	unsigned device_count;
	unsigned unity_count;
	unsigned virtual_bits; /* width of logical addresses, 0 = not said    */
};

struct ivrs_error {
	const char *reason; /* a clause, static                               */
	uint32_t offset;    /* byte of the table                              */
};

/**
 * ivrs_parse() - Read an IVRS table, ACPI header included.
 * @bytes: the table, checksum already good
 * @size:  bytes there; must be what the header says
 * @ivrs:  receives the description, unspecified after an error
 * @error: receives what is wrong and where
 *
 * Of several blocks for one unit (types 10h, 11h, 40h) the highest type is
 * taken, which tells the most; the others must agree on its registers.
 *
 * Return: 0; -XEN_EINVAL malformed; -XEN_EOPNOTSUPP well-formed, but more
 * units, devices or ranges than fit; -XEN_ENOENT no unit in it.
 */
int ivrs_parse(const uint8_t *bytes, uint32_t size, struct ivrs *ivrs,
	       struct ivrs_error *error) __must_check;

/**
 * ivrs_start() - Find and parse this machine's table; acpi_start() came before.
 * Return: 0; -XEN_ENOENT no table, or no unit in it; -XEN_EINVAL,
 * -XEN_EOPNOTSUPP as ivrs_parse(), with the reason in the log.
 */
int ivrs_start(void) __must_check;

/* ivrs_machine() - What ivrs_start() read; empty before, and after an error. */
const struct ivrs *ivrs_machine(void);
