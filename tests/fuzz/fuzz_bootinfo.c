// SPDX-License-Identifier: MIT
/*
 * Any bytes as what the loader left: read without a byte outside memory
 * (tests/host/ram.c fails whoever does), and shared out so that no page has two
 * owners. Where the first byte says so, pointers lead into the input.
 */
#include "boot/bootinfo.h"
#include "fuzz.h"
#include "machine.h"

#include <stdlib.h>
#include <string.h>

#define AREA_BYTES   0x3000u
#define LOADER_MAGIC 0x2badb002u
#define MAGIC_BIT    2u

/* Offsets of what is a pointer in the loader's structure. */
static const unsigned pointers[] = {16, 24, 48};

static uint64_t base; /* of the area, machine address */

static void aim_pointers(uint8_t *ram)
{
	for (unsigned i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		uint32_t value;

		memcpy(&value, ram + pointers[i], sizeof(value));
		value = (uint32_t)base + value % AREA_BYTES;
		memcpy(ram + pointers[i], &value, sizeof(value));
	}
}

static bool is_terminated(const char *text)
{
	return memchr(text, 0, BOOTINFO_TEXT_MAX) != NULL;
}

static void judge_share(struct bootinfo *info)
{
	if (bootinfo_share(info) != NULL) {
		return;
	}
	if (info->control_end > info->top_low ||
	    info->control_end < HYPERVISOR_END ||
	    info->control_high % PAGE_BYTES != 0 ||
	    bootinfo_is_control_ram(info, HYPERVISOR_START) ||
	    bootinfo_is_control_ram(info, HYPERVISOR_END - PAGE_BYTES) ||
	    (info->control_end < info->top_low &&
	     bootinfo_is_control_ram(info, info->control_end))) {
		abort();
	}
}

static void judge(struct bootinfo *info)
{
	if (info->map_count > BOOTINFO_RAM_MAX ||
	    !is_terminated(info->command_line) ||
	    !is_terminated(info->kernel_command_line)) {
		abort();
	}
	(void)bootinfo_option(info, "iommu");
	for (unsigned i = 0; i < info->map_count; i++) {
		struct range r = {info->map[i].start, info->map[i].bytes};
		bool is_ram = info->map[i].kind == BOOTINFO_RAM;

		if (bootinfo_touches_ram(info, r.start, r.bytes) != is_ram ||
		    (is_ram && bootinfo_is_reserved(info, r))) {
			abort();
		}
	}
	judge_share(info);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bootinfo info;
	uint8_t *ram;

	if (size < 1 || size > AREA_BYTES) {
		return 0;
	}
	if (base == 0) {
		struct machine_config c = machine_default();

		c.stage = MACHINE_RAM;
		machine_boot(&c);
		base = machine_rsdp().addr;
	}
	ram = machine_ram(base, AREA_BYTES);
	memset(ram, 0, AREA_BYTES);
	memcpy(ram, data + 1, size - 1);
	if (data[0] & 1) {
		aim_pointers(ram);
	}
	if (bootinfo_read(&info, data[0] & MAGIC_BIT ? 0 : LOADER_MAGIC,
			  to_hpa(base)) == NULL) {
		judge(&info);
	}
	return 0;
}
