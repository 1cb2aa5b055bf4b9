/* SPDX-License-Identifier: MIT */
/*
 * The slot below a hot-plug port: a reset of its bus looks like an unplugging,
 * which the control domain's driver would answer by taking the device away. So
 * the port keeps quiet about it meanwhile.
 *
 *   pci_slot_describe   at start
 *   pci_slot_mask       before the bus is reset
 *   pci_slot_unmask     when the device below has answered, or does not
 */
#pragma once

#include "platform/pci.h"

struct pci_slot {
	/* Fixed at start. */
	const struct pci_device *port;
	unsigned express; /* offset of its capability, 0 = no hot-plug slot  */

	/* From mask to unmask. */
	uint16_t masked; /* what was on of the slot's control                */
	uint16_t before; /* events that came before, and are not the reset's */
};

/* pci_slot_describe() - @port is a bridge; one without such a slot is told
 * nothing ever.
 */
void pci_slot_describe(struct pci_slot *slot, const struct pci_device *port);

/* pci_slot_mask() - From now on the port tells of no event. */
void pci_slot_mask(struct pci_slot *slot);

/**
 * pci_slot_unmask() - As it was, with what was changed meanwhile besides.
 * @is_back: the device below is as it was: what came up since pci_slot_mask()
 *           was the reset's, and is dropped; else it is told now
 */
void pci_slot_unmask(struct pci_slot *slot, bool is_back);
