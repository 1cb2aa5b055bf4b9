// SPDX-License-Identifier: MIT
/*
 * Large leaves: used where a call fills one, split where a call takes a part,
 * and never seen by a caller but in the count of table pages.
 */
#include "space_fixture.h"

#define LA	      (2 * TABLE_SPAN)
#define AT(n)	      (LA + BYTES(n))
#define NO_LARGE_KIND 3 /* its unit knows leaves of 4 KiB alone */

static struct fake_guest *g;
static uint64_t domain, device, run;

/* Where 512 pages of RAM lie together in the machine, the first one on a
 * multiple of 2 MiB. */
static uint64_t large_run(void)
{
	uint64_t found = 0;

	for (uint64_t n = 0; n + 8 < g->ram_pages; n++) {
		uint64_t gpa = g->ram.addr + BYTES(n);
		uint64_t hpa = fake_guest_hpa(g, gpa);
		bool follows =
			found != 0 &&
			hpa == fake_guest_hpa(g, gpa - PAGE_BYTES) + PAGE_BYTES;

		found = follows ? found + 1 : hpa % TABLE_SPAN == 0;
		if (found == LARGE_PAGES) {
			return gpa - BYTES(LARGE_PAGES - 1);
		}
	}
	ck_abort_msg("no RAM for a large leaf");
}

/* D1 attached to an empty domain; @run is memory for a large leaf. */
static void set_up(int kind)
{
	boot_service(kind);
	g = space_guest(0);
	domain = new_domain(g, DomainTypeTranslate);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	run = large_run();
}

static uint64_t tables(void)
{
	return snap(g).inventory.table_pages;
}

/* Has D1's unit one translation for all of [LA, + 512), or one for each? */
static bool is_large(void)
{
	uint64_t before = fake_unit_counts(machine_unit(0)).walks;

	for (unsigned i = 0; i < LARGE_PAGES; i++) {
		EXPECT(reach(D1, AT(i), false) != 0, "page %u", i);
	}
	return fake_unit_counts(machine_unit(0)).walks - before < LARGE_PAGES;
}

/* Pages of [LA, + 512) that lead, in order, from @run on. */
static void expect_mapped(unsigned first, unsigned end, const char *what)
{
	for (unsigned i = 0; i < LARGE_PAGES; i++) {
		uint64_t hpa = i >= first && i < end
				       ? fake_guest_hpa(g, run + BYTES(i) + 8)
				       : 0;

		EXPECT(reach(D1, AT(i) + 8, true) == hpa &&
			       reach(D1, AT(i) + 8, false) == hpa,
		       "%s: page %u", what, i);
	}
}

START_TEST(leaf_is_large_where_a_call_fills_it)
{
	/* 512 aligned pages in a row are one leaf; anything less is not. */
	const bool has_large = _i != NO_LARGE_KIND;
	uint64_t frames[LARGE_PAGES], before;

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, map(g, domain, 0, P(0), 1, RW));
	before = tables();
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, run, LARGE_PAGES, RW));
	ck_assert_int_eq(is_large(), has_large);
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, LARGE_PAGES + 1);
	expect_mapped(0, LARGE_PAGES, "contiguous");
	ANSWERS(STATUS_IN_USE, map(g, domain, AT(100), P(0), 1, RW));
	fail_from(1);
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, LARGE_PAGES));
	fail_off();
	expect_mapped(0, 0, "unmapped");

	for (unsigned i = 0; i < LARGE_PAGES; i++) {
		frames[i] = (run >> PAGE_SHIFT) + i;
	}
	ANSWERS(STATUS_SUCCESS,
		map_frames(g, domain, LA, frames, LARGE_PAGES, RW));
	ck_assert_int_eq(is_large(), has_large);
	expect_mapped(0, LARGE_PAGES, "a list in order");
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, LARGE_PAGES));

	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, run, LARGE_PAGES - 1, RW));
	ANSWERS(STATUS_SUCCESS,
		map(g, domain, AT(511), run + BYTES(511), 1, RW));
	ck_assert(!is_large());
	expect_mapped(0, LARGE_PAGES, "in two calls");
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, LARGE_PAGES));
	ck_assert_uint_eq(tables(), before);
	machine_shutdown();
}
END_TEST

