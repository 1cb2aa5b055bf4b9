// SPDX-License-Identifier: MIT
/*
 * Translation by a fake AMD IOMMU: translation, device table entry, paging
 * structures, each from its cache first; and the logging of what was blocked.
 * AMD IOMMU specification, "Device Table Entry Format", "I/O Page Tables for
 * Host Translations", "IO_PAGE_FAULT".
 */
#include "fake_amdvi_priv.h"
#include "lib/addr.h"
#include "machine.h"

#include <string.h>

#define ENTRY_PR      BIT(0)
#define ENTRY_NEXT    GENMASK(11, 9)
#define ENTRY_ADDRESS GENMASK(51, 12)
#define ENTRY_BEYOND  GENMASK(51, AMDVI_HOST_BITS)
#define ENTRY_IR      BIT(61)
#define ENTRY_IW      BIT(62)
#define RIGHTS	      GENMASK(62, 61) /* of a table and of a device's entry */
#define DTE_V	      BIT(0)
#define DTE_TV	      BIT(1)
#define DTE_MODE      GENMASK(11, 9)
#define DTE1_SA	      BIT(34) /* no IO_PAGE_FAULT is logged */

/* What an access met: event code 0 = allowed. */
struct verdict {
	unsigned code;
	uint64_t flags;
};

static const struct verdict allowed = {0, 0};
static const struct verdict absent = {E_PAGE_FAULT, 0};
static const struct verdict no_right = {E_PAGE_FAULT, F_PR | F_PE};
static const struct verdict reserved = {E_PAGE_FAULT, F_PR | F_RZ};
static const struct verdict bad_dte = {E_BAD_DTE, 0};

bool fake_amdvi_fetch(struct fake_amdvi *unit, uint64_t hpa, void *to,
		      size_t bytes, bool snoops)
{
	const void *from = machine_ram(hpa, bytes);

	if (from == NULL || machine_page_is_freed(hpa)) {
		fake_amdvi_violate(unit, "table read at %lx, %s",
				   (unsigned long)hpa,
				   from == NULL ? "no RAM" : "a freed page");
		return false;
	}
	if (!snoops) {
		from = machine_uncached(hpa, bytes);
	}
	machine_fetch(to, from, bytes);
	return true;
}

static uint64_t page_tag(uint16_t source, uint64_t iova, unsigned level)
{
	return (uint64_t)source << PAGE_TAG_BITS | iova >> (12 + 9 * level);
}

void fake_amdvi_warm(struct fake_amdvi *unit)
{
	/* 00:03.0 may do what it likes, by entry and by translation. */
	fake_cache_add(&unit->dte, (struct fake_cache_entry){
					   .tag = 0x18,
					   .present = true,
					   .did = 0x1234,
					   .value = DTE_V | DTE_TV | RIGHTS});
	fake_cache_add(&unit->iotlb,
		       (struct fake_cache_entry){.tag = page_tag(0x18, 0, 0),
						 .present = true,
						 .did = 0x1234,
						 .value = MACHINE_RAM_BASE,
						 .extra = 3});
}

/* Judge a device table entry. */
static bool is_sound(const struct fake_amdvi *u, const uint64_t w[4])
{
	unsigned mode = (unsigned)field_get(DTE_MODE, w[0]);

	/* Guest translation, dirty bits, device TLBs are never asked for. */
	return !(w[0] &
		 (GENMASK(8, 2) | GENMASK(60, AMDVI_HOST_BITS) | BIT(63))) &&
	       !(w[1] & GENMASK(63, 16) & ~DTE1_SA) &&
	       fake_amdvi_is_intr_sound(w) && mode <= 4 + u->config.hats &&
	       (w[0] & DTE_TV) &&
	       (mode != 0 || !(w[0] & (ENTRY_ADDRESS | RIGHTS)));
}

bool fake_amdvi_fetch_dte(struct fake_amdvi *unit, uint16_t source,
			  uint64_t words[4])
{
	uint64_t at = (unit->devtab & ENTRY_ADDRESS) + (uint64_t)source * 32;
	uint64_t bytes = (field_get(GENMASK(8, 0), unit->devtab) + 1) << 12;

	if ((uint64_t)source * 32 >= bytes ||
	    !fake_amdvi_fetch(unit, at, words, 32,
			      unit->applied & C_COHERENT)) {
		return false;
	}
	if (!(words[0] & DTE_V)) {
		fake_amdvi_violate(unit,
				   "entry of %04x is not valid: DMA "
				   "passes",
				   source);
	} else if (!is_sound(unit, words)) {
		fake_amdvi_violate(unit, "entry of %04x: %016lx %016lx %016lx",
				   source, (unsigned long)words[0],
				   (unsigned long)words[1],
				   (unsigned long)words[2]);
		return false;
	}
	return true;
}

