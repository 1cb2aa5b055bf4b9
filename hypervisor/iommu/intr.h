/* SPDX-License-Identifier: MIT */
/*
 * Interrupt remapping: which vector of which CPU a requester's message becomes.
 *
 *   the control domain's ──drop──► dropped ──open──► entries of its own,
 *            ▲                        │ ▲            all empty; set: one
 *            └─────────close──────────┘ └────drop────────────┘
 *
 * At start every requester is dropped. One that is open reaches what its
 * entries say and nothing else: not another's entries, not a vector of its own
 * choice, no NMI, SMI or INIT. What does not pass is dropped and recorded as a
 * fault. Vector and CPU come from the hypervisor, never from a guest.
 *
 * VT-d specification, "Interrupt Remapping"; AMD IOMMU specification, 48882,
 * "Interrupt Remapping Tables".
 */
#pragma once

#include "lib/compiler.h"

#define IOMMU_INTR_ENTRIES 256u /* of one requester, at most */

/* Where an interrupt goes: fixed, edge, physical destination. */
struct iommu_vector {
	uint8_t vector; /* 32..255 */
	uint32_t apic_id;
};

/* What the device must send. Entry n's differs from entry 0's in .data + n. */
struct iommu_message {
	uint64_t address;
	uint32_t data;
};

/* What of a requester's messages passes, as the tables in memory have it. */
enum iommu_heard {
	IOMMU_HEARD_UNKNOWN,	/* no unit in front of it, or it cannot remap */
	IOMMU_HEARD_NOT,	/* nothing                                   */
	IOMMU_HEARD_OWN,	/* what entries say that are its own         */
	IOMMU_HEARD_HOME,	/* ordinary vectors of the control domain's  */
	IOMMU_HEARD_CONTROLLER, /* an I/O APIC's or HPET's: as firmware says */
	IOMMU_HEARD_STRAY,	/* anything else: unremapped, through entries
				   that are not its own, by a unit that is not
				   in front of it                            */
};

/*
 * The APIC id of the control domain's one CPU: where its requesters' messages
 * go, if the unit can tell them apart. Set before iommu_start().
 */
extern uint32_t iommu_intr_home;

/* iommu_intr_is_present() - Does every unit remap interrupts? No units: no. */
bool iommu_intr_is_present(void);

/* iommu_intr_covers() - Does the unit in front of this requester? */
bool iommu_intr_covers(uint32_t sbdf);

/*
 * iommu_intr_has_home() - Does that unit let pass, of the control domain's
 * requesters, what is not remapped one by one? One that has failed: no.
 */
bool iommu_intr_has_home(uint32_t sbdf);

/**
 * iommu_intr_open() - From now on every interrupt of a requester goes through
 * entries of its own, all of them empty: dropped.
 * @entries: 1 to IOMMU_INTR_ENTRIES; entry n is for .data + n, so that a device
 *           with several messages counts up within them
 *
 * Of one that is open already every entry is emptied, and confirmed.
 * Return: 0, or, in the order checked, with everything as before,
 *   -XEN_EINVAL      @entries is out of range
 *   -XEN_EOPNOTSUPP  no unit in front of it, or one that does not remap
 *   -XEN_ENOSPC      the unit has no entries left
 *   -XEN_ENOMEM      no page
 *   -XEN_EIO         the unit has failed, or did not confirm; then it is
 *                    dropped in memory, and the old may still be in use
 */
int iommu_intr_open(uint32_t sbdf, unsigned entries) __must_check;

/**
 * iommu_intr_set() - Fill or empty one entry.
 * @n:       entry, below what iommu_intr_open() was asked for
 * @to:      NULL: dropped
 * @message: receives what the device must send for it, unless @to is NULL;
 *           may be NULL
 *
 * When it returns the unit has confirmed that nothing older is in use.
 * Return: 0, or, in the order checked,
 *   -XEN_EOPNOTSUPP  no unit in front of it, or one that does not remap
 *   -XEN_EINVAL      not open, @n is out of range, a vector below 32, or an
 *                    APIC id that the unit's entries cannot hold; as before
 *   -XEN_EIO         the unit has failed, or did not confirm: the entry is
 *                    empty in memory, and the old one may still be in use
 */
int iommu_intr_set(uint32_t sbdf, unsigned n, const struct iommu_vector *to,
		   struct iommu_message *message) __must_check;

/**
 * iommu_intr_drop() - Nothing of a requester passes, confirmed; its entries, if
 * it has any, are empty and given back.
 *
 * Return: 0, also where nothing remaps; -XEN_EIO: the unit did not confirm. All
 * is dropped in memory, what was open keeps its entries, and the old may still
 * be in use.
 */
int iommu_intr_drop(uint32_t sbdf) __must_check;

/**
 * iommu_intr_close() - Dropped, and then the control domain's: its messages
 * pass where the unit lets any pass that are not remapped one by one.
 *
 * Also for one that was never open. Return: 0, also where nothing remaps;
 * -XEN_EIO: the unit did not confirm, and it is as after iommu_intr_drop().
 */
int iommu_intr_close(uint32_t sbdf) __must_check;
