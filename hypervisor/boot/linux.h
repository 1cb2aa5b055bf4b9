/* SPDX-License-Identifier: MIT */
/* Load Linux by its boot protocol. Documentation/x86/boot.rst, 2.15. */
#pragma once

#include "boot/bootinfo.h"

struct linux_entry {
	uint64_t entry;	      /* 32-bit entry point */
	uint64_t boot_params; /* its "zero page" */
};

/**
 * linux_load() - Move initramfs and kernel to their places and describe them.
 *
 * Moves within the control domain's RAM; modules may lie where the
 * hypervisor's heap will be, so this comes before the heap is used.
 * Return: NULL, or what is wrong with the kernel or the memory.
 */
const char *linux_load(struct bootinfo *info, struct linux_entry *entry);

/**
 * linux_describe() - Write the boot parameters: memory map with everything
 * that is not the control domain's reserved, command line, initramfs.
 * @rsdp: where ACPI starts, 0 = unknown
 */
void linux_describe(const struct bootinfo *info, uint64_t rsdp);
