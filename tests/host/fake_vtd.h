/* SPDX-License-Identifier: MIT */
/*
 * A VT-d unit, harsher than silicon (Intel VT-d specification: legacy mode with
 * second-level tables, scalable mode with first-level ones, queued
 * invalidation).
 *
 * It never evicts: what was cached stays until a completed invalidation that
 * names it. Context entries are cached by source id, paging structures and
 * translations by domain id. Invalidations take effect at their completion, as
 * late as the test says. Without snooping it reads tables from a second RAM
 * that only cache_clean() updates. What the specification forbids software to
 * do is recorded as a violation, which fails the test at machine_shutdown().
 */
#pragma once

#include "fake_unit.h"

struct fake_vtd_config {
	unsigned width;	      /* 39 or 48                                    */
	unsigned nd;	      /* CAP.ND: 4 + 2 * nd bits of domain id        */
	bool is_coherent;     /* ECAP.C                                      */
	bool caching_mode;    /* CAP.CM                                      */
	bool no_psi;	      /* no page-selective invalidation              */
	unsigned mamv;	      /* largest address mask                        */
	unsigned superpages;  /* SLLPS: 1 = 2M, 2 = 1G, 3 = both             */
	unsigned fault_count; /* fault recording registers, 1..8             */
	bool no_qi;	      /* ECAP.QI clear: a unit that we cannot drive  */
	bool collapse_faults; /* further faults of a pending source vanish   */
	bool needs_wbf;	      /* CAP.RWBF                                    */
	bool scalable;	      /* ECAP.SMTS, with SLTS unless                 */
	bool first_stage;     /* ECAP.FLTS instead; superpages 2 = FS1GP     */
	bool walks_snoop;     /* ECAP.SMPWC                                  */
	bool left_enabled;    /* firmware left translation on                */
	bool no_ir;	      /* ECAP.IR clear: interrupts pass as they are  */
	bool has_eim;	      /* ECAP.EIM                                    */
	bool snoop_control;   /* ECAP.SC                                     */
	unsigned mhmv;	      /* ECAP.MHMV                                   */
	bool is_deaf;	      /* GSTS never follows GCMD, from the start     */
	uint16_t segment;
	bool explicit_scope; /* DRHD lists its functions, not INCLUDE_ALL   */
};

#define FAKE_VTD_DEFAULT                                                       \
	((struct fake_vtd_config){.width = 48,                                 \
				  .nd = 6,                                     \
				  .mamv = 18,                                  \
				  .superpages = 3,                             \
				  .fault_count = 1})

struct fake_vtd;

struct fake_vtd *fake_vtd_create(const struct fake_vtd_config *config,
				 uint64_t registers);
void fake_vtd_destroy(struct fake_vtd *unit);

/**
 * fake_vtd_translate() - One access within one 4 KiB page.
 * @hpa: receives the machine address on FAKE_DMA_OK
 */
enum fake_dma fake_vtd_translate(struct fake_vtd *unit, uint16_t source,
				 uint64_t iova, bool is_write, uint64_t *hpa);

/* Functions as in fake_unit.h. */
bool fake_vtd_interrupt(struct fake_vtd *unit, uint16_t source,
			uint64_t address, uint32_t data,
			struct fake_arrival *arrival);

/* ---- how the unit behaves ---- */

/* Descriptors take effect this long after the tail was written. */
void fake_vtd_delay(struct fake_vtd *unit, uint64_t ns);

/* Of the descriptors between two waits the last takes effect first. */
void fake_vtd_reorder(struct fake_vtd *unit, bool reorder);

/* Consume no descriptor until released; then all that wait, in order. */
void fake_vtd_hold(struct fake_vtd *unit, bool hold);

/* The n-th descriptor from now (1 = next) raises IQE and stops the queue. */
void fake_vtd_queue_error(struct fake_vtd *unit, unsigned n);

/* Ignore global commands: GSTS never follows GCMD. */
void fake_vtd_ignore_commands(struct fake_vtd *unit, bool ignore);

/* Called before each descriptor takes effect: a device that hammers. */
void fake_vtd_between(struct fake_vtd *unit, void (*hook)(void *), void *arg);

/* ---- what the unit saw ---- */

void fake_vtd_damage(struct fake_vtd *unit, bool on);
struct fake_unit_counts fake_vtd_counts(const struct fake_vtd *unit);
bool fake_vtd_is_translating(const struct fake_vtd *unit);

/* First violation recorded, NULL for none. */
const char *fake_vtd_violation(const struct fake_vtd *unit);
/* Forget violations: the test wanted them. */
void fake_vtd_forgive(struct fake_vtd *unit);

/* Entries cached of a domain id: translations and paging structures. */
unsigned fake_vtd_cached(const struct fake_vtd *unit, uint16_t did);

/* ---- for the bus and the clock ---- */
uint64_t fake_vtd_read(struct fake_vtd *unit, unsigned offset, unsigned bytes);
void fake_vtd_write(struct fake_vtd *unit, unsigned offset, unsigned bytes,
		    uint64_t value);
void fake_vtd_tick(struct fake_vtd *unit);
void fake_vtd_clock_was_read(struct fake_vtd *unit);
