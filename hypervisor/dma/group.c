// SPDX-License-Identifier: MIT
/*
 * Who is in a group, what the firmware keeps for it, and the rules by which its
 * members change hands. Fixed at start but for owners, which the registry's
 * lock guards.
 */
#include "dma/group.h"

#include "base/log.h"
#include "dma/firmware.h"
#include "dma/policy.h"
#include "iommu/unit.h"

static bool are_together(const struct dma_device *a, const struct dma_device *b)
{
	return a == b || (a->pci->ids.group != 0 &&
			  a->pci->ids.group == b->pci->ids.group);
}

static struct dma_device *leader_of(const struct dma_device *dev)
{
	unsigned i = 0;

	while (!are_together(dma_device_at(i), dev)) {
		i++;
	}
	return dma_device_at(i);
}

void dma_group_spoil(const struct dma_device *leader, uint8_t why)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		struct dma_device *dev = dma_device_at(i);

		if (dev->leader == leader && dev->unfit == SLUICE_FIT) {
			dev->unfit = why;
		}
	}
}

static bool is_region_for(const struct dma_device *dev, unsigned region)
{
	uint32_t segment = dev->pci->sbdf & ~0xffffu;

	for (unsigned n = 0; n < dev->pci->ids.count; n++) {
		if (iommu_region_is_for(region,
					segment | dev->pci->ids.id[n])) {
			return true;
		}
	}
	return false;
}

/* What the firmware keeps for one member, it keeps for all. */
static void find_regions(struct dma_device *dev)
{
	struct dma_device *leader = dev->leader;

	for (unsigned n = 0; n < iommu_region_count(); n++) {
		if (!is_region_for(dev, n)) {
			continue;
		}
		if (dma_firmware_is_sound(n)) {
			leader->regions |= (uint32_t)BIT(n);
		} else {
			dma_group_spoil(leader, SLUICE_UNFIT_REGION);
		}
	}
}

/* Nobody's device in the group, or an id that nothing translates: all stay. */
static void check_ids(const struct dma_device *dev)
{
	uint32_t segment = dev->pci->sbdf & ~0xffffu;
	bool is_wrong = dev->pci->ids.is_too_many || !dev->is_usable;

	for (unsigned n = 0; n < dev->pci->ids.count; n++) {
		is_wrong |=
			iommu_unit_of(segment | dev->pci->ids.id[n]) == NULL;
	}
	if (is_wrong) {
		dma_group_spoil(dev->leader, SLUICE_UNFIT_IDS);
	}
}

void dma_groups_find(void)
{
	unsigned count = dma_device_count();

	for (unsigned i = 0; i < count; i++) {
		dma_device_at(i)->leader = leader_of(dma_device_at(i));
	}
	for (unsigned i = 0; i < count; i++) {
		if (dma_device_at(i)->is_usable) {
			find_regions(dma_device_at(i));
		}
		check_ids(dma_device_at(i));
	}
	for (unsigned i = 0; i < count; i++) {
		struct dma_device *dev = dma_device_at(i);

		dev->regions = dev->leader->regions;
	}
}

bool dma_group_is_of(const struct dma_device *dev, const struct dma_guest *dg)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		const struct dma_device *other = dma_device_at(i);

		if (other->leader == dev->leader && other->owner != dg) {
			return false;
		}
	}
	return true;
}

/*
 * A caller's own table cannot be made to hold the firmware's regions, so a
 * device that needs them goes through none. Of a part of a group nothing goes.
 */
uint32_t dma_device_types(const struct dma_device *dev)
{
	uint32_t types = dma_policy_types(dev->owner->guest);

	if (!dma_group_is_of(dev, dev->owner)) {
		return 0;
	}
	return dev->regions != 0 ? types & ~(1u << DomainTypeUnmanaged) : types;
}

bool dma_group_may_join(const struct dma_device *dev,
			const struct dma_guest *dg)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		const struct dma_device *other = dma_device_at(i);

		if (other == dev || other->leader != dev->leader ||
		    other->owner == NULL || other->owner == dg) {
			continue;
		}
		log_warn("dma: device %x shares a requester id with %x, which "
			 "is another's",
			 dev->pci->sbdf, other->pci->sbdf);
		return false;
	}
	return true;
}

bool dma_group_is_elsewhere(const struct dma_device *dev,
			    const struct dma_domain *dma)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		const struct dma_device *other = dma_device_at(i);

		if (other == dev || other->leader != dev->leader) {
			continue;
		}
		if (other->domain != NULL ? other->domain != dma
					  : other->is_live) {
			return true;
		}
	}
	return false;
}
