/* SPDX-License-Identifier: MIT */
/* What most unit tests need: Check, a machine, a generator of numbers. */
#pragma once

#include "machine.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>

/* UNIT_SUITE() - Define NAME_suite() with one case of the tests listed. */
#define UNIT_SUITE(name, ...)                                                  \
	Suite *name##_suite(void);                                             \
	Suite *name##_suite(void)                                              \
	{                                                                      \
		const TTest *const tests[] = {__VA_ARGS__};                    \
		Suite *suite = suite_create(#name);                            \
		TCase *tcase = tcase_create(#name);                            \
                                                                               \
		tcase_set_timeout(tcase, 60);                                  \
		for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]);       \
		     i++) {                                                    \
			tcase_add_test(tcase, tests[i]);                       \
		}                                                              \
		suite_add_tcase(suite, tcase);                                 \
		return suite;                                                  \
	}

/*
 * EXPECT() - ck_assert_msg() for inner loops: Check notes each of its own
 * asserts in a file, which costs more than most of what is tested.
 */
#define EXPECT(condition, ...)                                                 \
	do {                                                                   \
		if (!(condition)) {                                            \
			ck_abort_msg(__VA_ARGS__);                             \
		}                                                              \
	} while (0)

/* xorshift64: the same sequence everywhere, from a seed that is printed. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline uint64_t random_below(uint64_t *state, uint64_t limit)
{
	return random_next(state) % limit;
}

/* random_seed() - SEED of the environment, else @fallback. Never 0. */
static inline uint64_t random_seed(uint64_t fallback)
{
	const char *text = getenv("SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : fallback;

	return seed != 0 ? seed : 1;
}
