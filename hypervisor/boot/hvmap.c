// SPDX-License-Identifier: MIT
/*
 * Identity, in the long-mode format that nested tables share. Built once; a
 * failure here is a machine too small to start on.
 */
#include "boot/hvmap.h"

#include "arch/cpu.h"
#include "lib/check.h"
#include "mm/page.h"
#include "pt/pt.h"

#define LEVELS 4u
#define GIB4   (UINT64_C(1) << 32)
#define RW     (PT_READ | PT_WRITE)

extern const char image_start[], image_rodata[], image_data[], image_end[];

static struct pt map;
static uint64_t table_pages;

static void add(uint64_t start, uint64_t end, unsigned prot)
{
	if (start < end &&
	    pt_map_range(&map, start, to_hpa(start),
			 (end - start) >> PAGE_SHIFT, prot, 2) != 0) {
		panic("own page tables: no memory for %lx-%lx", start, end);
	}
}

/* Everything of [start, end) that is not mapped yet. */
static void fill(uint64_t start, uint64_t end, unsigned prot)
{
	uint64_t at = start;

	while (at < end) {
		struct pt_leaf leaf;
		uint64_t next = at;

		if (!pt_next(&map, &next, &leaf) || next > end) {
			next = end;
		}
		add(at, next, prot);
		if (next >= end) {
			return;
		}
		at = next + (PAGE_BYTES << (9 * leaf.level));
	}
}

void hvmap_start(const struct bootinfo *info)
{
	uint64_t text = (uintptr_t)image_start;
	uint64_t rodata = (uintptr_t)image_rodata;
	uint64_t data = (uintptr_t)image_data;

	if (pt_init(&map, &pt_format_npt,
		    (struct pt_memory){PAGE_OWNER_NONE, &table_pages, NULL},
		    LEVELS, 12 + 9 * LEVELS, true) != 0) {
		panic("own page tables: no memory");
	}
	add(text, rodata, PT_READ | PT_EXEC);
	add(rodata, data, PT_READ);
	for (unsigned i = 0; i < info->map_count; i++) {
		const struct bootinfo_region *r = &info->map[i];
		uint64_t start = align_up(r->start, PAGE_BYTES);
		uint64_t end = align_down(r->start + r->bytes, PAGE_BYTES);

		if (r->kind == BOOTINFO_RAM) {
			fill(start, end, RW);
		}
	}
	fill(0, info->top_low, RW);
	fill(info->top_low, GIB4, RW | PT_DEVICE);
	hvmap_load();
}

void hvmap_load(void)
{
	write_cr3(map.root.addr);
}