START_TEST(what_only_looks_large_is_mapped_page_by_page)
{
	/* A hole in the row, or either side not aligned: each page is right. */
	uint64_t frames[LARGE_PAGES], before;

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, map(g, domain, 0, P(0), 1, RW));
	before = tables();
	for (unsigned i = 0; i < LARGE_PAGES; i++) {
		frames[i] = (run >> PAGE_SHIFT) + i;
	}
	frames[LARGE_PAGES - 1] = 5;
	ANSWERS(STATUS_SUCCESS,
		map_frames(g, domain, LA, frames, LARGE_PAGES, RW));
	ck_assert_uint_eq(tables(), before + 1);
	ck_assert(lands(D1, AT(511), g, BYTES(5)));
	ck_assert(lands(D1, AT(510), g, run + BYTES(510)));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, LARGE_PAGES));

	ANSWERS(STATUS_SUCCESS, map(g, domain, AT(1), run, LARGE_PAGES, RW));
	ck_assert_uint_eq(tables(), before + 2);
	ck_assert(lands(D1, AT(1), g, run));
	ck_assert(lands(D1, AT(512), g, run + BYTES(511)));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, AT(1), LARGE_PAGES));

	ANSWERS(STATUS_SUCCESS,
		map(g, domain, LA, run - PAGE_BYTES, LARGE_PAGES, RW));
	ck_assert_uint_eq(tables(), before + 1);
	ck_assert(lands(D1, LA, g, run - PAGE_BYTES));
	ck_assert(lands(D1, AT(511), g, run + BYTES(510)));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, LARGE_PAGES));
	ck_assert_uint_eq(tables(), before);
	machine_shutdown();
}
END_TEST

START_TEST(rights_of_a_large_leaf_are_exact)
{
	/* Reading and writing pass where they were asked for, split or not. */
	set_up(_i);
	for (uint32_t rights = READ; rights <= RW; rights++) {
		ANSWERS(STATUS_SUCCESS,
			map(g, domain, LA, run, LARGE_PAGES, rights));
		for (unsigned i = 0; i < 2; i++) {
			uint64_t at = AT(300 + i), gpa = run + BYTES(300 + i);

			ck_assert_int_eq(sees(D1, at, g, gpa),
					 (rights & READ) != 0);
			ck_assert_int_eq(lands(D1, at, g, gpa),
					 (rights & WRITE) != 0);
			/* The second time around by a leaf of 4 KiB. */
			if (i == 0) {
				ANSWERS(STATUS_SUCCESS,
					unmap(g, domain, LA, 1));
			}
		}
		ANSWERS(STATUS_SUCCESS,
			unmap(g, domain, AT(1), LARGE_PAGES - 1));
	}
	machine_shutdown();
}
END_TEST

START_TEST(large_leaf_is_split_at_every_border)
{
	/* First, middle, last, halves: those fault at once, the others stay. */
	static const struct {
		unsigned first, count;
	} rows[] = {{0, 1},	{255, 1}, {511, 1},  {0, 256},
		    {256, 256}, {1, 510}, {447, 65}, {0, 511}};
	struct snapshot empty;

	set_up(_i);
	empty = snap(g);
	for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		unsigned first = rows[r].first, end = first + rows[r].count;

		ANSWERS(STATUS_SUCCESS,
			map(g, domain, LA, run, LARGE_PAGES, RW));
		expect_mapped(0, LARGE_PAGES, "warm");
		ANSWERS(STATUS_SUCCESS,
			unmap(g, domain, AT(first), end - first));
		ck_assert_uint_eq(snap(g).inventory.mapped_pages,
				  LARGE_PAGES - rows[r].count);
		for (unsigned i = 0; i < LARGE_PAGES; i++) {
			bool is_gone = i >= first && i < end;

			EXPECT((reach(D1, AT(i), true) == 0) == is_gone,
			       "row %u: page %u", r, i);
		}
		ANSWERS(STATUS_INVALID_PARAMETER,
			unmap(g, domain, LA, LARGE_PAGES));
		if (first > 0) {
			ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, first));
		}
		if (end < LARGE_PAGES) {
			ANSWERS(STATUS_SUCCESS,
				unmap(g, domain, AT(end), LARGE_PAGES - end));
		}
		expect_mapped(0, 0, "all gone");
		expect_same(g, empty, "all gone");
	}
	machine_shutdown();
}
END_TEST

