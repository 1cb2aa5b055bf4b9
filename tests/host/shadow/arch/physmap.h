/* SPDX-License-Identifier: MIT */
/*
 * The user-space build's RAM: an arena at fake machine addresses. An address
 * outside it, or a pointer that is none of its, fails the test and names the
 * line that asked.
 */
#pragma once

#include "lib/addr.h"

void *machine_ram(uint64_t hpa, size_t bytes);
void *machine_pointer(hpa_t hpa, const char *file, int line);
hpa_t machine_address(const void *ptr, const char *file, int line);

#define physmap_ptr(hpa) machine_pointer((hpa), __FILE__, __LINE__)
#define physmap_hpa(ptr) machine_address((ptr), __FILE__, __LINE__)

static inline bool physmap_covers(hpa_t hpa, uint64_t bytes)
{
	return machine_ram(hpa.addr, (size_t)bytes) != NULL;
}
