// SPDX-License-Identifier: MIT
/*
 * A device's state between owners: as left, being reset, clean. Called with the
 * registry's lock held. Leans on platform/pci_reset.h, which never waits.
 */
#include "dma/handover.h"

#include "base/log.h"
#include "lib/error.h"

int dma_handover_leave_home(struct dma_device *dev)
{
	return pci_reset_record(&dev->reset);
}

void dma_handover_start(struct dma_device *dev)
{
	if (dev->reset_state == SLUICE_DEVICE_AS_LEFT &&
	    dev->reset.way != SLUICE_RESET_NONE) {
		pci_reset_begin(&dev->reset);
		dev->reset_state = SLUICE_DEVICE_BUSY;
	}
}

void dma_handover_to_nobody(struct dma_device *dev)
{
	dev->was_guests = !dev->owner->guest->is_control;
	dev->reset_state = SLUICE_DEVICE_AS_LEFT;
	if (dev->was_guests) {
		dma_handover_start(dev);
	}
}

/* Return: 0 clean or without a way; -XEN_EAGAIN; -XEN_EIO as left again. */
static int settle(struct dma_device *dev)
{
	int err;

	dma_handover_start(dev);
	if (dev->reset_state != SLUICE_DEVICE_BUSY) {
		return 0;
	}
	err = pci_reset_step(&dev->reset);
	if (err != -XEN_EAGAIN) {
		dev->reset_state =
			err ? SLUICE_DEVICE_AS_LEFT : SLUICE_DEVICE_CLEAN;
	}
	return err;
}

int dma_handover_to_guest(struct dma_device *dev, bool may_be_dirty)
{
	int err = settle(dev);

	if (err) {
		return err;
	}
	if (dev->reset_state != SLUICE_DEVICE_CLEAN && !may_be_dirty) {
		return -XEN_EPERM;
	}
	pci_reset_open(&dev->reset);
	return 0;
}

int dma_handover_to_home(struct dma_device *dev)
{
	bool is_its_own =
		dev->reset_state == SLUICE_DEVICE_AS_LEFT && !dev->was_guests;
	int err = is_its_own ? 0 : settle(dev);

	if (err || is_its_own || dev->reset_state == SLUICE_DEVICE_CLEAN) {
		return err;
	}
	log_warn("device %x: goes home as its guest left it; it cannot be "
		 "reset",
		 dev->pci->sbdf);
	return pci_reset_restore(&dev->reset);
}

uint8_t dma_handover_state(const struct dma_device *dev)
{
	return dev->owner != NULL ? SLUICE_DEVICE_IN_USE : dev->reset_state;
}
