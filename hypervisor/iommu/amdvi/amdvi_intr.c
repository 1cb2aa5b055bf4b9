// SPDX-License-Identifier: MIT
/*
 * Interrupt remapping: a table for each requester that is open.
 *
 *   device table: requester ──► its table[low bits of the message's data]
 *     dropped      IntCtl 0, no table
 *     control's    one table for all: vector v becomes v on its CPU, v >= 32
 *     open         a page of its own
 *
 * An entry of either table is one store of 32 or 64 bits, so no reader sees a
 * mixture. NMI, SMI, INIT and LINT messages are no matter of tables: they pass
 * for an I/O APIC and an HPET as firmware wishes, INIT never, and for no other.
 *
 * A table has the full length that data of a fixed interrupt can reach, as
 * QEMU does not look at IntTabLen. Units are driven without GAEn: entries of 32
 * bits, CPUs below 255.
 *
 * AMD IOMMU specification, 48882, "Interrupt Remapping Tables", "Device Table
 * Entry Format", "INVALIDATE_INTERRUPT_TABLE". Guarded by unit->lock.
 */
#include "arch/barrier.h"
#include "arch/physmap.h"
#include "iommu/amdvi/amdvi.h"
#include "lib/error.h"
#include "mm/page.h"

/* Data bits 8..0: the vector, and fixed or lowest priority. */
#define TABLE_LG2	 9u
#define VECTORS		 256u
#define VECTOR_FIRST	 32u
#define BROADCAST	 0xffu
#define DROPPED		 AMDVI_DTE2_IV /* IntCtl 0 */
#define MESSAGES_GRANTED (AMDVI_DTE2_EINT | AMDVI_DTE2_NMI | AMDVI_DTE2_LINT)

/* The page of a requester that is open. */
struct intr_table {
	uint32_t entry[1u << TABLE_LG2];
	/* Behind what the unit reads. */
	uint32_t entries; /* in use, from the first */
	uint32_t owner;	  /* OWNED_BY, and the requester's id */
};

#define OWNED_BY 0x1d000000u

static_assert(sizeof(struct intr_table) <= PAGE_BYTES, "a page holds it");
static_assert(IOMMU_INTR_ENTRIES <= VECTORS, "reached by fixed interrupts");

bool amdvi_intr_can_remap(const struct ivrs *ivrs)
{
	/* The control domain's table is of no use without its CPU. */
	if (iommu_intr_home >= BROADCAST) {
		return false;
	}
	/*
	 * The unit does not tell. Firmware that leaves the I/O APIC's id out
	 * has switched remapping off (QEMU: intremap=off, where a requester
	 * with IV set loses every message).
	 */
	for (unsigned i = 0; i < ivrs->device_count; i++) {
		if (ivrs->device[i].kind == IVRS_IOAPIC) {
			return true;
		}
	}
	return false;
}

static bool is_controller_of(const struct amdvi *amdvi,
			     const struct ivrs_device *d)
{
	return d->unit == amdvi->index &&
	       (d->kind == IVRS_IOAPIC || d->kind == IVRS_HPET);
}

static uint64_t word_for(hpa_t table)
{
	return AMDVI_DTE2_IV | field_prep(AMDVI_DTE2_LEN, TABLE_LG2) |
	       table.addr | field_prep(AMDVI_DTE2_CTL, AMDVI_INTCTL_REMAP);
}

static uint32_t entry_for(const struct iommu_vector *to)
{
	if (to == NULL) {
		return 0;
	}
	return (uint32_t)(AMDVI_IRTE_EN |
			  field_prep(AMDVI_IRTE_DEST, to->apic_id) |
			  field_prep(AMDVI_IRTE_VECTOR, to->vector));
}

static uint64_t read_word(const struct iommu_unit *unit, uint16_t bdf)
{
	return read_once(amdvi_dte(unit, bdf)->interrupts.low);
}

/* The table of a requester that is open, or NULL. */
static struct intr_table *table_of(const struct iommu_unit *unit, uint16_t bdf)
{
	uint64_t word = read_word(unit, bdf);
	hpa_t table = to_hpa(word & AMDVI_DTE2_TABLE);

	if (table.addr == 0 || table.addr == amdvi_of(unit)->home.addr) {
		return NULL;
	}
	return physmap_ptr(table);
}

