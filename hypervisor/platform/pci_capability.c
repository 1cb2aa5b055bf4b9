// SPDX-License-Identifier: MIT
/*
 * The two lists of capabilities. Each step is bounded by how many could stand
 * in the space, so a list that runs in a circle ends. Takes no lock: the lists
 * are read-only registers.
 */
#include "platform/pci_capability.h"

#include "arch/mmio.h"

#define PCI_STATUS	    0x06
#define PCI_CAPABILITIES    0x34
#define STATUS_CAPABILITIES BIT(4)

#define FIRST_OFFSET 0x40u
#define STEPS_MAX    48u /* 192 bytes, 4 at least each */

#define FIRST_EXTENDED	   0x100u
#define EXTENDED_STEPS_MAX 480u /* 3840 bytes, 8 at least each */
#define EXTENDED_ID	   GENMASK(15, 0)
#define EXTENDED_NEXT	   GENMASK(31, 20)

unsigned pci_capability(hpa_t config, uint8_t wanted)
{
	unsigned at;

	if (!(mmio_read16(to_hpa(config.addr + PCI_STATUS)) &
	      STATUS_CAPABILITIES)) {
		return 0;
	}
	at = mmio_read8(to_hpa(config.addr + PCI_CAPABILITIES)) & ~3u;
	for (unsigned steps = 0; at >= FIRST_OFFSET && steps < STEPS_MAX;
	     steps++) {
		if (mmio_read8(to_hpa(config.addr + at)) == wanted) {
			return at;
		}
		at = mmio_read8(to_hpa(config.addr + at + 1)) & ~3u;
	}
	return 0;
}

unsigned pci_extended_capability(hpa_t config, uint16_t wanted)
{
	unsigned at = FIRST_EXTENDED;

	for (unsigned steps = 0;
	     at >= FIRST_EXTENDED && steps < EXTENDED_STEPS_MAX; steps++) {
		uint32_t header = mmio_read32(to_hpa(config.addr + at));

		/* No list: zero, or all ones where nobody answers. */
		if (header == 0 || header == UINT32_MAX) {
			return 0;
		}
		if (field_get(EXTENDED_ID, header) == wanted) {
			return at;
		}
		at = (unsigned)field_get(EXTENDED_NEXT, header) & ~3u;
	}
	return 0;
}
