/* SPDX-License-Identifier: MIT */
/* A guest's own PCI bus, by configuration mechanism 1. PCI 3.0, 3.2.2.3.2. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PCI_COMMAND  0x04u
#define PCI_BAR0     0x10u
#define PCI_CAP_MSI  0x05u
#define PCI_CAP_MSIX 0x11u
#define PCI_NONE     0xffffffffu
#define PCI_MEMORY   0x0002u /* bits of the command register */
#define PCI_MASTER   0x0004u

/* @sbdf: SLUICE_SBDF() in the guest's own view; @at: byte offset. */
uint32_t pci_read32(uint32_t sbdf, uint32_t at);
uint16_t pci_read16(uint32_t sbdf, uint32_t at);
uint8_t pci_read8(uint32_t sbdf, uint32_t at);
void pci_write32(uint32_t sbdf, uint32_t at, uint32_t value);
void pci_write16(uint32_t sbdf, uint32_t at, uint16_t value);

/* pci_find() - The first function of bus 0 with these ids, or PCI_NONE. */
uint32_t pci_find(uint16_t vendor, uint16_t device);

/* pci_capability() - Its offset, or 0. */
uint32_t pci_capability(uint32_t sbdf, uint8_t id);

/* pci_bar() - Where a BAR is, and how long; leaves it as it was. */
uint64_t pci_bar(uint32_t sbdf, uint32_t number, uint64_t *bytes);
