/* SPDX-License-Identifier: MIT */
/* The memory functions that a compiler may call in freestanding code. */
#include <stddef.h>
#include <stdint.h>

void *memset(void *target, int value, size_t bytes);
void *memcpy(void *target, const void *source, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);

void *memset(void *target, int value, size_t bytes)
{
	uint8_t *at = target;

	while (bytes-- != 0) {
		*at++ = (uint8_t)value;
		/* Keeps the loop from becoming a call of itself. */
		__asm__ volatile("" ::: "memory");
	}
	return target;
}

void *memcpy(void *target, const void *source, size_t bytes)
{
	uint8_t *at = target;
	const uint8_t *from = source;

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
