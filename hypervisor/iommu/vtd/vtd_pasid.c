// SPDX-License-Identifier: MIT
/*
 * Who may do DMA in scalable mode, and through which first-stage table.
 *
 *   root table: bus, upper or lower half of its functions
 *     -> context table: function
 *        -> PASID directory -> PASID table: entry 0 -> first-stage root, id
 *
 * Requests without PASID take entry 0. Each requester has two directories of
 * its own, with a table each, made when it is first attached and kept from then
 * on. Absent at any level means blocked. A block zeroes the whole PASID entry
 * (a unit may read its type before its present bit) and the context entry's
 * present bit; an attach writes both in reverse, present bits last.
 *
 * Root and id of a PASID entry stand in different 128 bits, which no one store
 * reaches. So one that is present never changes: a move fills the entry below
 * the other directory, which nothing leads to, and leads the context entry
 * there by one store of 64 bits.
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

/* A context entry's directory. An absent one's too: tables outlive a block. */
static hpa_t directory_of(const struct vtd_scalable_context *context)
{
	return to_hpa(context->word[0] & VTD_SCTX_PASIDDIR);
}

/*
 * A unit reads the first 128 entries of a directory (PDTS 0). The word behind
 * them leads to the requester's other directory.
 */
static uint64_t *other_directory(hpa_t directory)
{
	return (uint64_t *)physmap_ptr(directory) + VTD_PASIDDIR_ENTRIES;
}

/* The one entry of a directory's one table that is in use. */
static struct vtd_pasid_entry *entry_below(hpa_t directory)
{
	const uint64_t *entry = physmap_ptr(directory);
	struct vtd_pasid_entry *table =
		physmap_ptr(to_hpa(*entry & VTD_PASIDDIR_TABLE));

	return &table[VTD_RID_PASID];
}

/* The PASID entry that a requester's context entry leads to, or NULL. */
static struct vtd_pasid_entry *pasid_entry(const struct iommu_unit *unit,
					   uint16_t bdf)
{
	const struct vtd_scalable_context *context = context_entry(unit, bdf);

	if (context == NULL || (context->word[0] & VTD_SCTX_PASIDDIR) == 0) {
		return NULL;
	}
	return entry_below(directory_of(context));
}

/* A directory with a table of absent entries. Return: HPA_NONE: no memory. */
static hpa_t make_directory(const struct iommu_unit *unit)
{
	hpa_t directory = vtd_table_alloc(unit);
	hpa_t table;

	if (hpa_is_none(directory)) {
		return HPA_NONE;
	}
	table = vtd_table_alloc(unit);
	if (hpa_is_none(table)) {
		page_put(directory);
		return HPA_NONE;
	}
	vtd_store(unit, physmap_ptr(directory), table.addr | VTD_PASIDDIR_P);
	return directory;
}

/* Of one that no unit has seen. */
static void free_directory(hpa_t directory)
{
	const uint64_t *entry = physmap_ptr(directory);

	page_put(to_hpa(*entry & VTD_PASIDDIR_TABLE));
	page_put(directory);
}

/* Both, so that a move, which a block may be, never lacks memory. */
static int make_directories(const struct iommu_unit *unit, uint16_t bdf)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);
	hpa_t first, second;

	if (pasid_entry(unit, bdf) != NULL) {
		return 0;
	}
	first = make_directory(unit);
	if (hpa_is_none(first)) {
		return -XEN_ENOMEM;
	}
	second = make_directory(unit);
	if (hpa_is_none(second)) {
		free_directory(first);
		return -XEN_ENOMEM;
	}
	*other_directory(first) = second.addr;
	*other_directory(second) = first.addr;
	vtd_store(unit, &context->word[1],
		  field_prep(VTD_SCTX_RID_PASID, VTD_RID_PASID));
	vtd_store(unit, &context->word[0], first.addr);
	return 0;
}

int vtd_pasid_prepare(const struct iommu_unit *unit, uint16_t bdf)
{
	int err = vtd_root_fill(unit, root_half(unit, bdf));

	return err ? err : make_directories(unit, bdf);
}

/* The present bit comes with the last word. */
static void write_entry(const struct iommu_unit *unit,
			struct vtd_pasid_entry *entry,
			struct iommu_target target)
{
	CHECK(target.levels == VTD_PASID_LEVELS);
	CHECK(target.asid != 0 && target.asid < unit->limits.asid_count);
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
}

static void clear_entry(const struct iommu_unit *unit,
			struct vtd_pasid_entry *entry)
{
	for (unsigned i = 0; i < 3; i++) {
		vtd_store(unit, &entry->word[i], 0);
	}
}

/* A present context entry with its directory. */
static uint64_t context_word(hpa_t directory, struct iommu_target target)
{
	return directory.addr | VTD_SCTX_P |
	       (target.is_quiet ? VTD_SCTX_FPD : 0);
}

/* The outer entry last. */
void vtd_pasid_set(const struct iommu_unit *unit, uint16_t bdf,
		   struct iommu_target target)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);
	hpa_t directory = directory_of(context);

	CHECK((context->word[0] & VTD_SCTX_P) == 0);
	write_entry(unit, entry_below(directory), target);
	vtd_store(unit, &context->word[0], context_word(directory, target));
}

void vtd_pasid_clear(const struct iommu_unit *unit, uint16_t bdf)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);
	struct vtd_pasid_entry *entry = pasid_entry(unit, bdf);

	if (entry == NULL) {
		return;
	}
	clear_entry(unit, entry);
	vtd_store(unit, &context->word[0], directory_of(context).addr);
}

uint64_t vtd_pasid_lead(const struct iommu_unit *unit, uint16_t bdf,
			struct iommu_target target)
{
	struct vtd_scalable_context *context = context_entry(unit, bdf);
	uint64_t before;
	hpa_t other;

	CHECK(context != NULL && (context->word[0] & VTD_SCTX_P) != 0);
	before = context->word[0];
	other = to_hpa(*other_directory(directory_of(context)));
	write_entry(unit, entry_below(other), target);
	vtd_store(unit, &context->word[0], context_word(other, target));
	return before;
}

void vtd_pasid_lead_back(const struct iommu_unit *unit, uint16_t bdf,
			 uint64_t before)
{
	vtd_store(unit, &context_entry(unit, bdf)->word[0], before);
}

void vtd_pasid_clear_other(const struct iommu_unit *unit, uint16_t bdf)
{
	hpa_t directory = directory_of(context_entry(unit, bdf));

	clear_entry(unit, entry_below(to_hpa(*other_directory(directory))));
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
