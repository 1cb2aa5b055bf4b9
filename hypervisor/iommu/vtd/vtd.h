/* SPDX-License-Identifier: MIT */
/*
 * One VT-d unit's own state, shared by the four files of this folder.
 *
 *   vtd_unit.c     probe, commands, enable; the operations table
 *   vtd_queue.c    the invalidation queue: one request, one confirmed answer
 *   vtd_context.c  root and context tables: who is blocked, who goes where
 *   vtd_fault.c    fault registers -> the fault log
 *
 * unit->lock is held in every function here but vtd_probe().
 */
#pragma once

#include "arch/mmio.h"
#include "iommu/unit.h"
#include "iommu/vtd/vtd_regs.h"

#define VTD_QUEUE_ENTRIES 256u /* one page */

struct vtd {
	/* Fixed at probe. */
	uint64_t cap;
	uint64_t ecap;
	hpa_t root;	   /* root table                                     */
	hpa_t queue;	   /* page of VTD_QUEUE_ENTRIES descriptors          */
	hpa_t status;	   /* page that wait descriptors write to            */
	uint64_t fault_at; /* offset of the first fault register             */
	unsigned fault_count;

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

/* vtd_command() - Set or clear one bit of GCMD and wait. 0, -XEN_EIO. */
int vtd_command(struct iommu_unit *unit, uint32_t bit, bool on) __must_check;

/* Invalidations, each confirmed. Return: 0, -XEN_EIO. */
int vtd_flush_all(struct iommu_unit *unit) __must_check;
int vtd_flush_domain(struct iommu_unit *unit, uint16_t asid) __must_check;
int vtd_flush_pages(struct iommu_unit *unit, uint16_t asid, uint64_t iova,
		    uint64_t pages) __must_check;
int vtd_flush_context(struct iommu_unit *unit, uint16_t bdf,
		      uint16_t asid) __must_check;

/* The operations of struct iommu_ops that live in other files. */
int vtd_context_attach(struct iommu_unit *unit, uint16_t bdf,
		       struct iommu_target target) __must_check;
int vtd_context_block(struct iommu_unit *unit, uint16_t bdf,
		      uint16_t asid) __must_check;
bool vtd_context_is_blocked(struct iommu_unit *unit, uint16_t bdf);
void vtd_fault_read(struct iommu_unit *unit);