/* What the unit may hold of a requester's entry and table goes. */
static int forget(struct iommu_unit *unit, uint16_t bdf)
{
	int err;

	/* The entries are in memory before the unit is made to forget. */
	barrier_full();
	err = amdvi_flush_device(unit, bdf);
	if (err) {
		return err;
	}
	return amdvi_flush_interrupts(unit, bdf);
}

/* Where a requester's messages go; its table is in memory before that. */
static int redirect(struct iommu_unit *unit, uint16_t bdf, uint64_t word)
{
	barrier_publish();
	write_once(amdvi_dte(unit, bdf)->interrupts.low, word);
	return forget(unit, bdf);
}

/* Every entry empty, confirmed. */
static int empty(struct iommu_unit *unit, uint16_t bdf,
		 struct intr_table *table)
{
	for (unsigned i = 0; i < ARRAY_COUNT(table->entry); i++) {
		write_once(table->entry[i], 0);
	}
	return forget(unit, bdf);
}

/* Does an I/O APIC or an HPET send under this id? */
static bool is_controllers(const struct iommu_unit *unit, uint16_t bdf)
{
	const struct amdvi *amdvi = amdvi_of(unit);

	for (unsigned i = 0; i < amdvi->ivrs->device_count; i++) {
		const struct ivrs_device *d = &amdvi->ivrs->device[i];

		if (is_controller_of(amdvi, d) && d->first == bdf) {
			return true;
		}
	}
	return false;
}

static int intr_open(struct iommu_unit *unit, uint16_t bdf, unsigned entries)
{
	struct intr_table *table = table_of(unit, bdf);
	hpa_t page;

	/* The machine's own interrupts are nobody's to redirect. */
	if (is_controllers(unit, bdf)) {
		return -XEN_EOPNOTSUPP;
	}
	if (table != NULL) {
		table->entries = entries;
		return empty(unit, bdf, table);
	}
	page = page_alloc(PAGE_POOL_HYPERVISOR, PAGE_OWNER_NONE);
	if (hpa_is_none(page)) {
		return -XEN_ENOMEM;
	}
	table = physmap_ptr(page);
	table->entries = entries;
	table->owner = OWNED_BY | bdf;
	return redirect(unit, bdf, word_for(page));
}

static int intr_set(struct iommu_unit *unit, uint16_t bdf, unsigned n,
		    const struct iommu_vector *to,
		    struct iommu_message *message)
{
	struct intr_table *table = table_of(unit, bdf);
	int err;

	if (table == NULL || n >= table->entries ||
	    (to != NULL && to->apic_id >= BROADCAST)) {
		return -XEN_EINVAL;
	}
	write_once(table->entry[n], entry_for(to));
	barrier_full();
	err = amdvi_flush_interrupts(unit, bdf);
	if (err) {
		write_once(table->entry[n], 0);
		return err;
	}
	*message = (struct iommu_message){.address = AMDVI_MSI_BASE, .data = n};
	return 0;
}

static int intr_drop(struct iommu_unit *unit, uint16_t bdf)
{
	struct intr_table *table = table_of(unit, bdf);
	uint64_t before = read_word(unit, bdf);
	int err;

	if (is_controllers(unit, bdf)) {
		return 0;
	}
	/* Dropped already: perhaps it is yet to be confirmed. */
	if (table == NULL) {
		return redirect(unit, bdf, DROPPED);
	}
	err = empty(unit, bdf, table);
	if (err) {
		return err;
	}
	err = redirect(unit, bdf, DROPPED);
	if (err) {
		/* The page stays where the unit may still look for it. */
		write_once(amdvi_dte(unit, bdf)->interrupts.low, before);
		return err;
	}
	page_put(to_hpa(before & AMDVI_DTE2_TABLE));
	return 0;
}

static int intr_pass(struct iommu_unit *unit, uint16_t bdf)
{
	int err;

	if (is_controllers(unit, bdf)) {
		return 0;
	}
	err = redirect(unit, bdf, word_for(amdvi_of(unit)->home));
	if (err) {
		write_once(amdvi_dte(unit, bdf)->interrupts.low, DROPPED);
	}
	return err;
}

