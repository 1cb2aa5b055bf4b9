/* SPDX-License-Identifier: MIT */
/* Bits and bit fields of hardware words, each proven by the line below it. */
#pragma once

#include "lib/compiler.h"

#define BIT(n) (UINT64_C(1) << (n))
static_assert(BIT(63) == 0x8000000000000000, "top bit");

#define GENMASK(high, low)                                                     \
	((~UINT64_C(0) >> (63 - (high))) & (~UINT64_C(0) << (low)))
static_assert(GENMASK(3, 1) == 0xe, "inclusive on both ends");

#define field_prep(mask, value)                                                \
	(((uint64_t)(value) * ((mask) & -(mask))) & (mask))
static_assert(field_prep(GENMASK(11, 9), 3) == 0x600, "insert");

#define field_get(mask, word) (((uint64_t)(word) & (mask)) / ((mask) & -(mask)))
static_assert(field_get(GENMASK(11, 9), 0xfff) == 7, "extract");

/* align_up() - @x rounded up to a multiple of the power of two @a; may wrap. */
#define align_up(x, a)	 (((x) + ((a)-1)) & ~((__typeof__(x))(a)-1))
#define align_down(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define is_aligned(x, a) (((x) & ((a)-1)) == 0)
static_assert(align_up(4097u, 4096u) == 8192u, "up");
static_assert(align_down(8191u, 4096u) == 4096u, "down");
