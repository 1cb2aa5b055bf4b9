// SPDX-License-Identifier: MIT
/*
 * The MSI-X capability as it stands at start, before any guest could touch the
 * function; takes no lock, since nothing of it changes. PCI 3.0, 6.8.2.
 */
#include "platform/pci_msix.h"

#include "arch/mmio.h"
#include "platform/pci_capability.h"

#define MSIX_BYTES 12u

#define MSIX_CONTROL 0x02u
#define MSIX_SIZE    GENMASK(10, 0) /* less one */
#define MSIX_TABLE   0x04u
#define MSIX_BAR     GENMASK(2, 0)
#define MSIX_OFFSET  GENMASK(31, 3)
#define ENTRY_BYTES  16u

/* The hypervisor's own tables map device space up to here. */
#define REACHABLE_END (UINT64_C(1) << 32)

static hpa_t reg(const struct pci_device *dev, unsigned at)
{
	return to_hpa(dev->config.addr + at);
}

void pci_msix_describe(struct pci_device *dev)
{
	unsigned at = pci_capability(dev->config, PCI_CAP_MSIX);
	uint32_t table;
	unsigned entries;

	if (at == 0 || at + MSIX_BYTES > 0x100) {
		return;
	}
	entries = (unsigned)field_get(
			  MSIX_SIZE, mmio_read16(reg(dev, at + MSIX_CONTROL))) +
		  1;
	table = mmio_read32(reg(dev, at + MSIX_TABLE));
	if (entries > PCI_MSIX_ENTRIES ||
	    field_get(MSIX_BAR, table) >= SLUICE_BARS_MAX) {
		return;
	}
	dev->msix = (struct pci_msix){
		.at = (uint8_t)at,
		.bar = (uint8_t)field_get(MSIX_BAR, table),
		.entries = (uint16_t)entries,
		.offset = table & (uint32_t)MSIX_OFFSET,
	};
}

struct range pci_msix_window(const struct pci_device *dev)
{
	const struct pci_msix *m = &dev->msix;
	const struct pci_bar *bar = &dev->bar[m->bar];
	uint64_t end = (uint64_t)m->offset + m->entries * ENTRY_BYTES;
	uint64_t first, last;

	if (m->entries == 0 || bar->address == 0 || end > bar->bytes ||
	    bar->address + end > REACHABLE_END) {
		return (struct range){0, 0};
	}
	first = align_down(bar->address + m->offset, PAGE_BYTES);
	last = align_up(bar->address + end, PAGE_BYTES);
	return (struct range){first, last - first};
}

struct range pci_msix_within(struct range part)
{
	for (unsigned i = 0; i < pci_device_count(); i++) {
		struct range w = pci_msix_window(pci_device_at(i));
		uint64_t start, last;

		if (!range_overlaps(w, part)) {
			continue;
		}
		start = w.start > part.start ? w.start : part.start;
		last = range_last(w) < range_last(part) ? range_last(w)
							: range_last(part);
		return (struct range){start, last - start + 1};
	}
	return (struct range){0, 0};
}
