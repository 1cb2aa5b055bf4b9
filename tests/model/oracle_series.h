/* SPDX-License-Identifier: MIT */
/*
 * A series of sequences that one guest makes alone: the same on the fakes and
 * over the real gate, with a digest of all answers to compare.
 */
#pragma once

#include "oracle_state.h"

#define ORACLE_SERIES_LENGTH  30u   /* calls of most sequences */
#define ORACLE_SERIES_CHECKED 1000u /* sequences that the digest is of */

struct oracle_series {
	uint64_t seed;
	uint64_t calls;	       /* to make, at least */
	uint64_t count_max;    /* sequences to make at most; 0 = any number */
	bool (*is_late)(void); /* end before the next one; NULL = never */
	uint64_t sequence;     /* seed of the one at hand */
	unsigned made;	       /* calls of it */
	uint64_t count;	       /* sequences made */
	uint64_t checked;      /* of these, in the digest: the first ones */
	uint64_t digest;       /* of their answers */
};

/* oracle_mix() - A number that depends on both; never 0. */
uint64_t oracle_mix(uint64_t a, uint64_t b);

/**
 * oracle_series_run() - Make sequences until the calls are made.
 *
 * The world is empty before each, and is made so after it. Return: false when
 * something was wrong: o->wrong, and where in @s.
 */
bool oracle_series_run(struct oracle *o, struct oracle_series *s);
