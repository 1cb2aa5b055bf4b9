/* SPDX-License-Identifier: MIT */
/* One allocator over a machine of RAM alone, and short names for its calls. */
#pragma once

#include "dma/buddy.h"
#include "fail_at.h"
#include "lib/error.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define ANY	 UINT64_MAX
#define AT(page) ((uint64_t)(page)*PAGE_BYTES)

static struct buddy b;
static uint64_t held, quota;

/* Pages that hold so many nodes: never one more. */
static inline uint64_t pages_of(uint64_t nodes)
{
	return (nodes + 169) / 170;
}

static inline void boot_with(unsigned width, uint64_t pool_pages)
{
	struct machine_config c = machine_default();
	struct buddy_memory memory = {1, &held, &quota};

	c.stage = MACHINE_RAM;
	c.hypervisor_pages = pool_pages;
	c.guest_pages = 16;
	machine_boot(&c);
	held = 0;
	quota = UINT64_MAX;
	buddy_init(&b, width, memory);
}

static inline void boot(unsigned width)
{
	boot_with(width, 2048);
}

/* Nothing live, nothing held, and the machine agrees. */
static inline void finish(void)
{
	ck_assert_uint_eq(b.range_count, 0);
	ck_assert_uint_eq(held, 0);
	ck_assert_uint_eq(page_owned_count(1), 0);
	buddy_destroy(&b);
	machine_shutdown();
}

static inline uint64_t allocate(uint64_t pages, uint64_t min, uint64_t max)
{
	uint64_t base = ANY;
	int error = buddy_allocate(&b, pages, min, max, &base);

	EXPECT(error == 0, "%lu pages: error %d", pages, error);
	return base;
}

static inline int refused(uint64_t pages, uint64_t min, uint64_t max)
{
	uint64_t base = 0x123;
	int error = buddy_allocate(&b, pages, min, max, &base);

	EXPECT(base == 0x123, "base written");
	return error;
}

/* One page at @page, there and nowhere else. */
static inline int pin(uint64_t page)
{
	uint64_t base;

	return buddy_allocate(&b, 1, AT(page), AT(page) + PAGE_MASK, &base);
}
