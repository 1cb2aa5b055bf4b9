// SPDX-License-Identifier: MIT
/*
 * Page tables against a flat list: random sequences of every operation, each
 * page compared. SEED in the environment repeats a sequence.
 */
#include "arch/physmap.h"
#include "lib/error.h"
#include "mm/page.h"
#include "pt_fixture.h"

#include <stdio.h>

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

/* Each table knows how many of its entries are present, and has one. */
static void count_entries(const struct pt *pt, hpa_t table, unsigned level)
{
	const uint64_t *entry = physmap_ptr(table);
	unsigned present = 0;

	for (unsigned i = 0; i < 512; i++) {
		present += entry[i] != 0;
		if (entry[i] != 0 &&
		    !pt_entry_is_leaf(pt->format, entry[i], level)) {
			count_entries(
				pt, to_hpa(entry[i] & pt->format->address_mask),
				level - 1);
		}
	}
	EXPECT(present == *page_tally(table), "level %u: %u entries, not %u",
	       level, present, *page_tally(table));
	EXPECT(present != 0 || table.addr == pt->root.addr, "empty table");
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

	/* Refused where a large leaf is; small ones are replaced. */
	if (pt_reserve(pt, at, count) != 0) {
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
			count_entries(&pt, pt.root, pt.levels - 1);
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

PT_SUITE(pt_random, random_sequences_agree_with_a_flat_list)
