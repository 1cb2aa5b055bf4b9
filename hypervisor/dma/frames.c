// SPDX-License-Identifier: MIT
/*
 * From what a caller describes to machine pages, in two steps that each read
 * once. The guest's lock guards its scratch. Contract 2.5, section 5 Q16-Q18.
 */
#include "dma/frames.h"

#include "dma/service.h"
#include "guest/copy.h"
#include "iommu/unit.h"

static_assert(IOMMU_ACCESS_READ == PT_READ && IOMMU_ACCESS_WRITE == PT_WRITE,
	      "permissions go to pt/ as they come");

/* Never widened: what the format cannot say exactly is refused (Q16). */
bool dma_is_permission(uint32_t permissions)
{
	if (permissions == IOMMU_ACCESS_NONE ||
	    (permissions & ~(IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE)) != 0) {
		return false;
	}
	return permissions != IOMMU_ACCESS_WRITE ||
	       iommu_format()->write_only_ok;
}

bool dma_read_frames(const struct guest_caller *c, struct dma_guest *dg,
		     const struct dma_description *d)
{
	uint64_t *frames = dg->scratch.frames;

	if (d->pages == 0 || d->pages > SLUICE_MAP_MAX) {
		return false;
	}
	if (d->kind == SLUICE_MAP_FRAMES) {
		return copy_from_guest(c, frames, d->frames,
				       (size_t)d->pages * sizeof(frames[0])) ==
		       0;
	}
	if (d->kind != SLUICE_MAP_CONTIGUOUS ||
	    !is_aligned(d->base, PAGE_BYTES) ||
	    !range_is_valid(d->base, d->pages << PAGE_SHIFT)) {
		return false;
	}
	for (uint64_t i = 0; i < d->pages; i++) {
		frames[i] = (d->base >> PAGE_SHIFT) + i;
	}
	return true;
}

/*
 * The guest's own RAM alone: not the hypervisor's, not another's, not a lent
 * page, no BAR, no hole. RAM stays where it is once the guest runs, so the
 * answer holds after the look-up, for every page of the leaf that it found.
 */
bool dma_resolve_frames(struct guest *g, struct dma_guest *dg, uint64_t pages)
{
	uint64_t first = 0, count = 0;
	hpa_t page = HPA_NONE;

	for (uint64_t i = 0; i < pages; i++) {
		uint64_t frame = dg->scratch.frames[i];

		if (frame - first >= count) {
			first = frame;
			if (frame > UINT64_MAX >> PAGE_SHIFT ||
			    p2m_lookup_run(&g->p2m, to_gpa(frame << PAGE_SHIFT),
					   &page, &count) != P2M_RAM) {
				return false;
			}
		}
		dg->scratch.pages[i] =
			to_hpa(page.addr + ((frame - first) << PAGE_SHIFT));
	}
	return true;
}

bool dma_is_in_width(uint64_t start, uint64_t pages)
{
	uint64_t last = dma_service_last_address();

	return start <= last && pages <= (last - start + 1) >> PAGE_SHIFT;
}