static struct fake_cache_entry *find_dte(struct fake_amdvi *u, uint16_t source)
{
	struct fake_cache_entry *e = fake_cache_find(&u->dte, -1, 0, source);
	uint64_t w[4];

	if (e != NULL) {
		return e;
	}
	if (!fake_amdvi_fetch_dte(u, source, w)) {
		return NULL;
	}
	fake_cache_add(&u->dte,
		       (struct fake_cache_entry){.tag = source,
						 .present = w[0] & DTE_V,
						 .is_quiet = w[1] & DTE1_SA,
						 .did = (uint16_t)w[1],
						 .value = w[0]});
	return fake_cache_find(&u->dte, -1, 0, source);
}

static unsigned rights_of(uint64_t entry)
{
	return (unsigned)(entry >> 61 & 3);
}

static void keep(struct fake_amdvi *u, uint16_t source, uint16_t did,
		 uint64_t iova, unsigned level, uint64_t value, unsigned rights)
{
	/* An address beyond any table is not worth keeping. */
	if (iova >> (12 + PAGE_TAG_BITS) != 0) {
		return;
	}
	fake_cache_add(&u->iotlb, (struct fake_cache_entry){
					  .did = did,
					  .level = (uint8_t)level,
					  .present = rights != 0,
					  .tag = page_tag(source, iova, level),
					  .value = value,
					  .extra = rights});
}

/* Where the walk starts: the deepest cached table, else the root. */
static unsigned start_of_walk(struct fake_amdvi *u,
			      const struct fake_cache_entry *dte, uint64_t iova,
			      uint64_t *table, unsigned *rights)
{
	unsigned levels = (unsigned)field_get(DTE_MODE, dte->value);

	for (unsigned level = 0; level + 1 < levels; level++) {
		struct fake_cache_entry *e = fake_cache_find(
			&u->paging, dte->did, level, iova >> (21 + 9 * level));

		if (e != NULL) {
			*table = e->value;
			*rights = e->extra;
			return level;
		}
	}
	*table = dte->value & ENTRY_ADDRESS;
	*rights = rights_of(dte->value);
	return levels - 1;
}

/* An entry of our level n is of the manual's level n + 1. */
static bool is_reserved(uint64_t entry, unsigned level)
{
	unsigned next = (unsigned)field_get(ENTRY_NEXT, entry);

	if (next == 0) {
		return level > 2 ||
		       (entry & (ENTRY_BEYOND | GENMASK(58, 52) | BIT(63))) ||
		       (level > 0 && (entry & GENMASK(11 + 9 * level, 12)));
	}
	/* Levels could be skipped, and sizes be odd; nobody does it here. */
	return next != level ||
	       (entry & (ENTRY_BEYOND | GENMASK(60, 52) | BIT(63)));
}

static struct verdict walk(struct fake_amdvi *u,
			   const struct fake_cache_entry *dte, uint16_t source,
			   uint64_t iova)
{
	uint64_t table, entry;
	unsigned rights;
	unsigned level = start_of_walk(u, dte, iova, &table, &rights);

	u->counts.walks++;
	for (;; level--) {
		uint64_t index = iova >> (12 + 9 * level) & 511;

		if (!fake_amdvi_fetch(u, table + index * 8, &entry,
				      sizeof(entry), true)) {
			return (struct verdict){E_PT_ERROR, 0};
		}
		if (!(entry & ENTRY_PR)) {
			/*
			 * Rights in an absent entry get through QEMU's model.
			 * An address alone is the link of a table that waits
			 * for its flush, and to hardware nothing at all.
			 */
			if ((entry & (ENTRY_IR | ENTRY_IW)) != 0) {
				fake_amdvi_violate(u, "absent entry %016lx",
						   (unsigned long)entry);
			}
			if (u->config.np_cache) {
				keep(u, source, dte->did, iova, 0, 0, 0);
			}
			return absent;
		}
		if (is_reserved(entry, level)) {
			fake_amdvi_violate(u, "level %u entry %016lx for %lx",
					   level, (unsigned long)entry,
					   (unsigned long)iova);
			return reserved;
		}
		rights &= rights_of(entry);
		table = entry & ENTRY_ADDRESS;
		if (field_get(ENTRY_NEXT, entry) == 0) {
			keep(u, source, dte->did, iova, level, table, rights);
			return allowed;
		}
		fake_cache_add(&u->paging,
			       (struct fake_cache_entry){
				       .did = dte->did,
				       .level = (uint8_t)(level - 1),
				       .present = true,
				       .tag = iova >> (12 + 9 * level),
				       .value = table,
				       .extra = rights});
	}
}

