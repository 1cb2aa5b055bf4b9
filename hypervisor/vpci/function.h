/* SPDX-License-Identifier: MIT */
/*
 * One assigned function as its guest sees it. Inside of this room; all of it
 * is called with the registry's lock held, on behalf of the owner.
 *
 * A function is adopted when its guest first touches it, and so are its
 * capabilities: those that are known, as they stood then.
 */
#pragma once

#include "dma/device.h"
#include "iommu/intr.h"
#include "vpci/vpci.h"

#define VPCI_CONFIG_BYTES     256u
#define VPCI_CAPABILITIES_MAX 4u /* one of each kind that is known */

struct vpci_function;

/*
 * A kind of capability that a guest may see. Offsets are from its start,
 * multiples of 4. Of the first word, the lower half is not the kind's.
 */
struct vpci_kind {
	uint8_t id;
	/* Its size; 0: this one is not shown. */
	unsigned (*bytes)(struct vpci_function *f, unsigned at);
	uint32_t (*read)(struct vpci_function *f, unsigned at, unsigned offset);
	/* @mask: the bits that are written. NULL: read-only. */
	void (*write)(struct vpci_function *f, unsigned at, unsigned offset,
		      uint32_t value, uint32_t mask);
};

struct vpci_capability {
	const struct vpci_kind *kind;
	uint8_t at;
	uint8_t bytes;
};

/* What the guest has programmed, and the vector that is let through for it. */
struct vpci_msi {
	bool is_64bit, has_mask; /* of the hardware                          */
	bool is_enabled;
	uint64_t address;
	uint32_t data;
	uint32_t mask;
	uint8_t vector; /* 0 = none: off in the hardware                     */
};

struct vpci_msix_entry {
	uint64_t address;
	uint32_t data;
	bool is_masked;
	uint8_t vector; /* 0 = none                                          */
};

struct vpci_msix {
	bool is_enabled, is_masked;
	struct vpci_msix_entry entry[PCI_MSIX_ENTRIES];
};

struct vpci_function {
	/* Fixed when adopted. */
	const struct dma_device *dev;
	struct guest *guest;
	uint64_t generation; /* of the guest in its slot; 0 = nobody's       */
	unsigned capability_count;
	struct vpci_capability capability[VPCI_CAPABILITIES_MAX];

	/* The guest's. */
	bool decodes_memory;
	bool hides_pin;
	uint8_t sizing; /* BAR registers that hold all ones                  */
	struct vpci_msi msi;
	struct vpci_msix msix;
	struct iommu_message message; /* of entry 0, once one was let through */
};

/* vpci_function() - The guest's function at an address in its view, or NULL.
 */
struct vpci_function *vpci_function(struct guest *guest, uint32_t guest_sbdf);

/* vpci_function_of() - The same, by the registry's entry, which is its own. */
struct vpci_function *vpci_function_of(struct guest *guest,
				       struct dma_device *dev);

/* One word of its configuration space; @at a multiple of 4, below 256. */
uint32_t vpci_function_read(struct vpci_function *f, unsigned at);
void vpci_function_write(struct vpci_function *f, unsigned at, uint32_t value,
			 uint32_t mask);

/**
 * vpci_capabilities_find() - Fill the list; the hardware's own is walked. What
 * sends messages is switched off, whether it is shown or not.
 */
void vpci_capabilities_find(struct vpci_function *f);

/* vpci_capability_at() - The one that holds a word of the space, or NULL. */
const struct vpci_capability *vpci_capability_at(const struct vpci_function *f,
						 unsigned at);

/* Where the list begins, and goes on behind one of it; 0 = nowhere. */
uint8_t vpci_capability_first(const struct vpci_function *f);
uint8_t vpci_capability_next(const struct vpci_function *f,
			     const struct vpci_capability *c);

/* The real registers. */
uint16_t vpci_config_read16(const struct vpci_function *f, unsigned at);
uint32_t vpci_config_read32(const struct vpci_function *f, unsigned at);
void vpci_config_write16(const struct vpci_function *f, unsigned at,
			 uint16_t value);
void vpci_config_write32(const struct vpci_function *f, unsigned at,
			 uint32_t value);

/* ---- messages ---- */

/**
 * vpci_message_vector() - Which vector of its own CPU does a message name?
 * Return: 0: none. Another CPU, another delivery than fixed, level-triggered, a
 * vector of the hypervisor's, or no message at all.
 */
uint8_t vpci_message_vector(uint64_t address, uint32_t data);

/**
 * vpci_message_route() - Let message @n of a function through, or no longer.
 * @wanted: vector, or 0
 * @now:    what it was; receives what it is
 * @message: receives what the device is to send, if *@now is not 0
 */
void vpci_message_route(struct vpci_function *f, unsigned n, uint8_t wanted,
			uint8_t *now, struct iommu_message *message);

/* vpci_guest_program() - Its vectors that devices may raise, counted. */
void vpci_guest_program(const struct guest *guest, uint8_t vector, bool on);
uint64_t vpci_guest_generation(const struct guest *guest);

/* ---- kinds ---- */

extern const struct vpci_kind vpci_power, vpci_express, vpci_msi_kind,
	vpci_msix_kind;

/* vpci_msix_access() - The guest's access to a page of the table: vpci_mmio().
 * @offset: from the start of the BAR
 */
void vpci_msix_access(struct vpci_function *f, uint64_t offset, unsigned bytes,
		      bool is_write, uint64_t *value);
