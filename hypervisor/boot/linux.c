// SPDX-License-Identifier: MIT
/*
 * A bzImage by the 32-bit entry. Offsets are those of the boot protocol's real
 * mode header and of struct boot_params ("zero page").
 */
#include "boot/linux.h"

#include "arch/physmap.h"
#include "lib/string.h"

#define PARAMS_AT	UINT64_C(0x10000)
#define COMMAND_LINE_AT UINT64_C(0x20000)
#define KERNEL_AT	HYPERVISOR_END /* 16 MiB: the kernel's preference */

#define OFF_RSDP	 0x070u
#define OFF_MAP_COUNT	 0x1e8u
#define OFF_HEADER	 0x1f1u
#define OFF_SETUP_SECTS	 0x1f1u
#define OFF_VIDEO	 0x1fau
#define OFF_JUMP_LENGTH	 0x201u
#define OFF_MAGIC	 0x202u
#define OFF_VERSION	 0x206u
#define OFF_LOADER	 0x210u
#define OFF_LOADFLAGS	 0x211u
#define OFF_CODE32	 0x214u
#define OFF_INITRD	 0x218u
#define OFF_INITRD_SIZE	 0x21cu
#define OFF_COMMAND_LINE 0x228u
#define OFF_INITRD_MAX	 0x22cu
#define OFF_INIT_SIZE	 0x260u
#define OFF_MAP		 0x2d0u
#define MAP_ENTRY_BYTES	 20u
#define MAP_ENTRIES_MAX	 128u
#define HEADER_MAGIC	 0x53726448u /* "HdrS" */
#define VERSION_NEEDED	 0x020au
#define LOADED_HIGH	 0x01u
#define LOADER_UNKNOWN	 0xffu
#define SECTOR		 512u
#define GIB4		 (UINT64_C(1) << 32)

static uint8_t *params(void)
{
	return physmap_ptr(to_hpa(PARAMS_AT));
}

static uint32_t get32(const uint8_t *base, unsigned offset)
{
	uint32_t value;

	memcpy(&value, base + offset, sizeof(value));
	return value;
}

static void put32(unsigned offset, uint32_t value)
{
	memcpy(params() + offset, &value, sizeof(value));
}

/* To the top of the control domain's low RAM. NULL, or what is wrong. */
static const char *move_initrd(struct bootinfo *info, uint64_t limit)
{
	uint64_t top = info->control_end < limit ? info->control_end : limit;
	uint64_t to;

	if (info->initrd.bytes == 0) {
		return NULL;
	}
	if (top <= KERNEL_AT || info->initrd.bytes > top - KERNEL_AT) {
		return "the initramfs does not fit; raise control_mem=";
	}
	to = align_down(top - info->initrd.bytes, PAGE_BYTES);
	if (range_overlaps(
		    (struct range){to, info->initrd.bytes},
		    (struct range){info->kernel.start, info->kernel.bytes})) {
		return "the loader put the kernel where the initramfs goes; "
		       "raise control_mem=";
	}
	memmove(physmap_ptr(to_hpa(to)),
		physmap_ptr(to_hpa(info->initrd.start)), info->initrd.bytes);
	info->initrd.start = to;
	return NULL;
}

