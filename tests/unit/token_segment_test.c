// SPDX-License-Identifier: MIT
/*
 * Segments: the hypervisor takes nobody's word for what was mapped in a token,
 * and a long one goes in parts.
 */
#include "token_fixture.h"

START_TEST(segment_is_what_was_mapped)
{
	uint64_t token;

	set_up(_i);
	token = new_token(LA, 64);
	ANSWERS(STATUS_SUCCESS, map_part(token, 4, 8, WHOLE));
	ANSWERS(STATUS_SUCCESS, map_part(token, 12, 8, WHOLE));
	/* Shorter, longer, two at once, beside, nothing, beyond. */
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 4, 7));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 12, 9));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 4, 16));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 5, 7));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 3, 9));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_part(token, 4, 8, 4, 0));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_part(token, 4, 8, 11, 2));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_part(token, 4, 8, 12, 1));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 60, BIT(50)));
	/* Parts of the right one, in any order, each once. */
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 4, 8, 6, 2));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_part(token, 4, 8, 7, 2));
	ANSWERS(STATUS_RESOURCE_IN_USE, map_part(token, 6, 1, WHOLE));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 4, 8, 4, 2));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 4, 8, 8, 4));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_part(token, 4, 8, 8, 4));
	/* The name is gone; its pages may be another's. */
	ANSWERS(STATUS_SUCCESS, map_part(token, 6, 6, WHOLE));
	ck_assert(lands(D1, LA + BYTES(6), g, P(6)));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 4, 8));
	ANSWERS(STATUS_SUCCESS, unmap_whole(token, 6, 6));
	ANSWERS(STATUS_SUCCESS, unmap_whole(token, 12, 8));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	ANSWERS(STATUS_SUCCESS, free_token(token));
	machine_shutdown();
}
END_TEST

START_TEST(long_segment_goes_in_parts)
{
	enum { PART = SLUICE_MAP_MAX, LONG = 2 * PART + 100 };
	uint64_t token;

	set_up(_i);
	token = new_token(LA, LONG + PART);
	/* Begun and undone: as long as what is mapped of it. */
	ANSWERS(STATUS_SUCCESS, map_part(token, 0, PART, FIRST));
	ANSWERS(STATUS_SUCCESS, map_part(token, PART, PART, 0));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 0, PART));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 0, 2 * PART, 0, PART));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 0, 2 * PART, PART, PART));
	/* Finished: it ends there, and what follows is another one. */
	ANSWERS(STATUS_SUCCESS, map_part(token, 0, PART, FIRST));
	ANSWERS(STATUS_SUCCESS, map_part(token, PART, PART, 0));
	ANSWERS(STATUS_SUCCESS, map_part(token, 2 * PART, 100, LAST));
	ANSWERS(STATUS_SUCCESS, map_part(token, LONG, 8, 0));
	ck_assert(lands(D1, LA + BYTES(LONG - 1), g, P((LONG - 1) % 400)));
	ANSWERS(STATUS_INVALID_PARAMETER,
		unmap_part(token, 0, 2 * PART, 0, PART));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 0, LONG, 2 * PART, 100));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 0, LONG, 0, PART));
	ANSWERS(STATUS_RESOURCE_IN_USE, free_token(token));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 0, LONG, PART, PART));
	ANSWERS(STATUS_SUCCESS, unmap_whole(token, LONG, 8));
	ck_assert(is_blocked(D1, LA + BYTES(LONG - 1)));
	ANSWERS(STATUS_SUCCESS, free_token(token));
	machine_shutdown();
}
END_TEST

START_TEST(begun_segment_is_what_came_of_it)
{
	/* Before its last part a segment is named by the parts so far. */
	uint64_t token;

	set_up(_i);
	token = new_token(LA, 64);
	ANSWERS(STATUS_SUCCESS, map_part(token, 8, 4, FIRST));
	ANSWERS(STATUS_SUCCESS, map_part(token, 12, 2, 0));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_part(token, 8, 4, 8, 4));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 12, 2));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 8, 6, 8, 4));
	/* It goes on behind, and is longer then; what is gone stays gone. */
	ANSWERS(STATUS_SUCCESS, map_part(token, 14, 1, LAST));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_part(token, 8, 6, 12, 2));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_whole(token, 8, 7));
	ck_assert(is_blocked(D1, LA + BYTES(8)));
	ck_assert(lands(D1, LA + BYTES(14), g, P(14)));
	ANSWERS(STATUS_SUCCESS, unmap_part(token, 8, 7, 12, 3));
	ANSWERS(STATUS_SUCCESS, free_token(token));
	machine_shutdown();
}
END_TEST

