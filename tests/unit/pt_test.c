// SPDX-License-Identifier: MIT
/* Rank 4: page tables, one property a test, over every format and depth. */
#include "fail_at.h"
#include "lib/error.h"
#include "pt_fixture.h"

START_TEST(new_table_is_empty)
{
	/* A new table maps nothing and costs one page, which destroy returns.
	 */
	struct pt pt = new_table(&variants[_i]);
	uint64_t last = (BIT(pt.address_bits) - 1) & ~PAGE_MASK;

	assert_absent(&pt, 0);
	assert_absent(&pt, last);
	ck_assert(pt_is_empty(&pt, 0, BIT(pt.address_bits - 12)));
	ck_assert(!pt_is_full(&pt, 0, 1));
	ck_assert_uint_eq(pt.table_pages, 1);
	ck_assert_uint_eq(page_count, 1);
	pt_destroy(&pt);
	ck_assert_uint_eq(page_count, 0);
	machine_shutdown();
}
END_TEST

START_TEST(first_and_last_page_map_alone)
{
	/* The pages at either end of the width map; their neighbours do not. */
	struct pt pt = new_table(&variants[_i]);
	uint64_t last = (BIT(pt.address_bits) - 1) & ~PAGE_MASK;
	const uint64_t at[] = {0, last};

	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(pt_reserve(&pt, at[i], 1), 0);
		assert_absent(&pt, at[i]);
		pt_set(&pt, at[i], to_hpa(0x7000), RW);
	}
	assert_maps(&pt, 0, 0x7000, RW);
	assert_maps(&pt, last, 0x7000, RW);
	assert_absent(&pt, PAGE_BYTES);
	assert_absent(&pt, last - PAGE_BYTES);
	ck_assert_uint_eq(clear(&pt, last, 1), 1);
	assert_absent(&pt, last);
	assert_maps(&pt, 0, 0x7000, RW);
	ck_assert_uint_eq(clear(&pt, 0, 1), 1);
	ck_assert_uint_eq(pt.table_pages, 1);
	pt_destroy(&pt);
	machine_shutdown();
}
END_TEST

START_TEST(rights_come_out_as_they_went_in)
{
	/* Read and write are kept exactly where the format can. */
	struct pt pt = new_table(&variants[_i]);
	static const unsigned rights[] = {PT_READ, RW, PT_WRITE};

	for (unsigned i = 0; i < 2u + pt.format->write_only_ok; i++) {
		ck_assert_int_eq(pt_reserve(&pt, i * PAGE_BYTES, 1), 0);
		pt_set(&pt, i * PAGE_BYTES, to_hpa(0x5000), rights[i]);
		assert_maps(&pt, i * PAGE_BYTES, 0x5000, rights[i]);
	}
	pt_destroy(&pt);
	machine_shutdown();
}
END_TEST

/* Leaves by level in [start, +bytes). */
static void count_leaves(const struct pt *pt, uint64_t start, uint64_t bytes,
			 unsigned count[3])
{
	struct pt_leaf leaf;

	memset(count, 0, 3 * sizeof(count[0]));
	for (uint64_t at = start; at < start + bytes;) {
		assert_maps(pt, at, at, RW);
		EXPECT(decode(pt, at, &leaf), "%lx is absent", at);
		count[leaf.level]++;
		at += PAGE_BYTES << (9 * leaf.level);
	}
}

START_TEST(large_leaves_are_used_where_they_fit)
{
	/* 0x3fe400000..0x4c0600000 comes out as 14 x 2M, 3 x 1G, 3 x 2M. */
	struct pt pt = new_table(&variants[_i]);
	uint64_t start = 0x3fe400000, bytes = 0x4c0600000 - 0x3fe400000;
	unsigned count[3];

	ck_assert_int_eq(
		pt_map_range(&pt, start, to_hpa(start), bytes >> 12, RW, 2), 0);
	count_leaves(&pt, start, bytes, count);
	ck_assert_uint_eq(count[2], 3);
	ck_assert_uint_eq(count[1], 14 + 3);
	ck_assert_uint_eq(count[0], 0);
	ck_assert_uint_eq(clear(&pt, start, bytes >> 12), bytes >> 12);
	ck_assert_uint_eq(pt.table_pages, 1);
	/* Unequal alignment of the two sides allows 4 KiB leaves alone. */
	ck_assert_int_eq(pt_map_range(&pt, 0xfef80000, to_hpa(0x208b95d000),
				      0x20, RW, 2),
			 0);
	assert_maps(&pt, 0xfef80000, 0x208b95d000, RW);
	assert_maps(&pt, 0xfef9f000, 0x208b95d000 + 0x1f000, RW);
	assert_absent(&pt, 0xfefa0000);
	pt_destroy(&pt);
	machine_shutdown();
}
END_TEST

