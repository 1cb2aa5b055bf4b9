// SPDX-License-Identifier: MIT
/*
 * Any bytes as configuration space of two functions: enumeration and capability
 * lists end, what is found keeps its bounds, groups are symmetric.
 */
#include "fuzz.h"
#include "machine.h"
#include "platform/pci.h"

#include <stdlib.h>
#include <string.h>

#define SPACE 256u

static const uint32_t functions[] = {SLUICE_SBDF(0, 0, 3, 0),
				     SLUICE_SBDF(0, 1, 4, 0)};

static void judge(const struct pci_device *dev)
{
	if (dev->ids.count == 0 || dev->ids.count > PCI_IDS_MAX ||
	    dev->ids.phantom_bits > 3 ||
	    dev->ids.id[0] != (uint16_t)dev->sbdf) {
		abort();
	}
	for (unsigned i = 0; i < SLUICE_BARS_MAX; i++) {
		const struct pci_bar *bar = &dev->bar[i];

		if (bar->address != 0 && bar->bytes != 0 &&
		    (bar->address & (bar->bytes - 1)) != 0) {
			abort();
		}
	}
}

/* A number of a group is of two functions at least. */
static void judge_groups(void)
{
	for (unsigned i = 0; i < pci_device_count(); i++) {
		uint8_t group = pci_device_at(i)->ids.group;
		unsigned members = 0;

		for (unsigned j = 0; j < pci_device_count(); j++) {
			members += pci_device_at(j)->ids.group == group;
		}
		if (group != 0 && members < 2) {
			abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine_config c = machine_default();
	uint8_t hops[2] = {0, 0};
	uint16_t bdf;

	if (size > 2 * SPACE) {
		return 0;
	}
	c.stage = MACHINE_FIRMWARE;
	c.hypervisor_pages = c.guest_pages = c.control_pages = 16;
	c.unit_count = 0;
	c.function_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		c.function[i].sbdf = functions[i];
		memset(c.function[i].bar, 0, sizeof(c.function[i].bar));
	}
	machine_boot(&c);
	for (size_t i = 0; i * SPACE < size; i++) {
		size_t left = size - i * SPACE;

		fake_function_fill(functions[i], data + i * SPACE,
				   left < SPACE ? left : SPACE);
	}
	pci_reset();
	if (pci_start() != 0) {
		abort();
	}
	pci_find_groups();
	for (unsigned i = 0; i < pci_device_count(); i++) {
		judge(pci_device_at(i));
	}
	judge_groups();
	hops[0] = 3 << 3;
	(void)!pci_follow(0, 0, hops, 2, &bdf);
	machine_reset();
	return 0;
}
