// SPDX-License-Identifier: MIT
/*
 * MapLogicalRangeEx and UnmapLogicalRange: decode -> prepare -> commit, each
 * all or nothing over at most SLUICE_MAP_MAX pages, under the guest's lock.
 * Follows the contract, 3.3 and section 5 Q10, Q16-Q22.
 */
#include "base/log.h"
#include "dma/dma.h"
#include "dma/domain.h"
#include "dma/service.h"
#include "guest/copy.h"

static_assert(IOMMU_ACCESS_READ == PT_READ && IOMMU_ACCESS_WRITE == PT_WRITE,
	      "permissions go to pt/ as they come");

/* The domain, if its table is ours to edit. */
static struct dma_domain *find_translated(const struct dma_guest *dg,
					  uint64_t handle)
{
	struct dma_domain *dma = dma_domain_find(dg, handle);

	if (dma == NULL || (dma->type != DomainTypeTranslate &&
			    dma->type != DomainTypeTranslateS1)) {
		return NULL;
	}
	return dma;
}

/* Never widened: what the format cannot say exactly is refused (Q16). */
static bool is_permission(uint32_t permissions)
{
	if (permissions == IOMMU_ACCESS_NONE ||
	    (permissions & ~(IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE)) != 0) {
		return false;
	}
	return permissions != IOMMU_ACCESS_WRITE ||
	       iommu_format()->write_only_ok;
}

/* Frame numbers of the request, into the guest's scratch; read once. */
static bool copy_frames(const struct guest_caller *c, struct dma_guest *dg,
			const struct sluice_map *a)
{
	uint64_t *frames = dg->scratch.frames;

	if (a->pages == 0 || a->pages > SLUICE_MAP_MAX) {
		return false;
	}
	if (a->kind == SLUICE_MAP_FRAMES) {
		return copy_from_guest(c, frames, a->frames,
				       (size_t)a->pages * sizeof(frames[0])) ==
		       0;
	}
	if (a->kind != SLUICE_MAP_CONTIGUOUS ||
	    !is_aligned(a->base, PAGE_BYTES) ||
	    !range_is_valid(a->base, a->pages << PAGE_SHIFT)) {
		return false;
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		frames[i] = (a->base >> PAGE_SHIFT) + i;
	}
	return true;
}

/*
 * Frame numbers to machine addresses, in place. The guest's own RAM alone: not
 * the hypervisor's, not another's, not a lent page, no BAR, no hole. RAM stays
 * where it is once the guest runs, so the answer holds after the look-up.
 */
static bool resolve_frames(struct guest *g, struct dma_guest *dg,
			   uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++) {
		uint64_t frame = dg->scratch.frames[i];
		hpa_t page;

		if (frame > UINT64_MAX >> PAGE_SHIFT ||
		    p2m_lookup(&g->p2m, to_gpa(frame << PAGE_SHIFT), &page) !=
			    P2M_RAM) {
			return false;
		}
		dg->scratch.pages[i] = page;
	}
	return true;
}

/* True when the domain's width holds all of the range. */
static bool is_in_width(uint64_t start, uint64_t pages)
{
	uint64_t last = dma_service_last_address();

	return start <= last && pages <= (last - start + 1) >> PAGE_SHIFT;
}

static NTSTATUS map_decode(const struct guest_caller *c, struct dma_guest *dg,
			   const struct sluice_map *a)
{
	if (!is_permission(a->permissions)) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (!copy_frames(c, dg, a) || !resolve_frames(c->guest, dg, a->pages)) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (a->has_logical_address == 0) {
		return STATUS_NOT_SUPPORTED;
	}
	if (a->has_logical_address != 1 ||
	    !is_aligned(a->logical_address, PAGE_BYTES) ||
	    !is_in_width(a->logical_address, a->pages)) {
		return STATUS_INVALID_PARAMETER_4;
	}
	return STATUS_SUCCESS;
}

/* Everything but room for tables; nothing is taken yet. */
static NTSTATUS map_check_free(const struct dma_domain *dma,
			       const struct sluice_map *a)
{
	struct range at = {a->logical_address, a->pages << PAGE_SHIFT};

	if (range_overlaps(at, DMA_INTERRUPT_WINDOW) ||
	    dma_regions_overlap(&dma->regions, at) ||
	    !pt_is_empty(&dma->pt, a->logical_address, a->pages)) {
		return STATUS_IN_USE;
	}
	return STATUS_SUCCESS;
}

/*
 * Take a range out: unlink, flush, and only then free. False when a unit did
 * not confirm: the tables that became empty may still be walked, so they are
 * leaked on purpose.
 */
