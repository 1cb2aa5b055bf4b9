/* SPDX-License-Identifier: MIT */
/*
 * Reserved regions of a domain: ranges its owner can neither map, unmap nor
 * lose until the domain goes. Some are identity-mapped (firmware's windows),
 * the others are holes. Contract 2.4, section 5 Q8-Q10.
 */
#pragma once

#include "guest/p2m.h"
#include "lib/range.h"

#include <sluice/dma.h>

/* DMA writes here are interrupts, on either vendor's units: never memory. */
#define DMA_INTERRUPT_WINDOW                                                   \
	((struct range){.start = 0xfee00000u, .bytes = 0x100000u})

/*
 * Pages that the should_map regions of one domain may have together. Bounds
 * the time that a create call keeps a CPU; firmware's windows are far smaller.
 */
#define DMA_REGION_PAGES_MAX 16384u

struct dma_region {
	struct range at;
	bool should_map;
};

/* Ascending, never overlapping. */
struct dma_regions {
	uint32_t count;
	struct dma_region region[SLUICE_REGIONS_MAX];
};

/**
 * dma_regions_decode() - Check a caller's list and bring it in order.
 * @list, @count: hypervisor's copy, at most SLUICE_REGIONS_MAX
 * @width_bits:   logical addresses are below 1 << this
 * @p2m:          the caller's memory
 *
 * Overlapping regions of one kind are merged.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER_4 as sluice_create_domain
 * says.
 */
NTSTATUS dma_regions_decode(const struct sluice_reserved_region *list,
			    uint32_t count, unsigned width_bits,
			    struct p2m *p2m, struct dma_regions *regions);

/* dma_regions_overlap() - True when a reserved region touches @at. */
bool dma_regions_overlap(const struct dma_regions *regions, struct range at);

/**
 * dma_regions_map() - Identity-map the should_map regions, read and write.
 * @pt: a table that no unit walks yet
 * Return: 0; -XEN_EINVAL a page is no RAM; -XEN_ENOMEM quota, pool, or more
 * than DMA_REGION_PAGES_MAX pages. After an error the table is to be destroyed.
 */
int dma_regions_map(const struct dma_regions *regions, struct p2m *p2m,
		    struct pt *pt) __must_check;
