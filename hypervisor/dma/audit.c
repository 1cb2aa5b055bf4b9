// SPDX-License-Identifier: MIT
/*
 * Reading back: do the tables in memory say what the registry says? Every
 * requester id is asked, those without a device too, for its DMA and for its
 * interrupts. The registry's lock is held, so that no device changes in
 * between; a unit's lock id by id, and once for the interrupts of a call's ids.
 * Source: the root, context and device tables and the interrupt remapping
 * tables of both vendors, through iommu_ops.
 */
#include "dma/device.h"
#include "dma/dma.h"
#include "dma/service.h"
#include "iommu/intr.h"
#include "iommu/passage.h"
#include "lib/string.h"

#define SEGMENT_IDS 0x10000u

static_assert(SLUICE_AUDIT_IDS <= IOMMU_HEARD_MAX, "read by one call");

/* Ids from the first one of a call on. */
struct id_set {
	uint64_t bits[SLUICE_AUDIT_IDS / 64];
};

/* What the registry says of a call's ids, and the tables of their interrupts.
 */
struct view {
	uint32_t first;
	uint32_t count;
	struct id_set live;    /* a unit lets through, if only to the firmware's
				  memory                                      */
	struct id_set guests;  /* with entries of their own for interrupts    */
	struct id_set home;    /* interrupts may be the control domain's      */
	struct id_set at_home; /* ... must be, of a device attached there    */
	struct id_set away;    /* ... need not, of one that is not           */
	uint8_t heard[SLUICE_AUDIT_IDS];
};

static bool has_id(const struct id_set *set, uint32_t n)
{
	return (set->bits[n / 64] & BIT(n % 64)) != 0;
}

static void add_id(struct id_set *set, uint32_t n, bool is_in)
{
	set->bits[n / 64] |= is_in ? BIT(n % 64) : 0;
}

/* One of a device's ids; several devices may have it. */
static void note_id(struct view *v, const struct dma_device *dev, uint32_t sbdf)
{
	bool is_controls = dev->owner != NULL && dev->owner->guest->is_control;
	uint32_t n = sbdf - v->first;

	if (n >= v->count) {
		return;
	}
	add_id(&v->live, n, dev->is_live || dev->leader->keep.is_up);
	add_id(&v->guests, n,
	       dev->owner != NULL && !is_controls && sbdf == dev->pci->sbdf);
	add_id(&v->home, n, is_controls);
	add_id(&v->at_home, n,
	       is_controls && dev->is_live && iommu_intr_has_home(sbdf));
	add_id(&v->away, n, !is_controls || !dev->is_live);
}

static void note_devices(struct view *v)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		const struct dma_device *dev = dma_device_at(i);
		const struct pci_ids *ids = &dev->pci->ids;
		uint32_t segment = dev->pci->sbdf & ~(SEGMENT_IDS - 1);

		for (unsigned k = 0; k < ids->count; k++) {
			note_id(v, dev, segment | ids->id[k]);
		}
	}
}

static void add_wrong(struct sluice_audit *a, uint32_t sbdf, bool is_open,
		      bool is_interrupt)
{
	uint32_t bit = (uint32_t)BIT(a->wrong_count);

	a->wrong_open |= is_open ? bit : 0;
	a->wrong_interrupts |= is_interrupt ? bit : 0;
	a->wrong[a->wrong_count++] = sbdf;
}

static void look_at_dma(struct sluice_audit *a, uint32_t sbdf, bool is_live)
{
	enum iommu_passage passage = iommu_passage(sbdf);
	bool is_open = passage == IOMMU_OPEN || passage == IOMMU_STRAY;

	a->open += is_open;
	if (passage == IOMMU_UNCOVERED) {
		a->uncovered++;
		return;
	}
	if (passage == IOMMU_STRAY ||
	    (is_open != is_live && passage != IOMMU_DOUBTFUL)) {
		add_wrong(a, sbdf, is_open, false);
	}
}

/* Is what passes of an id's interrupts as the registry says? */
static bool is_heard_rightly(const struct view *v, uint32_t n)
{
	switch (v->heard[n]) {
	case IOMMU_HEARD_NOT:
		/* A bridge's, or one that shares its id, may be either. */
		return !has_id(&v->at_home, n) || has_id(&v->away, n);
	case IOMMU_HEARD_OWN:
		return has_id(&v->guests, n);
	case IOMMU_HEARD_HOME:
		return has_id(&v->home, n);
	default:
		return v->heard[n] != IOMMU_HEARD_STRAY;
	}
}

static void look_at_interrupts(struct sluice_audit *a, const struct view *v,
			       uint32_t n)
{
	bool passes = v->heard[n] > IOMMU_HEARD_NOT;

	a->heard += passes;
	if (!is_heard_rightly(v, n)) {
		add_wrong(a, v->first + n, passes, true);
	}
}

static void look(struct sluice_audit *a, const struct view *v)
{
	while (a->checked < v->count &&
	       a->wrong_count + 2 <= SLUICE_AUDIT_WRONG) {
		uint32_t n = a->checked++;

		look_at_dma(a, v->first + n, has_id(&v->live, n));
		look_at_interrupts(a, v, n);
	}
}

/**
 * dma_audit() - Compare the units' tables with the registry, a part a call.
 * Return: as listed at struct sluice_audit.
 */
NTSTATUS dma_audit(struct sluice_audit *a)
{
	struct view v = {
		.first = a->first,
		.count = SEGMENT_IDS - a->first % SEGMENT_IDS,
	};

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	if (v.count > SLUICE_AUDIT_IDS) {
		v.count = SLUICE_AUDIT_IDS;
	}
	*a = (struct sluice_audit){.header = a->header, .first = a->first};
	dma_devices_lock();
	note_devices(&v);
	iommu_read_heard(v.first, v.count, v.heard);
	look(a, &v);
	dma_devices_unlock();
	return STATUS_SUCCESS;
}
