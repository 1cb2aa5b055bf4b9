/* SPDX-License-Identifier: MIT */
/*
 * What the units' tables say of a requester, read back from memory: for the
 * service's audit. Takes each unit's lock in turn.
 */
#pragma once

#include "iommu/unit.h"

/* What the tables in memory say of a requester. */
enum iommu_passage {
	IOMMU_UNCOVERED, /* its segment has no unit: nothing is translated    */
	IOMMU_BLOCKED,	/* by every unit of its segment                       */
	IOMMU_DOUBTFUL, /* blocked, by a unit that failed and may not know it */
	IOMMU_OPEN,	/* by the unit in front of it                         */
	IOMMU_STRAY,	/* by another unit, or by one that does not name it   */
};

/* iommu_passage() - Decode one requester's entries; changes nothing. */
enum iommu_passage iommu_passage(uint32_t sbdf);