const char *linux_load(struct bootinfo *info, struct linux_entry *entry)
{
	const uint8_t *image = physmap_ptr(to_hpa(info->kernel.start));
	uint64_t sectors, skip, end, header_end;
	uint32_t init_size;
	const char *wrong;

	if (info->kernel.bytes < 2 * SECTOR ||
	    get32(image, OFF_MAGIC) != HEADER_MAGIC ||
	    (get32(image, OFF_VERSION) & 0xffff) < VERSION_NEEDED) {
		return "the first module is no Linux bzImage of protocol 2.10 "
		       "or later";
	}
	sectors = image[OFF_SETUP_SECTS] != 0 ? image[OFF_SETUP_SECTS] : 4;
	skip = (sectors + 1) * SECTOR;
	if (info->kernel.bytes <= skip) {
		return "the kernel image is cut off";
	}
	memset(params(), 0, PAGE_BYTES);
	header_end = OFF_MAGIC + image[OFF_JUMP_LENGTH];
	memcpy(params() + OFF_HEADER, image + OFF_HEADER,
	       header_end - OFF_HEADER);
	init_size = get32(image, OFF_INIT_SIZE);
	wrong = move_initrd(info, (uint64_t)get32(image, OFF_INITRD_MAX) + 1);
	if (wrong != NULL) {
		return wrong;
	}
	end = info->initrd.bytes != 0 ? info->initrd.start : info->control_end;
	if (KERNEL_AT + init_size > end ||
	    info->kernel.bytes - skip > end - KERNEL_AT) {
		return "the kernel does not fit; raise control_mem=";
	}
	memmove(physmap_ptr(to_hpa(KERNEL_AT)), image + skip,
		info->kernel.bytes - skip);
	*entry = (struct linux_entry){KERNEL_AT, PARAMS_AT};
	return NULL;
}

static void add_region(uint64_t start, uint64_t end, uint32_t kind)
{
	uint8_t *count = params() + OFF_MAP_COUNT;
	uint8_t *entry = params() + OFF_MAP + *count * MAP_ENTRY_BYTES;
	uint64_t bytes = end - start;

	if (start >= end || *count == MAP_ENTRIES_MAX) {
		return;
	}
	memcpy(entry, &start, 8);
	memcpy(entry + 8, &bytes, 8);
	memcpy(entry + 16, &kind, 4);
	(*count)++;
}

/* RAM of [start, end) up to @border is the control domain's, the rest not. */
static void split(uint64_t start, uint64_t end, uint64_t border,
		  uint32_t before, uint32_t after)
{
	uint64_t at = border < start ? start : border > end ? end : border;

	add_region(start, at, before);
	add_region(at, end, after);
}

static void describe_ram(const struct bootinfo *info, uint64_t start,
			 uint64_t end)
{
	if (start >= GIB4) {
		split(start, end, GIB4 + info->control_high, BOOTINFO_RAM,
		      BOOTINFO_RESERVED);
		return;
	}
	if (start <= HYPERVISOR_START && end >= HYPERVISOR_END) {
		add_region(start, HYPERVISOR_START, BOOTINFO_RAM);
		add_region(HYPERVISOR_START, HYPERVISOR_END, BOOTINFO_RESERVED);
		start = HYPERVISOR_END;
	}
	split(start, end, info->control_end, BOOTINFO_RAM, BOOTINFO_RESERVED);
}

void linux_describe(const struct bootinfo *info, uint64_t rsdp)
{
	char *text = physmap_ptr(to_hpa(COMMAND_LINE_AT));

	for (unsigned i = 0; i < info->map_count; i++) {
		const struct bootinfo_region *r = &info->map[i];

		if (r->kind == BOOTINFO_RAM) {
			describe_ram(info, r->start, r->start + r->bytes);
		} else {
			add_region(r->start, r->start + r->bytes, r->kind);
		}
	}
	memcpy(text, info->kernel_command_line, BOOTINFO_TEXT_MAX);
	memcpy(params() + OFF_RSDP, &rsdp, sizeof(rsdp));
	params()[OFF_VIDEO] = 0xff;
	params()[OFF_VIDEO + 1] = 0xff;
	params()[OFF_LOADER] = LOADER_UNKNOWN;
	params()[OFF_LOADFLAGS] |= LOADED_HIGH;
	put32(OFF_CODE32, (uint32_t)KERNEL_AT);
	put32(OFF_INITRD, (uint32_t)info->initrd.start);
	put32(OFF_INITRD_SIZE, (uint32_t)info->initrd.bytes);
	put32(OFF_COMMAND_LINE, (uint32_t)COMMAND_LINE_AT);
}
