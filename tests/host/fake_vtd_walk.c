// SPDX-License-Identifier: MIT
/*
 * Translation by a fake VT-d unit: context, paging structures, leaf, each from
 * its cache first; and the recording of what was blocked. Intel VT-d
 * specification, 3.4, 3.7, 7.2, 9.1, 9.3, 9.8.
 */
#include "fake_vtd_fault.h"
#include "fake_vtd_priv.h"
#include "machine.h"

#include <string.h>

#define ENTRY_ADDRESS GENMASK(51, 12)
#define ENTRY_PS      BIT(7)
#define ENTRY_SNP     BIT(11)
#define ENTRY_TM      BIT(62)
#define ENTRY_BEYOND  GENMASK(51, HOST_ADDRESS_BITS)
#define PROT_MASK     3u

struct context {
	uint16_t did;
	unsigned levels;
	uint64_t root;
};

bool fake_vtd_fetch(struct fake_vtd *unit, uint64_t hpa, void *to, size_t bytes,
		    bool snoops)
{
	const void *from = machine_ram(hpa, bytes);

	if (from == NULL || machine_page_is_freed(hpa)) {
		fake_vtd_violate(unit, "table read at %lx, %s",
				 (unsigned long)hpa,
				 from == NULL ? "no RAM" : "a freed page");
		return false;
	}
	if (!snoops && !unit->config.is_coherent) {
		from = machine_uncached(hpa, bytes);
	}
	machine_fetch(to, from, bytes);
	return true;
}

void fake_vtd_damage(struct fake_vtd *unit, bool on)
{
	unit->is_damaged = on;
}

/* Return: fault reason, 0 = @words hold the present context entry. */
static unsigned fetch_context(struct fake_vtd *u, uint16_t source,
			      uint64_t words[2])
{
	uint64_t root[2];

	if (u->is_damaged ||
	    !fake_vtd_fetch(u, (u->root & ~PAGE_MASK) + (source >> 8) * 16,
			    root, sizeof(root), false)) {
		return REASON_ROOT_ACCESS;
	}
	if (!(root[0] & 1)) {
		return REASON_ROOT_ABSENT;
	}
	if ((root[0] & (GENMASK(11, 1) | GENMASK(63, HOST_ADDRESS_BITS))) ||
	    root[1] != 0) {
		fake_vtd_violate(u, "root entry %016lx %016lx",
				 (unsigned long)root[0],
				 (unsigned long)root[1]);
		return REASON_ROOT_RESERVED;
	}
	if (!fake_vtd_fetch(u, (root[0] & ~PAGE_MASK) + (source & 0xff) * 16,
			    words, 16, false)) {
		return REASON_CONTEXT_ACCESS;
	}
	return words[0] & 1 ? 0 : REASON_CONTEXT_ABSENT;
}

/* Judge a present context entry. Return: fault reason, 0 = sound. */
static unsigned check_context(struct fake_vtd *u, const uint64_t w[2])
{
	unsigned did_bits = 4 + 2 * u->config.nd;
	uint64_t did = field_get(GENMASK(23, 8), w[1]);
	unsigned aw = (unsigned)(w[1] & 7);
	unsigned reason = 0;

	if ((w[0] & (GENMASK(11, 4) | GENMASK(63, HOST_ADDRESS_BITS))) ||
	    (w[1] & (BIT(7) | GENMASK(63, 24))) || did >> did_bits != 0) {
		reason = REASON_CONTEXT_RESERVED;
	} else if (!(field_get(GENMASK(12, 8), u->cap) & BIT(aw)) ||
		   (w[0] & GENMASK(3, 2)) != 0) {
		/* Pass-through and device TLBs are never asked for. */
		reason = REASON_CONTEXT_INVALID;
	} else if (did == 0 && u->config.caching_mode) {
		reason = REASON_CONTEXT_RESERVED;
	}
	if (reason != 0) {
		fake_vtd_violate(u, "context entry %016lx %016lx",
				 (unsigned long)w[0], (unsigned long)w[1]);
	}
	return reason;
}

static unsigned find_context(struct fake_vtd *u, uint16_t source,
			     struct context *context)
{
	struct fake_cache_entry *e =
		fake_cache_find(&u->context, -1, 0, source);
	uint64_t w[2] = {0, 0};
	unsigned reason;

	if (e == NULL) {
		reason = fetch_context(u, source, w);
		if (reason == 0) {
			reason = check_context(u, w);
		} else if (reason <= REASON_CONTEXT_ABSENT &&
			   u->config.caching_mode) {
			/* Absence is cached with domain id 0. */
			fake_cache_add(&u->context,
				       (struct fake_cache_entry){
					       .tag = source,
					       .is_quiet = w[0] & ENTRY_FPD,
					       .extra = reason});
		}
		u->is_quiet = w[0] & ENTRY_FPD;
		if (reason != 0) {
			return reason;
		}
		fake_cache_add(&u->context,
			       (struct fake_cache_entry){
				       .did = (uint16_t)(w[1] >> 8),
				       .present = true,
				       .is_quiet = w[0] & ENTRY_FPD,
				       .tag = source,
				       .value = w[0] & ENTRY_ADDRESS,
				       .extra = (unsigned)(w[1] & 7) + 2});
		e = fake_cache_find(&u->context, -1, 0, source);
	}
	u->is_quiet = e->is_quiet;
	if (!e->present) {
		return e->extra;
	}
	*context = (struct context){e->did, e->extra, e->value};
	return 0;
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return level == 0 || (entry & ENTRY_PS);
}

