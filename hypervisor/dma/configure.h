/* SPDX-License-Identifier: MIT */
/*
 * Where a domain's DMA goes, and the tables that callers own: an Unmanaged
 * domain's Arm64 table translates first, the guest's shared table
 * (dma/passthrough.h) second, so that whatever the caller writes there leads
 * into its own memory or nowhere. Contract 2.9, 3.6, section 5 Q23-Q27.
 */
#pragma once

#include "dma/domain.h"
#include "guest/linear.h"

#include <sluice/dma_device.h>

/**
 * dma_domain_target() - What a unit is to be told about a domain's devices.
 *
 * The guest's lock is held. Return: false: they stay blocked, for an Unmanaged
 * domain has no table yet, or policy withholds untranslated DMA.
 */
bool dma_domain_target(struct dma_guest *dg, struct dma_domain *dma,
		       struct iommu_target *target) __must_check;

/* dma_domain_is_identity() - Its devices emit guest-physical addresses. */
bool dma_domain_is_identity(const struct dma_domain *dma);

/* dma_domain_is_allowed() - Policy lets devices attach to it now. */
bool dma_domain_is_allowed(const struct guest *g, const struct dma_domain *dma);

/* Sub-ops. */
NTSTATUS dma_configure_domain(struct guest *g,
			      const struct sluice_configure *a);
NTSTATUS dma_flush_domain(struct guest *g, uint64_t domain);
NTSTATUS dma_flush_list(const struct guest_caller *c,
			const struct sluice_flush_list *a);
