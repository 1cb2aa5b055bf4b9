// SPDX-License-Identifier: MIT
/* Rank 0: the bounded printf, handles, ranges. */
#include "lib/format.h"
#include "lib/idmap.h"
#include "lib/range.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

START_TEST(format_agrees_with_the_c_library)
{
	/* Each conversion prints what the C library's printf prints. */
	char ours[80], theirs[80];
	size_t n;

#define SAME(...)                                                              \
	do {                                                                   \
		n = format_text(ours, sizeof(ours), __VA_ARGS__);              \
		snprintf(theirs, sizeof(theirs), __VA_ARGS__);                 \
		ck_assert_str_eq(ours, theirs);                                \
		ck_assert_uint_eq(n, strlen(theirs));                          \
	} while (0)
	SAME("plain");
	SAME("%d %d %d", 0, -1, 2147483647);
	SAME("%d", -2147483647 - 1);
	SAME("%ld %ld", (long)INT64_MIN, (long)INT64_MAX);
	SAME("%u %x %lx %llx", 4294967295u, 0xdeadbeefu, 0x123456789abcdefUL,
	     0xfedcba9876543210ULL);
	SAME("%08x|%8u|%2u|%02u", 0xbeefu, 7u, 12345u, 3u);
	SAME("%s|%s|%c|%%", "a", "", 'z');
	SAME("%04x:%02x:%02x.%u", 0u, 0x1fu, 3u, 7u);
#undef SAME
}
END_TEST

START_TEST(format_never_writes_past_its_buffer)
{
	/* Whatever the buffer's size, output is cut and terminated within it.
	 */
	for (size_t bytes = 1; bytes < 40; bytes++) {
		char out[48];
		size_t n;

		memset(out, '#', sizeof(out));
		n = format_text(out, bytes, "%s %08x %d", "0123456789", 0xabcdu,
				-12345);
		ck_assert_uint_lt(n, bytes);
		ck_assert_uint_eq(out[n], '\0');
		for (size_t i = bytes; i < sizeof(out); i++) {
			ck_assert_int_eq(out[i], '#');
		}
	}
}
END_TEST

/* format_text() without the compiler's opinion of the format. */
static size_t unchecked(char *out, size_t bytes, const char *fmt, ...)
{
	va_list args;
	size_t n;

	va_start(args, fmt);
	n = format_args(out, bytes, fmt, args);
	va_end(args);
	return n;
}

START_TEST(format_survives_odd_input)
{
	/* A null string and a format that ends in a percent sign are harmless.
	 */
	char out[32];
	const char *percent = "50%", *string = "%s";

	ck_assert_uint_eq(unchecked(out, sizeof(out), string, (char *)NULL), 6);
	ck_assert_str_eq(out, "(null)");
	ck_assert_uint_eq(unchecked(out, sizeof(out), percent), 2);
	ck_assert_str_eq(out, "50");
}
END_TEST

static struct idmap_slot slots[IDMAP_SLOTS_MAX];

static struct idmap new_map(uint32_t count, uint8_t kind)
{
	struct idmap map;

	memset(slots, 0, sizeof(slots));
	idmap_init(&map, slots, count, kind);
	return map;
}

START_TEST(stale_handle_is_never_found_again)
{
	/* A removed handle stays unknown through 1000 reuses of its slot. */
	struct idmap map = new_map(4, 1);
	int object;
	uint64_t stale = idmap_add(&map, &object);

	ck_assert_ptr_eq(idmap_find(&map, stale), &object);
	idmap_remove(&map, stale);
	for (int i = 0; i < 1000; i++) {
		uint64_t handle = idmap_add(&map, &object);

		ck_assert_uint_ne(handle, stale);
		ck_assert_ptr_null(idmap_find(&map, stale));
		idmap_remove(&map, handle);
	}
}
END_TEST

