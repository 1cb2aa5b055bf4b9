/* SPDX-License-Identifier: MIT */
/*
 * A guest's PassThrough table: its RAM at its guest-physical addresses, no
 * more. All PassThrough domains of the guest share the table and one ASID; both
 * exist while somebody uses them.
 */
#pragma once

#include "dma/dma_guest.h"

/**
 * dma_passthrough_get() - One more user; the first builds the table.
 *
 * The guest's lock is held. The guest's memory map is frozen, so the table
 * stays true. Return: 0; -XEN_ENOSPC no ASID; -XEN_ENOMEM no page; -XEN_EINVAL
 * the guest has memory that a unit cannot address.
 */
int dma_passthrough_get(struct dma_guest *dg) __must_check;

/**
 * dma_passthrough_put() - One user less; the last one flushes, then frees.
 *
 * The guest's lock is held. Return: 0; -XEN_EIO a unit did not confirm: the
 * user stays and nothing is freed.
 */
int dma_passthrough_put(struct dma_guest *dg) __must_check;
