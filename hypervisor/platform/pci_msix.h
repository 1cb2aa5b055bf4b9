/* SPDX-License-Identifier: MIT */
/*
 * Where a function's MSI-X table lies. The pages that hold it are never mapped
 * into a guest: what stands in the table is written by the hypervisor alone.
 * PCI 3.0, 6.8.2.
 */
#pragma once

#include "platform/pci.h"

/**
 * pci_msix_describe() - Fill in .msix; .entries stays 0 for a function without
 * the capability, or with one that the hypervisor cannot drive: a table of more
 * than PCI_MSIX_ENTRIES entries, or not inside a memory BAR.
 */
void pci_msix_describe(struct pci_device *dev);

/**
 * pci_msix_window() - The whole pages that hold the table, machine addresses.
 * Return: .bytes = 0 when there is none that can be reached.
 */
struct range pci_msix_window(const struct pci_device *dev);

/* pci_msix_within() - Those of a part of any function's BAR; .bytes 0 = none.
 */
struct range pci_msix_within(struct range part);