START_TEST(handle_of_another_kind_is_not_found)
{
	/* A device token given as a domain handle names nothing. */
	struct idmap domains = new_map(4, 1);
	struct idmap_slot other[4] = {{NULL, 0}};
	struct idmap devices;
	int object;
	uint64_t handle = idmap_add(&domains, &object);
	uint64_t token;

	idmap_init(&devices, other, 4, 2);
	token = idmap_add(&devices, &object);
	ck_assert_uint_ne(handle, token);
	ck_assert_ptr_null(idmap_find(&devices, handle));
	ck_assert_ptr_null(idmap_find(&domains, token));
}
END_TEST

START_TEST(only_the_exact_handle_is_found)
{
	/* A handle with any one bit turned over names nothing. */
	struct idmap map = new_map(IDMAP_SLOTS_MAX, 3);
	int object;
	uint64_t handle = idmap_add(&map, &object);

	ck_assert_ptr_null(idmap_find(&map, 0));
	for (unsigned bit = 0; bit < 64; bit++) {
		ck_assert_ptr_null(
			idmap_find(&map, handle ^ (UINT64_C(1) << bit)));
	}
}
END_TEST

START_TEST(idmap_fills_to_its_count_and_no_further)
{
	/* count objects fit, the next is refused, and one freed fits one. */
	struct idmap map = new_map(IDMAP_SLOTS_MAX, 1);
	static int object[IDMAP_SLOTS_MAX];
	uint64_t handle[IDMAP_SLOTS_MAX];
	uint64_t at;

	for (unsigned i = 0; i < IDMAP_SLOTS_MAX; i++) {
		handle[i] = idmap_add(&map, &object[i]);
		ck_assert_uint_ne(handle[i], 0);
	}
	ck_assert_uint_eq(map.used, IDMAP_SLOTS_MAX);
	ck_assert_uint_eq(idmap_add(&map, &object[0]), 0);
	idmap_remove(&map, handle[77]);
	ck_assert_ptr_eq(idmap_at(&map, 77, &at), &object[78]);
	ck_assert_uint_eq(at, handle[78]);
	ck_assert_uint_ne(idmap_add(&map, &object[77]), 0);
	ck_assert_uint_eq(idmap_add(&map, &object[0]), 0);
	ck_assert_ptr_null(idmap_at(&map, IDMAP_SLOTS_MAX, &at));
}
END_TEST

START_TEST(range_that_wraps_is_invalid)
{
	/* The last byte of a valid range is at most 2^64 - 1. */
	static const struct {
		uint64_t start, bytes;
		bool valid;
	} rows[] = {
		{0, 0, false},
		{0, 1, true},
		{0, UINT64_MAX, true},
		{1, UINT64_MAX, true},
		{2, UINT64_MAX, false},
		{UINT64_MAX, 1, true},
		{UINT64_MAX, 2, false},
		{UINT64_MAX - 4095, 4096, true},
		{UINT64_MAX - 4095, 4097, false},
		{UINT64_MAX - 4095, 8192, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(range_is_valid(rows[i].start, rows[i].bytes) ==
				      rows[i].valid,
			      "row %zu", i);
	}
}
END_TEST

START_TEST(range_relations_agree_with_counting_bytes)
{
	/* Overlap and containment, compared byte by byte on a small line. */
	for (uint64_t a = 0; a < 6; a++) {
		for (uint64_t b = 0; b < 6; b++) {
			for (uint64_t sizes = 0; sizes < 25; sizes++) {
				struct range x = {a, sizes / 5};
				struct range y = {b, sizes % 5};
				unsigned common = 0;

				for (uint64_t i = 0; i < 12; i++) {
					common += i - a < x.bytes &&
						  i - b < y.bytes;
				}
				ck_assert_int_eq(range_overlaps(x, y),
						 common != 0);
				ck_assert_int_eq(range_contains(x, y),
						 y.bytes != 0 &&
							 common == y.bytes);
			}
		}
	}
}
END_TEST

UNIT_SUITE(lib, format_agrees_with_the_c_library,
	   format_never_writes_past_its_buffer, format_survives_odd_input,
	   stale_handle_is_never_found_again,
	   handle_of_another_kind_is_not_found, only_the_exact_handle_is_found,
	   idmap_fills_to_its_count_and_no_further, range_that_wraps_is_invalid,
	   range_relations_agree_with_counting_bytes)
