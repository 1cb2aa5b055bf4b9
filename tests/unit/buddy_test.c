// SPDX-License-Identifier: MIT
/* Rank 7: the allocator of logical addresses, against a sorted array. */
#include "buddy_fixture.h"

/* ---- model: what is not free, sorted by start; numbers of pages ---- */

#define MODEL_MAX 600u

static struct {
	uint64_t start, end, pages; /* pages 0 = withheld */
} model[MODEL_MAX];
static unsigned model_count;
static uint64_t seed, state;

#define R(limit) random_below(&state, limit)

static uint64_t block_of(uint64_t pages)
{
	uint64_t block = 1;

	while (block < pages) {
		block *= 2;
	}
	return block;
}

static void model_add(uint64_t start, uint64_t size, uint64_t pages)
{
	unsigned i = model_count++;

	for (; i > 0 && model[i - 1].start > start; i--) {
		model[i] = model[i - 1];
	}
	model[i].start = start;
	model[i].end = start + size;
	model[i].pages = pages;
}

static void model_drop(unsigned i)
{
	memmove(&model[i], &model[i + 1],
		(--model_count - i) * sizeof(model[0]));
}

static uint64_t model_fit(unsigned width, uint64_t pages, uint64_t min,
			  uint64_t max)
{
	uint64_t size = block_of(pages), limit = BIT(width - 12);
	uint64_t at = min / 4096 + (min % 4096 != 0);

	at = (at + size - 1) / size * size;
	for (unsigned i = 0; i < model_count; i++) {
		if (at < model[i].end && model[i].start < at + size) {
			at = (model[i].end + size - 1) / size * size;
		}
	}
	return at + size > limit || AT(at) + (AT(pages) - 1) > max ? ANY : at;
}

static uint64_t model_pages(uint64_t base)
{
	for (unsigned i = 0; i < model_count; i++) {
		if (AT(model[i].start) == base) {
			return model[i].pages;
		}
	}
	return 0;
}

/* Some address: at a bound of something, or anywhere. */
static uint64_t some_address(unsigned width)
{
	if (model_count != 0 && R(3) != 0) {
		unsigned i = (unsigned)R(model_count);

		return AT(R(2) ? model[i].start : model[i].end) + R(3) - 1;
	}
	return random_next(&state) >> (64 - 12 - R(width - 11));
}

static void try_allocate(unsigned width, bool fails)
{
	uint64_t pages = 1 + R(BIT(R(R(4) ? 8 : width - 11)));
	uint64_t min = R(2) ? 0 : some_address(width);
	uint64_t max = R(2) ? ANY : some_address(width);
	uint64_t want, base = ANY;
	struct buddy before = b;
	int error;

	want = model_fit(width, pages, min, max);
	fail_at(fails);
	error = buddy_allocate(&b, pages, min, max, &base);
	if (fail_hit()) {
		EXPECT(error == -XEN_ENOMEM, "SEED=%lu: %d", seed, error);
		EXPECT(memcmp(&before, &b, sizeof(b)) == 0, "SEED=%lu", seed);
		fail_off();
		return;
	}
	EXPECT(error == (want == ANY ? -XEN_ENOSPC : 0) &&
		       base == (want == ANY ? ANY : AT(want)),
	       "SEED=%lu width %u: %lu pages in %lx-%lx: %d %lx, not %lx", seed,
	       width, pages, min, max, error, base, AT(want));
	if (error == 0) {
		model_add(want, block_of(pages), pages);
	}
}

static void try_free(unsigned i)
{
	if (model[i].pages != 0) {
		buddy_free(&b, AT(model[i].start));
		model_drop(i);
	}
}

static void withhold_at_random(unsigned width)
{
	uint64_t limit = BIT(width - 12);

	for (unsigned n = (unsigned)R(5); n > 0; n--) {
		uint64_t start = R(limit);
		uint64_t size = R(limit - start + 1) >> R(width - 11);

		ck_assert_int_eq(buddy_withhold(&b, AT(start), size), 0);
		if (size != 0) {
			model_add(start, size, 0);
		}
	}
}

