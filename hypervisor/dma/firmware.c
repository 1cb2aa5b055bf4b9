// SPDX-License-Identifier: MIT
/*
 * Judging the firmware's regions, and their coming and going in tables. A
 * region is withheld from the domain's allocator in the same beat. The guest's
 * lock guards its tables; what is judged at start is only read.
 */
#include "dma/firmware.h"

#include "base/log.h"
#include "dma/domain.h"
#include "dma/frames.h"
#include "dma/ranges.h"
#include "dma/service.h"
#include "dma/token.h"
#include "dma/translated.h"
#include "iommu/unit.h"
#include "lib/error.h"
#include "platform/pci.h"

static bool none_is(struct range at)
{
	(void)at;
	return false;
}

bool (*dma_is_firmware_memory)(struct range at) = none_is;

/* Fixed at start: bit n = the n-th region is believed. */
static uint32_t sound;

static bool overlaps_sound(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (dma_firmware_is_sound(i) &&
		    range_overlaps(iommu_region_at(i)->at,
				   iommu_region_at(n)->at)) {
			return true;
		}
	}
	return false;
}

/* NULL, or why a region is not believed. */
static const char *doubt(unsigned n)
{
	const struct iommu_region *r = iommu_region_at(n);

	if (!dma_is_firmware_memory(r->at)) {
		return "not in memory that the firmware reserves";
	}
	if (range_overlaps(r->at, DMA_INTERRUPT_WINDOW) ||
	    pci_is_window(r->at) ||
	    iommu_owns_registers(r->at.start, r->at.bytes)) {
		return "over registers";
	}
	if (range_last(r->at) > dma_service_last_address()) {
		return "beyond the width of logical addresses";
	}
	if (!dma_is_permission(r->rights)) {
		return "with rights that the tables cannot say";
	}
	if (overlaps_sound(n)) {
		return "over another with other bounds or rights";
	}
	return NULL;
}

void dma_firmware_start(void)
{
	sound = 0;
	for (unsigned n = 0; n < iommu_region_count(); n++) {
		const struct iommu_region *r = iommu_region_at(n);
		const char *wrong = doubt(n);

		if (wrong == NULL) {
			sound |= (uint32_t)BIT(n);
			continue;
		}
		log_error("dma: firmware's region %lx, %lx bytes: %s; its "
			  "devices are assigned to nobody",
			  r->at.start, r->at.bytes, wrong);
	}
}

bool dma_firmware_is_sound(unsigned n)
{
	return (sound & BIT(n)) != 0;
}

/* ---- one table ---- */

struct space {
	struct dma_guest *dg;
	struct dma_domain *dma; /* NULL: the PassThrough table itself        */
	struct dma_firmware *firmware;
	struct pt *pt;
	uint16_t asid;
	bool is_cached; /* a unit may hold something of it                   */
};

static struct space space_of(struct dma_guest *dg, struct dma_domain *dma)
{
	struct dma_passthrough *pass = &dg->passthrough;

	if (dma == NULL || dma->type == DomainTypePassThrough) {
		return (struct space){
			dg,	   NULL,       &pass->firmware,
			&pass->pt, pass->asid, pass->was_attached};
	}
	return (struct space){dg,	dma,	   &dma->firmware,
			      &dma->pt, dma->asid, dma->was_attached};
}

static int map_one(struct pt *pt, unsigned n)
{
	const struct iommu_region *r = iommu_region_at(n);

	unsigned level = dma_service_leaf_level();

	/* A domain's table keeps spares, so none larger than they split. */
	return pt_map_range(pt, r->at.start, to_hpa(r->at.start),
			    r->at.bytes >> PAGE_SHIFT, r->rights,
			    level < 1 ? level : 1);
}

int dma_firmware_map(struct pt *pt, uint32_t regions)
{
	int err = 0;

	for (unsigned n = 0; err == 0 && n < IOMMU_REGIONS_MAX; n++) {
		if ((regions & BIT(n)) != 0) {
			err = map_one(pt, n);
		}
	}
	return err;
}

