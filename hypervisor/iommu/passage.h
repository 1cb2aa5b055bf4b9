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

/* Requesters that one iommu_read_heard() looks at, at most. */
#define IOMMU_HEARD_MAX 1024u

/**
 * iommu_read_heard() - Decode what of requesters' messages passes; changes
 * nothing.
 * @first: PCI address of the first; all are of its segment
 * @count: up to IOMMU_HEARD_MAX
 * @heard: receives an enum iommu_heard for each
 */
void iommu_read_heard(uint32_t first, unsigned count, uint8_t *heard);
