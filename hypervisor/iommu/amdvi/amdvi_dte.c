// SPDX-License-Identifier: MIT
/*
 * Who may do DMA, and through which table.
 *
 *   device table: requester id -> host table's root, its depth, domain id
 *
 * An entry that is not valid lets DMA through untranslated, so there is none:
 * all 65,536 are valid from before translation is switched on, and blocked by
 * having neither a table nor a right. What decides about DMA is the lower half
 * of an entry, which changes by one 16-byte store: no walker sees a mixture of
 * two, and none sees V clear. The upper half, interrupts, is amdvi_intr.c's.
 *
 * AMD IOMMU specification, 48882, "Device Table Entry Format", "Making Device
 * Table Entry Changes", "INVALIDATE_DEVTAB_ENTRY".
 */
#include "arch/barrier.h"
#include "arch/physmap.h"
#include "iommu/amdvi/amdvi.h"
#include "lib/check.h"
#include "lib/error.h"

static const struct pair128 blocked = {
	.low = AMDVI_DTE0_V | AMDVI_DTE0_TV,
	.high = AMDVI_DID_BLOCKED,
};

struct amdvi_dte *amdvi_dte(const struct iommu_unit *unit, uint16_t bdf)
{
	uint64_t at = amdvi_of(unit)->table.addr +
		      (uint64_t)bdf * sizeof(struct amdvi_dte);

	return physmap_ptr(to_hpa(at));
}

void amdvi_dte_block_all(struct iommu_unit *unit)
{
	for (unsigned bdf = 0; bdf < AMDVI_DEVICES; bdf++) {
		struct amdvi_dte *entry = amdvi_dte(unit, (uint16_t)bdf);

		*entry = (struct amdvi_dte){.translation = blocked};
	}
	amdvi_intr_block_all(unit);
	barrier_publish();
}

/* Make the unit notice an entry that it may hold, then what it got with it. */
static int announce(struct iommu_unit *unit, uint16_t bdf, uint16_t old_did)
{
	int err;

	/* The entry is in memory before the unit is made to forget. */
	barrier_full();
	err = amdvi_flush_device(unit, bdf);
	if (err) {
		return err;
	}
	return amdvi_flush_domain(unit, old_did);
}

/* What decides about DMA, in an entry that leads to @target. */
static struct pair128 entry_for(const struct iommu_unit *unit,
				struct iommu_target target)
{
	/* A depth that the tables do not have would be taken for another. */
	CHECK((unit->limits.level_mask & BIT(target.levels)) != 0);
	CHECK(target.asid != 0 && target.asid < unit->limits.asid_count);
	return (struct pair128){
		.low = AMDVI_DTE0_V | AMDVI_DTE0_TV |
		       field_prep(AMDVI_DTE0_MODE, target.levels) |
		       target.root.addr | AMDVI_DTE0_IR | AMDVI_DTE0_IW,
		.high = field_prep(AMDVI_DTE1_DID, target.asid) |
			(target.is_quiet ? AMDVI_DTE1_SA : 0),
	};
}

int amdvi_dte_attach(struct iommu_unit *unit, uint16_t bdf,
		     struct iommu_target target)
{
	int err;

	/* Blocked is what it is. */
	if (hpa_is_none(target.root)) {
		return 0;
	}
	CHECK(amdvi_dte_is_blocked(unit, bdf));
	/* Tables are in memory before the entry that leads to them. */
	barrier_publish();
	store128(&amdvi_dte(unit, bdf)->translation, entry_for(unit, target));
	err = announce(unit, bdf, AMDVI_DID_BLOCKED);
	if (err) {
		/* Nobody may be let through whom the unit has not confirmed. */
		(void)!amdvi_dte_block(unit, bdf, target.asid);
	}
	return err;
}

int amdvi_dte_move(struct iommu_unit *unit, uint16_t bdf, uint16_t old_asid,
		   struct iommu_target target)
{
	struct amdvi_dte *entry = amdvi_dte(unit, bdf);
	struct pair128 before = entry->translation;
	int err;

	CHECK(!amdvi_dte_is_blocked(unit, bdf));
	barrier_publish();
	store128(&entry->translation, entry_for(unit, target));
	err = announce(unit, bdf, old_asid);
	if (err) {
		store128(&entry->translation, before);
		(void)!announce(unit, bdf, target.asid);
	}
	return err;
}

int amdvi_dte_block(struct iommu_unit *unit, uint16_t bdf, uint16_t asid)
{
	store128(&amdvi_dte(unit, bdf)->translation, blocked);
	return announce(unit, bdf, asid);
}

int amdvi_dte_silence(struct iommu_unit *unit, uint16_t bdf)
{
	struct amdvi_dte *entry = amdvi_dte(unit, bdf);
	struct pair128 quiet = entry->translation;

	quiet.high |= AMDVI_DTE1_SA;
	store128(&entry->translation, quiet);
	/* The entry is in memory before the unit is made to forget. */
	barrier_full();
	return amdvi_flush_device(unit, bdf);
}

bool amdvi_dte_is_blocked(struct iommu_unit *unit, uint16_t bdf)
{
	const struct amdvi_dte *entry = amdvi_dte(unit, bdf);
	uint64_t low = read_once(entry->translation.low);

	return (low & (AMDVI_DTE0_V | AMDVI_DTE0_TV)) ==
		       (AMDVI_DTE0_V | AMDVI_DTE0_TV) &&
	       (low & (AMDVI_DTE0_MODE | AMDVI_DTE0_IR | AMDVI_DTE0_IW)) == 0;
}