static bool remove_range(struct dma_guest *dg, struct dma_domain *dma,
			 uint64_t start, uint64_t pages)
{
	struct pt_gather gather = PT_GATHER_INIT;

	dma->mapped_pages -= pt_clear(&dma->pt, start, pages, &gather);
	/* A domain that was never attached is in no unit's cache. */
	if (dma->was_attached && iommu_flush_pages(dma->asid, start, pages)) {
		log_guest(dg->guest->id,
			  "no unit confirms an unmap, %lu table pages are lost",
			  (unsigned long)gather.count);
		dma->owes_flush = true;
		return false;
	}
	pt_gather_free(&dma->pt, &gather);
	return true;
}

static NTSTATUS map_commit(struct dma_guest *dg, struct dma_domain *dma,
			   const struct sluice_map *a)
{
	pt_set_pages(&dma->pt, a->logical_address, dg->scratch.pages, a->pages,
		     a->permissions);
	dma->mapped_pages += a->pages;
	/*
	 * Nothing stale can be cached of a range that was absent, unless the
	 * unit caches absence as well (VT-d, CAP.CM).
	 */
	if (!dma->was_attached || !dma_service_limits()->needs_present_flush) {
		return STATUS_SUCCESS;
	}
	if (iommu_flush_pages(dma->asid, a->logical_address, a->pages) == 0) {
		return STATUS_SUCCESS;
	}
	if (remove_range(dg, dma, a->logical_address, a->pages)) {
		log_guest(dg->guest->id, "a map was taken back");
	}
	return STATUS_UNSUCCESSFUL;
}

/*
 * After a flush that failed a unit may still hold what was there before: a new
 * mapping would be promised and not seen. False: it still does not confirm.
 */
static bool settle_flush(struct dma_domain *dma)
{
	if (dma->owes_flush && iommu_flush_domain(dma->asid) != 0) {
		return false;
	}
	dma->owes_flush = false;
	return true;
}

static NTSTATUS map_locked(const struct guest_caller *c, struct dma_guest *dg,
			   const struct sluice_map *a)
{
	struct dma_domain *dma = find_translated(dg, a->domain);
	NTSTATUS status;
	int err;

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	status = map_decode(c, dg, a);
	if (status != STATUS_SUCCESS) {
		return status;
	}
	status = map_check_free(dma, a);
	if (status != STATUS_SUCCESS) {
		return status;
	}
	if (!settle_flush(dma)) {
		return STATUS_UNSUCCESSFUL;
	}
	err = pt_reserve(&dma->pt, a->logical_address, a->pages);
	if (err) {
		log_guest(dg->guest->id, "no page for DMA tables (%d)", err);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	return map_commit(dg, dma, a);
}

/**
 * dma_map() - Let a Translate domain's devices reach memory of its guest.
 * @c: caller; its frame list is read through it, once
 * @a: checked header
 *
 * After an error the devices see what they saw before. On success they see the
 * pages at once.
 * Return: as listed at struct sluice_map, in that order; then UNSUCCESSFUL: a
 * unit did not confirm.
 */
NTSTATUS dma_map(const struct guest_caller *c, const struct sluice_map *a)
{
	struct dma_guest *dg = dma_guest_of(c->guest);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = map_locked(c, dg, a);
	spin_unlock(&dg->lock);
	return status;
}

static NTSTATUS unmap_locked(struct dma_guest *dg, const struct sluice_unmap *a)
{
	struct dma_domain *dma = find_translated(dg, a->domain);

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (!is_aligned(a->logical_address, PAGE_BYTES)) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (a->pages == 0 || a->pages > SLUICE_MAP_MAX) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (!is_in_width(a->logical_address, a->pages) ||
	    dma_regions_overlap(&dma->regions,
				(struct range){a->logical_address,
					       a->pages << PAGE_SHIFT}) ||
	    !pt_is_full(&dma->pt, a->logical_address, a->pages)) {
		return STATUS_INVALID_PARAMETER;
	}
	return remove_range(dg, dma, a->logical_address, a->pages)
		       ? STATUS_SUCCESS
		       : STATUS_UNSUCCESSFUL;
}

/**
 * dma_unmap() - Take memory away from a Translate domain's devices.
 *
 * On success no unit holds a translation and the pages may be reused.
 * Return: as listed at struct sluice_unmap, in that order; then UNSUCCESSFUL: a
 * unit did not confirm, the pages may still be reached and must not be reused.
 */
NTSTATUS dma_unmap(struct guest *g, const struct sluice_unmap *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = unmap_locked(dg, a);
	spin_unlock(&dg->lock);
	return status;
}
