/* SPDX-License-Identifier: MIT */
/*
 * What the model asks of a C library: pieces of memory of one size, a message
 * in a buffer, an end.
 */
#include "lib/report.h"
#include "model_types.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define PIECES 1024u

/* The model allocates chunks of pages alone. */
static union piece {
	union piece *next;
	struct model_chunk chunk;
} pieces[PIECES], *first_free;
static unsigned pieces_used;

void *calloc(size_t count, size_t bytes)
{
	union piece *p = first_free;

	if (count != 1 || bytes > sizeof(*p)) {
		return NULL;
	}
	if (p != NULL) {
		first_free = p->next;
	} else if (pieces_used < PIECES) {
		p = &pieces[pieces_used++];
	} else {
		return NULL;
	}
	__builtin_memset(p, 0, bytes);
	return p;
}

void free(void *memory)
{
	union piece *p = memory;

	if (p != NULL) {
		p->next = first_free;
		first_free = p;
	}
}

_Noreturn void abort(void)
{
	report_end(REPORT_TRAPPED);
}

/* ---- messages ---- */

struct message {
	char *at;
	size_t left; /* the end's zero excluded */
};

static void put(struct message *m, char c)
{
	if (m->left > 0) {
		*m->at++ = c;
		m->left--;
	}
}

static void put_number(struct message *m, uint64_t value, unsigned base,
		       unsigned width)
{
	char digits[20];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	for (; width > n; width--) {
		put(m, '0');
	}
	while (n > 0) {
		put(m, digits[--n]);
	}
}

static void put_signed(struct message *m, int64_t value)
{
	if (value < 0) {
		put(m, '-');
	}
	put_number(m, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, 0);
}

/* The conversions of oracle_wrong(): %s, %u %x %d with l or z, %0Nx. */
static const char *convert(struct message *m, const char *f, va_list *args)
{
	unsigned width = 0;
	bool is_long;
	uint64_t value;

	for (; *f >= '0' && *f <= '9'; f++) {
		width = width * 10 + (unsigned)(*f - '0');
	}
	is_long = *f == 'l' || *f == 'z';
	f += is_long;
	if (*f == 's') {
		const char *text = va_arg(*args, const char *);

		while (*text != '\0') {
			put(m, *text++);
		}
		return f + 1;
	}
	if (*f == 'd') {
		put_signed(m,
			   is_long ? va_arg(*args, long) : va_arg(*args, int));
		return f + 1;
	}
	value = is_long ? va_arg(*args, unsigned long)
			: va_arg(*args, unsigned);
	put_number(m, value, *f == 'x' ? 16 : 10, width);
	return f + 1;
}

int vsnprintf(char *to, size_t bytes, const char *format, va_list args)
{
	struct message m = {to, bytes - 1};
	va_list rest;

	va_copy(rest, args);
	while (*format != '\0') {
		if (*format == '%') {
			format = convert(&m, format + 1, &rest);
		} else {
			put(&m, *format++);
		}
	}
	va_end(rest);
	*m.at = '\0';
	return (int)(m.at - to);
}
