/* SPDX-License-Identifier: MIT */
/* Sixteen bytes at once, for table entries that hardware reads meanwhile. */
#pragma once

#include "lib/compiler.h"

/* Two words that are stored together. */
struct __aligned_to(16) pair128
{
	uint64_t low;
	uint64_t high;
};

/**
 * store128() - Replace both words by one access.
 * @to: aligned to 16 bytes; nobody else stores to it meanwhile
 *
 * No observer, CPU or device, sees a mixture of old and new. General registers
 * have no 16-byte store; the locked compare-and-exchange is one, and every CPU
 * with SVM has it (AMD APM vol. 3, CMPXCHG16B; vol. 2, 7.3.2 on atomicity). It
 * also orders all other accesses.
 */
static inline void store128(struct pair128 *to, struct pair128 value)
{
	uint64_t low = read_once(to->low);
	uint64_t high = read_once(to->high);

	__asm__ volatile("1: lock cmpxchg16b %0\n\t"
			 "jnz 1b"
			 : "+m"(*to), "+a"(low), "+d"(high)
			 : "b"(value.low), "c"(value.high)
			 : "memory", "cc");
}
