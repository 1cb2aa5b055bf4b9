/* SPDX-License-Identifier: MIT */
/*
 * A unit that no machine of ours has: it walks a caller's Arm64 table (4 KiB
 * granule) under a second stage, and tells PASIDs apart. It stands in for the
 * backend as well: struct iommu_ops is what it is driven by.
 *
 * As harsh as fake_vtd.h: it never evicts, so what was translated stays until
 * a flush names it; what the contract of the operations forbids fails the test.
 */
#pragma once

#include "fake_vtd.h"
#include "iommu/unit.h"

#define FAKE_NEST_UNTAGGED UINT32_MAX /* instead of a PASID */

struct fake_nest_config {
	bool can_nest;
	uint32_t pasid_count;
	uint32_t asid_count; /* 0 = 65536 */
};

/* Errors that the operations answer with, doing nothing; 0 = they obey. */
struct fake_nest_refusals {
	int attach;
	int block;
	int flush;
};
extern struct fake_nest_refusals fake_nest_refusals;

/* fake_nest_prepare() - Let @machine boot with one such unit alone. */
struct machine_config;
void fake_nest_prepare(struct machine_config *machine,
		       const struct fake_nest_config *config);

/* fake_nest_boot() - The default machine behind one such unit. */
void fake_nest_boot(const struct fake_nest_config *config);

/**
 * fake_nest_dma() - A requester reads or writes 8 bytes within a page.
 * @pasid: or FAKE_NEST_UNTAGGED
 */
enum fake_dma fake_nest_dma(uint32_t sbdf, uint32_t pasid, uint64_t la,
			    uint64_t *value, bool write);

/* fake_nest_translate() - The same without the access; @hpa: on OK. */
enum fake_dma fake_nest_translate(uint32_t sbdf, uint32_t pasid, uint64_t la,
				  bool write, uint64_t *hpa);

/* fake_nest_target() - What the unit was told last; NULL: it blocks. */
const struct iommu_target *fake_nest_target(uint32_t sbdf, uint32_t pasid);

/* fake_nest_cached() - Translations cached under an id. */
unsigned fake_nest_cached(uint16_t asid);

/* Descriptors of the caller's table, for tests that write one. */
#define ARM64_TABLE	0x3u
#define ARM64_BLOCK	0x1u
#define ARM64_PAGE	0x3u
#define ARM64_ACCESSED	0x400u
#define ARM64_READ_ONLY 0x80u
