// SPDX-License-Identifier: MIT
/*
 * A translated domain's table: tables first, leaves next; and backwards: clear,
 * flush, wait, only then free. The guest's lock is held throughout.
 */
#include "dma/translated.h"

#include "base/log.h"
#include "dma/service.h"
#include "dma/token.h"
#include "lib/check.h"

#define LARGE_LEVEL 1u
#define LARGE_PAGES (UINT64_C(1) << 9)

struct dma_domain *dma_find_translated(struct dma_guest *dg, uint64_t handle)
{
	struct dma_domain *dma = dma_domain_find(dg, handle);

	if (dma == NULL || (dma->type != DomainTypeTranslate &&
			    dma->type != DomainTypeTranslateS1)) {
		return NULL;
	}
	return dma;
}

bool dma_is_withheld(const struct dma_domain *dma, struct range at)
{
	return dma_regions_overlap(&dma->regions, at) ||
	       dma_firmware_overlaps(&dma->firmware, at);
}

bool dma_is_free(const struct dma_guest *dg, const struct dma_domain *dma,
		 uint64_t start, uint64_t pages)
{
	struct range at = {start, pages << PAGE_SHIFT};

	return !range_overlaps(at, DMA_INTERRUPT_WINDOW) &&
	       !dma_regions_overlap(&dma->regions, at) &&
	       !dma_tokens_overlap(dg, dma, at) &&
	       pt_is_empty(&dma->pt, start, pages);
}

bool dma_settle_flush(struct dma_domain *dma)
{
	if (dma->owes_flush && iommu_flush_domain(dma->asid) != 0) {
		return false;
	}
	dma->owes_flush = false;
	return true;
}

/*
 * True when the pages are one large leaf's: as many, aligned on both sides,
 * contiguous. More than that cannot be in one call.
 */
static bool is_large(const hpa_t *page, uint64_t start, uint64_t pages)
{
	uint64_t mask = (LARGE_PAGES << PAGE_SHIFT) - 1;

	if (pages != LARGE_PAGES || ((start | page[0].addr) & mask) != 0 ||
	    dma_service_limits()->leaf_levels <= LARGE_LEVEL) {
		return false;
	}
	for (uint64_t i = 1; i < pages; i++) {
		if (page[i].addr != page[0].addr + (i << PAGE_SHIFT)) {
			return false;
		}
	}
	return true;
}

static int set_leaves(struct dma_domain *dma, const hpa_t *page, uint64_t start,
		      uint64_t pages, uint32_t permissions)
{
	if (is_large(page, start, pages)) {
		return pt_map_range(&dma->pt, start, page[0], pages,
				    permissions, LARGE_LEVEL);
	}
	return pt_map_pages(&dma->pt, start, page, pages, permissions);
}

NTSTATUS dma_range_map(struct dma_guest *dg, struct dma_domain *dma,
		       uint64_t start, uint64_t pages, uint32_t permissions)
{
	int err;

	if (!dma_settle_flush(dma)) {
		return STATUS_UNSUCCESSFUL;
	}
	err = set_leaves(dma, dg->scratch.pages, start, pages, permissions);
	if (err) {
		log_guest(dg->guest->id, "no page for DMA tables (%d)", err);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	dma->mapped_pages += pages;
	/*
	 * Nothing stale can be cached of a range that was absent, unless the
	 * unit caches absence as well (VT-d, CAP.CM).
	 */
	if (!dma->was_attached || !dma_service_limits()->needs_present_flush ||
	    iommu_flush_pages(dma->asid, start, pages) == 0) {
		return STATUS_SUCCESS;
	}
	if (dma_range_unmap(dg, dma, start, pages) == STATUS_SUCCESS) {
		log_guest(dg->guest->id, "a map was taken back");
	}
	return STATUS_UNSUCCESSFUL;
}

NTSTATUS dma_range_unmap(struct dma_guest *dg, struct dma_domain *dma,
			 uint64_t start, uint64_t pages)
{
	struct pt_gather gather = PT_GATHER_INIT;
	bool is_split = pt_split_by_spares(&dma->pt, start, pages);
	int err;

	dma->mapped_pages -= pt_clear(&dma->pt, start, pages, &gather);
	if (dma->was_attached) {
		/* A unit may hold the large leaf, under any of its pages. */
		err = is_split ? iommu_flush_domain(dma->asid)
			       : iommu_flush_pages(dma->asid, start, pages);
		if (err) {
			log_guest(dg->guest->id,
				  "no unit confirms an unmap, %lu table pages "
				  "are lost",
				  (unsigned long)gather.count);
			dma->owes_flush = true;
			return STATUS_UNSUCCESSFUL;
		}
	}
	/* A domain that was never attached is in no unit's cache. */
	pt_gather_free(&dma->pt, &gather);
	return STATUS_SUCCESS;
}
