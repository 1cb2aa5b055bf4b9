// SPDX-License-Identifier: MIT
/*
 * The registry of units, and each request on its way to the right ones. How the
 * units are found at start-up is in start.c.
 *
 * The registry is filled before any guest runs and then only read. Each unit's
 * lock guards its queue and tables; one is held at a time.
 */
#include "iommu/unit.h"

#include "base/log.h"
#include "iommu/fault.h"
#include "iommu/region.h"
#include "iommu/registry.h"
#include "lib/error.h"
#include "lib/range.h"

struct scope {
	struct iommu_unit *unit;
	uint16_t first; /* requester ids, the last one inclusive */
	uint16_t last;
};

/* Fixed once the machine has started. */
static struct {
	struct iommu_unit *unit[IOMMU_UNITS_MAX];
	unsigned unit_count;
	const struct pt_format *format; /* of the tables that all units walk */
	struct scope scope[IOMMU_SCOPES_MAX];
	unsigned scope_count;
} registry;

static uint16_t owned_by_nobody(uint32_t sbdf)
{
	(void)sbdf;
	return SLUICE_GUEST_NONE;
}

uint16_t (*iommu_fault_owner)(uint32_t sbdf) = owned_by_nobody;

void iommu_reset(void)
{
	registry.unit_count = 0;
	registry.scope_count = 0;
	iommu_region_reset();
	iommu_fault_owner = owned_by_nobody;
	fault_reset();
}

unsigned iommu_unit_count(void)
{
	return registry.unit_count;
}

struct iommu_unit *iommu_unit_at(unsigned n)
{
	return n < registry.unit_count ? registry.unit[n] : NULL;
}

static struct iommu_unit *find_catch_all(uint16_t segment)
{
	for (unsigned i = 0; i < registry.unit_count; i++) {
		struct iommu_unit *unit = registry.unit[i];

		if (unit->is_catch_all && unit->segment == segment) {
			return unit;
		}
	}
	return NULL;
}

static struct iommu_unit *find_named(uint16_t segment, uint16_t bdf)
{
	for (unsigned i = 0; i < registry.scope_count; i++) {
		const struct scope *scope = &registry.scope[i];

		if (scope->first <= bdf && bdf <= scope->last &&
		    scope->unit->segment == segment) {
			return scope->unit;
		}
	}
	return NULL;
}

struct iommu_unit *iommu_unit_of(uint32_t sbdf)
{
	uint16_t segment = (uint16_t)(sbdf >> 16);
	struct iommu_unit *unit = find_named(segment, (uint16_t)sbdf);

	return unit != NULL ? unit : find_catch_all(segment);
}

int iommu_register_unit(struct iommu_unit *unit)
{
	unsigned count = registry.unit_count;

	if (count > 0 && unit->ops != registry.unit[0]->ops) {
		return -XEN_EINVAL;
	}
	if (count == IOMMU_UNITS_MAX) {
		return -XEN_ENOSPC;
	}
	if (unit->is_catch_all && find_catch_all(unit->segment) != NULL) {
		return -XEN_EEXIST;
	}
	unit->index = count;
	unit->lock = (struct spinlock)SPINLOCK_INIT(LOCK_IOMMU_UNIT);
	registry.unit[count] = unit;
	registry.unit_count++;
	registry.format =
		unit->ops->snoop_format != NULL && iommu_limits().forces_snoop
			? unit->ops->snoop_format
			: unit->ops->format;
	return 0;
}

int iommu_add_scope(struct iommu_unit *unit, uint16_t first, uint16_t last)
{
	for (unsigned i = 0; i < registry.scope_count; i++) {
		const struct scope *scope = &registry.scope[i];

		if (scope->unit != unit && scope->first <= last &&
		    first <= scope->last &&
		    scope->unit->segment == unit->segment) {
			return -XEN_EEXIST;
		}
	}
	if (registry.scope_count == IOMMU_SCOPES_MAX) {
		return -XEN_ENOSPC;
	}
	registry.scope[registry.scope_count++] =
		(struct scope){unit, first, last};
	return 0;
}

static uint32_t depths_of(const struct iommu_limits *limits)
{
	return limits->level_mask != 0 ? limits->level_mask
				       : (uint32_t)BIT(limits->levels);
}

static void narrow(struct iommu_limits *all, const struct iommu_limits *one)
{
	all->level_mask &= depths_of(one);
	if (one->leaf_levels < all->leaf_levels) {
		all->leaf_levels = one->leaf_levels;
	}
	if (one->address_bits < all->address_bits) {
		all->address_bits = one->address_bits;
	}
	if (one->asid_count < all->asid_count) {
		all->asid_count = one->asid_count;
	}
	all->is_coherent = all->is_coherent && one->is_coherent;
	all->forces_snoop = all->forces_snoop && one->forces_snoop;
	all->needs_present_flush =
		all->needs_present_flush || one->needs_present_flush;
	all->has_first_stage = all->has_first_stage && one->has_first_stage;
	all->has_second_stage = all->has_second_stage && one->has_second_stage;
	all->can_nest_arm64 = all->can_nest_arm64 && one->can_nest_arm64;
	if (one->pasid_count < all->pasid_count) {
		all->pasid_count = one->pasid_count;
	}
	all->remaps_interrupts =
		all->remaps_interrupts && one->remaps_interrupts;
}

