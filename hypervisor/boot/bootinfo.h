/* SPDX-License-Identifier: MIT */
/*
 * What the loader told, and how the machine's memory is shared out.
 *
 *   0          2 MiB         16 MiB            control_end       top of RAM
 *   | control  | hypervisor  | control domain   | guests' pool    |
 *
 * Memory above 4 GiB is the pool's, unless control_mem= asks for more than lies
 * below.
 */
#pragma once

#include "lib/addr.h"
#include "lib/range.h"

#define BOOTINFO_RAM_MAX  32u
#define BOOTINFO_TEXT_MAX 2048u

#define HYPERVISOR_START UINT64_C(0x200000)
#define HYPERVISOR_END	 UINT64_C(0x1000000)

enum bootinfo_kind {
	BOOTINFO_RAM = 1, /* numbers of the firmware's map (E820) */
	BOOTINFO_RESERVED = 2,
	BOOTINFO_ACPI = 3,
	BOOTINFO_NVS = 4,
};

struct bootinfo_region {
	uint64_t start;
	uint64_t bytes;
	uint32_t kind;
};

struct bootinfo_module {
	uint64_t start;
	uint64_t bytes;
};

struct bootinfo {
	struct bootinfo_region map[BOOTINFO_RAM_MAX];
	unsigned map_count;
	struct bootinfo_module kernel; /* .bytes 0 = none */
	struct bootinfo_module initrd;
	char command_line[BOOTINFO_TEXT_MAX];
	char kernel_command_line[BOOTINFO_TEXT_MAX];

	uint64_t top_low;      /* end of the RAM that holds 16 MiB */
	uint64_t control_end;  /* control domain's RAM below 4 GiB ends here */
	uint64_t control_high; /* bytes of it from 4 GiB on */
};

/**
 * bootinfo_read() - Copy what the loader left.
 * @magic: eax at entry; @where: ebx
 * Return: NULL, or what is wrong with it.
 */
const char *bootinfo_read(struct bootinfo *info, uint32_t magic, hpa_t where);

/* bootinfo_share() - Split memory by control_mem=. NULL, or what is wrong. */
const char *bootinfo_share(struct bootinfo *info);

/* bootinfo_option() - Value of NAME=VALUE on our command line, or NULL. */
const char *bootinfo_option(const struct bootinfo *info, const char *name);

/* bootinfo_is_control_ram() - Whole page is RAM of the control domain. */
bool bootinfo_is_control_ram(const struct bootinfo *info, uint64_t page);

/* bootinfo_touches_ram() - Some byte of [start, +bytes) is RAM. */
bool bootinfo_touches_ram(const struct bootinfo *info, uint64_t start,
			  uint64_t bytes);

/* bootinfo_is_reserved() - All of @at is kept by the firmware (E820 types
 * reserved and ACPI NVS), by one entry of the map or several. */
bool bootinfo_is_reserved(const struct bootinfo *info, struct range at);

/* bootinfo_ram_pages() - All RAM of the machine. */
uint64_t bootinfo_ram_pages(const struct bootinfo *info);
