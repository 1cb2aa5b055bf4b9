// SPDX-License-Identifier: MIT
/*
 * Who may do DMA in scalable mode, and through which first-stage table.
 *
 *   root table: bus, upper or lower half of its functions
 *     -> context table: function
 *        -> PASID directory -> PASID table: entry 0 -> first-stage root, id
 *
 * Requests without PASID take entry 0. Each requester has its own directory and
 * table, made when it is first attached and kept from then on. Absent at any
 * level means blocked. A block zeroes the whole PASID entry (a unit may read
 * its type before its present bit) and the context entry's present bit; an
 * attach writes both in reverse, present bits last.
 *
 * VT-d specification, "Scalable-Mode Context Entry" and "Scalable-Mode PASID
 * Table Entry". The unit's lock is held in every function.
 */
#include "iommu/vtd/vtd_pasid.h"

#include "arch/physmap.h"
#include "lib/check.h"
#include "lib/error.h"
#include "mm/page.h"

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
	return &table[VTD_RID_PASID];
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
		  field_prep(VTD_SCTX_RID_PASID, VTD_RID_PASID));
	vtd_store(unit, &context->word[0], directory.addr);
	return 0;
}

int vtd_pasid_prepare(const struct iommu_unit *unit, uint16_t bdf)
{
	int err = make_context_table(unit, bdf);

	return err ? err : make_pasid_table(unit, bdf);
}

/* The present bit comes with the last word of each entry, the outer one last.
 */
void vtd_pasid_set(const struct iommu_unit *unit, uint16_t bdf,
		   struct iommu_target target)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);
	struct vtd_pasid_entry *entry = pasid_entry(unit, bdf);

	CHECK(target.levels == VTD_PASID_LEVELS);
	CHECK(target.asid != 0 && target.asid < unit->limits.asid_count);
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
			  field_prep(VTD_PASID_AW, VTD_PASID_LEVELS - 2) |
			  VTD_PASID_P);
	vtd_store(unit, &context->word[0],
		  (context->word[0] & VTD_SCTX_PASIDDIR) | VTD_SCTX_P |
			  (target.is_quiet ? VTD_SCTX_FPD : 0));
}

void vtd_pasid_clear(const struct iommu_unit *unit, uint16_t bdf)
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

int vtd_pasid_silence(const struct iommu_unit *unit, uint16_t bdf)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);

	if (context == NULL) {
		return -XEN_ENODEV;
	}
	vtd_store(unit, &context->word[0], context->word[0] | VTD_SCTX_FPD);
	return 0;
}

bool vtd_pasid_is_blocked(struct iommu_unit *unit, uint16_t bdf)
{
	const struct vtd_scalable_context *context = context_entry(unit, bdf);
	const struct vtd_pasid_entry *entry = pasid_entry(unit, bdf);

	return entry == NULL || (context->word[0] & VTD_SCTX_P) == 0 ||
	       (entry->word[0] & VTD_PASID_P) == 0;
}
