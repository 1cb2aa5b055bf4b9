// SPDX-License-Identifier: MIT
/*
 * At start every function becomes the control domain's, and those that do DMA
 * go through its PassThrough table. Takes the registry's lock, then the control
 * domain's.
 */
#include "dma/device.h"
#include "dma/passthrough.h"
#include "dma/requester.h"
#include "dma/service.h"

/* AMD's IOMMU function is in no guest's view: nobody may program it. */
static void own_all(struct dma_guest *control)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		struct dma_device *dev = dma_device_at(i);

		if (!dev->pci->is_iommu) {
			dma_device_set_owner(dev, control, dev->pci->sbdf);
		}
	}
}

/* Bridges too: they do no DMA of their own, but have interrupts. */
static int connect_all_home(void)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		struct dma_device *dev = dma_device_at(i);
		int err = dev->has_unit && !dev->pci->is_iommu
				  ? dma_requester_hear(dev)
				  : 0;

		if (err == 0 && dev->is_usable) {
			err = dma_device_connect_home(dev);
		}

		if (err) {
			return err;
		}
	}
	return 0;
}

static void block_all(void)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		/* A unit that does not confirm even this: logged, stays live.
		 */
		int err = dma_device_block(dma_device_at(i));

		(void)err;
	}
}

int dma_devices_send_home(void)
{
	struct dma_guest *control = dma_guest_of(guest_control());
	int err = 0;

	dma_devices_lock();
	spin_lock(&control->lock);
	own_all(control);
	if (dma_service_is_present()) {
		dma_requesters_keep();
		err = dma_passthrough_get(control);
		if (err == 0) {
			err = connect_all_home();
		}
		if (err) {
			block_all();
		}
	}
	spin_unlock(&control->lock);
	dma_devices_unlock();
	return err;
}