/* Every ordinary vector as it is, on the control domain's CPU. */
static void fill_home(struct iommu_unit *unit)
{
	struct intr_table *home = physmap_ptr(amdvi_of(unit)->home);

	for (unsigned v = VECTOR_FIRST; v < VECTORS; v++) {
		struct iommu_vector to = {(uint8_t)v, iommu_intr_home};

		home->entry[v] = entry_for(&to);
		home->entry[VECTORS + v] = home->entry[v];
	}
}

/* What stands in the entry of an I/O APIC or an HPET. */
static uint64_t controller_word(const struct iommu_unit *unit,
				const struct ivrs_device *d)
{
	/* Bits 0 to 2 and 6 to 7 stand in the entry's order. */
	uint64_t word = ((uint64_t)d->settings << 56) & MESSAGES_GRANTED;

	if (unit->limits.remaps_interrupts) {
		word |= word_for(amdvi_of(unit)->home);
	}
	return word;
}

void amdvi_intr_block_all(struct iommu_unit *unit)
{
	const struct amdvi *amdvi = amdvi_of(unit);

	fill_home(unit);
	for (unsigned bdf = 0;
	     unit->limits.remaps_interrupts && bdf < AMDVI_DEVICES; bdf++) {
		amdvi_dte(unit, (uint16_t)bdf)->interrupts.low = DROPPED;
	}
	for (unsigned i = 0; i < amdvi->ivrs->device_count; i++) {
		const struct ivrs_device *d = &amdvi->ivrs->device[i];

		if (is_controller_of(amdvi, d)) {
			amdvi_dte(unit, d->first)->interrupts.low =
				controller_word(unit, d);
		}
	}
}

/* Is this the requester's table, and what is in it? */
static enum iommu_heard read_table(uint16_t bdf, hpa_t at)
{
	const struct intr_table *table = physmap_ptr(at);

	if (table->owner != (OWNED_BY | bdf)) {
		return IOMMU_HEARD_STRAY;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(table->entry); i++) {
		if ((table->entry[i] & AMDVI_IRTE_EN) != 0) {
			return IOMMU_HEARD_OWN;
		}
	}
	return IOMMU_HEARD_NOT;
}

static enum iommu_heard read_word_of(const struct iommu_unit *unit,
				     uint16_t bdf)
{
	uint64_t word = read_word(unit, bdf);

	/* Spelled out: what writes entries may be what is wrong. */
	uint64_t by_table = AMDVI_DTE2_IV |
			    field_prep(AMDVI_DTE2_LEN, TABLE_LG2) |
			    field_prep(AMDVI_DTE2_CTL, AMDVI_INTCTL_REMAP);
	hpa_t at = to_hpa(word & AMDVI_DTE2_TABLE);

	if (word == AMDVI_DTE2_IV) {
		return IOMMU_HEARD_NOT;
	}
	if (word != (by_table | at.addr)) {
		return IOMMU_HEARD_STRAY;
	}
	if (at.addr == amdvi_of(unit)->home.addr) {
		return IOMMU_HEARD_HOME;
	}
	return is_aligned(at.addr, PAGE_BYTES) && page_is_hypervisor(at)
		       ? read_table(bdf, at)
		       : IOMMU_HEARD_STRAY;
}

static void read_controller(const struct iommu_unit *unit,
			    const struct ivrs_device *d, uint16_t first,
			    unsigned count, uint8_t *heard)
{
	unsigned n = (unsigned)d->first - first;

	if (n < count) {
		heard[n] = read_word(unit, d->first) == controller_word(unit, d)
				   ? IOMMU_HEARD_CONTROLLER
				   : IOMMU_HEARD_STRAY;
	}
}

static void intr_read_back(struct iommu_unit *unit, uint16_t first,
			   unsigned count, uint8_t *heard)
{
	const struct amdvi *amdvi = amdvi_of(unit);

	for (unsigned n = 0; n < count; n++) {
		heard[n] = (uint8_t)read_word_of(unit, (uint16_t)(first + n));
	}
	for (unsigned i = 0; i < amdvi->ivrs->device_count; i++) {
		const struct ivrs_device *d = &amdvi->ivrs->device[i];

		if (is_controller_of(amdvi, d)) {
			read_controller(unit, d, first, count, heard);
		}
	}
}

const struct iommu_intr_ops amdvi_intr_ops = {
	.open = intr_open,
	.set = intr_set,
	.drop = intr_drop,
	.pass = intr_pass,
	.read_back = intr_read_back,
};
