/* SPDX-License-Identifier: MIT */
/* Cache write-back for table walkers that do not snoop. */
#pragma once

#include "lib/compiler.h"

#define CACHE_LINE_BYTES 64u

/**
 * cache_clean() - Make stores visible to a walker that does not snoop caches.
 * @start: first byte
 * @bytes: length; every line that the range touches is written back
 *
 * Completes before it returns (one fence for the whole range).
 */
static inline void cache_clean(const void *start, size_t bytes)
{
	uintptr_t line = (uintptr_t)start & ~(uintptr_t)(CACHE_LINE_BYTES - 1);

	for (; line < (uintptr_t)start + bytes; line += CACHE_LINE_BYTES) {
		__asm__ volatile("clflush (%0)" ::"r"(line) : "memory");
	}
	__asm__ volatile("mfence" ::: "memory");
}