static void run_against_model(unsigned width, unsigned steps)
{
	uint64_t nodes, address;

	boot(width);
	model_count = 0;
	withhold_at_random(width);
	nodes = b.node_count;
	for (unsigned step = 0; step < steps; step++) {
		/* Grows in one half of the time, shrinks in the other. */
		bool grows = step / 512 % 2 == 0;

		if (R(8) < (grows ? 5u : 3u) && model_count < MODEL_MAX) {
			try_allocate(width, R(8) == 0);
		} else if (model_count != 0) {
			try_free((unsigned)R(model_count));
		}
		address = some_address(width);
		EXPECT(buddy_find(&b, address) == model_pages(address),
		       "SEED=%lu width %u: find %lx", seed, width, address);
		EXPECT(held == pages_of(b.node_count), "SEED=%lu", seed);
	}
	for (unsigned i = model_count; i-- > 0;) {
		try_free(i);
	}
	EXPECT(b.node_count == nodes && b.range_count == 0,
	       "SEED=%lu width %u: %lu nodes left", seed, width, b.node_count);
	buddy_destroy(&b);
	finish();
}

START_TEST(agrees_with_a_sorted_array)
{
	/* Each answer and each base is the model's, refused pages included. */
	static const unsigned widths[] = {12, 13, 17, 18, 19, 21, 39, 48, 63};

	seed = random_seed(0x5eed0b0d);
	printf("buddy: SEED=0x%lx\n", seed);
	state = seed;
	for (unsigned i = 0; i < ARRAY_COUNT(widths); i++) {
		for (unsigned round = 0; round < 12; round++) {
			run_against_model(widths[i], 2500);
		}
	}
}
END_TEST

/* ---- single properties ---- */

START_TEST(keeps_between_min_and_max)
{
	/* Every byte of the range, not of its block, lies within the bounds. */
	uint64_t top = BIT(63) - PAGE_BYTES;

	boot(63);
	ck_assert_int_eq(refused(3, 4097, AT(7) - 2), -XEN_ENOSPC);
	ck_assert_uint_eq(allocate(3, 4097, AT(7) - 1), AT(4));
	ck_assert_int_eq(refused(1, AT(4), AT(8) - 1), -XEN_ENOSPC);
	ck_assert_uint_eq(allocate(1, AT(4), AT(9) - 1), AT(8));
	ck_assert_int_eq(refused(1, 0, PAGE_MASK - 1), -XEN_ENOSPC);
	ck_assert_int_eq(refused(1, ANY, ANY), -XEN_ENOSPC);
	ck_assert_int_eq(refused(1, AT(20), AT(20)), -XEN_ENOSPC);
	ck_assert_int_eq(refused(1, AT(20), AT(10)), -XEN_ENOSPC);
	ck_assert_int_eq(refused(1, top + 1, ANY), -XEN_ENOSPC);
	ck_assert_uint_eq(allocate(1, top, ANY), top);
	ck_assert_int_eq(refused(BIT(50) - 5, 0, ANY), -XEN_ENOSPC);
	ck_assert_uint_eq(allocate(BIT(49) - 5, 0, ANY), BIT(61));
	ck_assert_uint_eq(buddy_find(&b, BIT(61)), BIT(49) - 5);
	buddy_destroy(&b);
	ck_assert_uint_eq(held, 0);
	machine_shutdown();
}
END_TEST

