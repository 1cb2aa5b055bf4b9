/* SPDX-License-Identifier: MIT */
/*
 * One AMD IOMMU's own state, shared by the six files of this folder.
 *
 *   amdvi_unit.c     probe, enable; the operations table
 *   amdvi_command.c  the command buffer: one request, one confirmed answer
 *   amdvi_flush.c    what to invalidate
 *   amdvi_dte.c      the device table: who is blocked, who goes where
 *   amdvi_intr.c     interrupt remapping: whose messages become what
 *   amdvi_event.c    the event log -> the fault log
 *
 * unit->lock is held in every function here but amdvi_probe().
 */
#pragma once

#include "arch/mmio.h"
#include "iommu/amdvi/amdvi_regs.h"
#include "iommu/unit.h"
#include "platform/ivrs.h"

#define AMDVI_DTE_PAGES (AMDVI_DEVICES * sizeof(struct amdvi_dte) / PAGE_BYTES)

/* State, commands, events, status, the control domain's interrupts. */
#define AMDVI_OWN_PAGES 5u

/* The id under which blocked requesters' accesses are tagged; no domain's. */
#define AMDVI_DID_BLOCKED 0u

struct amdvi {
	/* Fixed at probe. */
	uint64_t features;	 /* extended feature register           */
	const struct ivrs *ivrs; /* what firmware says                  */
	unsigned index;		 /* ... of the unit with this number    */
	hpa_t table;		 /* AMDVI_DTE_PAGES pages, contiguous   */
	hpa_t commands;		 /* page of AMDVI_RING_ENTRIES          */
	hpa_t events;		 /* page of AMDVI_RING_ENTRIES          */
	hpa_t status;		 /* word that waits store to            */
	hpa_t home;		 /* the control domain's interrupts     */

	/* Owned by the unit's lock. */
	uint64_t control;  /* what the control register holds         */
	unsigned tail;	   /* next command to write                   */
	unsigned head;	   /* next event to read                      */
	uint64_t sequence; /* of the last wait; each has its own      */
};

static inline struct amdvi *amdvi_of(const struct iommu_unit *unit)
{
	return unit->backend;
}

static inline hpa_t amdvi_reg(const struct iommu_unit *unit, uint64_t offset)
{
	return to_hpa(unit->registers.addr + offset);
}

/* amdvi_control() - Switch bits of the control register. */
void amdvi_control(struct iommu_unit *unit, uint64_t bits, bool on);

/**
 * amdvi_wait_status() - Wait until (status & @mask) == @want.
 * Return: 0; -XEN_EIO it did not in IOMMU_DEADLINE_NS: the unit has failed.
 */
int amdvi_wait_status(struct iommu_unit *unit, uint64_t mask,
		      uint64_t want) __must_check;

/* amdvi_command_start() - Empty command buffer, switched on. 0, -XEN_EIO. */
int amdvi_command_start(struct iommu_unit *unit) __must_check;

/**
 * amdvi_command_run() - One request, then wait until the unit confirms it.
 * Return: 0; -XEN_EIO the unit has failed before, refuses the request, or does
 * not answer in IOMMU_DEADLINE_NS (and has failed from then on).
 */
int amdvi_command_run(struct iommu_unit *unit,
		      struct amdvi_command request) __must_check;

/* Invalidations, each confirmed. Return: 0, -XEN_EIO. */
int amdvi_flush_all(struct iommu_unit *unit) __must_check;
int amdvi_flush_domain(struct iommu_unit *unit, uint16_t asid) __must_check;
int amdvi_flush_pages(struct iommu_unit *unit, uint16_t asid, uint64_t iova,
		      uint64_t pages) __must_check;
int amdvi_flush_device(struct iommu_unit *unit, uint16_t bdf) __must_check;
int amdvi_flush_interrupts(struct iommu_unit *unit, uint16_t bdf) __must_check;

/* amdvi_dte() - The entry of a requester. */
struct amdvi_dte *amdvi_dte(const struct iommu_unit *unit, uint16_t bdf);

/**
 * amdvi_intr_block_all() - Before the table is shown: every id's messages are
 * dropped, or come to the control domain for an I/O APIC or an HPET. Where the
 * unit cannot remap they pass as they are.
 */
void amdvi_intr_block_all(struct iommu_unit *unit);

/* amdvi_intr_can_remap() - Does firmware describe what remapping needs? */
bool amdvi_intr_can_remap(const struct ivrs *ivrs);

/* amdvi_dte_block_all() - Before translation is on: every id blocked. */
void amdvi_dte_block_all(struct iommu_unit *unit);

/* amdvi_event_start() - Empty event log, switched on. 0, -XEN_EIO. */
int amdvi_event_start(struct iommu_unit *unit) __must_check;

/* The operations of struct iommu_ops that live in other files. */
int amdvi_dte_attach(struct iommu_unit *unit, uint16_t bdf,
		     struct iommu_target target) __must_check;
int amdvi_dte_move(struct iommu_unit *unit, uint16_t bdf, uint16_t old_asid,
		   struct iommu_target target) __must_check;
int amdvi_dte_block(struct iommu_unit *unit, uint16_t bdf,
		    uint16_t asid) __must_check;
bool amdvi_dte_is_blocked(struct iommu_unit *unit, uint16_t bdf);
int amdvi_dte_silence(struct iommu_unit *unit, uint16_t bdf) __must_check;
bool amdvi_event_read(struct iommu_unit *unit);
void amdvi_event_announce(struct iommu_unit *unit, uint32_t apic_id,
			  uint8_t vector);
extern const struct iommu_intr_ops amdvi_intr_ops;