START_TEST(range_over_two_large_leaves_splits_both)
{
	/* The second half of one and the first of the next; then the rest. */
	struct snapshot empty;

	set_up(_i);
	empty = snap(g);
	for (unsigned i = 0; i < 2; i++) {
		ANSWERS(STATUS_SUCCESS, map(g, domain, AT(i * LARGE_PAGES), run,
					    LARGE_PAGES, RW));
		ck_assert(lands(D1, AT(i * LARGE_PAGES + 256), g,
				run + BYTES(256)));
	}
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, AT(256), LARGE_PAGES));
	ck_assert(lands(D1, AT(255), g, run + BYTES(255)));
	ck_assert(is_blocked(D1, AT(256)) && is_blocked(D1, AT(511)));
	ck_assert(is_blocked(D1, AT(512)) && is_blocked(D1, AT(767)));
	ck_assert(lands(D1, AT(768), g, run + BYTES(256)));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, 256));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, AT(768), 256));
	ck_assert(is_blocked(D1, LA) && is_blocked(D1, AT(1023)));
	expect_same(g, empty, "all gone");
	machine_shutdown();
}
END_TEST

START_TEST(split_needs_no_memory)
{
	/* Not one page is taken, whatever is cut out; the rest stays. */
	static const unsigned cut[] = {7, 511, 0, 300};

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, run, LARGE_PAGES, RW));
	expect_mapped(0, LARGE_PAGES, "warm");
	fail_from(1);
	for (unsigned i = 0; i < 4; i++) {
		ANSWERS(STATUS_SUCCESS, unmap(g, domain, AT(cut[i]), 1));
		ck_assert(is_blocked(D1, AT(cut[i])));
		ck_assert(lands(D1, AT(100), g, run + BYTES(100)));
	}
	ck_assert(!fail_hit());
	fail_off();
	machine_shutdown();
}
END_TEST

START_TEST(refused_flush_of_a_split_is_told)
{
	/* The page counts as gone; a later map flushes what is still held. */
	set_up(_i);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, run, LARGE_PAGES, RW));
	expect_mapped(0, LARGE_PAGES, "warm");
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, unmap(g, domain, LA, 1));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, LARGE_PAGES - 1);
	ANSWERS(STATUS_SUCCESS, map(g, domain, 0, P(0), 1, RW));
	expect_mapped(1, LARGE_PAGES, "flushed");
	machine_shutdown();
}
END_TEST

/* ---- identity: the control domain's memory is at its own address ---- */

START_TEST(identity_list_cuts_pages_out_of_a_large_leaf)
{
	/* Its pages fault, the rest stays; no memory is needed. */
	struct sluice_create_device new = {.sbdf = D1};
	uint64_t frames[3], cut[] = {0, 300, 511};
	struct snapshot empty;

	boot_service(_i);
	g = machine_control();
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, CALL(g, create_device, new));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, new.device));
	run = large_run();
	empty = snap(g);
	for (unsigned i = 0; i < 3; i++) {
		frames[i] = (run >> PAGE_SHIFT) + cut[i];
	}
	ANSWERS(STATUS_SUCCESS, map_same(g, domain, run, LARGE_PAGES, RW));
	for (unsigned i = 0; i < LARGE_PAGES; i++) {
		EXPECT(reach(D1, run + BYTES(i), true) == run + BYTES(i),
		       "page %u", i);
	}
	fail_from(1);
	ANSWERS(STATUS_SUCCESS, unmap_each(g, domain, frames, 3));
	ck_assert(!fail_hit());
	fail_off();
	for (unsigned i = 0; i < LARGE_PAGES; i++) {
		bool is_gone = i == 0 || i == 300 || i == 511;

		EXPECT(is_blocked(D1, run + BYTES(i)) == is_gone, "page %u", i);
	}
	ANSWERS(STATUS_SUCCESS, unmap_same(g, domain, run + BYTES(1), 299));
	ANSWERS(STATUS_SUCCESS, unmap_same(g, domain, run + BYTES(301), 210));
	ck_assert(is_blocked(D1, run + BYTES(1)));
	expect_same(g, empty, "all gone");
	ANSWERS(STATUS_SUCCESS, detach(g, new.device));
	ANSWERS(STATUS_SUCCESS, delete_device(g, new.device));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(large, leaf_is_large_where_a_call_fills_it,
	      what_only_looks_large_is_mapped_page_by_page,
	      rights_of_a_large_leaf_are_exact,
	      large_leaf_is_split_at_every_border,
	      range_over_two_large_leaves_splits_both, split_needs_no_memory,
	      refused_flush_of_a_split_is_told,
	      identity_list_cuts_pages_out_of_a_large_leaf)
