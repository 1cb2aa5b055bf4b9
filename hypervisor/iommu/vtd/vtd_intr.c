// SPDX-License-Identifier: MIT
/*
 * Interrupt remapping: one table a unit, of which each requester that is open
 * has a block of IOMMU_INTR_ENTRIES entries.
 *
 *   message: block's first entry in the address, n in the data ──► entry ──►
 *   entry: absent = dropped; source id = the block's owner, else dropped ──►
 *   vector and CPU, fixed, edge, physical
 *
 * Who may use an entry (its high half) changes while it is absent; what it does
 * (the low half) by one 64-bit store. A block is given to another only after
 * the unit has confirmed that it forgot what was there. Messages of the old
 * format do not pass (CFI stays clear), whoever sends them.
 *
 * VT-d specification, "Interrupt Remapping", "Interrupt Entry Cache
 * Invalidate". Guarded by unit->lock.
 */
#include "arch/cache.h"
#include "arch/physmap.h"
#include "iommu/vtd/vtd.h"
#include "lib/error.h"
#include "lib/string.h"

#define BLOCK_LG2 8u
#define TABLE_LG2 14u

static_assert(IOMMU_INTR_ENTRIES == BIT(BLOCK_LG2), "entries of a block");
static_assert(VTD_INTR_BLOCKS * IOMMU_INTR_ENTRIES == BIT(TABLE_LG2),
	      "entries of the table");

/* APIC ids from here on mean all CPUs. */
#define BROADCAST_8  0xffu
#define BROADCAST_32 UINT32_MAX

static bool has_wide_ids(const struct iommu_unit *unit)
{
	return (vtd_of(unit)->ecap & VTD_ECAP_EIM) != 0;
}

/* The block of a requester, or NULL. */
static struct vtd_intr_block *block_of(struct vtd *vtd, uint16_t bdf)
{
	for (unsigned i = 0; i < VTD_INTR_BLOCKS; i++) {
		struct vtd_intr_block *block = &vtd->intr_block[i];

		if (block->entries != 0 && block->bdf == bdf) {
			return block;
		}
	}
	return NULL;
}

static struct vtd_intr_block *free_block(struct vtd *vtd)
{
	for (unsigned i = 0; i < VTD_INTR_BLOCKS; i++) {
		if (vtd->intr_block[i].entries == 0) {
			return &vtd->intr_block[i];
		}
	}
	return NULL;
}

/* Number of a block's first entry. */
static unsigned first_of(const struct vtd *vtd,
			 const struct vtd_intr_block *block)
{
	return (unsigned)(block - vtd->intr_block) * IOMMU_INTR_ENTRIES;
}

static struct vtd_irte *entry_of(const struct vtd *vtd, unsigned index)
{
	struct vtd_irte *table = physmap_ptr(vtd->intr_table);

	return &table[index];
}

/* Nothing of a block passes, confirmed. */
static int empty(struct iommu_unit *unit, const struct vtd_intr_block *block)
{
	const struct vtd *vtd = vtd_of(unit);
	unsigned first = first_of(vtd, block);

	for (unsigned i = 0; i < IOMMU_INTR_ENTRIES; i++) {
		vtd_store(unit, &entry_of(vtd, first + i)->low, 0);
	}
	return vtd_flush_interrupts(unit, first, BLOCK_LG2);
}

/* Who may use an empty block's entries; @high 0 = nobody's. */
static void dedicate(struct iommu_unit *unit,
		     const struct vtd_intr_block *block, uint64_t high)
{
	const struct vtd *vtd = vtd_of(unit);
	unsigned first = first_of(vtd, block);

	for (unsigned i = 0; i < IOMMU_INTR_ENTRIES; i++) {
		vtd_store(unit, &entry_of(vtd, first + i)->high, high);
	}
}

static int intr_open(struct iommu_unit *unit, uint16_t bdf, unsigned entries)
{
	struct vtd *vtd = vtd_of(unit);
	struct vtd_intr_block *block = block_of(vtd, bdf);

	if (block != NULL) {
		block->entries = (uint16_t)entries;
		return empty(unit, block);
	}
	block = free_block(vtd);
	if (block == NULL) {
		return -XEN_ENOSPC;
	}
	*block = (struct vtd_intr_block){bdf, (uint16_t)entries};
	dedicate(unit, block,
		 field_prep(VTD_IRTE_SVT, VTD_SVT_SID) |
			 field_prep(VTD_IRTE_SID, bdf));
	return 0;
}

static uint64_t entry_for(const struct iommu_unit *unit,
			  const struct iommu_vector *to)
{
	if (to == NULL) {
		return 0;
	}
	return VTD_IRTE_P | field_prep(VTD_IRTE_VECTOR, to->vector) |
	       (has_wide_ids(unit) ? field_prep(VTD_IRTE_DEST, to->apic_id)
				   : field_prep(VTD_IRTE_DEST_8, to->apic_id));
}

