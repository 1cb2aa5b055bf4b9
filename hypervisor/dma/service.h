/* SPDX-License-Identifier: MIT */
/*
 * What is true of the whole service once it has started: whether there is an
 * interface, how wide and deep its tables are. Written by dma_start() before
 * any guest runs, only read after it, so no lock guards it.
 */
#pragma once

#include "iommu/unit.h"

/* dma_service_is_present() - True when domains can be created. */
bool dma_service_is_present(void);

/* dma_service_limits() - The narrowest over all units. */
const struct iommu_limits *dma_service_limits(void);

/* dma_service_leaf_level() - Highest level for a leaf of an identity table. */
unsigned dma_service_leaf_level(void);

/* dma_service_last_address() - The highest logical address, inclusive. */
uint64_t dma_service_last_address(void);
