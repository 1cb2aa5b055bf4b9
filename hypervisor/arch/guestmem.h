/* SPDX-License-Identifier: MIT */
/*
 * Bytes of guest memory, which the guest may change at any moment.
 *
 * A seam of its own, so that the user-space build can report a second read of
 * the same byte within one hypercall. Neither crosses a page border.
 */
#pragma once

#include "arch/physmap.h"
#include "lib/string.h"

static inline void guestmem_read(void *to, hpa_t from, size_t bytes)
{
	memcpy(to, physmap_ptr(from), bytes);
}

static inline void guestmem_write(hpa_t to, const void *from, size_t bytes)
{
	memcpy(physmap_ptr(to), from, bytes);
}
