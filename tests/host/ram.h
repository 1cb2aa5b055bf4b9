/* SPDX-License-Identifier: MIT */
/* The arena, for the machine and the page wrappers alone. */
#pragma once

#include "lib/addr.h"

/* ram_create() - The first @junk_bytes start as junk, the rest as zero. */
void ram_create(uint64_t bytes, uint64_t junk_bytes);
void ram_destroy(void);

/* ram_page_freed() - @page is nobody's from now on. */
void ram_page_freed(hpa_t page);
