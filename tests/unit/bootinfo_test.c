// SPDX-License-Identifier: MIT
/* The machine's memory map: what the firmware keeps, and what it does not. */
#include "boot/bootinfo.h"
#include "machine.h"
#include "suite.h"

#include <string.h>

#define LOADER_MAGIC 0x2badb002u
#define MAP_AT	     0x100u

static struct bootinfo info;

/* RAM around our image and above 4 GiB; two reserved pieces that touch. */
static const struct bootinfo_region map[] = {
	{0, 0x9f000, BOOTINFO_RAM},
	{0x9f000, 0x1000, BOOTINFO_RESERVED},
	{0x100000, 0x3ff00000, BOOTINFO_RAM},
	{0x7f000000, 0x100000, BOOTINFO_RESERVED},
	{0x7f100000, 0x100000, BOOTINFO_NVS},
	{0x7f200000, 0x100000, BOOTINFO_ACPI},
	{0x100000000, 0x40000000, BOOTINFO_RAM},
};

static void put(uint64_t at, uint64_t value, unsigned bytes)
{
	memcpy(machine_ram(at, bytes), &value, bytes);
}

/* What a multiboot loader leaves, with this map, @count entries of it. */
static uint64_t leave(unsigned count)
{
	struct machine_config c = machine_default();
	uint64_t base;

	c.stage = MACHINE_RAM;
	machine_boot(&c);
	base = machine_rsdp().addr;
	put(base, 1 << 6, 4);
	put(base + 44, count * 24, 4);
	put(base + 48, base + MAP_AT, 4);
	for (unsigned i = 0; i < count; i++) {
		uint64_t at = base + MAP_AT + i * 24;

		put(at, 20, 4);
		put(at + 4, map[i].start, 8);
		put(at + 12, map[i].bytes, 8);
		put(at + 20, map[i].kind, 4);
	}
	return base;
}

static bool is_reserved(uint64_t start, uint64_t bytes)
{
	return bootinfo_is_reserved(&info, (struct range){start, bytes});
}

START_TEST(firmware_keeps_what_its_map_says)
{
	/* One entry or several that touch; no RAM, no table, no gap. */
	uint64_t base = leave(ARRAY_COUNT(map));

	ck_assert_ptr_null(bootinfo_read(&info, LOADER_MAGIC, to_hpa(base)));
	ck_assert_uint_eq(info.map_count, ARRAY_COUNT(map));
	ck_assert(is_reserved(0x7f000000, 0x1000));
	ck_assert(is_reserved(0x7f000000, 0x200000));
	ck_assert(is_reserved(0x7f0ff000, 0x2000));
	ck_assert(is_reserved(0x9f000, 0x1000));
	ck_assert(!is_reserved(0x9e000, 0x2000));
	ck_assert(!is_reserved(0x9f000, 0x2000));
	ck_assert(!is_reserved(0x7f000000, 0x201000));
	ck_assert(!is_reserved(0x7effff00, 0x1000));
	ck_assert(!is_reserved(0x80000000, 0x1000));
	ck_assert(!is_reserved(HYPERVISOR_START, 0x1000));
	ck_assert(!is_reserved(0x100000000, 0x1000));
}
END_TEST

START_TEST(memory_has_one_owner)
{
	/* Split by half; the hypervisor's part is not the control domain's. */
	uint64_t base = leave(ARRAY_COUNT(map));

	ck_assert_ptr_null(bootinfo_read(&info, LOADER_MAGIC, to_hpa(base)));
	ck_assert_ptr_null(bootinfo_share(&info));
	ck_assert_uint_eq(info.top_low, 0x40000000);
	ck_assert(bootinfo_is_control_ram(&info, 0x1000));
	ck_assert(!bootinfo_is_control_ram(&info, HYPERVISOR_START));
	ck_assert(bootinfo_is_control_ram(&info, HYPERVISOR_END));
	ck_assert(!bootinfo_is_control_ram(&info, info.control_end) ||
		  info.control_end == info.top_low);
	ck_assert(!bootinfo_is_control_ram(&info, 0x9f000));
}
END_TEST

START_TEST(what_is_not_in_memory_is_not_read)
{
	/* The structure, its map, its modules: refused, or as if not there. */
	uint64_t base = leave(ARRAY_COUNT(map));

	ck_assert_str_eq(bootinfo_read(&info, 0, to_hpa(base)),
			 "not started by a multiboot loader");
	ck_assert_str_eq(bootinfo_read(&info, LOADER_MAGIC, to_hpa(0x1000)),
			 "the loader's information is not in memory");
	put(base, (1 << 6) | (1 << 3) | (1 << 2), 4);
	put(base + 16, 0x1000, 4);
	put(base + 20, 2, 4);
	put(base + 24, 0xfffffff8, 4);
	put(base + 44, UINT32_MAX, 4);
	put(base + 48, 0xfffff000, 4);
	ck_assert_ptr_null(bootinfo_read(&info, LOADER_MAGIC, to_hpa(base)));
	ck_assert_uint_eq(info.map_count, 0);
	ck_assert_uint_eq(info.kernel.bytes, 0);
	ck_assert_str_eq(info.command_line, "");
	ck_assert_str_eq(bootinfo_share(&info), "no RAM from 2 MiB to 16 MiB");
}
END_TEST

START_TEST(ram_named_twice_is_refused)
{
	/* Two entries over one byte of RAM would give a page two owners. */
	uint64_t base = leave(3);

	put(base + MAP_AT + 24 + 4, 0x9efff, 8);
	ck_assert_str_eq(bootinfo_read(&info, LOADER_MAGIC, to_hpa(base)),
			 "the memory map names RAM twice");
}
END_TEST

UNIT_SUITE(bootinfo, firmware_keeps_what_its_map_says, memory_has_one_owner,
	   what_is_not_in_memory_is_not_read, ram_named_twice_is_refused)
