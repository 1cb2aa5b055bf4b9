/* SPDX-License-Identifier: MIT */
/* What a backend does about interrupts: one requester at a time. */
#pragma once

#include "iommu/intr.h"

struct iommu_unit;

/*
 * As iommu/intr.h says, which has checked what vendors have in common. Called
 * with unit->lock held. drop, and set without @to, are called for a failed unit
 * as well.
 */
struct iommu_intr_ops {
	int (*open)(struct iommu_unit *unit, uint16_t bdf, unsigned entries);
	int (*set)(struct iommu_unit *unit, uint16_t bdf, unsigned n,
		   const struct iommu_vector *to,
		   struct iommu_message *message);
	int (*drop)(struct iommu_unit *unit, uint16_t bdf);
	/*
	 * A dropped requester's messages reach the control domain's CPU. NULL
	 * where none passes that has no entry.
	 */
	int (*pass)(struct iommu_unit *unit, uint16_t bdf);
	/*
	 * What the tables in memory let pass: @heard[n], an enum iommu_heard,
	 * of requester @first + n for each n below @count.
	 */
	void (*read_back)(struct iommu_unit *unit, uint16_t first,
			  unsigned count, uint8_t *heard);
};
