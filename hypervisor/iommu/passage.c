// SPDX-License-Identifier: MIT
/*
 * Decoding what every unit of a segment holds about requester ids: root and
 * context tables (VT-d) or the device table (AMD-Vi), and what each has for
 * interrupts, through iommu_ops. The registry of units is fixed by then; a
 * unit's lock guards its tables.
 */
#include "iommu/passage.h"

#include "lib/check.h"
#include "lib/string.h"

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

/* A stray one stays one, whichever unit is asked after it. */
static uint8_t merge(uint8_t known, uint8_t here, bool is_in_front)
{
	if (known == IOMMU_HEARD_STRAY || is_in_front) {
		return known == IOMMU_HEARD_STRAY ? known : here;
	}
	return here == IOMMU_HEARD_NOT || here == IOMMU_HEARD_CONTROLLER
		       ? known
		       : IOMMU_HEARD_STRAY;
}

static void add_unit(struct iommu_unit *unit, uint32_t first, unsigned count,
		     uint8_t *heard)
{
	uint8_t here[IOMMU_HEARD_MAX];

	spin_lock(&unit->lock);
	unit->ops->intr->read_back(unit, (uint16_t)first, count, here);
	spin_unlock(&unit->lock);
	for (unsigned n = 0; n < count; n++) {
		heard[n] = merge(heard[n], here[n],
				 iommu_unit_of(first + n) == unit);
	}
}

void iommu_read_heard(uint32_t first, unsigned count, uint8_t *heard)
{
	CHECK(count <= IOMMU_HEARD_MAX);
	memset(heard, IOMMU_HEARD_UNKNOWN, count);
	for (unsigned i = 0; i < iommu_unit_count(); i++) {
		struct iommu_unit *unit = iommu_unit_at(i);

		if (unit->segment == first >> 16 &&
		    unit->limits.remaps_interrupts) {
			add_unit(unit, first, count, heard);
		}
	}
}
