// SPDX-License-Identifier: MIT
/* Ports CF8h and CFCh, and what drivers do with them. */
#include "lib/pci.h"

#define PORT_ADDRESS 0xcf8
#define PORT_DATA    0xcfc
#define ENABLE	     0x80000000u
#define FUNCTIONS    256u /* of bus 0 */

#define BAR_FLAGS 0xfu
#define BAR_64BIT 0x4u

static uint16_t select_register(uint32_t sbdf, uint32_t at)
{
	uint32_t address = ENABLE | sbdf << 8 | (at & 0xfcu);

	__asm__ volatile("outl %0, %w1" : : "a"(address), "d"(PORT_ADDRESS));
	return (uint16_t)(PORT_DATA + (at & 3));
}

uint32_t pci_read32(uint32_t sbdf, uint32_t at)
{
	uint16_t port = select_register(sbdf, at);
	uint32_t value;

	__asm__ volatile("inl %w1, %0" : "=a"(value) : "d"(port));
	return value;
}

uint16_t pci_read16(uint32_t sbdf, uint32_t at)
{
	uint16_t port = select_register(sbdf, at);
	uint16_t value;

	__asm__ volatile("inw %w1, %0" : "=a"(value) : "d"(port));
	return value;
}

uint8_t pci_read8(uint32_t sbdf, uint32_t at)
{
	uint16_t port = select_register(sbdf, at);
	uint8_t value;

	__asm__ volatile("inb %w1, %0" : "=a"(value) : "d"(port));
	return value;
}

void pci_write32(uint32_t sbdf, uint32_t at, uint32_t value)
{
	uint16_t port = select_register(sbdf, at);

	__asm__ volatile("outl %0, %w1" : : "a"(value), "d"(port));
}

void pci_write16(uint32_t sbdf, uint32_t at, uint16_t value)
{
	uint16_t port = select_register(sbdf, at);

	__asm__ volatile("outw %0, %w1" : : "a"(value), "d"(port));
}

uint32_t pci_find(uint16_t vendor, uint16_t device)
{
	for (uint32_t sbdf = 0; sbdf < FUNCTIONS; sbdf++) {
		if (pci_read32(sbdf, 0) == (vendor | (uint32_t)device << 16)) {
			return sbdf;
		}
	}
	return PCI_NONE;
}

uint32_t pci_capability(uint32_t sbdf, uint8_t id)
{
	uint32_t at = pci_read8(sbdf, 0x34);

	for (uint32_t n = 0; at >= 0x40 && n < 48; n++) {
		if (pci_read8(sbdf, at) == id) {
			return at;
		}
		at = pci_read8(sbdf, at + 1);
	}
	return 0;
}

uint64_t pci_bar(uint32_t sbdf, uint32_t number, uint64_t *bytes)
{
	uint32_t at = PCI_BAR0 + 4 * number;
	uint32_t low = pci_read32(sbdf, at);
	uint64_t place = low & ~BAR_FLAGS;
	uint64_t mask = 0xffffffff00000000;

	if (low & BAR_64BIT) {
		uint32_t high = pci_read32(sbdf, at + 4);

		place |= (uint64_t)high << 32;
		pci_write32(sbdf, at + 4, 0xffffffff);
		mask = (uint64_t)pci_read32(sbdf, at + 4) << 32;
		pci_write32(sbdf, at + 4, high);
	}
	pci_write32(sbdf, at, 0xffffffff);
	mask |= pci_read32(sbdf, at) & ~BAR_FLAGS;
	pci_write32(sbdf, at, low);
	*bytes = ~mask + 1;
	return place;
}