struct iommu_limits iommu_limits(void)
{
	struct iommu_limits all = {0};

	if (registry.unit_count == 0) {
		return all;
	}
	all = registry.unit[0]->limits;
	all.level_mask = depths_of(&all);
	for (unsigned i = 1; i < registry.unit_count; i++) {
		narrow(&all, &registry.unit[i]->limits);
	}
	/* The deepest table that every unit walks; 0 when they share none. */
	all.levels = 0;
	for (unsigned n = 1; n <= PT_LEVELS_MAX; n++) {
		if ((all.level_mask & BIT(n)) != 0) {
			all.levels = n;
		}
	}
	if (all.address_bits > PAGE_SHIFT + 9 * all.levels) {
		all.address_bits = PAGE_SHIFT + 9 * all.levels;
	}
	return all;
}

const struct pt_format *iommu_format(void)
{
	return registry.unit_count == 0 ? NULL : registry.format;
}

const char *iommu_name(void)
{
	return registry.unit_count == 0 ? "none" : registry.unit[0]->ops->name;
}

bool iommu_owns_registers(uint64_t start, uint64_t bytes)
{
	for (unsigned i = 0; i < registry.unit_count; i++) {
		const struct iommu_unit *unit = registry.unit[i];
		struct range own = {unit->registers.addr, unit->register_bytes};

		if (range_overlaps(own, (struct range){start, bytes})) {
			return true;
		}
	}
	return false;
}

int iommu_attach(uint32_t sbdf, struct iommu_target target)
{
	struct iommu_unit *unit = iommu_unit_of(sbdf);
	int err = -XEN_EIO;

	if (unit == NULL) {
		return -XEN_ENODEV;
	}
	spin_lock(&unit->lock);
	if (!unit->has_failed) {
		err = unit->ops->attach(unit, (uint16_t)sbdf, target);
	}
	fault_heard(sbdf);
	spin_unlock(&unit->lock);
	return err;
}

bool iommu_can_move(uint32_t sbdf)
{
	const struct iommu_unit *unit = iommu_unit_of(sbdf);

	return unit != NULL && unit->ops->move != NULL;
}

int iommu_move(uint32_t sbdf, uint16_t old_asid, struct iommu_target target)
{
	struct iommu_unit *unit = iommu_unit_of(sbdf);
	int err = -XEN_EIO;

	if (unit == NULL || unit->ops->move == NULL) {
		return -XEN_ENODEV;
	}
	spin_lock(&unit->lock);
	if (!unit->has_failed) {
		err = unit->ops->move(unit, (uint16_t)sbdf, old_asid, target);
	}
	fault_heard(sbdf);
	spin_unlock(&unit->lock);
	return err;
}

int iommu_block(uint32_t sbdf, uint16_t asid)
{
	struct iommu_unit *unit = iommu_unit_of(sbdf);
	int err;

	if (unit == NULL) {
		return 0;
	}
	/* A failed unit too: what it may still read is to say "blocked". */
	spin_lock(&unit->lock);
	err = unit->ops->block(unit, (uint16_t)sbdf, asid);
	fault_heard(sbdf);
	spin_unlock(&unit->lock);
	return err;
}

int iommu_attach_pasid(uint32_t sbdf, uint32_t pasid,
		       struct iommu_target target)
{
	struct iommu_unit *unit = iommu_unit_of(sbdf);
	int err = -XEN_EIO;

	if (unit == NULL || unit->ops->attach_pasid == NULL) {
		return -XEN_ENODEV;
	}
	spin_lock(&unit->lock);
	if (!unit->has_failed) {
		err = unit->ops->attach_pasid(unit, (uint16_t)sbdf, pasid,
					      target);
	}
	spin_unlock(&unit->lock);
	return err;
}

int iommu_block_pasid(uint32_t sbdf, uint32_t pasid, uint16_t asid)
{
	struct iommu_unit *unit = iommu_unit_of(sbdf);
	int err;

	if (unit == NULL || unit->ops->block_pasid == NULL) {
		return 0;
	}
	/* A failed unit too, as iommu_block(). */
	spin_lock(&unit->lock);
	err = unit->ops->block_pasid(unit, (uint16_t)sbdf, pasid, asid);
	spin_unlock(&unit->lock);
	return err;
}

/* Ask every unit, even after one has failed; keep the first failure. */
int iommu_flush_pages(uint16_t asid, uint64_t iova, uint64_t pages)
{
	int result = 0;

	for (unsigned i = 0; i < registry.unit_count; i++) {
		struct iommu_unit *unit = registry.unit[i];
		int err = -XEN_EIO;

		spin_lock(&unit->lock);
		if (!unit->has_failed) {
			err = unit->ops->flush_pages(unit, asid, iova, pages);
		}
		spin_unlock(&unit->lock);
		result = result != 0 ? result : err;
	}
	return result;
}

int iommu_flush_domain(uint16_t asid)
{
	int result = 0;

	for (unsigned i = 0; i < registry.unit_count; i++) {
		struct iommu_unit *unit = registry.unit[i];
		int err = -XEN_EIO;

		spin_lock(&unit->lock);
		if (!unit->has_failed) {
			err = unit->ops->flush_domain(unit, asid);
		}
		spin_unlock(&unit->lock);
		result = result != 0 ? result : err;
	}
	return result;
}
