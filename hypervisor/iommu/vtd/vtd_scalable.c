// SPDX-License-Identifier: MIT
/*
 * Scalable mode: who may do DMA, and through which first-stage table.
 *
 *   root table: bus, upper or lower half of its functions
 *     -> context table: function
 *        -> PASID directory -> PASID table: entry 0 -> first-stage root, id
 *
 * Requests without PASID take entry 0 (RID_PASID). Each requester has its own
 * directory and table, made when it is first attached and kept from then on.
 * Absent at any level means blocked. A block zeroes the whole PASID entry (a
 * unit may read its type before its present bit) and the context entry's
 * present bit; an attach writes both in reverse, present bits last.
 *
 * VT-d specification, "Scalable Mode Address Translation", "Scalable-Mode
 * Context Entry", "Scalable-Mode PASID Table Entry" and "Guidance to Software
 * for Invalidations".
 */
#include "iommu/vtd/vtd_scalable.h"

#include "arch/physmap.h"
#include "lib/check.h"
#include "lib/error.h"
#include "mm/page.h"

/* Requests without PASID are treated as if they had this one. */
#define RID_PASID 0u

#define LEVELS 4u
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
		.levels = LEVELS,
		.level_mask = BIT(LEVELS),
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
	return vtd_flush_run(unit,
			     field_prep(VTD_DESC_TYPE, VTD_DESC_PASID) |
				     field_prep(VTD_DESC_G, granularity) |
				     field_prep(VTD_DESC_DID, asid) |
				     field_prep(VTD_DESC_PASID_NR, RID_PASID),
			     0);
}

/* First-stage translations answer to this request alone, by id and PASID. */
static int flush_first_stage(struct iommu_unit *unit, uint64_t granularity,
			     uint16_t asid, uint64_t where)
{
	return vtd_flush_run(unit,
			     field_prep(VTD_DESC_TYPE, VTD_DESC_PIOTLB) |
				     field_prep(VTD_DESC_G, granularity) |
				     field_prep(VTD_DESC_DID, asid) |
				     field_prep(VTD_DESC_PASID_NR, RID_PASID),
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

/* Everything that a requester's cleared entries may have left in caches. */
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

/* ---- tables ---- */

/* The word of the root table that leads to a requester's context table. */
static uint64_t *root_half(const struct iommu_unit *unit, uint16_t bdf)
{
	struct vtd_root_entry *table = physmap_ptr(vtd_of(unit)->root);
	struct vtd_root_entry *root = &table[bdf >> 8];

	return (bdf & 0x80) != 0 ? &root->high : &root->low;
}

/* The context entry of a requester, or NULL without a table. */
static struct vtd_scalable_context *context_entry(const struct iommu_unit *unit,
						  uint16_t bdf)
{
	uint64_t half = *root_half(unit, bdf);
	struct vtd_scalable_context *table;

	if ((half & VTD_ROOT_P) == 0) {
		return NULL;
	}
	table = physmap_ptr(to_hpa(half & VTD_ROOT_CTP));
	return &table[bdf & 0x7f];
}

/*
 * The PASID entry of a requester, or NULL without a table. An absent context
 * entry keeps its pointer: the tables outlive a block.
 */
static struct vtd_pasid_entry *pasid_entry(const struct iommu_unit *unit,
					   uint16_t bdf)
{
	const struct vtd_scalable_context *context = context_entry(unit, bdf);
	struct vtd_pasid_entry *table;
	const uint64_t *directory;

	if (context == NULL || (context->word[0] & VTD_SCTX_PASIDDIR) == 0) {
		return NULL;
	}
	directory = physmap_ptr(to_hpa(context->word[0] & VTD_SCTX_PASIDDIR));
	table = physmap_ptr(to_hpa(directory[0] & VTD_PASIDDIR_TABLE));
	return &table[RID_PASID];
}

static int make_context_table(const struct iommu_unit *unit, uint16_t bdf)
{
	hpa_t page;

	if (context_entry(unit, bdf) != NULL) {
		return 0;
	}
	page = vtd_table_alloc(unit);
	if (hpa_is_none(page)) {
		return -XEN_ENOMEM;
	}
	vtd_store(unit, root_half(unit, bdf), page.addr | VTD_ROOT_P);
	return 0;
}

static int make_pasid_table(const struct iommu_unit *unit, uint16_t bdf)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);
	hpa_t directory, table;

	if (pasid_entry(unit, bdf) != NULL) {
		return 0;
	}
	directory = vtd_table_alloc(unit);
	if (hpa_is_none(directory)) {
		return -XEN_ENOMEM;
	}
	table = vtd_table_alloc(unit);
	if (hpa_is_none(table)) {
		page_put(directory);
		return -XEN_ENOMEM;
	}
	vtd_store(unit, physmap_ptr(directory), table.addr | VTD_PASIDDIR_P);
	vtd_store(unit, &context->word[1],
		  field_prep(VTD_SCTX_RID_PASID, RID_PASID));
	vtd_store(unit, &context->word[0], directory.addr);
	return 0;
}

