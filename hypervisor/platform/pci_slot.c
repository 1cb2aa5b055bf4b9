// SPDX-License-Identifier: MIT
/*
 * Slot control and status of a hot-plug port. Called with the lock over the
 * device below held; the registers are the control domain's as well, which is
 * trusted for configuration space, so they are changed bit by bit.
 *
 * Each write to slot control is a command, which a port may take some time for;
 * a reset lies between ours, and is longer. That one is completed may be told:
 * it is true, and no driver minds one more. PCI Express base specification,
 * 6.7 (hot-plug), 7.5.3.9 to 7.5.3.11 (slot registers).
 */
#include "platform/pci_slot.h"

#include "arch/mmio.h"
#include "platform/pci_capability.h"
#include "platform/pci_regs.h"

/* Presence and link come and go with the bus; the third is for all events. */
#define TOLD   (SLOT_CTL_PRESENCE | SLOT_CTL_LINK | SLOT_CTL_INTERRUPT)
#define EVENTS (SLOT_STS_PRESENCE | SLOT_STS_LINK)

#define NO_ANSWER UINT16_MAX

static hpa_t reg(const struct pci_slot *slot, unsigned offset)
{
	return to_hpa(slot->port->config.addr + slot->express + offset);
}

void pci_slot_describe(struct pci_slot *slot, const struct pci_device *port)
{
	uint16_t flags;
	uint64_t type;

	*slot = (struct pci_slot){
		.port = port,
		.express = pci_capability(port->config, PCI_CAP_EXPRESS),
	};
	if (slot->express == 0) {
		return;
	}
	flags = mmio_read16(reg(slot, EXPRESS_FLAGS));
	type = field_get(EXPRESS_PORT, flags);
	/* Other ports have other registers there, or none. */
	if ((type != EXPRESS_PORT_ROOT && type != EXPRESS_PORT_DOWN) ||
	    (flags & EXPRESS_SLOT) == 0 ||
	    (mmio_read32(reg(slot, EXPRESS_SLOT_CAP)) & SLOT_CAP_HOTPLUG) ==
		    0) {
		slot->express = 0;
	}
}

void pci_slot_mask(struct pci_slot *slot)
{
	uint16_t control;

	if (slot->express == 0) {
		return;
	}
	control = mmio_read16(reg(slot, EXPRESS_SLOT_CTL));
	/* All ones are no port's word: written back they cut the power. */
	slot->masked = control == NO_ANSWER ? 0 : control & (uint16_t)TOLD;
	if (slot->masked != 0) {
		mmio_write16(reg(slot, EXPRESS_SLOT_CTL),
			     control & (uint16_t)~TOLD);
	}
	/* After that write: what comes before it has been told. */
	slot->before =
		mmio_read16(reg(slot, EXPRESS_SLOT_STS)) & (uint16_t)EVENTS;
}

void pci_slot_unmask(struct pci_slot *slot, bool is_back)
{
	uint16_t control;
	hpa_t status;

	if (slot->express == 0) {
		return;
	}
	status = reg(slot, EXPRESS_SLOT_STS);
	if (is_back) {
		/* Events go by writing 1. */
		mmio_write16(status, mmio_read16(status) & (uint16_t)EVENTS &
					     (uint16_t)~slot->before);
	}
	control = mmio_read16(reg(slot, EXPRESS_SLOT_CTL));
	if (slot->masked != 0 && control != NO_ANSWER) {
		mmio_write16(reg(slot, EXPRESS_SLOT_CTL),
			     control | slot->masked);
	}
	slot->masked = 0;
}
