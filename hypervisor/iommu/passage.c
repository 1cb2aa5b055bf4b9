// SPDX-License-Identifier: MIT
/*
 * Decoding what every unit of a segment holds about one requester id: root and
 * context tables (VT-d) or the device table (AMD-Vi), through iommu_ops. The
 * registry of units is fixed by then; a unit's lock guards its tables.
 */
#include "iommu/passage.h"

static enum iommu_passage decode(struct iommu_unit *unit, uint16_t bdf)
{
	enum iommu_passage passage = IOMMU_OPEN;

	spin_lock(&unit->lock);
	if (unit->ops->is_blocked(unit, bdf)) {
		passage = unit->has_failed ? IOMMU_DOUBTFUL : IOMMU_BLOCKED;
	}
	spin_unlock(&unit->lock);
	return passage;
}

enum iommu_passage iommu_passage(uint32_t sbdf)
{
	const struct iommu_unit *own = iommu_unit_of(sbdf);
	enum iommu_passage result = IOMMU_UNCOVERED;

	for (unsigned i = 0; i < iommu_unit_count(); i++) {
		struct iommu_unit *unit = iommu_unit_at(i);
		enum iommu_passage passage;

		if (unit->segment != sbdf >> 16) {
			continue;
		}
		passage = decode(unit, (uint16_t)sbdf);
		if (passage == IOMMU_OPEN && unit != own) {
			return IOMMU_STRAY;
		}
		if (unit == own || result == IOMMU_UNCOVERED) {
			result = passage;
		}
	}
	return result;
}
