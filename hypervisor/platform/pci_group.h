/* SPDX-License-Identifier: MIT */
/*
 * Requester ids: under which a function's DMA may arrive at an IOMMU, and which
 * functions share one. Pure: a described topology in, ids and groups out.
 *
 *   own id
 *   phantom functions   further function numbers that it may use as its own
 *   bridge to PCI       takes the ids of what lies behind it: the first device
 *                       of its secondary bus, or its own
 *   alias               what firmware says of AMD's units (IVRS)
 *
 * Who shares an id cannot be told apart, so it goes from owner to owner
 * together: a group. Functions of one device, and what lies below one port, are
 * no group for that alone: requests between them do not pass an IOMMU (Access
 * Control Services), and the threat model does not defend these.
 *
 * PCI Express base specification, 7.5.3.3 (phantom functions); PCI Express to
 * PCI/PCI-X Bridge specification 1.0, 2.3; AMD 48882, "IVHD Device Entries".
 */
#pragma once

#include "lib/compiler.h"

#define PCI_IDS_MAX 16u

/* What a bridge does to requests; all 0 for other functions. */
struct pci_bridge {
	uint8_t secondary; /* bus behind it; 0 = none, or not set up         */
	uint8_t subordinate; /* highest bus behind it                        */
	bool merges_ids;     /* it leads to conventional PCI                 */
};

struct pci_ids {
	uint8_t phantom_bits; /* of the function number, 0..3: in            */
	uint8_t count;
	uint8_t group;	  /* common to those who share an id; 0 = alone    */
	bool is_too_many; /* not all of them are listed                    */
	uint16_t id[PCI_IDS_MAX]; /* [0] is its own                         */
};

/* Functions @first..@last; their requests carry @id. */
struct pci_alias {
	uint16_t segment;
	uint16_t first;
	uint16_t last;
	uint16_t id;
};

struct pci_device;

/**
 * pci_group() - Fill in .ids but .phantom_bits, of every function.
 * @devices: .sbdf, .is_bridge, .bridge and .ids.phantom_bits are set
 * @count:   at most 255
 */
void pci_group(struct pci_device *devices, unsigned count,
	       const struct pci_alias *aliases, unsigned alias_count);

/* pci_has_id() - May a request of @dev carry the id @bdf? */
bool pci_has_id(const struct pci_device *dev, uint16_t segment, uint16_t bdf);
