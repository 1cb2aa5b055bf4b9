/* SPDX-License-Identifier: MIT */
/* An amd64 guest's own page tables (entry.S), page by page where needed. */
#pragma once

#include <stdint.h>

#define PAGING_PRESENT 0x1u
#define PAGING_WRITE   0x2u

/**
 * paging_set() - Give one 4 KiB page of the first 4 GiB other rights.
 * @linear: the page
 * @target: guest-physical address that it shows from now on
 * @rights: PAGING_*; 0: nothing is mapped there
 *
 * Splits one 2 MiB page at first use; all pages must lie in the same one.
 */
void paging_set(uint32_t linear, uint64_t target, uint32_t rights);
