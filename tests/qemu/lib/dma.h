/* SPDX-License-Identifier: MIT */
/* A guest's domain by plain hypercalls; each call is a step of the report. */
#pragma once

#include <stdint.h>

/* dma_open() - CreateDomain. @type: DomainType*. Return: its handle. */
uint64_t dma_open(uint32_t type);

/* dma_token() - CreateDevice. @sbdf: in the guest's own view */
uint64_t dma_token(uint32_t sbdf);

void dma_attach(uint64_t domain, uint64_t token);
void dma_detach(uint64_t token);

/* dma_map(), dma_unmap() - One page. @permissions: IOMMU_ACCESS_* */
void dma_map(uint64_t domain, uint64_t base, uint64_t logical,
	     uint32_t permissions);
void dma_unmap(uint64_t domain, uint64_t logical);