/* What the pages of a small token hold, kept the slow way. */
#define SMALL 40

struct page {
	unsigned segment; /* 0 = none                                        */
	bool is_mapped;
};

struct segment {
	unsigned first, pages;
	bool is_open;
};

static struct page page[SMALL];
static struct segment segment[4096];
static unsigned segments;

static NTSTATUS expect_map(unsigned first, unsigned pages, uint32_t marks)
{
	unsigned s = first > 0 ? page[first - 1].segment : 0;

	for (unsigned i = first; i < first + pages; i++) {
		if (page[i].segment != 0) {
			return STATUS_RESOURCE_IN_USE;
		}
	}
	if ((marks & FIRST) != 0 || s == 0 || !segment[s].is_open) {
		s = ++segments;
		segment[s] = (struct segment){.first = first};
	}
	segment[s].pages += pages;
	segment[s].is_open = (marks & LAST) == 0;
	for (unsigned i = first; i < first + pages; i++) {
		page[i] = (struct page){s, true};
	}
	return STATUS_SUCCESS;
}

static NTSTATUS expect_unmap(unsigned first, unsigned length, unsigned at,
			     unsigned pages)
{
	unsigned s = page[first].segment;
	bool is_left = false;

	if (s == 0 || segment[s].first != first || segment[s].pages != length) {
		return STATUS_INVALID_PARAMETER;
	}
	for (unsigned i = at; i < at + pages; i++) {
		if (i >= SMALL || page[i].segment != s || !page[i].is_mapped) {
			return STATUS_INVALID_PARAMETER;
		}
	}
	for (unsigned i = at; i < at + pages; i++) {
		page[i].is_mapped = false;
	}
	for (unsigned i = first; i < first + length; i++) {
		is_left |= page[i].is_mapped;
	}
	for (unsigned i = first; !is_left && i < first + length; i++) {
		page[i].segment = 0;
	}
	return STATUS_SUCCESS;
}

START_TEST(random_parts_are_told_apart)
{
	/* Names are drawn from what is there, one in four then made wrong. */
	uint64_t state = random_seed(0x70c + (uint64_t)_i), token;

	set_up(_i);
	token = new_token(LA, SMALL);
	for (unsigned round = 0; round < 3000; round++) {
		unsigned first = (unsigned)random_below(&state, SMALL);
		unsigned pages = 1 + (unsigned)random_below(&state, 6);
		uint32_t marks = (uint32_t)random_below(&state, 4);
		unsigned s = page[first].segment, at = first, length;

		if (random_below(&state, 3) == 0) {
			pages = first + pages > SMALL ? SMALL - first : pages;
			ANSWERS(expect_map(first, pages, marks),
				map_part(token, first, pages, marks));
		} else if (s != 0) {
			first = segment[s].first;
			length = segment[s].pages;
			if (random_below(&state, 4) == 0) {
				length += 1 - 2 * (round & 1);
			}
			ANSWERS(expect_unmap(first, length, at, pages),
				unmap_part(token, first, length, at, pages));
		}
		for (unsigned i = 0; i < SMALL; i++) {
			EXPECT((reach(D1, LA + BYTES(i), true) != 0) ==
				       page[i].is_mapped,
			       "seed %lx, round %u: page %u",
			       (unsigned long)random_seed(0x70c + (uint64_t)_i),
			       round, i);
		}
	}
	EXPECT(segments > 50, "%u segments", segments);
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(token_segment, segment_is_what_was_mapped,
	      long_segment_goes_in_parts, begun_segment_is_what_came_of_it,
	      random_parts_are_told_apart)
