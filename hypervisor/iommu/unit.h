/* SPDX-License-Identifier: MIT */
/*
 * An IOMMU unit as the DMA service sees it: a contract of operations, a
 * registry, and the way from a requester id to its unit.
 *
 * Fails closed: a requester id is blocked unless iommu_attach() succeeded for
 * it. Every operation that changes what a device may reach returns only when
 * the unit has confirmed that nothing stale is cached, or with an error, after
 * which the requester stays blocked or (flush) the unit counts as failed.
 */
#pragma once

#include "base/spinlock.h"
#include "iommu/fault_event.h"
#include "iommu/intr_ops.h"
#include "iommu/target.h"
#include "pt/pt.h"

#include <sluice/dma.h>

#define IOMMU_UNITS_MAX 8u
#define IOMMU_DEADLINE_NS                                                      \
	UINT64_C(1000000000) /* a wait that takes longer failed */

struct iommu_unit;

/* What a unit can do; the narrowest over all units rules the service. */
struct iommu_limits {
	unsigned levels;       /* second-level table depth to use: 3..5      */
	uint32_t level_mask;   /* bit n = depth n works; 0 = .levels alone   */
	unsigned leaf_levels;  /* leaves may stand at level 0..this - 1      */
	unsigned address_bits; /* width of logical addresses                 */
	uint32_t asid_count;   /* ids 0..asid_count-1; 0 is never given out  */
	bool is_coherent;      /* table walks snoop caches                   */
	bool forces_snoop;     /* a leaf can make a device's accesses snoop  */
	bool needs_present_flush; /* flush after mapping as well: absent entries
				     are cached (VT-d CM) or writes linger in
				     the chipset (RWBF)                       */
	bool has_first_stage;  /* tables that TranslateS1 asks for            */
	bool has_second_stage; /* tables that Translate asks for              */
	bool can_nest_arm64; /* walks a caller's table under a second stage   */
	uint32_t pasid_count; /* PASIDs below this; 0 = cannot tag            */
	bool remaps_interrupts; /* iommu/intr.h                              */
};

/*
 * Contract of a backend. Called with unit->lock held. Each returns 0, or
 * -XEN_EIO when the unit did not confirm: it refused the request, or it missed
 * the deadline, and then the backend sets unit->has_failed.
 */
struct iommu_ops {
	const char *name;
	const struct pt_format *format;
	/* Instead, where every unit can force snooping; NULL: no difference. */
	const struct pt_format *snoop_format;
	/* Block every requester, then switch translation on. */
	int (*enable)(struct iommu_unit *unit);
	/*
	 * Also: -XEN_ENOMEM, tables of the unit; nothing changed then. A nest
	 * comes where limits.can_nest_arm64 alone, and may take the place of
	 * another under the same id; who asked flushes the id.
	 */
	int (*attach)(struct iommu_unit *unit, uint16_t bdf,
		      struct iommu_target target);
	/*
	 * Entry cleared, then entry and translations of @asid flushed. Called
	 * for a failed unit as well: it clears the entry and returns -XEN_EIO.
	 */
	int (*block)(struct iommu_unit *unit, uint16_t bdf, uint16_t asid);
	/*
	 * From one table to another by one store, then the entry and the
	 * translations of @old_asid flushed; on error the entry leads to the
	 * first one again. NULL where an entry cannot change so.
	 */
	int (*move)(struct iommu_unit *unit, uint16_t bdf, uint16_t old_asid,
		    struct iommu_target target);
	int (*flush_pages)(struct iommu_unit *unit, uint16_t asid,
			   uint64_t iova, uint64_t pages);
	int (*flush_domain)(struct iommu_unit *unit, uint16_t asid);
	/*
	 * Move what the hardware recorded to the fault log, up to a bound.
	 * Return: true when there may be more.
	 */
	bool (*read_faults)(struct iommu_unit *unit);
	/* Announce faults to a CPU from now on. NULL: they are asked for. */
	void (*start_events)(struct iommu_unit *unit, uint32_t apic_id,
			     uint8_t vector);
	/* No faults of @bdf are recorded before the next attach or block. */
	int (*silence)(struct iommu_unit *unit, uint16_t bdf);
	/* What the tables in memory say about @bdf: true = DMA is blocked. */
	bool (*is_blocked)(struct iommu_unit *unit, uint16_t bdf);
	/* For one PASID alone. NULL where limits.pasid_count is 0. */
	int (*attach_pasid)(struct iommu_unit *unit, uint16_t bdf,
			    uint32_t pasid, struct iommu_target target);
	int (*block_pasid)(struct iommu_unit *unit, uint16_t bdf,
			   uint32_t pasid, uint16_t asid);
	/* NULL where limits.remaps_interrupts is false. */
	const struct iommu_intr_ops *intr;
};

