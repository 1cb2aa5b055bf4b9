/* SPDX-License-Identifier: MIT */
/*
 * A cursor over bytes that somebody else wrote: it never reads past the end.
 *
 * A read beyond the end gives 0 and marks the cursor; the mark stays, so one
 * look at the end of a structure is enough.
 */
#pragma once

#include "lib/compiler.h"

struct bytes {
	const uint8_t *start;
	uint32_t size;	 /* bytes in all                                      */
	uint32_t offset; /* next byte to read                                 */
	uint32_t base;	 /* offset of start in the whole table, for messages  */
	bool is_short;	 /* a read went beyond the end                        */
};

static inline uint32_t bytes_left(const struct bytes *b)
{
	return b->size - b->offset;
}

/* bytes_where() - Offset of the next byte in the whole table. */
static inline uint32_t bytes_where(const struct bytes *b)
{
	return b->base + b->offset;
}

/* bytes_skip() - Pass over @count bytes, or mark the cursor short. */
static inline void bytes_skip(struct bytes *b, uint32_t count)
{
	if (count > bytes_left(b)) {
		b->is_short = true;
		b->offset = b->size;
		return;
	}
	b->offset += count;
}

/* bytes_get() - A little-endian number of @count bytes, 1 to 8. */
static inline uint64_t bytes_get(struct bytes *b, uint32_t count)
{
	uint32_t at = b->offset;
	uint64_t value = 0;

	bytes_skip(b, count);
	if (b->is_short) {
		return 0;
	}
	while (count > 0) {
		count--;
		value = value << 8 | b->start[at + count];
	}
	return value;
}

/* bytes_take() - A cursor over the next @count bytes, which are passed. */
static inline struct bytes bytes_take(struct bytes *b, uint32_t count)
{
	struct bytes part = {
		.start = b->start + b->offset,
		.size = count,
		.base = bytes_where(b),
	};

	bytes_skip(b, count);
	if (b->is_short) {
		part.size = 0;
		part.is_short = true;
	}
	return part;
}
