/* SPDX-License-Identifier: MIT */
/*
 * Capabilities of a PCI function: where in its configuration space they stand.
 * Lists are bounded, so a function that answers nonsense is survived. PCI 3.0,
 * 6.7; PCI Express base specification, 7.6.
 */
#pragma once

#include "lib/addr.h"

#define PCI_CAP_MSI	0x05u
#define PCI_CAP_EXPRESS 0x10u
#define PCI_CAP_MSIX	0x11u
#define PCI_CAP_AF	0x13u

#define PCI_EXT_CAP_ATS	  0x000fu
#define PCI_EXT_CAP_PRI	  0x0013u
#define PCI_EXT_CAP_PASID 0x001bu

/**
 * pci_capability() - Find the first capability of a kind.
 * @config: start of the function's 4 KiB of ECAM
 * @wanted: PCI_CAP_*
 * Return: its offset, 64..252, or 0.
 */
unsigned pci_capability(hpa_t config, uint8_t wanted);

/* pci_extended_capability() - The same in 256..4092, of PCI_EXT_CAP_*. */
unsigned pci_extended_capability(hpa_t config, uint16_t wanted);