START_TEST(whole_width_is_handed_out)
{
	/* As one range, and page by page until none is left. */
	for (unsigned width = 12; width <= 63; width++) {
		boot(width);
		ck_assert_uint_eq(allocate(BIT(width - 12), 0, ANY), 0);
		ck_assert_int_eq(refused(1, 0, ANY), -XEN_ENOSPC);
		ck_assert_uint_eq(buddy_find(&b, 0), BIT(width - 12));
		buddy_free(&b, 0);
		ck_assert_int_eq(refused(BIT(width - 12) + 1, 0, ANY),
				 -XEN_ENOSPC);
		for (uint64_t n = 0; width <= 21 && n < BIT(width - 12); n++) {
			EXPECT(allocate(1, 0, ANY) == AT(n), "not %lu", n);
		}
		if (width <= 21) {
			ck_assert_int_eq(refused(1, 0, ANY), -XEN_ENOSPC);
		}
		while (b.range_count > 0) {
			buddy_free(&b, AT(b.range_count - 1));
		}
		finish();
	}
}
END_TEST

START_TEST(exact_count_is_found_at_the_base_alone)
{
	/* Odd sizes are remembered; pages inside and behind are no base. */
	boot(39);
	for (uint64_t pages = 1; pages < 300; pages++) {
		uint64_t base = allocate(pages, 0, ANY);

		EXPECT(base % AT(block_of(pages)) == 0, "%lu", pages);
		EXPECT(buddy_find(&b, base) == pages, "%lu", pages);
		EXPECT(buddy_find(&b, base + 1) == 0, "%lu", pages);
		for (uint64_t i = 1; i < block_of(pages); i++) {
			EXPECT(buddy_find(&b, base + AT(i)) == 0, "%lu", pages);
		}
		buddy_free(&b, base);
		EXPECT(buddy_find(&b, base) == 0, "%lu", pages);
	}
	ck_assert_uint_eq(buddy_find(&b, BIT(39)), 0);
	ck_assert_uint_eq(buddy_find(&b, ANY), 0);
	finish();
}
END_TEST

START_TEST(withheld_is_never_handed_out)
{
	/* Nor found, nor freed; withholding twice changes nothing. */
	uint64_t nodes;

	boot(39);
	ck_assert_int_eq(buddy_withhold(&b, AT(0), 1), 0);
	ck_assert_int_eq(buddy_withhold(&b, AT(3), 1000), 0);
	ck_assert_int_eq(buddy_withhold(&b, AT(0xfee00), 256), 0);
	nodes = b.node_count;
	ck_assert_int_eq(buddy_withhold(&b, AT(2), 0), 0);
	ck_assert_int_eq(buddy_withhold(&b, AT(4), 999), 0);
	ck_assert_uint_eq(b.node_count, nodes);
	ck_assert_uint_eq(allocate(1, 0, ANY), AT(1));
	ck_assert_uint_eq(allocate(1, 0, ANY), AT(2));
	ck_assert_uint_eq(allocate(1, 0, ANY), AT(1003));
	ck_assert_uint_eq(allocate(256, AT(0xfee00), ANY), AT(0xfef00));
	ck_assert_uint_eq(buddy_find(&b, AT(3)), 0);
	ck_assert_uint_eq(buddy_find(&b, AT(0xfee00)), 0);
	buddy_free(&b, AT(0xfef00));
	ck_assert_int_eq(buddy_withhold(&b, AT(4096), BIT(27) - 4096), 0);
	ck_assert_int_eq(refused(1, AT(4096), ANY), -XEN_ENOSPC);
	ck_assert_uint_eq(allocate(1024, 0, ANY), AT(1024));
	buddy_destroy(&b);
	machine_shutdown();
}
END_TEST

static void free_at(void *base)
{
	buddy_free(&b, *(uint64_t *)base);
}

START_TEST(stray_free_stops_the_machine)
{
	/* Inside a range, behind one, in a withheld block, in nothing. */
	uint64_t stray[] = {AT(1), AT(3), AT(64), AT(5), AT(4096), BIT(39), 1};

	boot(39);
	ck_assert_uint_eq(allocate(3, 0, ANY), 0);
	ck_assert_int_eq(buddy_withhold(&b, AT(5), 1), 0);
	ck_assert_int_eq(buddy_withhold(&b, AT(4096), 256), 0);
	for (unsigned i = 0; i < ARRAY_COUNT(stray); i++) {
		ck_assert(machine_panics(free_at, &stray[i]));
	}
	ck_assert_uint_eq(buddy_find(&b, 0), 3);
}
END_TEST

