/* SPDX-License-Identifier: MIT */
/*
 * The user-space build's cache: what was stored and not cleaned stays unseen by
 * a unit whose walks do not snoop (tests/host/machine.c keeps a second RAM).
 */
#pragma once

#include "lib/compiler.h"

#define CACHE_LINE_BYTES 64u

/* cache_clean() - Copy every 64-byte line that the range touches. */
void cache_clean(const void *start, size_t bytes);
