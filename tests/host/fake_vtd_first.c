// SPDX-License-Identifier: MIT
/*
 * First-stage walks of a fake VT-d unit, their caches, and descriptor type 6.
 * Intel VT-d specification, 3.6, 6.2.4 to 6.2.6, 6.5.2, 9.7.
 *
 * Harsher than silicon: entries leave by type 6 of their domain id and PASID,
 * or a global IOTLB flush, and by nothing else. A table that the unit would
 * have to store an accessed or dirty bit to is a violation: its store could
 * meet one of the hypervisor's.
 */
#include "fake_vtd_priv.h"
#include "machine.h"

#include <string.h>

#define REASON_FS_ACCESS    0x70u
#define REASON_FS_ABSENT    0x71u
#define REASON_FS_RESERVED  0x72u
#define REASON_FS_CANONICAL 0x80u
#define REASON_FS_USER	    0x81u
#define REASON_FS_WRITE	    0x85u
#define REASON_FS_INTERRUPT 0x87u

#define ENTRY_P	 BIT(0)
#define ENTRY_RW BIT(1)
#define ENTRY_US BIT(2)
#define ENTRY_A	 BIT(5)
#define ENTRY_D	 BIT(6)
#define ENTRY_PS BIT(7)
#define ADDRESS	 GENMASK(HOST_ADDRESS_BITS - 1, 12)
#define BEYOND	 GENMASK(51, HOST_ADDRESS_BITS)
#define LEVELS	 4u

/* Tags of both caches: the PASID above the page. */
#define TAG_PASID      44
#define TAG(c, number) ((uint64_t)(c)->pasid << TAG_PASID | (number))

struct scope {
	uint16_t did;
	uint32_t pasid;
	uint64_t first;
	uint64_t last;
};

static bool any(const struct fake_cache_entry *e, const void *arg)
{
	(void)e;
	(void)arg;
	return true;
}

static bool page_of_pasid(const struct fake_cache_entry *e, const void *arg)
{
	const struct scope *s = arg;

	return e->did == s->did && e->tag >> TAG_PASID == s->pasid;
}

static bool overlaps(const struct fake_cache_entry *e, const struct scope *s,
		     unsigned shift)
{
	uint64_t first = (e->tag & GENMASK(TAG_PASID - 1, 0)) << shift;

	return first <= s->last && first + (BIT(shift) - 1) >= s->first;
}

static bool leaf_in(const struct fake_cache_entry *e, const void *arg)
{
	return page_of_pasid(e, arg) && overlaps(e, arg, 12 + 9 * e->level);
}

/* A table cached for level n reaches 512 of its pages. */
static bool table_in(const struct fake_cache_entry *e, const void *arg)
{
	return page_of_pasid(e, arg) && overlaps(e, arg, 21 + 9 * e->level);
}

static bool flush_range(struct fake_vtd *u, const uint64_t d[2], struct scope s)
{
	uint64_t am = field_get(GENMASK(5, 0), d[1]);
	uint64_t bytes = PAGE_BYTES << am;

	s.first = d[1] & ~PAGE_MASK;
	s.last = s.first + (bytes - 1);
	if (am > u->config.mamv || !is_aligned(s.first, bytes) ||
	    (d[1] & GENMASK(11, 7)) != 0) {
		return false;
	}
	u->counts.page_flushes++;
	fake_cache_drop(&u->fs_iotlb, leaf_in, &s);
	if (!(d[1] & BIT(6))) {
		fake_cache_drop(&u->fs_paging, table_in, &s);
	}
	return true;
}

bool fake_vtd_flush_first_stage(struct fake_vtd *u, const uint64_t d[2])
{
	struct scope s = {.did = (uint16_t)field_get(GENMASK(31, 16), d[0]),
			  .pasid = (uint32_t)field_get(GENMASK(51, 32), d[0])};

	/* A queue of narrow descriptors does not take it. */
	if (fake_vtd_pasid_reserved(d) || fake_vtd_descriptor_bytes(u) != 32) {
		return false;
	}
	switch (field_get(GENMASK(5, 4), d[0])) {
	case 2:
		u->counts.domain_flushes++;
		fake_cache_drop(&u->fs_iotlb, page_of_pasid, &s);
		fake_cache_drop(&u->fs_paging, page_of_pasid, &s);
		return d[1] == 0;
	case 3:
		return flush_range(u, d, s);
	default:
		return false;
	}
}

void fake_vtd_forget_first_stage(struct fake_vtd *u)
{
	fake_cache_drop(&u->fs_iotlb, any, NULL);
	fake_cache_drop(&u->fs_paging, any, NULL);
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return level == 0 || (entry & ENTRY_PS);
}

static bool is_reserved(const struct fake_vtd *u, uint64_t entry,
			unsigned level)
{
	if (level > 0 && is_leaf(entry, level)) {
		if (level > 2 || (level == 2 && !(u->config.superpages & 2))) {
			return true;
		}
		/* Bit 12 is a memory type there. */
		return (entry & (BEYOND | GENMASK(11 + 9 * level, 13))) != 0;
	}
	return (entry & BEYOND) != 0;
}

