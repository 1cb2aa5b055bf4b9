// SPDX-License-Identifier: MIT
/* Driver of QEMU's e1000 for bare guests: as much of it as DMA takes. */
#include "lib/e1000.h"

#include "lib/pci.h"

#define E1000_TCTL  (0x0400 / 4)
#define E1000_TDBAL (0x3800 / 4)
#define E1000_TDBAH (0x3804 / 4)
#define E1000_TDLEN (0x3808 / 4)
#define E1000_TDH   (0x3810 / 4)
#define E1000_TDT   (0x3818 / 4)

#define TCTL_ENABLE 2u

#define DESCRIPTORS	 8u
#define DESCRIPTOR_BYTES 16u

bool e1000_find(struct e1000 *card)
{
	uint64_t bytes;

	card->sbdf = pci_find(E1000_VENDOR, E1000_DEVICE);
	if (card->sbdf == PCI_NONE) {
		return false;
	}
	card->regs = (void *)(uintptr_t)pci_bar(card->sbdf, 0, &bytes);
	pci_write16(card->sbdf, PCI_COMMAND, PCI_MEMORY | PCI_MASTER);
	return true;
}

void e1000_start(struct e1000 *card, uint64_t ring)
{
	card->regs[E1000_TCTL] = 0;
	card->regs[E1000_TDBAL] = (uint32_t)ring;
	card->regs[E1000_TDBAH] = (uint32_t)(ring >> 32);
	card->regs[E1000_TDLEN] = DESCRIPTORS * DESCRIPTOR_BYTES;
	card->regs[E1000_TDH] = 0;
	card->regs[E1000_TDT] = 0;
	card->tail = 0;
	card->regs[E1000_TCTL] = TCTL_ENABLE;
}

void e1000_fetch(struct e1000 *card)
{
	/* One less than all: head and tail side by side is a full ring. */
	card->tail = (card->tail + DESCRIPTORS - 1) % DESCRIPTORS;
	card->regs[E1000_TDT] = card->tail;
}
