/* SPDX-License-Identifier: MIT */
/*
 * The pool of ASIDs: what the units call domain ids and tag cached
 * translations with. One pool for the machine, sized by its narrowest unit.
 */
#pragma once

#include "lib/compiler.h"

/* No id: given out by nobody, used by no domain. */
#define ASID_NONE 0u

/**
 * dma_asid_start() - Make ids 1..@count - 1 free; forgets what was there.
 * @count: ids that every unit knows, at most 65536 are used; 0 = no unit
 */
void dma_asid_start(uint32_t count);

/* dma_asid_alloc() - The lowest free id, or ASID_NONE when there is none. */
uint16_t dma_asid_alloc(void) __must_check;

/**
 * dma_asid_free() - Give an id back; the next dma_asid_alloc() may return it.
 *
 * The caller has seen a flush of @asid complete on every unit that may have
 * cached something under it. An id whose flush failed is never freed.
 */
void dma_asid_free(uint16_t asid);
