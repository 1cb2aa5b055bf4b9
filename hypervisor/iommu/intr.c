// SPDX-License-Identifier: MIT
/*
 * Requests about interrupts on their way to the unit in front of a requester.
 * What every vendor's entries have in common is checked here. A unit's lock is
 * taken around each operation.
 */
#include "iommu/intr.h"

#include "iommu/unit.h"
#include "lib/error.h"

/* Below are the CPU's own exceptions. */
#define VECTOR_FIRST 32u

uint32_t iommu_intr_home;

/* The unit that remaps for a requester, or NULL. */
static struct iommu_unit *remapper_of(uint32_t sbdf)
{
	struct iommu_unit *unit = iommu_unit_of(sbdf);

	return unit != NULL && unit->limits.remaps_interrupts ? unit : NULL;
}

bool iommu_intr_is_present(void)
{
	return iommu_limits().remaps_interrupts;
}

bool iommu_intr_covers(uint32_t sbdf)
{
	return remapper_of(sbdf) != NULL;
}

bool iommu_intr_has_home(uint32_t sbdf)
{
	struct iommu_unit *unit = remapper_of(sbdf);
	bool has_home = false;

	if (unit != NULL) {
		spin_lock(&unit->lock);
		has_home = !unit->has_failed && unit->ops->intr->pass != NULL;
		spin_unlock(&unit->lock);
	}
	return has_home;
}

int iommu_intr_open(uint32_t sbdf, unsigned entries)
{
	struct iommu_unit *unit = remapper_of(sbdf);
	int err = -XEN_EIO;

	if (entries == 0 || entries > IOMMU_INTR_ENTRIES) {
		return -XEN_EINVAL;
	}
	if (unit == NULL) {
		return -XEN_EOPNOTSUPP;
	}
	spin_lock(&unit->lock);
	if (!unit->has_failed) {
		err = unit->ops->intr->open(unit, (uint16_t)sbdf, entries);
	}
	spin_unlock(&unit->lock);
	return err;
}

int iommu_intr_set(uint32_t sbdf, unsigned n, const struct iommu_vector *to,
		   struct iommu_message *message)
{
	struct iommu_unit *unit = remapper_of(sbdf);
	struct iommu_message unused;
	int err = -XEN_EIO;

	if (unit == NULL) {
		return -XEN_EOPNOTSUPP;
	}
	if (to != NULL && to->vector < VECTOR_FIRST) {
		return -XEN_EINVAL;
	}
	spin_lock(&unit->lock);
	if (!unit->has_failed || to == NULL) {
		err = unit->ops->intr->set(unit, (uint16_t)sbdf, n, to,
					   message != NULL ? message : &unused);
	}
	spin_unlock(&unit->lock);
	return err;
}

int iommu_intr_drop(uint32_t sbdf)
{
	struct iommu_unit *unit = remapper_of(sbdf);
	int err;

	if (unit == NULL) {
		return 0;
	}
	/* A failed unit too: what it may still read is to say "dropped". */
	spin_lock(&unit->lock);
	err = unit->ops->intr->drop(unit, (uint16_t)sbdf);
	spin_unlock(&unit->lock);
	return err;
}

int iommu_intr_close(uint32_t sbdf)
{
	struct iommu_unit *unit = remapper_of(sbdf);
	int err = iommu_intr_drop(sbdf);

	if (err || unit == NULL || unit->ops->intr->pass == NULL) {
		return err;
	}
	spin_lock(&unit->lock);
	err = unit->ops->intr->pass(unit, (uint16_t)sbdf);
	spin_unlock(&unit->lock);
	return err;
}