static bool is_reserved(const struct fake_vtd *u, uint64_t entry,
			unsigned level)
{
	uint64_t reserved = ENTRY_BEYOND | ENTRY_TM;

	/* Reserved in tables, and in leaves of a unit without snoop control. */
	if (!is_leaf(entry, level) || !u->config.snoop_control) {
		reserved |= ENTRY_SNP;
	}

	if (is_leaf(entry, level) && level > 0) {
		/* SLLPS bit 0 allows level 1, bit 1 level 2. */
		if (level > 2 || !(u->config.superpages & BIT(level - 1))) {
			return true;
		}
		reserved |= GENMASK(11 + 9 * level, 12);
	}
	return (entry & reserved) != 0;
}

static unsigned denied(bool is_write)
{
	return is_write ? REASON_WRITE : REASON_READ;
}

/* Where the walk starts: the deepest cached table, else the root. */
static unsigned start_of_walk(struct fake_vtd *u, const struct context *c,
			      uint64_t iova, uint64_t *table, unsigned *prot)
{
	for (unsigned level = 0; level + 1 < c->levels; level++) {
		struct fake_cache_entry *e = fake_cache_find(
			&u->paging, c->did, level, iova >> (21 + 9 * level));

		if (e != NULL) {
			*table = e->value;
			*prot = e->extra;
			return level;
		}
	}
	*table = c->root;
	*prot = PROT_MASK;
	return c->levels - 1;
}

static void keep_leaf(struct fake_vtd *u, const struct context *c,
		      uint64_t iova, unsigned level, uint64_t value,
		      unsigned prot)
{
	fake_cache_add(&u->iotlb, (struct fake_cache_entry){
					  .did = c->did,
					  .level = (uint8_t)level,
					  .present = prot != 0,
					  .tag = iova >> (12 + 9 * level),
					  .value = value,
					  .extra = prot});
}

static unsigned walk(struct fake_vtd *u, const struct context *c, uint64_t iova,
		     bool is_write)
{
	uint64_t table, entry;
	unsigned prot;
	unsigned level = start_of_walk(u, c, iova, &table, &prot);

	u->counts.walks++;
	for (;; level--) {
		uint64_t index = iova >> (12 + 9 * level) & 511;

		if (!fake_vtd_fetch(u, table + index * 8, &entry, sizeof(entry),
				    false)) {
			return REASON_TABLE_ACCESS;
		}
		if (!(entry & PROT_MASK)) {
			if (u->config.caching_mode) {
				keep_leaf(u, c, iova, 0, 0, 0);
			}
			return denied(is_write);
		}
		if (is_reserved(u, entry, level)) {
			fake_vtd_violate(u, "level %u entry %016lx for %lx",
					 level, (unsigned long)entry,
					 (unsigned long)iova);
			return REASON_ENTRY_RESERVED;
		}
		prot &= (unsigned)entry & PROT_MASK;
		if (is_leaf(entry, level)) {
			keep_leaf(u, c, iova, level, entry & ENTRY_ADDRESS,
				  prot);
			return 0;
		}
		table = entry & ENTRY_ADDRESS;
		fake_cache_add(&u->paging,
			       (struct fake_cache_entry){
				       .did = c->did,
				       .level = (uint8_t)(level - 1),
				       .present = true,
				       .tag = iova >> (12 + 9 * level),
				       .value = table,
				       .extra = prot});
	}
}

static struct fake_cache_entry *find_leaf(struct fake_vtd *u, uint16_t did,
					  uint64_t iova)
{
	for (unsigned level = 0; level <= 2; level++) {
		struct fake_cache_entry *e = fake_cache_find(
			&u->iotlb, did, level, iova >> (12 + 9 * level));

		if (e != NULL) {
			return e;
		}
	}
	return NULL;
}

/* Return: fault reason, 0 = allowed. */
static unsigned translate(struct fake_vtd *u, uint16_t source, uint64_t iova,
			  bool is_write, uint64_t *hpa)
{
	struct context c;
	struct fake_cache_entry *leaf;
	unsigned reason = find_context(u, source, &c);
	unsigned bits;

	if (reason != 0) {
		return reason;
	}
	bits = 12 + 9 * c.levels;
	if (iova >> (bits < u->config.width ? bits : u->config.width) != 0) {
		return REASON_BEYOND_WIDTH;
	}
	leaf = find_leaf(u, c.did, iova);
	if (leaf == NULL) {
		reason = walk(u, &c, iova, is_write);
		if (reason != 0) {
			return reason;
		}
		leaf = find_leaf(u, c.did, iova);
	}
	if (!(leaf->extra & (is_write ? 2u : 1u))) {
		return denied(is_write);
	}
	*hpa = leaf->value | (iova & (BIT(12 + 9 * leaf->level) - 1));
	return 0;
}

enum fake_dma fake_vtd_translate(struct fake_vtd *unit, uint16_t source,
				 uint64_t iova, bool is_write, uint64_t *hpa)
{
	unsigned reason;

	unit->is_quiet = false;
	if (iova >> 20 == 0xfee) {
		unit->counts.interrupts += is_write;
		return is_write ? FAKE_DMA_INTERRUPT : FAKE_DMA_FAULT;
	}
	if (!(unit->gsts & GCMD_TE)) {
		*hpa = iova;
		return FAKE_DMA_OK;
	}
	reason = fake_vtd_is_scalable(unit)
			 ? fake_vtd_translate_scalable(unit, source, iova,
						       is_write, hpa)
			 : translate(unit, source, iova, is_write, hpa);
	if (reason != 0) {
		fake_vtd_record(unit, source, iova, is_write, reason);
		return FAKE_DMA_FAULT;
	}
	return FAKE_DMA_OK;
}
