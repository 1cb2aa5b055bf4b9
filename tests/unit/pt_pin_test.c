// SPDX-License-Identifier: MIT
/* A pinned table outlives what was mapped in it, and nothing else changes. */
#include "pt_fixture.h"

#define AT    UINT64_C(0x3ffff000) /* the last page below a GiB */
#define PAGES 600		   /* over three tables of level 0, two above */
#define CELL  PAGE_BYTES

static uint64_t dropped_by(struct pt *pt, uint64_t start, uint64_t pages)
{
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t dropped;

	pt_clear(pt, start, pages, &gather);
	dropped = gather.count;
	pt_gather_free(pt, &gather);
	return dropped;
}

START_TEST(pinned_tables_stay_until_unpinned)
{
	const struct variant *v = &variants[_i];
	hpa_t target = to_hpa(MACHINE_RAM_BASE);
	struct pt pt = new_table(v);
	uint64_t made, other;
	struct pt_leaf leaf;

	/* In a tree that has something else, far away. */
	ck_assert_int_eq(pt_reserve(&pt, 0, 1), 0);
	pt_set(&pt, 0, target, RW);
	other = pt.table_pages;
	ck_assert_int_eq(pt_reserve(&pt, AT, PAGES), 0);
	made = pt.table_pages;
	pt_pin(&pt, AT, PAGES);
	pt_pin(&pt, AT, PAGES);
	for (unsigned round = 0; round < 2; round++) {
		ck_assert(pt_is_empty(&pt, AT, PAGES));
		pt_set(&pt, AT + CELL, target, PT_READ);
		pt_set(&pt, AT - CELL, target, PT_READ);
		ck_assert(pt_lookup(&pt, AT + CELL, &leaf));
		ck_assert_uint_eq(leaf.page.addr, target.addr);
		ck_assert_uint_eq(leaf.level, 0);
		ck_assert_uint_eq(dropped_by(&pt, AT - CELL, PAGES + 2), 0);
		ck_assert(!pt_lookup(&pt, AT + CELL, &leaf));
		ck_assert_uint_eq(pt.table_pages, made);
	}
	pt_unpin(&pt, AT, PAGES);
	ck_assert_uint_eq(pt.table_pages, made);
	ck_assert_uint_eq(dropped_by(&pt, AT, PAGES), made - other);
	ck_assert_uint_eq(pt.table_pages, other);
	ck_assert(pt_lookup(&pt, 0, &leaf));
	pt_destroy(&pt);
	ck_assert_uint_eq(page_count, 0);
	machine_shutdown();
}
END_TEST

START_TEST(walker_sees_pins_and_leaves_alike)
{
	/* In memory as a walker without snooping reads it. */
	const struct variant *v = &variants[_i];
	struct pt pt = new_table(v);
	uint64_t table = pt.root.addr;

	ck_assert_int_eq(pt_reserve(&pt, AT, 1), 0);
	pt_pin(&pt, AT, 1);
	for (unsigned level = v->levels - 1; level > 0; level--) {
		uint64_t entry =
			fetch(&pt, table + 8 * (AT >> (12 + 9 * level) & 511));

		EXPECT((entry & pt.format->table_pin) != 0, "level %u: %lx",
		       level, entry);
		table = entry & GENMASK(51, 12);
	}
	EXPECT(fetch(&pt, table + 8 * (AT >> 12 & 511)) == 0, "a leaf");
	pt_destroy(&pt);
	ck_assert_uint_eq(page_count, 0);
	machine_shutdown();
}
END_TEST

PT_SUITE(pt_pin, pinned_tables_stay_until_unpinned,
	 walker_sees_pins_and_leaves_alike)
