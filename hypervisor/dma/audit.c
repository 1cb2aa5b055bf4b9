// SPDX-License-Identifier: MIT
/*
 * Reading back: do the tables in memory say what the registry says? Every
 * requester id is asked, those without a device too. The registry's lock is
 * held, so that no device changes in between; a unit's lock id by id. Source:
 * the root, context and device tables of both vendors, through iommu_ops.
 */
#include "dma/device.h"
#include "dma/dma.h"
#include "dma/service.h"
#include "iommu/passage.h"
#include "lib/string.h"

#define SEGMENT_IDS 0x10000u

/* Ids from the first one of a call on. */
struct id_set {
	uint64_t bits[SLUICE_AUDIT_IDS / 64];
};

static bool has_id(const struct id_set *set, uint32_t n)
{
	return (set->bits[n / 64] & BIT(n % 64)) != 0;
}

/* What a unit must let through, if only to the firmware's memory. */
static void note_live(uint32_t first, uint32_t count, struct id_set *live)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		const struct dma_device *dev = dma_device_at(i);
		const struct pci_ids *ids = &dev->pci->ids;
		uint32_t segment = dev->pci->sbdf & ~(SEGMENT_IDS - 1);

		if (!dev->is_live && !dev->leader->keep.is_up) {
			continue;
		}
		for (unsigned k = 0; k < ids->count; k++) {
			uint32_t n = (segment | ids->id[k]) - first;

			if (n < count) {
				live->bits[n / 64] |= BIT(n % 64);
			}
		}
	}
}

static void look(struct sluice_audit *a, uint32_t sbdf, bool is_live)
{
	enum iommu_passage passage = iommu_passage(sbdf);
	bool is_open = passage == IOMMU_OPEN || passage == IOMMU_STRAY;

	a->checked++;
	a->open += is_open;
	if (passage == IOMMU_UNCOVERED) {
		a->uncovered++;
		return;
	}
	if (passage != IOMMU_STRAY &&
	    (is_open == is_live || passage == IOMMU_DOUBTFUL)) {
		return;
	}
	if (is_open) {
		a->wrong_open |= (uint32_t)BIT(a->wrong_count);
	}
	a->wrong[a->wrong_count++] = sbdf;
}

/**
 * dma_audit() - Compare the units' tables with the registry, a part a call.
 * Return: as listed at struct sluice_audit.
 */
NTSTATUS dma_audit(struct sluice_audit *a)
{
	uint32_t count = SEGMENT_IDS - a->first % SEGMENT_IDS;
	struct id_set live = {{0}};

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	if (count > SLUICE_AUDIT_IDS) {
		count = SLUICE_AUDIT_IDS;
	}
	*a = (struct sluice_audit){.header = a->header, .first = a->first};
	dma_devices_lock();
	note_live(a->first, count, &live);
	while (a->checked < count && a->wrong_count < SLUICE_AUDIT_WRONG) {
		look(a, a->first + a->checked, has_id(&live, a->checked));
	}
	dma_devices_unlock();
	return STATUS_SUCCESS;
}