struct iommu_unit {
	/* Fixed at probe. */
	const struct iommu_ops *ops;
	struct iommu_limits limits;
	hpa_t registers;
	uint64_t register_bytes;
	uint16_t segment;
	unsigned index;
	bool is_catch_all; /* covers every requester that no other unit names */
	void *backend;	   /* the vendor's own state                         */

	/* Protected by lock. */
	struct spinlock lock;
	bool has_failed; /* missed a deadline: every later request fails   */
};

/**
 * iommu_start() - Find the units in the firmware's tables and enable each with
 * every requester blocked.
 *
 * All or nothing over the machine: if one unit cannot be driven no domain
 * interface is offered (units already enabled keep blocking).
 * Return: enum sluice_no_interface.
 */
uint32_t iommu_start(void);

/* iommu_limits() - Narrowest over all units; asid_count 0 without any. */
struct iommu_limits iommu_limits(void);
const struct pt_format *iommu_format(void);
const char *iommu_name(void); /* "vtd", "amdvi", "none" */
unsigned iommu_unit_count(void);

/* iommu_unit_at() - The n-th unit, NULL past the last. */
struct iommu_unit *iommu_unit_at(unsigned n);

/* iommu_unit_of() - The unit in front of a requester, or NULL. */
struct iommu_unit *iommu_unit_of(uint32_t sbdf);

/* iommu_owns_registers() - True if [start, +bytes) touches a unit's registers.
 */
bool iommu_owns_registers(uint64_t start, uint64_t bytes);

/**
 * iommu_attach() - Let a requester's DMA go through a table.
 * The requester must be blocked. Return: 0; -XEN_ENODEV no unit; -XEN_ENOMEM;
 * -XEN_EIO: unit failed; on any error the requester is blocked.
 *
 * One that goes through a nested target may get another under the same id; the
 * caller flushes the id after it, and blocks the requester after an error.
 */
int iommu_attach(uint32_t sbdf, struct iommu_target target) __must_check;

/**
 * iommu_move() - Let a requester's DMA go through another table than now.
 * @old_asid: id of the table that it goes through
 *
 * At no moment is it blocked, or seen with a mixture of the two. The new table
 * may be the present one. Return: 0, and nothing of the old one is cached;
 * -XEN_EIO: the entry is as before, a unit may hold something of either;
 * -XEN_ENODEV no unit, or one that cannot.
 */
int iommu_move(uint32_t sbdf, uint16_t old_asid,
	       struct iommu_target target) __must_check;
bool iommu_can_move(uint32_t sbdf);

/* iommu_block() - The reverse. Return: 0, -XEN_EIO (nothing may be freed). */
int iommu_block(uint32_t sbdf, uint16_t asid) __must_check;

/* The same for one PASID of a requester. */
int iommu_attach_pasid(uint32_t sbdf, uint32_t pasid,
		       struct iommu_target target) __must_check;
int iommu_block_pasid(uint32_t sbdf, uint32_t pasid,
		      uint16_t asid) __must_check;

/**
 * iommu_flush_pages() - Drop translations of a range of one id, on all units.
 * Also drops what walkers cached of the tables above it.
 * Return: 0, or -XEN_EIO: nothing that was unmapped may be reused.
 */
int iommu_flush_pages(uint16_t asid, uint64_t iova,
		      uint64_t pages) __must_check;
int iommu_flush_domain(uint16_t asid) __must_check;

/* iommu_reset() - Forget every unit and fault; for the tests' next machine. */
void iommu_reset(void);
