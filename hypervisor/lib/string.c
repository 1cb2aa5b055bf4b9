// SPDX-License-Identifier: MIT
/*
 * Memory and string primitives for a program without a C library. Plain loops:
 * the few large copies (guest pages) go through `rep movsb`-free C on purpose,
 * so that this rank stays free of assembly.
 */
#include "lib/string.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	if ((((uintptr_t)d | (uintptr_t)s) & 7) == 0) {
		for (; bytes >= 8; bytes -= 8, d += 8, s += 8) {
			*(uint64_t *)(void *)d =
				*(const uint64_t *)(const void *)s;
		}
	}
	while (bytes-- > 0) {
		*d++ = *s++;
	}
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	if (d <= s) {
		return memcpy(to, from, bytes);
	}
	while (bytes-- > 0) {
		d[bytes] = s[bytes];
	}
	return to;
}

void *memset(void *to, int byte, size_t bytes)
{
	unsigned char *d = to;
	uint64_t word = (unsigned char)byte * UINT64_C(0x0101010101010101);

	if (((uintptr_t)d & 7) == 0) {
		for (; bytes >= 8; bytes -= 8, d += 8) {
			*(uint64_t *)(void *)d = word;
		}
	}
	while (bytes-- > 0) {
		*d++ = (unsigned char)byte;
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const unsigned char *x = a;
	const unsigned char *y = b;

	for (size_t i = 0; i < bytes; i++) {
		if (x[i] != y[i]) {
			return x[i] - y[i];
		}
	}
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0') {
		n++;
	}
	return n;
}

int strncmp(const char *a, const char *b, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (a[i] != b[i] || a[i] == '\0') {
			return (unsigned char)a[i] - (unsigned char)b[i];
		}
	}
	return 0;
}
