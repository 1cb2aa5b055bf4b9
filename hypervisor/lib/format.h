/* SPDX-License-Identifier: MIT */
/* The subset of printf that the log needs. */
#pragma once

#include "lib/compiler.h"

#include <stdarg.h>

/**
 * format_text() - Print into a buffer.
 * @out:   receives at most @bytes - 1 characters and a terminator
 * @bytes: size of @out, at least 1
 * @fmt:   %d %u %x with optional l or ll, zero flag and width; %p %s %c %%
 *
 * Return: characters written, terminator not counted; never more than fit.
 */
size_t format_text(char *out, size_t bytes, const char *fmt, ...)
	__printf_like(3, 4);
size_t format_args(char *out, size_t bytes, const char *fmt, va_list args);