/* The present bit comes with the last word of each entry, the outer one last.
 */
static void write_entries(const struct iommu_unit *unit, uint16_t bdf,
			  struct iommu_target target)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);
	struct vtd_pasid_entry *entry = pasid_entry(unit, bdf);

	CHECK((context->word[0] & VTD_SCTX_P) == 0);
	CHECK((entry->word[0] & VTD_PASID_P) == 0);
	vtd_store(unit, &entry->word[2],
		  target.root.addr | field_prep(VTD_PASID_FSPM, 0));
	vtd_store(unit, &entry->word[1],
		  field_prep(VTD_PASID_DID, target.asid) |
			  (unit->limits.is_coherent ? VTD_PASID_PWSNP : 0));
	/*
	 * The width is the second stage's, but QEMU's unit takes an address
	 * beyond it for one that is not canonical.
	 */
	vtd_store(unit, &entry->word[0],
		  field_prep(VTD_PASID_PGTT, VTD_PGTT_FIRST) |
			  field_prep(VTD_PASID_AW, LEVELS - 2) | VTD_PASID_P);
	vtd_store(unit, &context->word[0],
		  (context->word[0] & VTD_SCTX_PASIDDIR) | VTD_SCTX_P |
			  (target.is_quiet ? VTD_SCTX_FPD : 0));
}

static void clear_entries(const struct iommu_unit *unit, uint16_t bdf)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);
	struct vtd_pasid_entry *entry = pasid_entry(unit, bdf);

	if (entry == NULL) {
		return;
	}
	for (unsigned i = 0; i < 3; i++) {
		vtd_store(unit, &entry->word[i], 0);
	}
	vtd_store(unit, &context->word[0],
		  context->word[0] & VTD_SCTX_PASIDDIR);
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
	clear_entries(unit, bdf);
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
	CHECK(target.levels == LEVELS);
	CHECK(target.asid != 0 && target.asid < unit->limits.asid_count);
	err = make_context_table(unit, bdf);
	if (err) {
		return err;
	}
	err = make_pasid_table(unit, bdf);
	if (err) {
		return err;
	}
	write_entries(unit, bdf, target);
	err = announce(unit, bdf, target.asid);
	if (err) {
		/* Nobody may be let through whom the unit has not confirmed. */
		(void)!scalable_block(unit, bdf, target.asid);
	}
	return err;
}

/* As in legacy mode. Context entries carry no domain id in this one. */
static int scalable_silence(struct iommu_unit *unit, uint16_t bdf)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);

	if (context == NULL) {
		return -XEN_ENODEV;
	}
	vtd_store(unit, &context->word[0], context->word[0] | VTD_SCTX_FPD);
	return vtd_flush_context(unit, bdf, 0);
}

static bool scalable_is_blocked(struct iommu_unit *unit, uint16_t bdf)
{
	const struct vtd_scalable_context *context = context_entry(unit, bdf);
	const struct vtd_pasid_entry *entry = pasid_entry(unit, bdf);

	return entry == NULL || (context->word[0] & VTD_SCTX_P) == 0 ||
	       (entry->word[0] & VTD_PASID_P) == 0;
}

const struct iommu_ops vtd_scalable_ops = {
	.name = "vtd",
	.format = &pt_format_vtdfs,
	.enable = scalable_enable,
	.attach = scalable_attach,
	.block = scalable_block,
	.flush_pages = scalable_flush_pages,
	.flush_domain = scalable_flush_domain,
	.read_faults = vtd_fault_read,
	.start_events = vtd_fault_events,
	.silence = scalable_silence,
	.is_blocked = scalable_is_blocked,
	.intr = &vtd_intr_ops,
};
