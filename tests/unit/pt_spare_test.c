// SPDX-License-Identifier: MIT
/*
 * With spares behind its 2 MiB leaves a table can be cut anywhere when no page
 * is left in the pool.
 */
#include "fail_at.h"
#include "pt_fixture.h"

#define AT    UINT64_C(0x40000000)
#define TO    UINT64_C(0x80000000)
#define LARGE UINT64_C(512)

static bool maps(const struct pt *pt, uint64_t page, unsigned level)
{
	struct pt_leaf leaf;

	return pt_lookup(pt, AT + page * PAGE_BYTES, &leaf) &&
	       leaf.page.addr == TO + page * PAGE_BYTES &&
	       leaf.prot == PT_READ && leaf.level == level;
}

START_TEST(cut_needs_no_page)
{
	/* Every cut of two large leaves works while allocations fail. */
	static const struct {
		uint64_t first, pages;
		bool is_split;
	} rows[] = {
		{0, 1, true},	   {511, 1, true},  {511, 2, true},
		{512, 1, true},	   {1, 1022, true}, {0, 512, false},
		{512, 512, false}, {0, 513, true},  {0, 1024, false},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct pt pt = new_table(&variants[_i]);

		pt_keep_spares(&pt);
		ck_assert_int_eq(pt_map_range(&pt, AT, to_hpa(TO), 2 * LARGE,
					      PT_READ, 1),
				 0);
		fail_from(1);
		ck_assert(
			pt_split_by_spares(&pt, AT + rows[i].first * PAGE_BYTES,
					   rows[i].pages) == rows[i].is_split);
		ck_assert_uint_eq(clear(&pt, AT + rows[i].first * PAGE_BYTES,
					rows[i].pages),
				  rows[i].pages);
		ck_assert(!fail_hit());
		fail_off();
		for (uint64_t n = 0; n < 2 * LARGE; n++) {
			bool is_cut = n - rows[i].first < rows[i].pages;
			struct pt_leaf leaf;

			EXPECT(pt_lookup(&pt, AT + n * PAGE_BYTES, &leaf) !=
				       is_cut,
			       "row %zu page %lu", i, (unsigned long)n);
			EXPECT(is_cut || maps(&pt, n, leaf.level),
			       "row %zu page %lu", i, (unsigned long)n);
		}
		ck_assert_uint_eq(clear(&pt, AT, 2 * LARGE),
				  2 * LARGE - rows[i].pages);
		/* No spare outlives its leaf. */
		ck_assert_uint_eq(pt.table_pages, 1);
		pt_destroy(&pt);
		machine_shutdown();
	}
}
END_TEST

START_TEST(map_without_its_spare_is_refused)
{
	/* Each page that a large leaf needs may be the one that is missing. */
	struct pt pt = new_table(&variants[_i]);
	unsigned failures = 0;

	pt_keep_spares(&pt);
	for (;; failures++) {
		fail_at(failures + 1);
		if (pt_map_range(&pt, AT, to_hpa(TO), LARGE, PT_READ, 1) == 0) {
			break;
		}
		ck_assert(pt_is_empty(&pt, AT, LARGE));
		ck_assert_uint_eq(pt.table_pages, 1);
	}
	fail_off();
	/* The tables above the leaf, and the page behind it. */
	ck_assert_uint_eq(failures, variants[_i].levels - 2 + 1);
	ck_assert_uint_eq(pt.table_pages, 1 + failures);
	ck_assert(maps(&pt, 0, 1));
	pt_destroy(&pt);
	ck_assert_uint_eq(page_count, 0);
	machine_shutdown();
}
END_TEST

PT_SUITE(pt_spare, cut_needs_no_page, map_without_its_spare_is_refused)
