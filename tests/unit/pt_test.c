// SPDX-License-Identifier: MIT
/*
 * Rank 4: page tables of every format, against a flat list of pages. What the
 * hardware would see is decoded by a walker written here from the manuals, out
 * of the memory that a walker without snooping sees.
 */
#include "fail_at.h"
#include "lib/error.h"
#include "lib/range.h"
#include "pt/pt.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define RW (PT_READ | PT_WRITE)

/* Each format, depth and coherency that a backend may ask for. */
static const struct variant {
	const struct pt_format *format;
	unsigned levels;
	unsigned address_bits;
	bool is_coherent;
} variants[] = {
	{&pt_format_npt, 4, 48, true},	  {&pt_format_vtdss, 3, 39, true},
	{&pt_format_vtdss, 3, 39, false}, {&pt_format_vtdss, 4, 48, true},
	{&pt_format_vtdss, 4, 48, false}, {&pt_format_vtdss, 4, 46, false},
	{&pt_format_vtdss, 5, 57, false},
};

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static uint64_t page_count;
static uint64_t page_quota;

static struct pt new_table(const struct variant *v)
{
	struct machine_config c = machine_default();
	struct pt_memory memory = {1, &page_count, &page_quota};
	struct pt pt;

	c.stage = MACHINE_RAM;
	machine_boot(&c);
	page_count = 0;
	page_quota = 1500;
	ck_assert_int_eq(pt_init(&pt, v->format, memory, v->levels,
				 v->address_bits, v->is_coherent),
			 0);
	return pt;
}

/* ---- an independent walker ---- */

static uint64_t fetch(const struct pt *pt, uint64_t hpa)
{
	uint64_t entry;

	EXPECT(machine_ram(hpa, 8) != NULL && !machine_page_is_freed(hpa),
	       "walk reads %lx", hpa);
	memcpy(&entry,
	       pt->is_coherent ? machine_ram(hpa, 8) : machine_uncached(hpa, 8),
	       sizeof(entry));
	return entry;
}

/* Bits that the manuals reserve or that we never set, by format. */
static uint64_t forbidden(const struct pt *pt, bool is_leaf, unsigned level)
{
	uint64_t bits = GENMASK(51, 46);

	if (is_leaf && level > 0) {
		bits |= GENMASK(11 + 9 * level, 12);
	}
	if (pt->format == &pt_format_npt) {
		return bits | GENMASK(62, 52) | BIT(8);
	}
	return bits | GENMASK(63, 52) | GENMASK(11, 8) | GENMASK(6, 2);
}

/* Return: true and where @at leads with which PT_READ, PT_WRITE. */
static bool decode(const struct pt *pt, uint64_t at, struct pt_leaf *leaf)
{
	uint64_t table = pt->root.addr;
	unsigned prot = RW;

	for (unsigned level = pt->levels - 1;; level--) {
		uint64_t entry =
			fetch(pt, table + (at >> (12 + 9 * level) & 511) * 8);
		bool is_leaf = level == 0 || (entry & BIT(7));
		bool is_npt = pt->format == &pt_format_npt;

		if (!(entry & (is_npt ? 1u : 3u))) {
			EXPECT(entry == 0, "absent entry %lx", entry);
			return false;
		}
		EXPECT(!(entry & forbidden(pt, is_leaf, level)),
		       "level %u entry %lx", level, entry);
		EXPECT(!is_leaf || level < 3, "leaf at level %u", level);
		/* Nested paging walks as a user. */
		EXPECT(!is_npt || (entry & BIT(2)), "entry %lx", entry);
		prot &= is_npt ? PT_READ | (unsigned)(entry & 2)
			       : (unsigned)(entry & 3);
		table = entry & GENMASK(45, 12);
		if (is_leaf) {
			leaf->page =
				to_hpa(table + (at & (BIT(12 + 9 * level) - 1) &
						~PAGE_MASK));
			leaf->prot = prot;
			leaf->level = level;
			return true;
		}
	}
}

static void assert_maps(const struct pt *pt, uint64_t at, uint64_t page,
			unsigned prot)
{
	struct pt_leaf seen, said;

	EXPECT(decode(pt, at, &seen), "%lx is not mapped", at);
	EXPECT(seen.page.addr == page, "%lx leads to %lx, not %lx", at,
	       seen.page.addr, page);
	EXPECT(seen.prot == prot, "%lx has rights %u", at, seen.prot);
	EXPECT(pt_lookup(pt, at, &said) && said.page.addr == page &&
		       (said.prot & RW) == prot && said.level == seen.level,
	       "pt_lookup(%lx) says otherwise", at);
}

static void assert_absent(const struct pt *pt, uint64_t at)
{
	struct pt_leaf leaf;

	EXPECT(!decode(pt, at, &leaf), "%lx is mapped", at);
	EXPECT(!pt_lookup(pt, at, &leaf), "pt_lookup(%lx) finds", at);
}

static uint64_t clear(struct pt *pt, uint64_t start, uint64_t pages)
{
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t count = pt_clear(pt, start, pages, &gather);

	pt_gather_free(pt, &gather);
	return count;
}

/* ---- one property a test, over all variants ---- */

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

/* ---- random sequences against a flat list ---- */

#define WINDOW_PAGES 2048u
#define WINDOWS	     3u

