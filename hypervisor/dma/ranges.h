/* SPDX-License-Identifier: MIT */
/*
 * A domain's allocator of logical addresses: the buddy structure with what may
 * never be handed out (page 0, the interrupt window, reserved regions)
 * withheld. Contract 2.4, section 5 Q5, Q12-Q14. The guest's lock guards it.
 */
#pragma once

#include "dma/domain.h"

#include <sluice/dma_map.h>

struct dma_bounds {
	uint32_t has; /* SLUICE_HAS_* */
	uint64_t min;
	uint64_t max;
};

/**
 * dma_ranges_start() - Give a new domain its allocator.
 * @width_bits: checked by the caller; .regions of the domain are filled in
 * Return: 0, -XEN_ENOMEM with nothing held.
 */
int dma_ranges_start(struct dma_guest *dg, struct dma_domain *dma,
		     unsigned width_bits) __must_check;

/**
 * dma_range_take() - A free range inside bounds.
 * Return: SUCCESS; INVALID_PARAMETER_MIX bounds given and not satisfied;
 * INSUFFICIENT_RESOURCES no free range at all, or no memory.
 */
NTSTATUS dma_range_take(struct dma_domain *dma, uint64_t pages,
			struct dma_bounds bounds, uint64_t *start);

/**
 * dma_ranges_withhold() - Take exactly @at from the allocator, if there is one.
 *
 * What the owner keeps as a hole is withheld already and is left so.
 * Return: 0; -XEN_ENOSPC part of it is taken; -XEN_ENOMEM; nothing has changed
 * after an error.
 */
int dma_ranges_withhold(struct dma_domain *dma, struct range at) __must_check;

/* dma_ranges_return() - The reverse. Cannot fail. */
void dma_ranges_return(struct dma_domain *dma, struct range at);

/* dma_ranges_hold() - One live range holds all of [start, + pages). */
bool dma_ranges_hold(const struct dma_domain *dma, uint64_t start,
		     uint64_t pages);

/* Sub-ops. */
NTSTATUS dma_allocate_range(struct guest *g, struct sluice_allocate_range *a);
NTSTATUS dma_free_range(struct guest *g, const struct sluice_range_ref *a);
