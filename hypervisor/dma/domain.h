/* SPDX-License-Identifier: MIT */
/*
 * A DMA domain: type, ASID, table, reserved regions. One page each, charged to
 * its guest. Found by handle in its guest's own table, under the guest's lock.
 *
 *   Translate    own second-stage table, own ASID
 *   TranslateS1  own first-stage table, own ASID
 *   PassThrough  the guest's shared table and ASID (dma/passthrough.h)
 *   Unmanaged    own ASID; where units can nest, the caller's table over the
 *                guest's shared one (dma/configure.h), else it stays blocked
 */
#pragma once

#include "dma/buddy.h"
#include "dma/dma_guest.h"
#include "iommu/unit.h"

#include <sluice/dma_iommu_types.h>

struct dma_domain {
	/* Fixed at creation. */
	IOMMU_DMA_DOMAIN_TYPE type;
	uint16_t asid; /* ASID_NONE for PassThrough                          */
	hpa_t page;    /* where this structure lives                         */
	uint64_t handle;
	struct dma_regions regions;

	/* Protected by the guest's lock. */
	struct dma_firmware firmware; /* regions of devices attached        */
	bool has_allocator; /* .buddy hands out logical addresses             */
	struct buddy buddy;
	struct pt pt;	       /* Translate, TranslateS1                     */
	uint64_t mapped_pages; /* by map, regions not counted                */
	uint32_t device_count; /* devices and sub-devices attached            */
	struct iommu_nest nest; /* Unmanaged, once is_configured              */
	bool is_configured;
	bool was_attached; /* a unit may have cached something under asid    */
	bool owes_flush;   /* a flush failed: something stale may be cached  */
};

static_assert(sizeof(struct dma_domain) <= PAGE_BYTES, "one page a domain");

/* dma_domain_find() - By handle, the guest's lock held. NULL: not its own. */
struct dma_domain *dma_domain_find(const struct dma_guest *dg, uint64_t handle);

/* dma_domain_asid() - The id that units know the domain's devices by. */
uint16_t dma_domain_asid(const struct dma_guest *dg,
			 const struct dma_domain *dma);

/* dma_domain_pt() - The table that its devices walk, NULL for Unmanaged. */
struct pt *dma_domain_pt(struct dma_guest *dg, struct dma_domain *dma);

/* dma_domain_note_attach() - A unit is about to learn of the domain. */
void dma_domain_note_attach(struct dma_guest *dg, struct dma_domain *dma);

/**
 * dma_domain_destroy() - Flush, then free tables, id, handle and page.
 *
 * The guest's lock is held; no device is attached. Return: 0; -XEN_EIO a unit
 * did not confirm: the domain lives on, whole.
 */
int dma_domain_destroy(struct dma_guest *dg,
		       struct dma_domain *dma) __must_check;