static struct fake_cache_entry *find_leaf(struct fake_amdvi *u, uint16_t source,
					  uint64_t iova)
{
	if (iova >> (12 + PAGE_TAG_BITS) != 0) {
		return NULL;
	}
	for (unsigned level = 0; level <= 2; level++) {
		struct fake_cache_entry *e = fake_cache_find(
			&u->iotlb, -1, level, page_tag(source, iova, level));

		if (e != NULL) {
			return e;
		}
	}
	return NULL;
}

/* An entry without a table: its rights alone decide. */
static struct verdict unmapped(struct fake_amdvi *u,
			       const struct fake_cache_entry *dte,
			       uint16_t source, uint64_t iova)
{
	unsigned rights = rights_of(dte->value);

	keep(u, source, dte->did, iova, 0, iova & ~PAGE_MASK, rights);
	return rights != 0 ? allowed : no_right;
}

void fake_amdvi_damage(struct fake_amdvi *unit, bool on)
{
	unit->is_damaged = on;
}

static struct verdict fill(struct fake_amdvi *u, uint16_t source, uint64_t iova)
{
	bool is_cached = fake_cache_find(&u->dte, -1, 0, source) != NULL;
	const struct fake_cache_entry *dte;
	unsigned levels;

	if (u->is_damaged && !is_cached) {
		return (struct verdict){E_DTE_ERROR, 0};
	}
	dte = find_dte(u, source);

	if (dte == NULL) {
		return bad_dte;
	}
	levels = (unsigned)field_get(DTE_MODE, dte->value);
	if (!dte->present) {
		keep(u, source, dte->did, iova, 0, iova & ~PAGE_MASK, 3);
		return allowed;
	}
	if (levels == 0) {
		return unmapped(u, dte, source, iova);
	}
	if (levels < 6 && iova >> (12 + 9 * levels) != 0) {
		return absent;
	}
	return walk(u, dte, source, iova);
}

static struct verdict translate(struct fake_amdvi *u, uint16_t source,
				uint64_t iova, bool is_write, uint64_t *hpa)
{
	struct fake_cache_entry *leaf = find_leaf(u, source, iova);

	if (leaf == NULL) {
		struct verdict verdict = fill(u, source, iova);

		if (verdict.code != 0) {
			return verdict;
		}
		leaf = find_leaf(u, source, iova);
	}
	if (leaf == NULL || !leaf->present) {
		return absent;
	}
	if (!(leaf->extra & (is_write ? 2u : 1u))) {
		return no_right;
	}
	*hpa = leaf->value | (iova & (BIT(12 + 9 * leaf->level) - 1));
	return allowed;
}

static bool is_quiet(struct fake_amdvi *u, uint16_t source)
{
	const struct fake_cache_entry *dte = find_dte(u, source);

	return dte != NULL && dte->is_quiet;
}

enum fake_dma fake_amdvi_translate(struct fake_amdvi *unit, uint16_t source,
				   uint64_t iova, bool is_write, uint64_t *hpa)
{
	struct verdict verdict;

	if (iova >> 20 == 0xfee) {
		unit->counts.interrupts += is_write;
		return is_write ? FAKE_DMA_INTERRUPT : FAKE_DMA_FAULT;
	}
	if (!(unit->applied & C_IOMMU)) {
		*hpa = iova;
		return FAKE_DMA_OK;
	}
	verdict = translate(unit, source, iova, is_write, hpa);
	if (verdict.code == 0) {
		return FAKE_DMA_OK;
	}
	verdict.flags |= is_write ? F_RW : 0;
	unit->counts.faults++;
	unit->counts.last_reason =
		verdict.code << 4 |
		(unsigned)field_get(GENMASK(55, 52), verdict.flags);
	if (verdict.code != E_PAGE_FAULT || !is_quiet(unit, source)) {
		fake_amdvi_log(unit, verdict.code, verdict.flags | source,
			       iova);
	}
	return FAKE_DMA_FAULT;
}