/* Would the unit have to store to this entry? D stands for a write. */
static bool needs_store(uint64_t entry, unsigned level)
{
	return !(entry & ENTRY_A) || (is_leaf(entry, level) &&
				      (entry & ENTRY_RW) && !(entry & ENTRY_D));
}

static bool fetch_entry(struct fake_vtd *u, const struct fake_stage *c,
			uint64_t at, uint64_t *entry)
{
	if (!fake_vtd_fetch(u, at, entry, sizeof(*entry), true)) {
		return false;
	}
	if (!c->snoops) {
		memcpy(entry, machine_uncached(at, sizeof(*entry)),
		       sizeof(*entry));
	}
	return true;
}

/* Reason why a present entry ends the walk, 0 = it does not. */
static unsigned judge(struct fake_vtd *u, uint64_t entry, unsigned level,
		      uint64_t iova)
{
	unsigned reason = 0;

	if (is_reserved(u, entry, level)) {
		reason = REASON_FS_RESERVED;
	} else if (!(entry & ENTRY_US)) {
		reason = REASON_FS_USER;
	}
	if (reason != 0 || needs_store(entry, level)) {
		fake_vtd_violate(u, "level %u first-stage entry %016lx for %lx",
				 level, (unsigned long)entry,
				 (unsigned long)iova);
	}
	return reason;
}

static unsigned start_of_walk(struct fake_vtd *u, const struct fake_stage *c,
			      uint64_t iova, uint64_t *table, unsigned *rights)
{
	for (unsigned level = 0; level + 1 < LEVELS; level++) {
		struct fake_cache_entry *e =
			fake_cache_find(&u->fs_paging, c->did, level,
					TAG(c, iova >> (21 + 9 * level)));

		if (e != NULL) {
			*table = e->value;
			*rights = e->extra;
			return level;
		}
	}
	*table = c->root;
	*rights = (unsigned)ENTRY_RW;
	return LEVELS - 1;
}

static void keep(struct fake_cache *cache, const struct fake_stage *c,
		 unsigned level, uint64_t number, uint64_t value,
		 unsigned rights, bool is_present)
{
	fake_cache_add(cache, (struct fake_cache_entry){.did = c->did,
							.level = (uint8_t)level,
							.present = is_present,
							.tag = TAG(c, number),
							.value = value,
							.extra = rights});
}

static unsigned walk(struct fake_vtd *u, const struct fake_stage *c,
		     uint64_t iova)
{
	uint64_t table, entry;
	unsigned rights;
	unsigned level = start_of_walk(u, c, iova, &table, &rights);

	u->counts.walks++;
	for (;; level--) {
		uint64_t number = iova >> (12 + 9 * level);
		unsigned reason;

		if (!fetch_entry(u, c, table + (number & 511) * 8, &entry)) {
			return REASON_FS_ACCESS;
		}
		if (!(entry & ENTRY_P)) {
			if (u->config.caching_mode) {
				keep(&u->fs_iotlb, c, 0, iova >> 12, 0, 0,
				     false);
			}
			return REASON_FS_ABSENT;
		}
		reason = judge(u, entry, level, iova);
		if (reason != 0) {
			return reason;
		}
		rights &= (unsigned)(entry & ENTRY_RW);
		if (is_leaf(entry, level)) {
			keep(&u->fs_iotlb, c, level, number, entry & ADDRESS,
			     rights, true);
			return 0;
		}
		table = entry & ADDRESS;
		keep(&u->fs_paging, c, level - 1, number, table, rights, true);
	}
}

static struct fake_cache_entry *
find_leaf(struct fake_vtd *u, const struct fake_stage *c, uint64_t iova)
{
	for (unsigned level = 0; level <= 2; level++) {
		struct fake_cache_entry *e =
			fake_cache_find(&u->fs_iotlb, c->did, level,
					TAG(c, iova >> (12 + 9 * level)));

		if (e != NULL) {
			return e;
		}
	}
	return NULL;
}

unsigned fake_vtd_translate_scalable(struct fake_vtd *u, uint16_t source,
				     uint64_t iova, bool is_write,
				     uint64_t *hpa)
{
	struct fake_cache_entry *leaf;
	struct fake_stage c;
	unsigned reason = fake_vtd_find_stage(u, source, &c);

	if (reason != 0) {
		return reason;
	}
	/* The negative half is canonical too, but nobody maps there. */
	if (iova >> 47 != 0) {
		return REASON_FS_CANONICAL;
	}
	leaf = find_leaf(u, &c, iova);
	if (leaf == NULL) {
		reason = walk(u, &c, iova);
		if (reason != 0) {
			return reason;
		}
		leaf = find_leaf(u, &c, iova);
	}
	if (!leaf->present) {
		return REASON_FS_ABSENT;
	}
	if (is_write && !(leaf->extra & ENTRY_RW)) {
		return REASON_FS_WRITE;
	}
	*hpa = leaf->value | (iova & (BIT(12 + 9 * leaf->level) - 1));
	return *hpa >> 20 == 0xfee ? REASON_FS_INTERRUPT : 0;
}
