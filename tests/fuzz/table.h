/* SPDX-License-Identifier: MIT */
/* What the fuzzers of the IOMMUs' firmware tables have in common. */
#pragma once

#include "lib/error.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_HEADER_BYTES 48u
#define TABLE_MAX_BYTES	   4096u

/* fuzz_is_understood() - False: refused, as a parser may; else abort(). */
static inline bool fuzz_is_understood(int result, const char *reason)
{
	if (result == 0) {
		return true;
	}
	if ((result != -XEN_EINVAL && result != -XEN_EOPNOTSUPP &&
	     result != -XEN_ENOENT) ||
	    reason == NULL) {
		abort();
	}
	return false;
}

/* fuzz_table() - @parse the bytes as they are, then under a sound header. */
static inline void
fuzz_table(const uint8_t *data, size_t size, const char *signature,
	   void (*parse)(const uint8_t *table, uint32_t size))
{
	uint8_t *copy;

	if (size > TABLE_MAX_BYTES) {
		return;
	}
	/* Exactly as long as it says, so that a byte too many shows. */
	copy = malloc(size ? size : 1);
	if (copy == NULL) {
		return;
	}
	memcpy(copy, data, size);
	parse(copy, (uint32_t)size);
	if (size >= TABLE_HEADER_BYTES) {
		/* Past the length check, where the structures are. */
		memcpy(copy, signature, 4);
		copy[4] = (uint8_t)size;
		copy[5] = (uint8_t)(size >> 8);
		copy[6] = copy[7] = 0;
		parse(copy, (uint32_t)size);
	}
	free(copy);
}
