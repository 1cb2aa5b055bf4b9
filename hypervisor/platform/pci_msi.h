/* SPDX-License-Identifier: MIT */
/*
 * Interrupt messages of a PCI function that the hypervisor keeps for itself.
 * PCI Express base specification, 7.7.1.
 */
#pragma once

#include "platform/pci.h"

/**
 * pci_msi_start() - One message, of a fixed vector, to one CPU.
 * @apic_id: below 255
 * Return: false without the MSI capability.
 */
bool pci_msi_start(const struct pci_device *dev, uint32_t apic_id,
		   uint8_t vector);
