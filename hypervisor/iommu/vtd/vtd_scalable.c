// SPDX-License-Identifier: MIT
/*
 * Scalable mode with the first stage: what such a unit can do, what it is made
 * to forget, and when. The tables are vtd_pasid.c's. The unit's lock is held in
 * each operation.
 *
 * VT-d specification, "Scalable Mode Address Translation", "Queued Invalidation
 * Interface" and "Guidance to Software for Invalidations".
 */
#include "iommu/vtd/vtd_scalable.h"

#include "iommu/vtd/vtd_pasid.h"
#include "lib/error.h"

/* Bit 47 is the sign of a canonical address: we use the positive half. */
#define ADDRESS_BITS 47u

bool vtd_scalable_is_needed(uint64_t ecap)
{
	return (ecap & VTD_ECAP_SMTS) != 0 && (ecap & VTD_ECAP_FLTS) != 0 &&
	       (ecap & VTD_ECAP_SLTS) == 0;
}

struct iommu_limits vtd_scalable_limits(uint64_t cap, uint64_t ecap)
{
	return (struct iommu_limits){
		.levels = VTD_PASID_LEVELS,
		.level_mask = BIT(VTD_PASID_LEVELS),
		/* 2 MiB leaves come with the first stage. */
		.leaf_levels = (cap & VTD_CAP_FS1GP) != 0 ? 3 : 2,
		.address_bits = ADDRESS_BITS,
		.asid_count = 1u << (4 + 2 * field_get(VTD_CAP_ND, cap)),
		.is_coherent = (ecap & VTD_ECAP_SMPWC) != 0,
		.needs_present_flush = (cap & (VTD_CAP_CM | VTD_CAP_RWBF)) != 0,
		.has_first_stage = true,
	};
}

/* ---- what to invalidate ---- */

static int flush_pasid(struct iommu_unit *unit, uint64_t granularity,
		       uint16_t asid)
{
	return vtd_flush_run(
		unit,
		field_prep(VTD_DESC_TYPE, VTD_DESC_PASID) |
			field_prep(VTD_DESC_G, granularity) |
			field_prep(VTD_DESC_DID, asid) |
			field_prep(VTD_DESC_PASID_NR, VTD_RID_PASID),
		0);
}

/* First-stage translations answer to this request alone, by id and PASID. */
static int flush_first_stage(struct iommu_unit *unit, uint64_t granularity,
			     uint16_t asid, uint64_t where)
{
	return vtd_flush_run(
		unit,
		field_prep(VTD_DESC_TYPE, VTD_DESC_PIOTLB) |
			field_prep(VTD_DESC_G, granularity) |
			field_prep(VTD_DESC_DID, asid) |
			field_prep(VTD_DESC_PASID_NR, VTD_RID_PASID),
		where);
}

static int scalable_flush_domain(struct iommu_unit *unit, uint16_t asid)
{
	return flush_first_stage(unit, VTD_G_PIOTLB_ALL, asid, 0);
}

static int scalable_flush_pages(struct iommu_unit *unit, uint16_t asid,
				uint64_t iova, uint64_t pages)
{
	unsigned lg2;

	if (!vtd_flush_is_one(vtd_of(unit), iova, pages, &lg2)) {
		return scalable_flush_domain(unit, asid);
	}
	/* The hint bit stays 0: upper levels cached for the range go too. */
	return flush_first_stage(unit, VTD_G_PIOTLB_PAGE, asid,
				 (iova & VTD_DESC_ADDR) |
					 field_prep(VTD_DESC_AM, lg2));
}

/* From the outside in, so that no cache is filled again from a stale one. */
static int flush_all(struct iommu_unit *unit)
{
	int err = vtd_flush_all_contexts(unit);

	if (err) {
		return err;
	}
	err = flush_pasid(unit, VTD_G_PASID_GLOBAL, 0);
	if (err) {
		return err;
	}
	return vtd_flush_all_pages(unit);
}

