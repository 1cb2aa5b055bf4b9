// SPDX-License-Identifier: MIT
/*
 * Rank 7: what the allocator of logical addresses costs. Its files are compiled
 * here once more, so that each look at bookkeeping can be counted.
 */
#include "arch/physmap.h"
#include "machine.h"

static uint64_t visits;
#undef physmap_ptr
#define physmap_ptr(hpa) (visits++, machine_pointer((hpa), __FILE__, __LINE__))

#define buddy_init	    counted_init
#define buddy_destroy	    counted_destroy
#define buddy_withhold	    counted_withhold
#define buddy_allocate	    counted_allocate
#define buddy_find	    counted_find
#define buddy_free	    counted_free
#define buddy_tree_walk	    counted_tree_walk
#define buddy_tree_leaf	    counted_tree_leaf
#define buddy_tree_lowest   counted_tree_lowest
#define buddy_tree_find	    counted_tree_find
#define buddy_tree_set_free counted_tree_set_free
#define buddy_tree_insert   counted_tree_insert
#define buddy_tree_remove   counted_tree_remove
#define buddy_tree_clear    counted_tree_clear
/* clang-format off */
#include "dma/buddy_tree.c"
#include "dma/buddy.c"
/* clang-format on */

#include "buddy_fixture.h"

#define MANY 100000u

static uint64_t bases[MANY];
static uint64_t state;

#define R(limit) random_below(&state, limit)

/* Worst number of looks at bookkeeping since the last call. */
static uint64_t worst;

static void note_visits(void)
{
	worst = visits > worst ? visits : worst;
	visits = 0;
}

/* Makes ranges of 1 to @limit pages, frees them in another order. */
static double bytes_a_range(uint64_t limit, bool sparse)
{
	double bytes;

	state = random_seed(0xb17e5);
	worst = visits = 0;
	for (unsigned n = 0; n < MANY; n++) {
		uint64_t min = sparse ? R(BIT(58)) : 0;

		bases[n] = allocate(1 + R(limit), min, ANY);
		note_visits();
	}
	bytes = (double)(held * PAGE_BYTES) / MANY;
	for (unsigned n = 0; n < MANY; n++) {
		unsigned other = n + (unsigned)R(MANY - n);
		uint64_t base = bases[other];

		bases[other] = bases[n];
		buddy_free(&b, base);
		note_visits();
		EXPECT(held == pages_of(b.node_count), "pages kept");
	}
	printf("buddy: up to %lu pages%s: %.1f bytes a range, %lu looks\n",
	       limit, sparse ? ", scattered" : "", bytes, worst);
	return bytes;
}

START_TEST(bookkeeping_is_small)
{
	/* 100,000 ranges: bytes each, and all is given back in any order. */
	boot_with(63, 4096);
	ck_assert(bytes_a_range(1, false) <= 1);
	ck_assert(bytes_a_range(16, false) <= 16);
	ck_assert(bytes_a_range(512, false) <= 49);
	ck_assert(bytes_a_range(1, true) <= 49);
	ck_assert(bytes_a_range(4096, true) <= 49);
	finish();
}
END_TEST

/* A tree as deep as can be: a live page beside each block on one path. */
static void deepen(unsigned width, uint64_t towards)
{
	for (unsigned order = 0; order < width - 12; order++) {
		EXPECT(pin((towards ^ BIT(order)) & (BIT(width - 12) - 1)) == 0,
		       "order %u", order);
	}
}

START_TEST(steps_are_bounded_by_the_width)
{
	/* The deepest tree, bounds anywhere: a few looks a bit, no more. */
	static const unsigned widths[] = {21, 39, 48, 63};

	for (unsigned i = 0; i < ARRAY_COUNT(widths); i++) {
		unsigned width = widths[i];
		uint64_t mask = BIT(width - 12) - 1;

		boot(width);
		state = random_seed(0xdeeb);
		for (unsigned n = 0; n < 3; n++) {
			deepen(width, n == 0 ? 0 : n == 1 ? mask : mask / 3);
		}
		worst = visits = 0;
		for (unsigned n = 0; n < 20000; n++) {
			uint64_t base, pages = BIT(R(width - 11));
			uint64_t min = R(3) ? AT(R(BIT(R(width - 11))))
					    : AT(R(4)) + AT(mask / 3);
			uint64_t max = R(2) ? ANY : min + AT(R(BIT(9)));
			int error;

			visits = 0;
			error = buddy_allocate(&b, pages, min, max, &base);
			note_visits();
			if (error == 0) {
				(void)buddy_find(&b, base);
				note_visits();
				buddy_free(&b, base);
				note_visits();
			}
		}
		printf("buddy: width %u: %lu looks at worst\n", width, worst);
		ck_assert_uint_le(worst, 5 * (width - 12) + 16);
		buddy_destroy(&b);
		machine_shutdown();
	}
}
END_TEST

START_TEST(comb_costs_no_search)
{
	/* Every other page live: two pages lie behind it, one in its first gap,
	 * and neither looks at more than a path. */
	enum { TEETH = 65536 };

	boot(39);
	for (unsigned n = 0; n < TEETH; n++) {
		(void)allocate(1, 0, ANY);
	}
	for (unsigned n = 0; n < TEETH; n += 2) {
		buddy_free(&b, AT(n));
	}
	worst = visits = 0;
	ck_assert_uint_eq(allocate(2, 0, ANY), AT(TEETH));
	note_visits();
	ck_assert_uint_eq(allocate(1, 0, ANY), AT(0));
	note_visits();
	ck_assert_uint_eq(allocate(1, AT(40001), ANY), AT(40002));
	note_visits();
	ck_assert_int_eq(refused(2, 0, AT(TEETH) - 1), -XEN_ENOSPC);
	note_visits();
	ck_assert_uint_le(worst, 5 * 27 + 16);
	buddy_free(&b, AT(0));
	buddy_free(&b, AT(40002));
	buddy_free(&b, AT(TEETH));
	for (unsigned n = 1; n < TEETH; n += 2) {
		buddy_free(&b, AT(n));
	}
	finish();
}
END_TEST

UNIT_SUITE(buddy_cost, bookkeeping_is_small, steps_are_bounded_by_the_width,
	   comb_costs_no_search)