START_TEST(refused_page_changes_nothing)
{
	/* -XEN_ENOMEM for the n-th page, and the next try is as if first. */
	uint64_t n;

	boot(48);
	for (n = 0; n < 2000; n++) {
		struct buddy before = b;

		fail_at(1);
		if (pin(n * 777) != 0) {
			EXPECT(fail_hit(), "%lu: no page was refused", n);
			EXPECT(memcmp(&before, &b, sizeof(b)) == 0, "%lu", n);
			EXPECT(buddy_find(&b, AT(n * 777)) == 0, "%lu", n);
			EXPECT(n == 0 || buddy_find(&b, AT((n - 1) * 777)) == 1,
			       "%lu", n);
			fail_off();
			EXPECT(pin(n * 777) == 0, "%lu", n);
		}
		EXPECT(!fail_hit(), "%lu: success without its page", n);
		fail_from(1);
		EXPECT(pin(n * 777) == -XEN_ENOSPC, "%lu", n);
		fail_off();
	}
	fail_from(1);
	while (n-- > 0) {
		buddy_free(&b, AT(n * 777));
	}
	ck_assert_uint_eq(fail_allocations(), 0);
	fail_off();
	finish();
}
END_TEST

START_TEST(quota_is_honoured_exactly)
{
	/* The last page allowed is used up, one more is never taken. */
	uint64_t n;

	boot(48);
	quota = 0;
	ck_assert_int_eq(pin(0), -XEN_ENOMEM);
	quota = 8;
	held = 5; /* of others that share the quota */
	for (n = 0; pin(n * 64) == 0; n++) {
		EXPECT(held <= quota, "%lu", held);
	}
	ck_assert_uint_eq(held, 8);
	ck_assert_uint_eq(page_owned_count(1), 3);
	ck_assert_uint_eq(n, (3 * 170 + 1) / 2);
	ck_assert_int_eq(pin(n * 64), -XEN_ENOMEM);
	/* What needs no node still succeeds. */
	ck_assert_int_eq(pin(1), 0);
	buddy_free(&b, AT(1));
	buddy_free(&b, AT(64));
	ck_assert_int_eq(pin(n * 64), 0);
	buddy_free(&b, AT(n * 64));
	while (n-- > 0) {
		if (n != 1) {
			buddy_free(&b, AT(n * 64));
		}
	}
	held -= 5;
	finish();
}
END_TEST

START_TEST(no_quota_no_count)
{
	/* Both may be absent; pages are charged to the owner all the same. */
	struct buddy_memory memory = {1, NULL, NULL};
	const uint64_t one = 1;

	boot(48);
	buddy_init(&b, 48, memory);
	ck_assert_uint_eq(page_owned_count(1), 0);
	ck_assert_uint_eq(allocate(5, 0, ANY), 0);
	ck_assert_uint_eq(page_owned_count(1), 1);
	buddy_destroy(&b);
	memory.page_quota = &one;
	buddy_init(&b, 48, memory);
	for (uint64_t n = 0; n < 85; n++) {
		ck_assert_int_eq(pin(n * 64), 0);
	}
	ck_assert_int_eq(pin(85 * 64), -XEN_ENOMEM);
	buddy_destroy(&b);
	b.range_count = 0;
	finish();
}
END_TEST

UNIT_SUITE(buddy, agrees_with_a_sorted_array, keeps_between_min_and_max,
	   whole_width_is_handed_out, exact_count_is_found_at_the_base_alone,
	   withheld_is_never_handed_out, stray_free_stops_the_machine,
	   refused_page_changes_nothing, quota_is_honoured_exactly,
	   no_quota_no_count)
