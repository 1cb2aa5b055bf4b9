// SPDX-License-Identifier: MIT
/* A bounded printf: a cursor that stops at the end of its buffer. */
#include "lib/format.h"

struct cursor {
	char *out;
	size_t used;
	size_t size;
};

struct spec {
	unsigned width;
	char pad;
	int longs;
};

static void put(struct cursor *c, char ch)
{
	if (c->used + 1 < c->size) {
		c->out[c->used++] = ch;
	}
}

static void put_text(struct cursor *c, const char *s, struct spec spec)
{
	size_t n = 0;

	if (s == NULL) {
		s = "(null)";
	}
	for (; s[n] != '\0'; n++) {
		put(c, s[n]);
	}
	for (; n < spec.width; n++) {
		put(c, ' ');
	}
}

static void put_number(struct cursor *c, uint64_t value, unsigned base,
		       bool negative, struct spec spec)
{
	char digits[24];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	if (negative) {
		digits[n++] = '-';
	}
	for (unsigned i = n; i < spec.width; i++) {
		put(c, spec.pad);
	}
	while (n > 0) {
		put(c, digits[--n]);
	}
}

static void put_signed(struct cursor *c, int64_t value, struct spec spec)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	put_number(c, magnitude, 10, value < 0, spec);
}

static const char *parse_spec(const char *p, struct spec *spec)
{
	*spec = (struct spec){0, ' ', 0};
	if (*p == '0') {
		spec->pad = '0';
		p++;
	}
	while (*p >= '0' && *p <= '9') {
		spec->width = spec->width * 10 + (unsigned)(*p++ - '0');
	}
	while (*p == 'l') {
		spec->longs++;
		p++;
	}
	return p;
}

static void put_argument(struct cursor *c, char kind, struct spec spec,
			 va_list *args)
{
	switch (kind) {
	case 'd':
		put_signed(c,
			   spec.longs ? va_arg(*args, int64_t)
				      : va_arg(*args, int32_t),
			   spec);
		break;
	case 'u':
	case 'x':
		put_number(c,
			   spec.longs ? va_arg(*args, uint64_t)
				      : va_arg(*args, uint32_t),
			   kind == 'x' ? 16 : 10, false, spec);
		break;
	case 'p':
		put_number(c, (uintptr_t)va_arg(*args, void *), 16, false,
			   spec);
		break;
	case 's':
		put_text(c, va_arg(*args, const char *), spec);
		break;
	case 'c':
		put(c, (char)va_arg(*args, int));
		break;
	default:
		put(c, kind);
		break;
	}
}

size_t format_args(char *out, size_t bytes, const char *fmt, va_list args)
{
	struct cursor c = {out, 0, bytes};
	va_list copy;

	va_copy(copy, args);
	for (const char *p = fmt; *p != '\0'; p++) {
		struct spec spec;

		if (*p != '%') {
			put(&c, *p);
			continue;
		}
		p = parse_spec(p + 1, &spec);
		if (*p == '\0') {
			break;
		}
		put_argument(&c, *p, spec, &copy);
	}
	va_end(copy);
	out[c.used] = '\0';
	return c.used;
}

size_t format_text(char *out, size_t bytes, const char *fmt, ...)
{
	va_list args;
	size_t used;

	va_start(args, fmt);
	used = format_args(out, bytes, fmt, args);
	va_end(args);
	return used;
}
