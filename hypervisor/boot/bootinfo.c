// SPDX-License-Identifier: MIT
/*
 * The loader's information, copied before anything of ours overwrites it.
 * Bounded: a count or length that does not fit is cut off or refused, and what
 * lies outside memory is not there.
 * Multiboot specification 0.6.96, 3.3.
 */
#include "boot/bootinfo.h"

#include "arch/physmap.h"
#include "lib/string.h"

#define LOADER_MAGIC 0x2badb002u
#define HAS_COMMAND  BIT(2)
#define HAS_MODULES  BIT(3)
#define HAS_MAP	     BIT(6)
#define GIB4	     (UINT64_C(1) << 32)
#define MIB	     (UINT64_C(1) << 20)
#define CONTROL_MIN  (128 * MIB)
#define SPLIT_ALIGN  (2 * MIB)
/* Entries of the map that are looked at, those that say nothing included. */
#define MAP_ENTRIES_MAX 512u

struct multiboot_info {
	uint32_t flags;
	uint32_t mem_lower, mem_upper, boot_device;
	uint32_t command_line;
	uint32_t module_count, modules;
	uint32_t symbols[4];
	uint32_t map_bytes, map;
};

struct multiboot_module {
	uint32_t start, end, text, reserved;
};

/* `size` counts what follows it. */
struct multiboot_map_entry {
	uint32_t size;
	uint64_t start, bytes;
	uint32_t kind;
} __attribute__((packed));

static void copy_text(char *to, uint32_t from)
{
	size_t n = 0;

	while (from != 0 && n + 1 < BOOTINFO_TEXT_MAX &&
	       physmap_covers(to_hpa(from + n), 1)) {
		to[n] = *(const char *)physmap_ptr(to_hpa(from + n));
		if (to[n] == '\0') {
			return;
		}
		n++;
	}
	to[n] = '\0';
}

/* Drop the first word: the loader puts a file's name there. */
static void drop_word(char *text)
{
	size_t n = 0;

	while (text[n] != '\0' && text[n] != ' ') {
		n++;
	}
	while (text[n] == ' ') {
		n++;
	}
	memmove(text, text + n, strlen(text + n) + 1);
}

static void read_map(struct bootinfo *info, const struct multiboot_info *mb)
{
	uint64_t offset = 0;

	for (unsigned n = 0;
	     n < MAP_ENTRIES_MAX && info->map_count < BOOTINFO_RAM_MAX; n++) {
		hpa_t at = to_hpa(mb->map + offset);
		const struct multiboot_map_entry *e;

		if (offset + sizeof(*e) > mb->map_bytes ||
		    !physmap_covers(at, sizeof(*e))) {
			return;
		}
		e = physmap_ptr(at);
		if (e->size < sizeof(*e) - 4 || e->size > 4096) {
			return;
		}
		if (range_is_valid(e->start, e->bytes)) {
			info->map[info->map_count++] = (struct bootinfo_region){
				e->start, e->bytes, e->kind};
		}
		offset += e->size + 4u;
	}
}

static void read_modules(struct bootinfo *info, const struct multiboot_info *mb)
{
	uint32_t count = mb->module_count < 2 ? mb->module_count : 2;
	const struct multiboot_module *m;

	if (count == 0 ||
	    !physmap_covers(to_hpa(mb->modules), count * sizeof(*m))) {
		return;
	}
	m = physmap_ptr(to_hpa(mb->modules));
	if (m[0].end > m[0].start) {
		info->kernel = (struct bootinfo_module){m[0].start,
							m[0].end - m[0].start};
		copy_text(info->kernel_command_line, m[0].text);
		drop_word(info->kernel_command_line);
	}
	if (count == 2 && m[1].end > m[1].start) {
		info->initrd = (struct bootinfo_module){m[1].start,
							m[1].end - m[1].start};
	}
}

/* Two entries that claim one byte of RAM would give a page two owners. */
static bool map_overlaps(const struct bootinfo *info)
{
	for (unsigned i = 0; i < info->map_count; i++) {
		struct range a = {info->map[i].start, info->map[i].bytes};

		for (unsigned j = i + 1; j < info->map_count; j++) {
			struct range b = {info->map[j].start,
					  info->map[j].bytes};

			if (range_overlaps(a, b) &&
			    (info->map[i].kind == BOOTINFO_RAM ||
			     info->map[j].kind == BOOTINFO_RAM)) {
				return true;
			}
		}
	}
	return false;
}

const char *bootinfo_read(struct bootinfo *info, uint32_t magic, hpa_t where)
{
	const struct multiboot_info *mb;

	memset(info, 0, sizeof(*info));
	if (magic != LOADER_MAGIC) {
		return "not started by a multiboot loader";
	}
	if (!physmap_covers(where, sizeof(*mb))) {
		return "the loader's information is not in memory";
	}
	mb = physmap_ptr(where);
	if (!(mb->flags & HAS_MAP)) {
		return "the loader gave no memory map";
	}
	read_map(info, mb);
	if (map_overlaps(info)) {
		return "the memory map names RAM twice";
	}
	if (mb->flags & HAS_COMMAND) {
		copy_text(info->command_line, mb->command_line);
		drop_word(info->command_line);
	}
	if (mb->flags & HAS_MODULES) {
		read_modules(info, mb);
	}
	return NULL;
}

