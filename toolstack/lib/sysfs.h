/* SPDX-License-Identifier: MIT */
/*
 * PCI devices as the control domain's Linux shows them: /sys/bus/pci.
 *
 * Each function returns 0 or a negative errno.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* sysfs_pci_write() - Write text to a file of a device. */
int sysfs_pci_write(uint32_t sbdf, const char *file, const char *text);

/* sysfs_pci_unbind() - Take a device from its driver; 0 if it has none. */
int sysfs_pci_unbind(uint32_t sbdf);

/* sysfs_pci_probe() - Offer a device to the drivers that want it. */
int sysfs_pci_probe(uint32_t sbdf);
