/* SPDX-License-Identifier: MIT */
/*
 * The memory functions that a compiler may call in freestanding code: words,
 * then bytes, since an emulator pays for each step.
 */
#include <stddef.h>
#include <stdint.h>

/* Of any alignment, and an alias of anything. */
typedef unsigned long __attribute__((may_alias, aligned(1))) word;

void *memset(void *target, int value, size_t bytes);
void *memcpy(void *target, const void *source, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);

void *memset(void *target, int value, size_t bytes)
{
	const word words = (uint8_t)value * (~(word)0 / 255);
	uint8_t *at = target;

	for (; bytes >= sizeof(word); bytes -= sizeof(word)) {
		*(word *)at = words;
		at += sizeof(word);
		/* Keeps the loop from becoming a call of itself. */
		__asm__ volatile("" ::: "memory");
	}
	while (bytes-- != 0) {
		*at++ = (uint8_t)value;
		__asm__ volatile("" ::: "memory");
	}
	return target;
}

void *memcpy(void *target, const void *source, size_t bytes)
{
	uint8_t *at = target;
	const uint8_t *from = source;

	for (; bytes >= sizeof(word); bytes -= sizeof(word)) {
		*(word *)at = *(const word *)from;
		at += sizeof(word);
		from += sizeof(word);
		__asm__ volatile("" ::: "memory");
	}
	while (bytes-- != 0) {
		*at++ = *from++;
		__asm__ volatile("" ::: "memory");
	}
	return target;
}

int memcmp(const void *left, const void *right, size_t bytes)
{
	const uint8_t *l = left, *r = right;

	for (; bytes != 0; bytes--, l++, r++) {
		if (*l != *r) {
			return *l < *r ? -1 : 1;
		}
	}
	return 0;
}
