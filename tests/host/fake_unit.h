/* SPDX-License-Identifier: MIT */
/*
 * An IOMMU unit of either vendor, as the rest of the machine and the tests see
 * it: fake_vtd.h or fake_amdvi.h behind one handle, so that a test says nothing
 * of the vendor unless the vendor is what it is about.
 */
#pragma once

#include "fake_intr.h"
#include "lib/compiler.h"

/* Result of a DMA access. */
enum fake_dma {
	FAKE_DMA_OK,
	FAKE_DMA_FAULT,	    /* blocked, and the unit has recorded why        */
	FAKE_DMA_LOST,	    /* translated to something that is no RAM        */
	FAKE_DMA_INTERRUPT, /* a write to 0xfeexxxxx: taken as an interrupt  */
	FAKE_DMA_NO_MASTER, /* the function's bus-master bit is off          */
};

struct fake_unit_counts {
	uint64_t descriptors;	  /* commands of any kind                    */
	uint64_t context_flushes; /* of entries of requesters                */
	uint64_t global_flushes;  /* of translations                         */
	uint64_t domain_flushes;
	uint64_t page_flushes;
	uint64_t waits;
	uint64_t interrupts;	    /* DMA writes to 0xfeexxxxx */
	uint64_t interrupt_flushes; /* of remapping entries                  */
	uint64_t faults;	    /* blocked accesses, recorded or not */
	uint64_t walks;		    /* walks of a domain's table from memory */
	unsigned last_reason; /* of the last blocked access, as is recorded */
};

struct fake_vtd_config;
struct fake_amdvi_config;
struct fake_unit;

struct fake_unit *fake_unit_vtd(const struct fake_vtd_config *config,
				uint64_t registers);
struct fake_unit *fake_unit_amdvi(const struct fake_amdvi_config *config,
				  uint64_t registers);
void fake_unit_destroy(struct fake_unit *unit);

/**
 * fake_unit_translate() - One access within one 4 KiB page.
 * @hpa: receives the machine address on FAKE_DMA_OK
 */
enum fake_dma fake_unit_translate(struct fake_unit *unit, uint16_t source,
				  uint64_t iova, bool is_write, uint64_t *hpa);

/**
 * fake_unit_interrupt() - A write of four bytes to 0xfeexxxxx.
 * @arrival: receives what comes out, but for whose it was
 * Return: false when it is dropped.
 */
bool fake_unit_interrupt(struct fake_unit *unit, uint16_t source,
			 uint64_t address, uint32_t data,
			 struct fake_arrival *arrival);

/* ---- how the unit behaves ---- */

/* Commands take effect this long after the tail was written. */
void fake_unit_delay(struct fake_unit *unit, uint64_t ns);

/*
 * Commands may overtake each other: of those between two waits the last takes
 * effect first. Not while a refusal is armed.
 */
void fake_unit_reorder(struct fake_unit *unit, bool reorder);

/* Consume no command until released; then all that wait, in order. */
void fake_unit_hold(struct fake_unit *unit, bool hold);

/* The n-th command from now (1 = next) is refused and stops the queue. */
void fake_unit_queue_error(struct fake_unit *unit, unsigned n);

/* Status never follows what is switched. */
void fake_unit_ignore_commands(struct fake_unit *unit, bool ignore);

/* Its registers read as all ones, and take no writes, until it is back. */
void fake_unit_vanish(struct fake_unit *unit, bool is_gone);

/* What it reads of the table of requesters is damaged, as by a parity error. */
void fake_unit_damage(struct fake_unit *unit, bool on);

/* Called before each command takes effect: a device that hammers. */
void fake_unit_between(struct fake_unit *unit, void (*hook)(void *), void *arg);

/* ---- what the unit saw ---- */

struct fake_unit_counts fake_unit_counts(const struct fake_unit *unit);
bool fake_unit_is_translating(const struct fake_unit *unit);

/* First violation recorded, NULL for none. */
const char *fake_unit_violation(const struct fake_unit *unit);
/* Forget violations: the test wanted them. */
void fake_unit_forgive(struct fake_unit *unit);

/* Entries cached of a domain id: translations and paging structures. */
unsigned fake_unit_cached(const struct fake_unit *unit, uint16_t did);

/* ---- for the bus and the clock ---- */
bool fake_unit_answers(const struct fake_unit *unit, uint64_t address);
uint64_t fake_unit_read(struct fake_unit *unit, uint64_t address,
			unsigned bytes);
void fake_unit_write(struct fake_unit *unit, uint64_t address, unsigned bytes,
		     uint64_t value);
void fake_unit_tick(struct fake_unit *unit);
void fake_unit_clock_was_read(struct fake_unit *unit);
