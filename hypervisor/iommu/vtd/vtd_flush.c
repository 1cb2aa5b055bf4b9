// SPDX-License-Identifier: MIT
/*
 * What to invalidate, as descriptors. Each is confirmed before the next is
 * posted: a unit may work on several at once, and an IOTLB flush that overtakes
 * the context flush before it lets the stale entry fill the IOTLB again.
 *
 * VT-d specification, "Queued Invalidation Interface", descriptors, and
 * "Guidance to Software for Invalidations".
 */
#include "arch/barrier.h"
#include "iommu/vtd/vtd.h"

static uint64_t context_flush(uint64_t granularity, uint16_t asid, uint16_t bdf)
{
	return field_prep(VTD_DESC_TYPE, VTD_DESC_CONTEXT) |
	       field_prep(VTD_DESC_G, granularity) |
	       field_prep(VTD_DESC_DID, asid) | field_prep(VTD_DESC_SID, bdf);
}

/* Draining as well: no access that used an old translation is still on its way.
 */
static uint64_t iotlb_flush(const struct vtd *vtd, uint64_t granularity,
			    uint16_t asid)
{
	return field_prep(VTD_DESC_TYPE, VTD_DESC_IOTLB) |
	       field_prep(VTD_DESC_G, granularity) |
	       field_prep(VTD_DESC_DID, asid) |
	       ((vtd->cap & VTD_CAP_DWD) != 0 ? VTD_DESC_DW : 0) |
	       ((vtd->cap & VTD_CAP_DRD) != 0 ? VTD_DESC_DR : 0);
}

int vtd_flush_run(struct iommu_unit *unit, uint64_t low, uint64_t high)
{
	int err;

	barrier_full();
	err = vtd_flush_write_buffer(unit);
	if (err) {
		return err;
	}
	return vtd_queue_run(unit, (struct vtd_descriptor){low, high});
}

int vtd_flush_all_contexts(struct iommu_unit *unit)
{
	return vtd_flush_run(unit, context_flush(VTD_G_GLOBAL, 0, 0), 0);
}

int vtd_flush_all_pages(struct iommu_unit *unit)
{
	return vtd_flush_run(unit, iotlb_flush(vtd_of(unit), VTD_G_GLOBAL, 0),
			     0);
}

int vtd_flush_all(struct iommu_unit *unit)
{
	int err = vtd_flush_all_contexts(unit);

	if (err) {
		return err;
	}
	return vtd_flush_all_pages(unit);
}

int vtd_flush_context(struct iommu_unit *unit, uint16_t bdf, uint16_t asid)
{
	return vtd_flush_run(unit, context_flush(VTD_G_DEVICE, asid, bdf), 0);
}

int vtd_flush_domain(struct iommu_unit *unit, uint16_t asid)
{
	return vtd_flush_run(unit,
			     iotlb_flush(vtd_of(unit), VTD_G_DOMAIN, asid), 0);
}

bool vtd_flush_is_one(const struct vtd *vtd, uint64_t iova, uint64_t pages,
		      unsigned *mask_lg2)
{
	unsigned lg2 = 0;

	if ((vtd->cap & VTD_CAP_PSI) == 0 || pages == 0 ||
	    (pages & (pages - 1)) != 0) {
		return false;
	}
	while (pages >> lg2 > 1) {
		lg2++;
	}
	*mask_lg2 = lg2;
	return lg2 <= field_get(VTD_CAP_MAMV, vtd->cap) &&
	       is_aligned(iova >> PAGE_SHIFT, pages);
}

int vtd_flush_pages(struct iommu_unit *unit, uint16_t asid, uint64_t iova,
		    uint64_t pages)
{
	unsigned lg2;

	if (!vtd_flush_is_one(vtd_of(unit), iova, pages, &lg2)) {
		return vtd_flush_domain(unit, asid);
	}
	/* The hint bit stays 0: upper levels cached for the range go too. */
	return vtd_flush_run(unit, iotlb_flush(vtd_of(unit), VTD_G_PAGE, asid),
			     (iova & VTD_DESC_ADDR) |
				     field_prep(VTD_DESC_AM, lg2));
}

int vtd_flush_all_interrupts(struct iommu_unit *unit)
{
	return vtd_flush_run(unit, field_prep(VTD_DESC_TYPE, VTD_DESC_IEC), 0);
}

int vtd_flush_interrupts(struct iommu_unit *unit, unsigned first, unsigned lg2)
{
	if (lg2 > field_get(VTD_ECAP_MHMV, vtd_of(unit)->ecap)) {
		return vtd_flush_all_interrupts(unit);
	}
	return vtd_flush_run(unit,
			     field_prep(VTD_DESC_TYPE, VTD_DESC_IEC) |
				     VTD_DESC_IEC_ONE |
				     field_prep(VTD_DESC_IEC_IM, lg2) |
				     field_prep(VTD_DESC_IEC_IIDX, first),
			     0);
}