static int intr_set(struct iommu_unit *unit, uint16_t bdf, unsigned n,
		    const struct iommu_vector *to,
		    struct iommu_message *message)
{
	struct vtd *vtd = vtd_of(unit);
	const struct vtd_intr_block *block = block_of(vtd, bdf);
	uint32_t ids = has_wide_ids(unit) ? BROADCAST_32 : BROADCAST_8;
	unsigned first;
	int err;

	if (block == NULL || n >= block->entries ||
	    (to != NULL && to->apic_id >= ids)) {
		return -XEN_EINVAL;
	}
	first = first_of(vtd, block);
	vtd_store(unit, &entry_of(vtd, first + n)->low, entry_for(unit, to));
	err = vtd_flush_interrupts(unit, first + n, 0);
	if (err) {
		vtd_store(unit, &entry_of(vtd, first + n)->low, 0);
		return err;
	}
	*message = (struct iommu_message){
		.address = VTD_MSI_BASE | VTD_MSI_REMAP | VTD_MSI_SHV |
			   field_prep(VTD_MSI_HANDLE, first),
		.data = n,
	};
	return 0;
}

static int intr_drop(struct iommu_unit *unit, uint16_t bdf)
{
	struct vtd_intr_block *block = block_of(vtd_of(unit), bdf);
	int err;

	/* Without an entry nothing passes. */
	if (block == NULL) {
		return 0;
	}
	err = empty(unit, block);
	if (err) {
		return err;
	}
	dedicate(unit, block, 0);
	block->entries = 0;
	return 0;
}

/*
 * Of a present entry: for one requester alone, fixed, edge, physical? Spelled
 * out once more, as what writes entries may be what is wrong.
 */
static bool is_sound(const struct iommu_unit *unit,
		     const struct vtd_irte *entry)
{
	uint64_t free = VTD_IRTE_P | VTD_IRTE_VECTOR |
			(has_wide_ids(unit) ? VTD_IRTE_DEST : VTD_IRTE_DEST_8);

	return (entry->low & ~free) == 0 &&
	       (entry->high & ~VTD_IRTE_SID) ==
		       field_prep(VTD_IRTE_SVT, VTD_SVT_SID);
}

/* An entry that is not sound may be anybody's: then everybody is heard. */
static void intr_read_back(struct iommu_unit *unit, uint16_t first,
			   unsigned count, uint8_t *heard)
{
	const struct vtd *vtd = vtd_of(unit);

	memset(heard, IOMMU_HEARD_NOT, count);
	for (unsigned i = 0; i < BIT(TABLE_LG2); i++) {
		const struct vtd_irte *entry = entry_of(vtd, i);
		unsigned n =
			(unsigned)field_get(VTD_IRTE_SID, entry->high) - first;

		if ((entry->low & VTD_IRTE_P) == 0) {
			continue;
		}
		if (!is_sound(unit, entry)) {
			memset(heard, IOMMU_HEARD_STRAY, count);
			break;
		}
		if (n < count) {
			heard[n] = IOMMU_HEARD_OWN;
		}
	}
}

/* Firmware's own use of it ends. */
static int stop(struct iommu_unit *unit)
{
	static const uint32_t bits[] = {VTD_G_IRE, VTD_G_CFI};

	for (unsigned i = 0; i < ARRAY_COUNT(bits); i++) {
		uint32_t status = mmio_read32(vtd_reg(unit, VTD_GSTS));
		int err = 0;

		if ((status & bits[i]) != 0) {
			err = vtd_command(unit, bits[i], false);
		}
		if (err) {
			return err;
		}
	}
	return 0;
}

int vtd_intr_start(struct iommu_unit *unit)
{
	const struct vtd *vtd = vtd_of(unit);
	int err;

	if (hpa_is_none(vtd->intr_table)) {
		return 0;
	}
	if (!vtd_snoops(unit)) {
		cache_clean(physmap_ptr(vtd->intr_table),
			    VTD_INTR_PAGES * PAGE_BYTES);
	}
	err = stop(unit);
	if (err) {
		return err;
	}
	mmio_write64(vtd_reg(unit, VTD_IRTA),
		     vtd->intr_table.addr |
			     (has_wide_ids(unit) ? VTD_IRTA_EIME : 0) |
			     field_prep(VTD_IRTA_S, TABLE_LG2 - 1));
	err = vtd_command(unit, VTD_G_SIRTP, true);
	if (err) {
		return err;
	}
	err = vtd_flush_all_interrupts(unit);
	if (err) {
		return err;
	}
	return vtd_command(unit, VTD_G_IRE, true);
}

const struct iommu_intr_ops vtd_intr_ops = {
	.open = intr_open,
	.set = intr_set,
	.drop = intr_drop,
	.read_back = intr_read_back,
};
