// SPDX-License-Identifier: MIT
/*
 * This machine's PCI topology: paths that firmware's tables name, and the
 * groups of functions that share a requester id. Bus numbers are those of
 * start-up; whoever may renumber buses is trusted for PCI configuration.
 */
#include "lib/error.h"
#include "platform/ivrs.h"
#include "platform/pci.h"

int pci_follow(uint16_t segment, uint8_t bus, const uint8_t *hop, unsigned hops,
	       uint16_t *bdf)
{
	*bdf = (uint16_t)(bus << 8 | hop[0]);
	for (unsigned i = 1; i < hops; i++) {
		const struct pci_device *dev =
			pci_device_find((uint32_t)segment << 16 | *bdf);

		if (dev == NULL ||
		    (dev->is_bridge && dev->bridge.secondary == 0)) {
			return -XEN_ENOENT;
		}
		if (!dev->is_bridge) {
			return -XEN_EINVAL;
		}
		*bdf = (uint16_t)(dev->bridge.secondary << 8 | hop[i]);
	}
	return 0;
}

/* Aliases are AMD's units' alone; where another table is driven, none. */
static unsigned read_aliases(struct pci_alias *alias)
{
	const struct ivrs *ivrs = ivrs_machine();
	unsigned count = 0;

	for (unsigned i = 0; i < ivrs->device_count; i++) {
		const struct ivrs_device *d = &ivrs->device[i];

		if (d->kind == IVRS_ALIAS) {
			alias[count++] = (struct pci_alias){
				.segment = ivrs->unit[d->unit].segment,
				.first = d->first,
				.last = d->last,
				.id = d->alias,
			};
		}
	}
	return count;
}

void pci_find_groups(void)
{
	/* Start-up alone uses it, before there is a second CPU in here. */
	static struct pci_alias aliases[IVRS_DEVICES_MAX];

	if (pci_device_count() != 0) {
		pci_group(pci_device_at(0), pci_device_count(), aliases,
			  read_aliases(aliases));
	}
}
