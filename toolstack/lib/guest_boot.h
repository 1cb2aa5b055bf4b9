/* SPDX-License-Identifier: MIT */
/*
 * What a guest finds when it starts: start info and CPU state (PVH).
 */
#pragma once

#include "xen_tools.h"

/* RAM ends below the window of device registers and goes on at 4 GiB. */
#define GUEST_RAM_LOW_MAX 0xe0000000ull
#define GUEST_RAM_HIGH	  0x100000000ull

/* The block that holds start info, its lists and the command line: a page. */
#define GUEST_BOOT_BYTES 4096u

/* Longest command line, without its final 0. */
#define GUEST_CMDLINE_MAX 2047u

/* What the block says. */
struct guest_boot {
	uint64_t address;      /* of the block, guest-physical, page-aligned */
	uint64_t memory_bytes; /* of RAM                                     */
	uint64_t module;       /* guest-physical address of the ramdisk      */
	uint64_t module_bytes; /* 0: there is none                           */
	const char *cmdline;   /* or NULL; at most GUEST_CMDLINE_MAX bytes   */
};

/**
 * guest_boot_build() - Lay out the block.
 * Source: Xen, public/arch-x86/hvm/start_info.h, version 1.
 */
void guest_boot_build(const struct guest_boot *boot,
		      unsigned char block[GUEST_BOOT_BYTES]);

/**
 * guest_boot_set_cpu() - Give CPU 0 its first state: flat, 32-bit, protected.
 * @entry: guest-physical address of the first instruction
 * @start: guest-physical address of the start info, for ebx
 *
 * Return: 0 or a negative errno.
 * Source: Xen, docs/misc/pvh.pandoc; public/arch-x86/hvm/save.h.
 */
int guest_boot_set_cpu(struct xen_tools *tools, uint32_t guest, uint32_t entry,
		       uint32_t start);
