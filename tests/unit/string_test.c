// SPDX-License-Identifier: MIT
/*
 * lib/string.c, which the host build leaves out because the C library has these
 * names: included here under others, and compared with the C library.
 */
#include "suite.h"

#include <string.h>

#define memcpy	ours_memcpy
#define memmove ours_memmove
#define memset	ours_memset
#define memcmp	ours_memcmp
#define strlen	ours_strlen
#define strncmp ours_strncmp
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strncmp

#define ROOM 64u

static void fill(uint8_t *bytes, uint8_t from)
{
	for (unsigned i = 0; i < ROOM; i++) {
		bytes[i] = (uint8_t)(from + i);
	}
}

START_TEST(copies_and_fills_agree_with_the_c_library)
{
	/* For each alignment and length, the same bytes change, no others. */
	_Alignas(8) uint8_t ours[ROOM], theirs[ROOM], source[ROOM];

	fill(source, 100);
	for (unsigned to = 0; to < 9; to++) {
		for (unsigned from = 0; from < 9; from++) {
			for (unsigned n = 0; n < 40; n++) {
				fill(ours, 0);
				fill(theirs, 0);
				ours_memcpy(ours + to, source + from, n);
				memcpy(theirs + to, source + from, n);
				ck_assert_mem_eq(ours, theirs, ROOM);
				ours_memmove(ours + to, ours + from, n);
				memmove(theirs + to, theirs + from, n);
				ck_assert_mem_eq(ours, theirs, ROOM);
				ours_memset(ours + to, (int)n - 20, n);
				memset(theirs + to, (int)n - 20, n);
				ck_assert_mem_eq(ours, theirs, ROOM);
			}
		}
	}
}
END_TEST

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

START_TEST(comparisons_agree_with_the_c_library)
{
	/* memcmp, strlen and strncmp have the C library's sign and length. */
	static const char *const words[] = {"",	   "a",	   "ab",      "abc",
					    "abd", "\xff", "RSD PTR "};

	for (unsigned i = 0; i < 7; i++) {
		ck_assert_uint_eq(ours_strlen(words[i]), strlen(words[i]));
		for (unsigned j = 0; j < 7; j++) {
			size_t least = strlen(words[i]) < strlen(words[j])
					       ? strlen(words[i])
					       : strlen(words[j]);

			ck_assert_int_eq(
				sign(ours_memcmp(words[i], words[j], least)),
				sign(memcmp(words[i], words[j], least)));
			for (size_t n = 0; n < 5; n++) {
				ck_assert_int_eq(
					sign(ours_strncmp(words[i], words[j],
							  n)),
					sign(strncmp(words[i], words[j], n)));
			}
		}
	}
}
END_TEST

UNIT_SUITE(string, copies_and_fills_agree_with_the_c_library,
	   comparisons_agree_with_the_c_library)
