/* SPDX-License-Identifier: MIT */
/*
 * Ranges of addresses: start and length, never wrapping.
 *
 * A range that would end beyond 2^64 - 1 cannot be made: range_is_valid() is
 * asked first, once, and the rest of the code relies on it.
 */
#pragma once

#include "lib/compiler.h"

struct range {
	uint64_t start;
	uint64_t bytes;
};

/* range_is_valid() - True when [start, start + bytes) is not empty nor wraps.
 */
static inline bool range_is_valid(uint64_t start, uint64_t bytes)
{
	return bytes != 0 && start <= UINT64_MAX - (bytes - 1);
}

/* range_last() - Last address inside, inclusive, so that it never wraps. */
static inline uint64_t range_last(struct range r)
{
	return r.start + (r.bytes - 1);
}

static inline bool range_overlaps(struct range a, struct range b)
{
	return a.bytes != 0 && b.bytes != 0 && a.start <= range_last(b) &&
	       b.start <= range_last(a);
}

/* range_contains() - True when every byte of @inner lies in @outer. */
static inline bool range_contains(struct range outer, struct range inner)
{
	return outer.bytes != 0 && inner.bytes != 0 &&
	       outer.start <= inner.start &&
	       range_last(inner) <= range_last(outer);
}