struct model {
	uint64_t base[WINDOWS];
	uint64_t page[WINDOWS][WINDOW_PAGES]; /* 0 = absent, else page | prot */
};

static void compare(const struct pt *pt, const struct model *m)
{
	for (unsigned w = 0; w < WINDOWS; w++) {
		for (unsigned i = 0; i < WINDOW_PAGES; i++) {
			uint64_t at = m->base[w] + i * PAGE_BYTES;
			uint64_t want = m->page[w][i];

			if (want == 0) {
				assert_absent(pt, at);
			} else {
				assert_maps(pt, at, want & ~PAGE_MASK,
					    want & RW);
			}
		}
	}
}

static unsigned mapped(const uint64_t *page, uint64_t count)
{
	unsigned n = 0;

	for (uint64_t i = 0; i < count; i++) {
		n += page[i] != 0;
	}
	return n;
}

static void random_map(struct pt *pt, uint64_t at, uint64_t *page,
		       uint64_t count, uint64_t *state)
{
	/* Half of the time aligned as the input is, so that leaves can grow. */
	uint64_t to =
		(random_below(state, 2) ? at & 0x3fffffff
					: random_below(state, 1 << 20) << 12) +
		0x100000000;
	unsigned prot = random_below(state, 2) ? RW : PT_READ;
	unsigned level = (unsigned)random_below(state, 3);
	int error = pt_map_range(pt, at, to_hpa(to), count, prot, level);

	if (mapped(page, count) != 0) {
		ck_assert_int_eq(error, -XEN_EEXIST);
		return;
	}
	ck_assert_int_eq(error, 0);
	for (uint64_t i = 0; i < count; i++) {
		page[i] = (to + i * PAGE_BYTES) | prot;
	}
}

static void random_set(struct pt *pt, uint64_t at, uint64_t *page,
		       uint64_t count, uint64_t *state)
{
	hpa_t to[WINDOW_PAGES];

	if (mapped(page, count) != 0 || pt_reserve(pt, at, count) != 0) {
		return;
	}
	for (uint64_t i = 0; i < count; i++) {
		to[i] = to_hpa((1 + random_below(state, 1 << 24)) << 12);
		page[i] = to[i].addr | RW;
	}
	pt_set_pages(pt, at, to, count, RW);
}

static void random_clear(struct pt *pt, uint64_t at, uint64_t *page,
			 uint64_t count)
{
	ck_assert_int_eq(pt_split(pt, at, count), 0);
	ck_assert_uint_eq(clear(pt, at, count), mapped(page, count));
	memset(page, 0, count * sizeof(*page));
}

static void random_step(struct pt *pt, struct model *m, uint64_t *state)
{
	unsigned w = (unsigned)random_below(state, WINDOWS);
	uint64_t first = random_below(state, WINDOW_PAGES);
	uint64_t count = 1 + random_below(state, WINDOW_PAGES - first);
	uint64_t at = m->base[w] + first * PAGE_BYTES;
	uint64_t *page = &m->page[w][first];

	/* Many short ranges, a few long ones. */
	if (random_below(state, 3) != 0 && count > 8) {
		count = 1 + random_below(state, 8);
	}
	ck_assert_int_eq(pt_is_empty(pt, at, count), mapped(page, count) == 0);
	ck_assert_int_eq(pt_is_full(pt, at, count),
			 mapped(page, count) == count);
	switch (random_below(state, 4)) {
	case 0:
		random_map(pt, at, page, count, state);
		break;
	case 1:
		random_set(pt, at, page, count, state);
		break;
	default:
		random_clear(pt, at, page, count);
		break;
	}
}

START_TEST(random_sequences_agree_with_a_flat_list)
{
	/* After any sequence of calls every page translates as the list says.
	 */
	static struct model m;
	struct pt pt = new_table(&variants[_i]);
	uint64_t state = random_seed(0x5eed0 + (uint64_t)_i);

	printf("pt variant %d: SEED=%#lx\n", _i, state);
	m.base[1] = 0x40000000 - WINDOW_PAGES / 2 * PAGE_BYTES;
	m.base[2] = BIT(pt.address_bits) - WINDOW_PAGES * PAGE_BYTES;
	for (unsigned i = 0; i < 600; i++) {
		random_step(&pt, &m, &state);
		if (i % 20 == 0) {
			compare(&pt, &m);
		}
	}
	compare(&pt, &m);
	for (unsigned w = 0; w < WINDOWS; w++) {
		random_clear(&pt, m.base[w], m.page[w], WINDOW_PAGES);
	}
	ck_assert_uint_eq(pt.table_pages, 1);
	pt_destroy(&pt);
	machine_shutdown();
}
END_TEST

Suite *pt_suite(void);
Suite *pt_suite(void)
{
	const TTest *const tests[] = {
		new_table_is_empty,
		first_and_last_page_map_alone,
		rights_come_out_as_they_went_in,
		large_leaves_are_used_where_they_fit,
		split_changes_no_translation,
		refused_map_changes_nothing,
		quota_is_hit_exactly,
		nth_failure_leaves_no_trace,
		random_sequences_agree_with_a_flat_list,
	};
	Suite *suite = suite_create("pt");
	TCase *tcase = tcase_create("pt");

	tcase_set_timeout(tcase, 120);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		tcase_add_loop_test(tcase, tests[i], 0, VARIANTS);
	}
	suite_add_tcase(suite, tcase);
	return suite;
}