/* Everything that a requester's former entries may have left in caches. */
static int flush_requester(struct iommu_unit *unit, uint16_t bdf, uint16_t asid)
{
	int err = vtd_flush_context(unit, bdf, asid);

	if (err) {
		return err;
	}
	err = flush_pasid(unit, VTD_G_PASID_ONE, asid);
	if (err) {
		return err;
	}
	err = scalable_flush_domain(unit, asid);
	if (err) {
		return err;
	}
	/* This one drains as well: no old access is still on its way. */
	return vtd_flush_domain(unit, asid);
}

/* ---- the operations ---- */

static int scalable_enable(struct iommu_unit *unit)
{
	uint32_t status = mmio_read32(vtd_reg(unit, VTD_GSTS));

	/*
	 * How the root table is read may only change while translation is off.
	 * If firmware left it on, its devices see memory as it is until the end
	 * of this call; no guest runs yet.
	 */
	if ((status & VTD_G_TE) != 0) {
		int err = vtd_command(unit, VTD_G_TE, false);

		if (err) {
			return err;
		}
	}
	return vtd_start(unit, VTD_TTM_SCALABLE, flush_all);
}

static int scalable_block(struct iommu_unit *unit, uint16_t bdf, uint16_t asid)
{
	vtd_pasid_clear(unit, bdf);
	return flush_requester(unit, bdf, asid);
}

/*
 * Make the unit notice entries that have become present. One in caching mode
 * may hold the absent ones, under ids that we do not know (CAP.CM).
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
	err = flush_pasid(unit, VTD_G_PASID_GLOBAL, 0);
	if (err) {
		return err;
	}
	return scalable_flush_domain(unit, asid);
}

static int scalable_attach(struct iommu_unit *unit, uint16_t bdf,
			   struct iommu_target target)
{
	int err;

	/* Blocked is what it is; VT-d has nothing to tag then. */
	if (hpa_is_none(target.root)) {
		return 0;
	}
	err = vtd_pasid_prepare(unit, bdf);
	if (err) {
		return err;
	}
	vtd_pasid_set(unit, bdf, target);
	err = announce(unit, bdf, target.asid);
	if (err) {
		/* Nobody may be let through whom the unit has not confirmed. */
		(void)!scalable_block(unit, bdf, target.asid);
	}
	return err;
}

/*
 * Until the unit has forgotten, it finds either entry whole. After a failure
 * the new one goes even if the unit may hold the way to it: it would lead to a
 * table that the caller takes for unused.
 */
static int scalable_move(struct iommu_unit *unit, uint16_t bdf,
			 uint16_t old_asid, struct iommu_target target)
{
	uint64_t before = vtd_pasid_lead(unit, bdf, target);
	int err = flush_requester(unit, bdf, old_asid);

	if (err) {
		vtd_pasid_lead_back(unit, bdf, before);
		(void)!flush_requester(unit, bdf, target.asid);
	}
	vtd_pasid_clear_other(unit, bdf);
	return err;
}

/* As in legacy mode. Context entries carry no domain id in this one. */
static int scalable_silence(struct iommu_unit *unit, uint16_t bdf)
{
	int err = vtd_pasid_silence(unit, bdf);

	return err ? err : vtd_flush_context(unit, bdf, 0);
}

const struct iommu_ops vtd_scalable_ops = {
	.name = "vtd",
	.format = &pt_format_vtdfs,
	.enable = scalable_enable,
	.attach = scalable_attach,
	.block = scalable_block,
	.move = scalable_move,
	.flush_pages = scalable_flush_pages,
	.flush_domain = scalable_flush_domain,
	.read_faults = vtd_fault_read,
	.start_events = vtd_fault_events,
	.silence = scalable_silence,
	.is_blocked = vtd_pasid_is_blocked,
	.intr = &vtd_intr_ops,
};
