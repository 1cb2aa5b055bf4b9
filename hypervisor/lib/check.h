/* SPDX-License-Identifier: MIT */
/*
 * CHECK and BUG: our own invariants, never a guest's input.
 *
 * The body is supplied by base/panic.c, or by the test that links this code.
 */
#pragma once

#include "lib/compiler.h"

void panic(const char *fmt, ...) __noreturn __printf_like(1, 2);

#define CHECK(condition)                                                       \
	do {                                                                   \
		if (!(condition)) {                                            \
			panic("%s:%d: not true: %s", __FILE__, __LINE__,       \
			      #condition);                                     \
		}                                                              \
	} while (0)

#define BUG(reason) panic("%s:%d: %s", __FILE__, __LINE__, reason)
