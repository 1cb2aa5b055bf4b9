/* SPDX-License-Identifier: MIT */
/*
 * An AMD IOMMU, harsher than silicon (AMD IOMMU specification, 48882: device
 * table, host page tables, command buffer, event log).
 *
 * It never evicts: what was cached stays until a completed command that names
 * it. Device table entries are cached by requester, blocked ones as well;
 * paging structures by domain id; translations are found by requester alone and
 * dropped by domain id alone, so that an entry is not enough to change a
 * device's domain. Commands take effect at their completion, as late as the
 * test says. What the specification forbids software to do is recorded as a
 * violation, which fails the test at machine_shutdown(). Functions as in
 * fake_unit.h.
 */
#pragma once

#include "fake_unit.h"

#define FAKE_AMDVI_WINDOW 0x4000u
#define FAKE_AMDVI_EVENTS 255u /* that the shortest log holds */

struct fake_amdvi_config {
	unsigned hats;	    /* EFR.HATS: 4, 5 or 6 levels; 3 is reserved     */
	bool no_ia;	    /* no INVALIDATE_IOMMU_ALL                       */
	bool np_cache;	    /* absent entries are cached                     */
	bool has_counters;  /* EFR.PCSup: a window of 512 KiB                */
	bool left_enabled;  /* firmware left it on, with entries cached      */
	bool no_ir;	    /* IVRS without an I/O APIC: no remapping        */
	bool is_deaf;	    /* status never follows control, from the start  */
	bool is_gone;	    /* reads as all ones                             */
	uint8_t block_type; /* of its IVHD; 0 = both 10h and 11h             */
	uint8_t flags;	    /* IVHD flags                                    */
	uint16_t segment;
	bool explicit_scope; /* IVHD lists its functions, not all            */
};

#define FAKE_AMDVI_DEFAULT                                                     \
	((struct fake_amdvi_config){.hats = 2, .np_cache = true})

struct fake_amdvi;

struct fake_amdvi *fake_amdvi_create(const struct fake_amdvi_config *config,
				     uint64_t registers);
void fake_amdvi_destroy(struct fake_amdvi *unit);

enum fake_dma fake_amdvi_translate(struct fake_amdvi *unit, uint16_t source,
				   uint64_t iova, bool is_write, uint64_t *hpa);

bool fake_amdvi_interrupt(struct fake_amdvi *unit, uint16_t source,
			  uint64_t address, uint32_t data,
			  struct fake_arrival *arrival);

void fake_amdvi_delay(struct fake_amdvi *unit, uint64_t ns);
void fake_amdvi_reorder(struct fake_amdvi *unit, bool reorder);
void fake_amdvi_hold(struct fake_amdvi *unit, bool hold);
void fake_amdvi_queue_error(struct fake_amdvi *unit, unsigned n);
void fake_amdvi_ignore_commands(struct fake_amdvi *unit, bool ignore);
void fake_amdvi_between(struct fake_amdvi *unit, void (*hook)(void *),
			void *arg);

void fake_amdvi_damage(struct fake_amdvi *unit, bool on);
struct fake_unit_counts fake_amdvi_counts(const struct fake_amdvi *unit);
bool fake_amdvi_is_translating(const struct fake_amdvi *unit);
const char *fake_amdvi_violation(const struct fake_amdvi *unit);
void fake_amdvi_forgive(struct fake_amdvi *unit);
unsigned fake_amdvi_cached(const struct fake_amdvi *unit, uint16_t did);

uint64_t fake_amdvi_read(struct fake_amdvi *unit, unsigned offset,
			 unsigned bytes);
void fake_amdvi_write(struct fake_amdvi *unit, unsigned offset, unsigned bytes,
		      uint64_t value);
void fake_amdvi_tick(struct fake_amdvi *unit);
void fake_amdvi_clock_was_read(struct fake_amdvi *unit);
