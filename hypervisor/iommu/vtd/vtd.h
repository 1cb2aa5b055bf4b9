/* SPDX-License-Identifier: MIT */
/*
 * One VT-d unit's own state, shared by the files of this folder.
 *
 *   vtd_unit.c      probe, commands, enable; the operations of legacy mode
 *   vtd_queue.c     the invalidation queue: one request, one confirmed answer
 *   vtd_flush.c     what to ask of it
 *   vtd_context.c   legacy mode's tables: who is blocked, who goes where
 *   vtd_pasid.c     scalable mode's tables
 *   vtd_scalable.c  scalable mode: its requests and operations
 *   vtd_intr.c      interrupt remapping: whose messages become what
 *   vtd_fault.c     fault registers -> the fault log
 *
 * unit->lock is held in every function here but vtd_probe().
 */
#pragma once

#include "arch/mmio.h"
#include "iommu/unit.h"
#include "iommu/vtd/vtd_regs.h"

/* Requesters that have entries of their own; each has a block of them. */
#define VTD_INTR_BLOCKS 64u
#define VTD_INTR_PAGES                                                         \
	(VTD_INTR_BLOCKS * IOMMU_INTR_ENTRIES * sizeof(struct vtd_irte) /      \
	 PAGE_BYTES)

struct vtd_intr_block {
	uint16_t bdf;
	uint16_t entries; /* in use, from the first; 0 = nobody's block */
};

struct vtd {
	/* Fixed at probe. */
	uint64_t cap;
	uint64_t ecap;
	hpa_t root;	   /* root table                                     */
	hpa_t queue;	   /* page of descriptors                            */
	hpa_t status;	   /* page that wait descriptors write to            */
	uint64_t fault_at; /* offset of the first fault register             */
	unsigned fault_count;
	unsigned descriptor_lg2; /* bytes of a descriptor: 4, scalable mode 5 */
	hpa_t intr_table; /* VTD_INTR_PAGES; HPA_NONE: cannot remap         */

	/* Owned by the unit's lock. */
	struct vtd_intr_block intr_block[VTD_INTR_BLOCKS];

	/* Owned by the queue. */
	unsigned tail;	   /* next descriptor to write                       */
	uint32_t sequence; /* of the last wait; each has its own             */
};

/* Where in the status page. */
#define VTD_STATUS_DONE	   0u /* the sequence number of a finished wait   */
#define VTD_STATUS_SCRATCH 8u /* replacement of a refused descriptor      */

static inline struct vtd *vtd_of(const struct iommu_unit *unit)
{
	return unit->backend;
}

/* vtd_snoops() - Are the tables above a domain's own read through caches? */
static inline bool vtd_snoops(const struct iommu_unit *unit)
{
	return (vtd_of(unit)->ecap & VTD_ECAP_C) != 0;
}

static inline hpa_t vtd_reg(const struct iommu_unit *unit, uint64_t offset)
{
	return to_hpa(unit->registers.addr + offset);
}

/**
 * vtd_flush_write_buffer() - Push the chipset's buffered stores to memory, on
 * units that ask for it. Return: 0, -XEN_EIO.
 */
int vtd_flush_write_buffer(struct iommu_unit *unit) __must_check;

/* vtd_queue_start() - Empty queue, switched on. Return: 0, -XEN_EIO. */
int vtd_queue_start(struct iommu_unit *unit) __must_check;

/**
 * vtd_queue_run() - One request, then wait until the unit confirms it.
 * Return: 0; -XEN_EIO the unit has failed before, refuses the request, or does
 * not answer in IOMMU_DEADLINE_NS (and has failed from then on).
 */
int vtd_queue_run(struct iommu_unit *unit,
		  struct vtd_descriptor request) __must_check;

/**
 * vtd_start() - The unit's root table, queue and empty caches; then it
 * translates, and blocks whom its tables do not name.
 * @ttm:       how it is to read the root table
 * @flush_all: drops everything that is cached
 * Return: 0, -XEN_EIO.
 */
int vtd_start(struct iommu_unit *unit, unsigned ttm,
	      int (*flush_all)(struct iommu_unit *unit)) __must_check;

/* vtd_command() - Set or clear one bit of GCMD and wait. 0, -XEN_EIO. */
int vtd_command(struct iommu_unit *unit, uint32_t bit, bool on) __must_check;

/**
 * vtd_store() - One word of a table, where the unit will find it: stores before
 * it are seen before it.
 */
void vtd_store(const struct iommu_unit *unit, uint64_t *word, uint64_t value);

/* vtd_table_alloc() - A page of absent entries. Return: HPA_NONE: no page. */
hpa_t vtd_table_alloc(const struct iommu_unit *unit);

/**
 * vtd_root_fill() - Let a root entry lead to a context table, if it does not.
 * @root: in scalable mode one half of the entry
 * Return: 0, -XEN_ENOMEM.
 */
int vtd_root_fill(const struct iommu_unit *unit, uint64_t *root) __must_check;

/**
 * vtd_flush_run() - One invalidation: what tables now say is in memory before
 * the unit is made to forget. Return: 0, -XEN_EIO.
 */
int vtd_flush_run(struct iommu_unit *unit, uint64_t low,
		  uint64_t high) __must_check;

/**
 * vtd_flush_is_one() - True when one page-selective request covers the range
 * exactly; then @mask_lg2 is its address mask.
 */
bool vtd_flush_is_one(const struct vtd *vtd, uint64_t iova, uint64_t pages,
		      unsigned *mask_lg2);

/* Invalidations, each confirmed. Return: 0, -XEN_EIO. */
int vtd_flush_all_contexts(struct iommu_unit *unit) __must_check;
int vtd_flush_all_pages(struct iommu_unit *unit) __must_check;
int vtd_flush_all(struct iommu_unit *unit) __must_check; /* both, in order */
int vtd_flush_domain(struct iommu_unit *unit, uint16_t asid) __must_check;
int vtd_flush_pages(struct iommu_unit *unit, uint16_t asid, uint64_t iova,
		    uint64_t pages) __must_check;
int vtd_flush_context(struct iommu_unit *unit, uint16_t bdf,
		      uint16_t asid) __must_check;

/* vtd_flush_interrupts() - Of 1 << @lg2 entries, aligned, from @first on. */
int vtd_flush_interrupts(struct iommu_unit *unit, unsigned first,
			 unsigned lg2) __must_check;
int vtd_flush_all_interrupts(struct iommu_unit *unit) __must_check;

/**
 * vtd_intr_start() - Every message dropped, of either format; the queue runs.
 * Nothing where the unit cannot remap. Return: 0, -XEN_EIO.
 */
int vtd_intr_start(struct iommu_unit *unit) __must_check;

/* The operations of struct iommu_ops that live in other files. */
int vtd_context_attach(struct iommu_unit *unit, uint16_t bdf,
		       struct iommu_target target) __must_check;
int vtd_context_block(struct iommu_unit *unit, uint16_t bdf,
		      uint16_t asid) __must_check;
int vtd_context_move(struct iommu_unit *unit, uint16_t bdf, uint16_t old_asid,
		     struct iommu_target target) __must_check;
bool vtd_context_is_blocked(struct iommu_unit *unit, uint16_t bdf);
int vtd_context_silence(struct iommu_unit *unit, uint16_t bdf) __must_check;
bool vtd_fault_read(struct iommu_unit *unit);
void vtd_fault_events(struct iommu_unit *unit, uint32_t apic_id,
		      uint8_t vector);
extern const struct iommu_intr_ops vtd_intr_ops;
