/* SPDX-License-Identifier: MIT */
/*
 * Machine addresses as pointers. The hypervisor maps all RAM one to one; the
 * user-space build maps an arena.
 */
#pragma once

#include "lib/addr.h"

/* physmap_ptr() - Pointer to RAM at @hpa. */
static inline void *physmap_ptr(hpa_t hpa)
{
	return (void *)(uintptr_t)hpa.addr;
}

/* physmap_hpa() - Machine address of hypervisor or RAM pointer @ptr. */
static inline hpa_t physmap_hpa(const void *ptr)
{
	return to_hpa((uintptr_t)ptr);
}

/*
 * physmap_covers() - Can all of [hpa, +bytes) be read through physmap_ptr()?
 * For addresses that the firmware names: everything below 4 GiB is mapped,
 * above it RAM alone, where no firmware puts its tables.
 */
static inline bool physmap_covers(hpa_t hpa, uint64_t bytes)
{
	uint64_t limit = UINT64_C(1) << 32;

	return hpa.addr < limit && bytes <= limit - hpa.addr;
}
