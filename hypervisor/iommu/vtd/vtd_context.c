// SPDX-License-Identifier: MIT
/*
 * Who may do DMA in legacy mode, and through which table.
 *
 *   root table: bus -> context table: device, function -> second-stage root, id
 *
 * Absent, at either level, means blocked; the tables begin all absent. A
 * context table is made when a bus first has a device attached and then stays.
 * One 64-bit store makes an entry present or absent, and its other half changes
 * only while it is absent; one that stays present changes by one 128-bit store.
 * So no walker sees a mixture.
 *
 * VT-d specification, "Translation Structure Formats" (legacy mode) and
 * "Guidance to Software for Invalidations".
 */
#include "arch/barrier.h"
#include "arch/cache.h"
#include "arch/physmap.h"
#include "arch/store128.h"
#include "iommu/vtd/vtd.h"
#include "lib/check.h"
#include "lib/error.h"

static struct vtd_root_entry *root_entry(const struct iommu_unit *unit,
					 uint16_t bdf)
{
	struct vtd_root_entry *table = physmap_ptr(vtd_of(unit)->root);

	return &table[bdf >> 8];
}

/* The context entry of a requester, or NULL while its bus has no table. */
static struct vtd_context_entry *context_entry(const struct iommu_unit *unit,
					       uint16_t bdf)
{
	uint64_t root = root_entry(unit, bdf)->low;
	struct vtd_context_entry *table;

	if ((root & VTD_ROOT_P) == 0) {
		return NULL;
	}
	table = physmap_ptr(to_hpa(root & VTD_ROOT_CTP));
	return &table[bdf & 0xff];
}

/*
 * Make the unit notice an entry that has become present. One in caching mode
 * may hold the absent entry, under id 0 (CAP.CM).
 */
static int announce(struct iommu_unit *unit, uint16_t bdf, uint16_t asid)
{
	int err;

	if ((vtd_of(unit)->cap & VTD_CAP_CM) == 0) {
		return vtd_flush_write_buffer(unit);
	}
	err = vtd_flush_context(unit, bdf, 0);
	if (err) {
		return err;
	}
	return vtd_flush_domain(unit, asid);
}

/* What an entry says that leads to @target. */
static struct pair128 entry_for(const struct iommu_unit *unit,
				struct iommu_target target)
{
	/* A depth that the unit does not walk would be taken for another. */
	CHECK((unit->limits.level_mask & BIT(target.levels)) != 0);
	CHECK(target.asid != 0 && target.asid < unit->limits.asid_count);
	return (struct pair128){
		.low = target.root.addr | VTD_CTX_P |
		       (target.is_quiet ? VTD_CTX_FPD : 0),
		.high = field_prep(VTD_CTX_AW, target.levels - 2) |
			field_prep(VTD_CTX_DID, target.asid),
	};
}

int vtd_context_attach(struct iommu_unit *unit, uint16_t bdf,
		       struct iommu_target target)
{
	struct vtd_context_entry *entry;
	struct pair128 value;
	int err;

	/* Blocked is what it is; VT-d has nothing to tag then. */
	if (hpa_is_none(target.root)) {
		return 0;
	}
	value = entry_for(unit, target);
	err = vtd_root_fill(unit, &root_entry(unit, bdf)->low);
	if (err) {
		return err;
	}
	entry = context_entry(unit, bdf);
	CHECK((entry->pair.low & VTD_CTX_P) == 0);
	vtd_store(unit, &entry->pair.high, value.high);
	vtd_store(unit, &entry->pair.low, value.low);
	err = announce(unit, bdf, target.asid);
	if (err) {
		/* Nobody may be let through whom the unit has not confirmed. */
		(void)!vtd_context_block(unit, bdf, target.asid);
	}
	return err;
}

/* Make the unit forget an entry that led to @asid, and what came of it. */
static int forget(struct iommu_unit *unit, uint16_t bdf, uint16_t asid)
{
	int err = vtd_flush_context(unit, bdf, asid);

	return err ? err : vtd_flush_domain(unit, asid);
}

int vtd_context_block(struct iommu_unit *unit, uint16_t bdf, uint16_t asid)
{
	struct vtd_context_entry *entry = context_entry(unit, bdf);

	if (entry != NULL) {
		vtd_store(unit, &entry->pair.low, 0);
		vtd_store(unit, &entry->pair.high, 0);
	}
	return forget(unit, bdf, asid);
}

/* Both halves at once: a walker reads an entry of 128 bits as a whole. */
static void replace(const struct iommu_unit *unit,
		    struct vtd_context_entry *entry, struct pair128 value)
{
	barrier_publish();
	store128(&entry->pair, value);
	if (!vtd_snoops(unit)) {
		cache_clean(entry, sizeof(*entry));
	}
	barrier_publish();
}

int vtd_context_move(struct iommu_unit *unit, uint16_t bdf, uint16_t old_asid,
		     struct iommu_target target)
{
	struct vtd_context_entry *entry = context_entry(unit, bdf);
	struct pair128 before;
	int err;

	CHECK(entry != NULL && (entry->pair.low & VTD_CTX_P) != 0);
	before = entry->pair;
	replace(unit, entry, entry_for(unit, target));
	err = forget(unit, bdf, old_asid);
	if (err) {
		replace(unit, entry, before);
		(void)!forget(unit, bdf, target.asid);
	}
	return err;
}

/*
 * FPD is read whether the entry is present or not. Without a table for its bus
 * a requester has no entry; it has never been attached then.
 */
int vtd_context_silence(struct iommu_unit *unit, uint16_t bdf)
{
	struct vtd_context_entry *entry = context_entry(unit, bdf);

	if (entry == NULL) {
		return -XEN_ENODEV;
	}
	vtd_store(unit, &entry->pair.low, entry->pair.low | VTD_CTX_FPD);
	return vtd_flush_context(
		unit, bdf, (uint16_t)field_get(VTD_CTX_DID, entry->pair.high));
}

bool vtd_context_is_blocked(struct iommu_unit *unit, uint16_t bdf)
{
	const struct vtd_context_entry *entry = context_entry(unit, bdf);

	return entry == NULL || (entry->pair.low & VTD_CTX_P) == 0;
}
