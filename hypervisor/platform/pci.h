/* SPDX-License-Identifier: MIT */
/*
 * PCI functions of the machine: what they are, their BARs, their switches.
 *
 * Configuration space is reached through ECAM (MCFG), never through the ports,
 * which the control domain uses at the same time. Filled once, at start-up,
 * before any guest runs; BARs are sized then and not again.
 */
#pragma once

#include "lib/addr.h"
#include "lib/range.h"
#include "platform/pci_group.h"

#include <sluice/dma.h>

#define PCI_DEVICES_MAX 64u

/* Longest path of a function from a root bus, in hops. */
#define PCI_HOPS_MAX 8u

struct pci_bar {
	uint64_t address; /* machine address; 0 = none                       */
	uint64_t bytes;	  /* 0 = none or an I/O BAR                          */
};

#define PCI_MSIX_ENTRIES 256u

/* Its MSI-X table, as found at start: platform/pci_msix.h. */
struct pci_msix {
	uint8_t at;	  /* the capability's offset                         */
	uint8_t bar;	  /* that holds the table                            */
	uint16_t entries; /* 0 = none, or none that can be driven            */
	uint32_t offset;  /* of the table in the BAR, bytes                  */
};

struct pci_device {
	uint32_t sbdf;
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code;
	bool is_bridge;
	bool is_iommu; /* AMD's IOMMU function: nobody's device               */
	hpa_t config;  /* its 4 KiB of ECAM                                   */
	struct pci_bridge bridge;
	struct pci_ids ids;
	struct pci_bar bar[SLUICE_BARS_MAX];
	struct pci_msix msix;
};

/* pci_start() - Enumerate. Return: 0, -XEN_ENODEV no usable MCFG. */
int pci_start(void) __must_check;

unsigned pci_device_count(void);
struct pci_device *pci_device_at(unsigned n);
struct pci_device *pci_device_find(uint32_t sbdf);

/**
 * pci_follow() - The function at the end of a path.
 * @bus:  where it starts
 * @hops: 1..PCI_HOPS_MAX
 * @hop:  device 7..3 and function 2..0 of each; all but the last are bridges
 * @bdf:  receives its requester id, also after an error: of the hop that is
 *        not what the path says
 *
 * Return: 0; -XEN_ENOENT a bridge on the way is not there; -XEN_EINVAL a
 * function on the way is no bridge.
 */
int pci_follow(uint16_t segment, uint8_t bus, const uint8_t *hop, unsigned hops,
	       uint16_t *bdf) __must_check;

/* pci_find_groups() - Fill in .ids of each function; start-up only. */
void pci_find_groups(void);

/* pci_is_window() - Configuration space, a BAR, or the machine's own devices
 * (I/O APIC, local APICs, IOMMUs) touch @at. */
bool pci_is_window(struct range at);

/* pci_set_bus_master() - Switch a function's DMA on or off in its command
 * register. */
void pci_set_bus_master(const struct pci_device *dev, bool on);

/**
 * pci_decode_quietly() - For a guest: memory space answers, the INTx pin is
 * silent. A function that reads all ones is left as it is.
 */
void pci_decode_quietly(const struct pci_device *dev);

/* pci_add_device() - For the tests' machines. */
int pci_add_device(struct pci_device dev) __must_check;
void pci_reset(void);
