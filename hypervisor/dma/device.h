/* SPDX-License-Identifier: MIT */
/*
 * The registry of devices: who owns a PCI function, under which token, in which
 * domain, and whether its DMA goes anywhere at this moment.
 *
 *   owner    domain  is_live   what it means
 *   control  NULL    true      at home in the control domain's PassThrough
 *   NULL     NULL    false     in quarantine: blocked, reset (dma/handover.h)
 *   guest    NULL    false     assigned, blocked
 *   guest    set     true      attached; Unmanaged or policy: set, false
 *
 * is_live is cleared only after a unit confirmed the block, and until then the
 * device changes neither owner nor domain: what may still be walked is never
 * taken for free.
 */
#pragma once

#include "dma/domain.h"
#include "dma/firmware.h"
#include "platform/pci_reset.h"

/* Where a group's ids go while no domain has them (dma/requester.h). */
struct dma_keep {
	bool is_up;
	uint16_t asid;
	uint64_t table_count;
	struct pt pt; /* the firmware's regions, nothing else                */
};

struct dma_device {
	/* Fixed at start. */
	const struct pci_device *pci;
	bool has_unit;	/* behind a driven unit                              */
	bool is_usable; /* and neither a bridge nor an IOMMU's function      */
	uint8_t unfit;	/* SLUICE_UNFIT_*: why it is assigned to nobody      */
	struct dma_device *leader; /* of its group, itself when it is alone  */
	uint32_t regions;     /* of the firmware, for its group: a set       */
	struct dma_keep keep; /* of a leader                                 */

	/* Protected by the registry's lock. */
	struct dma_guest *owner; /* NULL = nobody                            */
	uint16_t owner_id;	 /* its domid; one word, faults read it bare */
	uint32_t guest_sbdf;	 /* address in the owner's view              */
	uint64_t bar_at[SLUICE_BARS_MAX]; /* guest-physical, 0 = not mapped  */
	uint64_t token; /* handle, 0 = none                         */
	/* Between owners (dma/handover.h). */
	struct pci_reset reset;
	uint8_t reset_state; /* while nobody's: enum sluice_reset_state      */
	bool was_guests;     /* and its last owner was a guest               */
	/* Of the token: as it was created, and what hangs on it. */
	bool has_pasids;       /* configured for PASIDs at all               */
	bool is_tagged;	       /* sub-devices may be created                 */
	bool is_quiet;	       /* their faults are not recorded              */
	uint32_t pasid_count;  /* sub-devices                                */
	uint64_t type_changes; /* of the types it may have, from 1           */
	struct dma_domain *domain; /* attached by the owner, or NULL         */
	uint16_t asid; /* the unit's name for it, while live       */
	bool is_live;  /* a unit lets its DMA through              */
};

void dma_devices_lock(void);
void dma_devices_unlock(void);

/* The rest is called with the registry's lock held, unless it says not. */

/* dma_devices_fill() - Read the PCI list; takes no lock, start-up only. */
void dma_devices_fill(void);

/* dma_devices_forget() - For the tests' next machine. */
void dma_devices_forget(void);

/* dma_device_owner_id() - For fault records: takes no lock. */
uint16_t dma_device_owner_id(uint32_t sbdf);

unsigned dma_device_count(void);
struct dma_device *dma_device_at(unsigned n);

/* dma_device_find() - By the machine's address; NULL: no such function. */
struct dma_device *dma_device_find(uint32_t sbdf);

/* dma_device_find_own() - By the address in @dg's view. */
struct dma_device *dma_device_find_own(const struct dma_guest *dg,
				       uint32_t guest_sbdf);

/* dma_device_by_token() - By handle. NULL: not a token of @dg. */
struct dma_device *dma_device_by_token(const struct dma_guest *dg,
				       uint64_t token);

/* dma_device_is_fit() - True when it can be a guest's. */
bool dma_device_is_fit(const struct dma_device *dev);

/* dma_device_is_quarantined() - True when it may be assigned or released. */
bool dma_device_is_quarantined(const struct dma_device *dev);

/**
 * dma_device_connect() - Let its DMA go through a domain of its owner.
 *
 * The device is blocked; the owner's lock is held as well. A domain without a
 * target (dma/configure.h) leaves it blocked, with success.
 * Return: 0; -XEN_ENOMEM, -XEN_EIO: still blocked.
 */
int dma_device_connect(struct dma_device *dev,
		       struct dma_domain *dma) __must_check;

/**
 * dma_device_retarget() - Its Unmanaged domain has another table, or none.
 *
 * Both locks are held; translations of the old one are the caller's to flush.
 * Return: 0; an error of a unit: the old table or the new one, so the caller
 * takes the domain's table away and calls again.
 */
int dma_device_retarget(struct dma_device *dev) __must_check;

/**
 * dma_device_connect_home() - Into the control domain's PassThrough table.
 * The device is blocked and the control domain's; its lock is held.
 */
int dma_device_connect_home(struct dma_device *dev) __must_check;

/**
 * dma_device_block() - Nothing of its DMA goes through, confirmed, but to the
 * firmware's regions. One that was at home has left it; its owner's lock is
 * held. Return: 0, -XEN_EIO: it counts as live.
 */
int dma_device_block(struct dma_device *dev) __must_check;

/* dma_device_set_master() - The bus-master bit, the control domain's but left.
 */
void dma_device_set_master(const struct dma_device *dev, bool on);

/**
 * dma_device_leave() - Silence, block, and take it out of its domain.
 * The owner's lock is held. Return: 0; -XEN_EIO: it stays in its domain.
 */
int dma_device_leave(struct dma_device *dev) __must_check;

/* dma_device_drop_token() - Forget the token, if it has one. */
void dma_device_drop_token(struct dma_device *dev);

/* dma_device_set_owner() - Hand over a blocked one; @dg NULL = nobody. */
void dma_device_set_owner(struct dma_device *dev, struct dma_guest *dg,
			  uint32_t guest_sbdf);

/**
 * dma_devices_send_home() - Attach every usable function of the control domain
 * to its PassThrough table. Takes both locks itself; start-up only.
 * Return: 0; an error of dma_passthrough_get() or a unit: all are blocked.
 */
int dma_devices_send_home(void) __must_check;

/**
 * dma_devices_abandon() - Take every device from a guest that goes.
 * Both locks are held. Return: 0; -XEN_EIO: one may still be walking tables and
 * stays the guest's, with bus-master off; the others are gone.
 */
int dma_devices_abandon(const struct dma_guest *dg) __must_check;

/**
 * dma_devices_apply_policy() - Block or resume what is attached untranslated.
 * Both locks are held. Return: 0 or the first error; a device that could not be
 * resumed stays blocked.
 */
int dma_devices_apply_policy(struct dma_guest *dg) __must_check;
