/* SPDX-License-Identifier: MIT */
/* The user-space build's 16-byte store: under the lock of all hardware. */
#pragma once

#include "lib/compiler.h"

struct __aligned_to(16) pair128
{
	uint64_t low;
	uint64_t high;
};

/* store128() - Replace both words while no fake device looks (ram.c). */
void store128(struct pair128 *to, struct pair128 value);