/* Unlink, flush, and only then free; the range is nobody's after it. */
static void unmap_one(const struct space *s, unsigned n)
{
	struct range at = iommu_region_at(n)->at;
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t pages = at.bytes >> PAGE_SHIFT;

	pt_clear(s->pt, at.start, pages, &gather);
	if (s->is_cached && iommu_flush_pages(s->asid, at.start, pages) != 0) {
		log_guest(s->dg->guest->id,
			  "no unit confirms that region %lx is gone, %lu table "
			  "pages are lost",
			  at.start, (unsigned long)gather.count);
		if (s->dma != NULL) {
			s->dma->owes_flush = true;
		}
	} else {
		pt_gather_free(s->pt, &gather);
	}
	if (s->dma != NULL) {
		dma_ranges_return(s->dma, at);
	}
}

static bool is_free(const struct space *s, struct range at)
{
	return pt_is_empty(s->pt, at.start, at.bytes >> PAGE_SHIFT) &&
	       (s->dma == NULL || !dma_tokens_overlap(s->dg, s->dma, at));
}

/* Nothing of it is mapped. On error nothing has changed. */
static NTSTATUS install(const struct space *s, unsigned n)
{
	struct range at = iommu_region_at(n)->at;
	int err;

	if (!is_free(s, at)) {
		return STATUS_INVALID_PARAMETER;
	}
	if (s->dma != NULL) {
		err = dma_ranges_withhold(s->dma, at);
		if (err) {
			return err == -XEN_ENOSPC
				       ? STATUS_INVALID_PARAMETER
				       : STATUS_INSUFFICIENT_RESOURCES;
		}
	}
	if (map_one(s->pt, n) != 0) {
		if (s->dma != NULL) {
			dma_ranges_return(s->dma, at);
		}
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	if (s->is_cached && dma_service_limits()->needs_present_flush &&
	    iommu_flush_pages(s->asid, at.start, at.bytes >> PAGE_SHIFT) != 0) {
		unmap_one(s, n);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	return STATUS_SUCCESS;
}

NTSTATUS dma_firmware_claim(struct dma_guest *dg, struct dma_domain *dma,
			    uint32_t regions)
{
	struct space s = space_of(dg, dma);
	NTSTATUS status = STATUS_SUCCESS;

	if (regions == 0) {
		return status;
	}
	/* What an earlier unmap left in a cache must not stand in for it. */
	if (s.dma != NULL && !dma_settle_flush(s.dma)) {
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	for (unsigned n = 0; n < IOMMU_REGIONS_MAX; n++) {
		if ((regions & BIT(n)) == 0) {
			continue;
		}
		if (s.firmware->users[n] == 0) {
			status = install(&s, n);
		}
		if (status != STATUS_SUCCESS) {
			dma_firmware_drop(dg, dma,
					  regions & (uint32_t)(BIT(n) - 1));
			break;
		}
		s.firmware->users[n]++;
	}
	return status;
}

void dma_firmware_drop(struct dma_guest *dg, struct dma_domain *dma,
		       uint32_t regions)
{
	struct space s = space_of(dg, dma);

	for (unsigned n = 0; n < IOMMU_REGIONS_MAX; n++) {
		if ((regions & BIT(n)) != 0 && --s.firmware->users[n] == 0) {
			unmap_one(&s, n);
		}
	}
}

bool dma_firmware_overlaps(const struct dma_firmware *firmware, struct range at)
{
	for (unsigned n = 0; n < iommu_region_count(); n++) {
		if (firmware->users[n] != 0 &&
		    range_overlaps(iommu_region_at(n)->at, at)) {
			return true;
		}
	}
	return false;
}

uint32_t dma_firmware_count(const struct dma_firmware *firmware)
{
	uint32_t count = 0;

	for (unsigned n = 0; n < IOMMU_REGIONS_MAX; n++) {
		count += firmware->users[n] != 0;
	}
	return count;
}