const char *bootinfo_option(const struct bootinfo *info, const char *name)
{
	size_t length = strlen(name);
	const char *p = info->command_line;

	while (*p != '\0') {
		if (strncmp(p, name, length) == 0 && p[length] == '=') {
			return p + length + 1;
		}
		while (*p != '\0' && *p != ' ') {
			p++;
		}
		while (*p == ' ') {
			p++;
		}
	}
	return NULL;
}

/* Bytes from digits and K, M or G; 0 for anything else. */
static uint64_t parse_size(const char *text)
{
	uint64_t value = 0;

	while (*text >= '0' && *text <= '9' && value < GIB4) {
		value = value * 10 + (uint64_t)(*text++ - '0');
	}
	switch (*text) {
	case 'G':
		return value << 30;
	case 'M':
		return value << 20;
	case 'K':
		return value << 10;
	default:
		return 0;
	}
}

uint64_t bootinfo_ram_pages(const struct bootinfo *info)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < info->map_count; i++) {
		if (info->map[i].kind == BOOTINFO_RAM) {
			bytes += info->map[i].bytes;
		}
	}
	return bytes >> PAGE_SHIFT;
}

static uint64_t high_ram(const struct bootinfo *info)
{
	for (unsigned i = 0; i < info->map_count; i++) {
		if (info->map[i].kind == BOOTINFO_RAM &&
		    info->map[i].start == GIB4) {
			return info->map[i].bytes;
		}
	}
	return 0;
}

const char *bootinfo_share(struct bootinfo *info)
{
	const char *option = bootinfo_option(info, "control_mem");
	uint64_t wanted = bootinfo_ram_pages(info) * PAGE_BYTES / 2;

	for (unsigned i = 0; i < info->map_count; i++) {
		struct range r = {info->map[i].start, info->map[i].bytes};
		struct range ours = {HYPERVISOR_START,
				     HYPERVISOR_END - HYPERVISOR_START + 1};

		if (info->map[i].kind == BOOTINFO_RAM &&
		    range_contains(r, ours)) {
			info->top_low =
				align_down(r.start + r.bytes, PAGE_BYTES);
		}
	}
	if (info->top_low == 0) {
		return "no RAM from 2 MiB to 16 MiB";
	}
	if (option != NULL) {
		wanted = parse_size(option);
	}
	if (wanted < CONTROL_MIN) {
		return "control_mem= is not a size of at least 128M";
	}
	info->control_end = info->top_low;
	if (wanted < info->top_low) {
		info->control_end = align_down(wanted, SPLIT_ALIGN);
	} else {
		uint64_t more = align_down(wanted - info->top_low, SPLIT_ALIGN);
		uint64_t high = high_ram(info);

		info->control_high =
			more < high ? more : align_down(high, SPLIT_ALIGN);
	}
	return NULL;
}

bool bootinfo_is_control_ram(const struct bootinfo *info, uint64_t page)
{
	struct range p = {page, PAGE_BYTES};

	if (page >= HYPERVISOR_START && page < HYPERVISOR_END) {
		return false;
	}
	if (page >= info->control_end &&
	    (page < GIB4 || page - GIB4 >= info->control_high)) {
		return false;
	}
	for (unsigned i = 0; i < info->map_count; i++) {
		struct range r = {info->map[i].start, info->map[i].bytes};

		if (info->map[i].kind == BOOTINFO_RAM && range_contains(r, p)) {
			return true;
		}
	}
	return false;
}

/* The entry that keeps @address for the firmware; NULL: none does. */
static const struct bootinfo_region *keeper_of(const struct bootinfo *info,
					       uint64_t address)
{
	for (unsigned i = 0; i < info->map_count; i++) {
		const struct bootinfo_region *r = &info->map[i];

		if ((r->kind == BOOTINFO_RESERVED || r->kind == BOOTINFO_NVS) &&
		    range_contains((struct range){r->start, r->bytes},
				   (struct range){address, 1})) {
			return r;
		}
	}
	return NULL;
}

bool bootinfo_is_reserved(const struct bootinfo *info, struct range at)
{
	uint64_t next = at.start;

	if (bootinfo_touches_ram(info, at.start, at.bytes)) {
		return false;
	}
	/* Each entry takes a step forward, so there are no more than these. */
	for (unsigned i = 0; i <= info->map_count; i++) {
		const struct bootinfo_region *r = keeper_of(info, next);
		uint64_t last;

		if (r == NULL) {
			return false;
		}
		last = range_last((struct range){r->start, r->bytes});
		if (last >= range_last(at)) {
			return true;
		}
		next = last + 1;
	}
	return false;
}

bool bootinfo_touches_ram(const struct bootinfo *info, uint64_t start,
			  uint64_t bytes)
{
	struct range wanted = {start, bytes};

	for (unsigned i = 0; i < info->map_count; i++) {
		struct range r = {info->map[i].start, info->map[i].bytes};

		if (info->map[i].kind == BOOTINFO_RAM &&
		    range_overlaps(r, wanted)) {
			return true;
		}
	}
	return false;
}
