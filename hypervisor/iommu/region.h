/* SPDX-License-Identifier: MIT */
/*
 * Memory that the firmware keeps for devices' DMA, as its tables tell (RMRR,
 * IVMD), and for which requesters. What is told is not judged here: the service
 * does that (dma/firmware.h). Filled at start-up, then only read.
 */
#pragma once

#include "lib/range.h"
#include "pt/pt.h"

#define IOMMU_REGIONS_MAX      32u
#define IOMMU_REGION_NAMES_MAX 96u

struct iommu_region {
	struct range at; /* machine address, whole pages                     */
	unsigned rights; /* PT_READ, PT_WRITE                                */
};

/**
 * iommu_add_region() - A range for requesters @first..@last of a segment.
 *
 * The same range with the same rights is one region, whoever names it.
 * Return: 0; -XEN_ENOSPC more regions, or more names, than fit.
 */
int iommu_add_region(struct iommu_region region, uint16_t segment,
		     uint16_t first, uint16_t last) __must_check;

unsigned iommu_region_count(void);
const struct iommu_region *iommu_region_at(unsigned n);

/* iommu_region_is_for() - Does the firmware keep the n-th for @sbdf? */
bool iommu_region_is_for(unsigned n, uint32_t sbdf);

/* iommu_region_reset() - Forget all; for the tests' next machine. */
void iommu_region_reset(void);