START_TEST(split_changes_no_translation)
{
	/* Two pages cut out of 4 MiB of large leaves leave 1022 as they were.
	 */
	struct pt pt = new_table(&variants[_i]);
	uint64_t at = 0x40000000, to = 0x80000000;

	ck_assert_int_eq(pt_map_range(&pt, at, to_hpa(to), 1024, PT_READ, 2),
			 0);
	ck_assert_int_eq(pt_split(&pt, at + 511 * PAGE_BYTES, 2), 0);
	for (uint64_t i = 0; i < 1024; i++) {
		assert_maps(&pt, at + i * PAGE_BYTES, to + i * PAGE_BYTES,
			    PT_READ);
	}
	ck_assert_uint_eq(clear(&pt, at + 511 * PAGE_BYTES, 2), 2);
	for (uint64_t i = 0; i < 1024; i++) {
		if (i == 511 || i == 512) {
			assert_absent(&pt, at + i * PAGE_BYTES);
			continue;
		}
		assert_maps(&pt, at + i * PAGE_BYTES, to + i * PAGE_BYTES,
			    PT_READ);
	}
	ck_assert_uint_eq(clear(&pt, at, 1024), 1022);
	ck_assert_uint_eq(pt.table_pages, 1);
	pt_destroy(&pt);
	machine_shutdown();
}
END_TEST

START_TEST(refused_map_changes_nothing)
{
	/* A range with one page taken is refused whole, tables included. */
	struct pt pt = new_table(&variants[_i]);
	uint64_t tables;

	ck_assert_int_eq(pt_reserve(&pt, 0x5ff000, 1), 0);
	pt_set(&pt, 0x5ff000, to_hpa(0x9000), RW);
	tables = pt.table_pages;
	ck_assert_int_eq(
		pt_map_range(&pt, 0x200000, to_hpa(0x40000000), 1024, RW, 2),
		-XEN_EEXIST);
	ck_assert(pt_is_empty(&pt, 0x200000, 1023));
	assert_maps(&pt, 0x5ff000, 0x9000, RW);
	ck_assert_uint_eq(pt.table_pages, tables);
	pt_destroy(&pt);
	machine_shutdown();
}
END_TEST

START_TEST(quota_is_hit_exactly)
{
	/* The last table that the quota allows is made, the next is not. */
	struct pt pt = new_table(&variants[_i]);
	uint64_t span = BIT(12 + 9 * (pt.levels - 1));

	page_quota = pt.levels; /* root and one path */
	ck_assert_int_eq(pt_reserve(&pt, 0, 1), 0);
	ck_assert_uint_eq(page_count, pt.levels);
	ck_assert_int_eq(pt_reserve(&pt, span, 1), -XEN_ENOMEM);
	ck_assert_uint_eq(page_count, pt.levels);
	page_quota = 2 * pt.levels - 1;
	ck_assert_int_eq(pt_reserve(&pt, span, 1), 0);
	ck_assert_uint_eq(clear(&pt, 0, 1), 0);
	ck_assert_uint_eq(page_count, pt.levels);
	clear(&pt, span, 1);
	ck_assert_uint_eq(page_count, 1);
	pt_destroy(&pt);
	machine_shutdown();
}
END_TEST

enum step { RESERVE, MAP, SPLIT };

static int take(struct pt *pt, enum step step)
{
	switch (step) {
	case RESERVE:
		return pt_reserve(pt, 0x7fe00000 - PAGE_BYTES, 514);
	case MAP:
		return pt_map_range(pt, 0x3ff00000, to_hpa(0x3ff00000), 0x40500,
				    RW, 2);
	case SPLIT:
	default:
		return pt_split(pt, 0x8ff000, 0x60000);
	}
}

START_TEST(nth_failure_leaves_no_trace)
{
	/* Whichever allocation fails, the table is as before, and a retry
	 * works. */
	for (enum step step = RESERVE; step <= SPLIT; step++) {
		struct pt pt = new_table(&variants[_i]);
		uint64_t tables;
		unsigned n;

		/* For the split: one 1 GiB leaf. */
		ck_assert_int_eq(pt_map_range(&pt, 0, to_hpa(0),
					      0x40000 * (step == SPLIT) + 1, RW,
					      2),
				 0);
		tables = pt.table_pages;
		for (n = 1;; n++) {
			fail_at(n);
			if (take(&pt, step) == 0) {
				break;
			}
			ck_assert(fail_hit());
			ck_assert_uint_eq(pt.table_pages, tables);
			ck_assert_uint_eq(page_count, tables);
			assert_maps(&pt, 0, 0, RW);
			ck_assert(step == SPLIT ||
				  pt_is_empty(&pt, 0x3ff00000, 0x40500));
		}
		ck_assert(!fail_hit());
		ck_assert_uint_gt(n, 2);
		pt_destroy(&pt);
		machine_shutdown();
	}
}
END_TEST

PT_SUITE(pt, new_table_is_empty, first_and_last_page_map_alone,
	 rights_come_out_as_they_went_in, large_leaves_are_used_where_they_fit,
	 split_changes_no_translation, refused_map_changes_nothing,
	 quota_is_hit_exactly, nth_failure_leaves_no_trace)
