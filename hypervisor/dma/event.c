// SPDX-License-Identifier: MIT
/*
 * State and faults as a guest may see them: of its own devices, by the
 * addresses that it knows them by.
 */
#include "dma/event.h"

#include "dma/device.h"
#include "dma/dma.h"
#include "dma/group.h"
#include "dma/policy.h"
#include "dma/service.h"
#include "iommu/fault.h"
#include "lib/string.h"

void dma_event_types_changed(const struct dma_guest *dg)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		struct dma_device *dev = dma_device_at(i);

		if (dev->owner == dg && dev->token != 0) {
			dev->type_changes++;
		}
	}
}

/**
 * dma_device_state() - What may be done with a device, and how often that
 * changed.
 *
 * Both are read under the lock that a change holds, so they belong together.
 * Return: as listed at struct sluice_device_state, in that order.
 */
NTSTATUS dma_device_state(struct guest *g, struct sluice_device_state *a)
{
	NTSTATUS status = STATUS_SUCCESS;
	const struct dma_device *dev;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	dev = dma_device_by_token(dma_guest_of(g), a->device);
	if (dev == NULL) {
		status = STATUS_INVALID_PARAMETER_1;
	} else {
		a->sequence = dev->type_changes;
		a->types = dma_device_types(dev);
	}
	dma_devices_unlock();
	return status;
}

/*
 * By what address does the guest know the device? One that it has lost since
 * has none in its view, so it is left out.
 */
static bool translate(const struct dma_guest *dg, struct sluice_fault *fault)
{
	const struct dma_device *dev = dma_device_find(fault->sbdf);

	if (dev == NULL || dev->owner != dg) {
		return false;
	}
	fault->sbdf = dev->guest_sbdf;
	return true;
}

/* Keep the caller's of the @count records at @fault. Return: how many. */
static uint32_t keep_own(const struct dma_guest *dg, struct sluice_fault *fault,
			 uint32_t count)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct sluice_fault one = fault[i];

		if (translate(dg, &one)) {
			fault[kept++] = one;
		}
	}
	return kept;
}

/* The registry's lock is held. No record is looked at twice. */
static void collect(const struct dma_guest *dg, struct sluice_read_faults *a)
{
	struct fault_totals totals;
	uint32_t scanned = 0;
	uint32_t got;

	do {
		got = fault_read_of(dg->guest->id, &a->sequence,
				    &a->fault[a->count],
				    SLUICE_FAULTS_MAX - a->count, &totals);
		scanned += got;
		a->count += keep_own(dg, &a->fault[a->count], got);
	} while (got != 0 && a->count < SLUICE_FAULTS_MAX &&
		 scanned <= FAULT_GUEST_RECORDS - SLUICE_FAULTS_MAX);
	a->dropped = totals.dropped;
	a->total = totals.total;
	a->storms = totals.storms;
}

/**
 * dma_read_own_faults() - Blocked accesses of the caller's devices.
 *
 * As read_faults, but for .sbdf, which is the address in the caller's view, and
 * for the numbers, which count the caller's faults alone. Looks at no more than
 * FAULT_GUEST_RECORDS records, so one call does not chase a device that faults
 * as fast as they are read.
 * Return: STATUS_SUCCESS always.
 */
NTSTATUS dma_read_own_faults(struct guest *g, struct sluice_read_faults *a)
{
	(void)iommu_poll_faults();
	a->count = 0;
	dma_devices_lock();
	collect(dma_guest_of(g), a);
	dma_devices_unlock();
	/* The whole array goes back to the caller; others' records do not. */
	memset(&a->fault[a->count], 0,
	       (SLUICE_FAULTS_MAX - a->count) * sizeof(a->fault[0]));
	return STATUS_SUCCESS;
}
