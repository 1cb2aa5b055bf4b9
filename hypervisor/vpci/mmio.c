// SPDX-License-Identifier: MIT
/*
 * Which pages of a guest are withheld from it, and whose they are: those of its
 * functions' MSI-X tables, where the tools have mapped the rest of the BAR. The
 * registry's lock guards the search and the access.
 */
#include "platform/pci_msix.h"
#include "vpci/function.h"

/* The device of @guest whose table's page holds @at, and where in its BAR. */
static struct dma_device *device_at(struct guest *guest, gpa_t at,
				    uint64_t *offset)
{
	const struct dma_guest *dg = dma_guest_of(guest);

	for (unsigned i = 0; i < dma_device_count(); i++) {
		struct dma_device *dev = dma_device_at(i);
		unsigned bar = dev->pci->msix.bar;
		struct range window = pci_msix_window(dev->pci);
		uint64_t machine =
			at.addr - dev->bar_at[bar] + dev->pci->bar[bar].address;

		if (dev->owner == dg && dev->bar_at[bar] != 0 &&
		    range_contains(window, (struct range){machine, 1})) {
			*offset = at.addr - dev->bar_at[bar];
			return dev;
		}
	}
	return NULL;
}

bool vpci_owns(struct guest *guest, gpa_t at)
{
	uint64_t offset;
	bool is_ours;

	dma_devices_lock();
	is_ours = device_at(guest, at, &offset) != NULL;
	dma_devices_unlock();
	return is_ours;
}

bool vpci_mmio(struct guest *guest, gpa_t at, unsigned bytes, bool is_write,
	       uint64_t *value)
{
	struct dma_device *dev;
	uint64_t offset;

	if (!is_aligned(at.addr, bytes)) {
		return false;
	}
	dma_devices_lock();
	dev = device_at(guest, at, &offset);
	if (dev != NULL) {
		vpci_msix_access(vpci_function_of(guest, dev), offset, bytes,
				 is_write, value);
	}
	dma_devices_unlock();
	return dev != NULL;
}
