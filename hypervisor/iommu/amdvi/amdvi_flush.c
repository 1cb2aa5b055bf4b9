// SPDX-License-Identifier: MIT
/*
 * What to invalidate, as commands. Each is confirmed before the next is posted:
 * a unit may work on several at once, and a flush of pages that overtakes the
 * flush of the device's entry lets the old entry fetch them again.
 *
 * AMD IOMMU specification, 48882, "Command Buffer", INVALIDATE_* commands.
 */
#include "arch/barrier.h"
#include "iommu/amdvi/amdvi.h"

/* What tables now say is in memory before the unit is made to forget. */
static int run(struct iommu_unit *unit, uint64_t code, uint64_t low,
	       uint64_t high)
{
	barrier_full();
	return amdvi_command_run(
		unit, (struct amdvi_command){
			      {field_prep(AMDVI_CMD_CODE, code) | low, high}});
}

int amdvi_flush_device(struct iommu_unit *unit, uint16_t bdf)
{
	return run(unit, AMDVI_CMD_DEVTAB, field_prep(AMDVI_DEVTAB_ID, bdf), 0);
}

int amdvi_flush_interrupts(struct iommu_unit *unit, uint16_t bdf)
{
	return run(unit, AMDVI_CMD_INTR, field_prep(AMDVI_DEVTAB_ID, bdf), 0);
}

/* Upper levels cached for the range go too: a table may be about to be freed.
 */
static int flush_range(struct iommu_unit *unit, uint16_t asid, uint64_t range)
{
	return run(unit, AMDVI_CMD_PAGES, field_prep(AMDVI_PAGES_DID, asid),
		   range | AMDVI_PAGES_PDE);
}

int amdvi_flush_domain(struct iommu_unit *unit, uint16_t asid)
{
	return flush_range(unit, asid, AMDVI_PAGES_WHOLE | AMDVI_PAGES_SIZE);
}

/* Log2 of the smallest aligned power of two of pages that holds the range. */
static unsigned cover_lg2(uint64_t first_page, uint64_t last_page)
{
	unsigned lg2 = 0;

	while (lg2 < 64 - PAGE_SHIFT && first_page >> lg2 != last_page >> lg2) {
		lg2++;
	}
	return lg2;
}

int amdvi_flush_pages(struct iommu_unit *unit, uint16_t asid, uint64_t iova,
		      uint64_t pages)
{
	uint64_t first = iova >> PAGE_SHIFT;
	unsigned lg2;

	if (pages == 0) {
		return 0;
	}
	lg2 = cover_lg2(first, first + (pages - 1));
	if (lg2 >= 63 - PAGE_SHIFT) {
		return amdvi_flush_domain(unit, asid);
	}
	if (lg2 == 0) {
		return flush_range(unit, asid, iova & AMDVI_PAGES_ADDRESS);
	}
	/* 2^n pages: n - 1 bits set above bit 12, the next one clear. */
	first = first >> lg2 << lg2 | (BIT(lg2 - 1) - 1);
	return flush_range(unit, asid, first << PAGE_SHIFT | AMDVI_PAGES_SIZE);
}

int amdvi_flush_all(struct iommu_unit *unit)
{
	if ((amdvi_of(unit)->features & AMDVI_EFR_IA) != 0) {
		return run(unit, AMDVI_CMD_ALL, 0, 0);
	}
	/*
	 * One by one: nothing of ours has been cached yet, so what there is
	 * comes from firmware's use of the unit, under ids that are not known.
	 */
	for (unsigned bdf = 0; bdf < AMDVI_DEVICES; bdf++) {
		int err = amdvi_flush_device(unit, (uint16_t)bdf);

		if (err == 0) {
			err = amdvi_flush_interrupts(unit, (uint16_t)bdf);
		}
		if (err) {
			return err;
		}
	}
	for (unsigned did = 0; did < unit->limits.asid_count; did++) {
		int err = amdvi_flush_domain(unit, (uint16_t)did);

		if (err) {
			return err;
		}
	}
	return 0;
}
