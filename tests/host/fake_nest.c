// SPDX-License-Identifier: MIT
/*
 * Entries, the cache, DMA, and the operations that a backend has. The walks are
 * in fake_nest_walk.c.
 */
#include "fake_cache.h"
#include "fake_nest_priv.h"
#include "iommu/fault.h"
#include "iommu/registry.h"
#include "lib/error.h"
#include "machine.h"

#include <string.h>

#define ENTRIES_MAX 64u

struct entry {
	bool is_used;
	uint16_t bdf;
	uint32_t pasid;
	struct iommu_target target; /* .nest = &nest or NULL */
	struct iommu_nest nest;
};

struct fake_nest_refusals fake_nest_refusals;

static struct fake_nest_config config;
static struct iommu_unit unit;
static struct entry entries[ENTRIES_MAX];
static struct fake_cache cache; /* tag = page, did = id, extra = rights */

/* ---- entries ---- */

static struct entry *find(uint16_t bdf, uint32_t pasid)
{
	for (unsigned i = 0; i < ENTRIES_MAX; i++) {
		if (entries[i].is_used && entries[i].bdf == bdf &&
		    entries[i].pasid == pasid) {
			return &entries[i];
		}
	}
	return NULL;
}

static struct entry *find_unused(void)
{
	for (unsigned i = 0; i < ENTRIES_MAX; i++) {
		if (!entries[i].is_used) {
			return &entries[i];
		}
	}
	machine_fail("fake unit: more than %u entries", ENTRIES_MAX);
}

const struct iommu_target *fake_nest_target(uint32_t sbdf, uint32_t pasid)
{
	const struct entry *e = find((uint16_t)sbdf, pasid);

	return e != NULL ? &e->target : NULL;
}

/* ---- the cache ---- */

unsigned fake_nest_cached(uint16_t asid)
{
	return fake_cache_count(&cache, asid);
}

static void keep(uint64_t la, const struct nest_walk *w)
{
	fake_cache_add(&cache, (struct fake_cache_entry){
				       .did = w->target->asid,
				       .present = true,
				       .tag = la >> PAGE_SHIFT,
				       .value = w->out & ~PAGE_MASK,
				       .extra = (w->may_read ? PT_READ : 0u) |
						(w->may_write ? PT_WRITE : 0u),
			       });
}

struct span {
	uint16_t asid;
	uint64_t first; /* page */
	uint64_t pages;
};

static bool in_span(const struct fake_cache_entry *e, const void *arg)
{
	const struct span *s = arg;

	return e->did == s->asid && e->tag - s->first < s->pages;
}

static void drop(uint16_t asid, uint64_t la, uint64_t pages)
{
	struct span s = {asid, la >> PAGE_SHIFT, pages};

	fake_cache_drop(&cache, in_span, &s);
}

static bool any(const struct fake_cache_entry *e, const void *arg)
{
	(void)e;
	(void)arg;
	return true;
}

/* ---- DMA ---- */

static bool translate(struct nest_walk *w, uint64_t la)
{
	const struct iommu_nest *nest = w->target->nest;
	const struct fake_cache_entry *hit =
		fake_cache_find(&cache, w->target->asid, 0, la >> PAGE_SHIFT);

	if (hit != NULL) {
		w->out = hit->value | (la & PAGE_MASK);
		w->may_read = (hit->extra & PT_READ) != 0;
		w->may_write = (hit->extra & PT_WRITE) != 0;
		return true;
	}
	if (nest != NULL && nest->is_enabled ? !nest_first_stage(w, la)
					     : !nest_second_stage(w, la)) {
		return false;
	}
	keep(la, w);
	return true;
}

static enum fake_dma blocked(uint32_t sbdf, uint64_t la, bool write,
			     const struct nest_walk *w)
{
	if (w->target == NULL || !w->target->is_quiet) {
		fault_record((struct sluice_fault){
			.address = la & ~PAGE_MASK,
			.sbdf = sbdf,
			.guest = iommu_fault_owner(sbdf),
			.is_write = write,
			.kind = w->fault,
		});
	}
	return FAKE_DMA_FAULT;
}

enum fake_dma fake_nest_translate(uint32_t sbdf, uint32_t pasid, uint64_t la,
				  bool write, uint64_t *hpa)
{
	struct nest_walk w = {
		.target = fake_nest_target(sbdf, pasid),
		.fault = SLUICE_FAULT_UNSUPPORTED,
	};

	if (w.target == NULL || !translate(&w, la)) {
		return blocked(sbdf, la, write, &w);
	}
	if (!(write ? w.may_write : w.may_read)) {
		w.fault = SLUICE_FAULT_PERMISSION;
		return blocked(sbdf, la, write, &w);
	}
	*hpa = w.out;
	return FAKE_DMA_OK;
}

enum fake_dma fake_nest_dma(uint32_t sbdf, uint32_t pasid, uint64_t la,
			    uint64_t *value, bool write)
{
	uint64_t hpa;
	enum fake_dma result =
		fake_nest_translate(sbdf, pasid, la, write, &hpa);
	void *memory;

	if (result != FAKE_DMA_OK) {
		return result;
	}
	if (machine_page_is_freed(hpa)) {
		machine_fail("device %05x reaches page %lx, which was given "
			     "back, by logical address %lx",
			     sbdf, (unsigned long)hpa, (unsigned long)la);
	}
	memory = machine_ram(hpa, sizeof(*value));
	if (memory == NULL) {
		return FAKE_DMA_LOST;
	}
	memcpy(write ? memory : value, write ? value : memory, sizeof(*value));
	return FAKE_DMA_OK;
}

/* ---- operations ---- */

static int enable(struct iommu_unit *u)
{
	(void)u;
	return 0;
}

/* Only a nested target may take the place of another, under one id. */
static int attach_pasid(struct iommu_unit *u, uint16_t bdf, uint32_t pasid,
			struct iommu_target target)
{
	struct entry *e = find(bdf, pasid);

	(void)u;
	if (fake_nest_refusals.attach != 0) {
		return fake_nest_refusals.attach;
	}
	if (target.nest != NULL && !config.can_nest) {
		machine_fail("a nested target for a unit that cannot nest");
	}
	if (pasid != FAKE_NEST_UNTAGGED && pasid >= config.pasid_count) {
		machine_fail("PASID %u of %u", pasid, config.pasid_count);
	}
	if (e != NULL && (target.nest == NULL || e->target.nest == NULL ||
			  e->target.asid != target.asid)) {
		machine_fail("%04x is attached twice", bdf);
	}
	e = e != NULL ? e : find_unused();
	*e = (struct entry){
		.is_used = true,
		.bdf = bdf,
		.pasid = pasid,
		.target = target,
	};
	if (target.nest != NULL) {
		e->nest = *target.nest;
		e->target.nest = &e->nest;
	}
	return 0;
}

static int attach(struct iommu_unit *u, uint16_t bdf,
		  struct iommu_target target)
{
	return attach_pasid(u, bdf, FAKE_NEST_UNTAGGED, target);
}

static int block_pasid(struct iommu_unit *u, uint16_t bdf, uint32_t pasid,
		       uint16_t asid)
{
	struct entry *e = find(bdf, pasid);

	(void)u;
	if (fake_nest_refusals.block != 0) {
		return fake_nest_refusals.block;
	}
	if (e != NULL) {
		e->is_used = false;
	}
	drop(asid, 0, UINT64_MAX);
	return 0;
}

static int block(struct iommu_unit *u, uint16_t bdf, uint16_t asid)
{
	return block_pasid(u, bdf, FAKE_NEST_UNTAGGED, asid);
}

static int flush_pages(struct iommu_unit *u, uint16_t asid, uint64_t iova,
		       uint64_t pages)
{
	(void)u;
	if (fake_nest_refusals.flush == 0) {
		drop(asid, iova, pages);
	}
	return fake_nest_refusals.flush;
}

static int flush_domain(struct iommu_unit *u, uint16_t asid)
{
	(void)u;
	if (fake_nest_refusals.flush == 0) {
		drop(asid, 0, UINT64_MAX);
	}
	return fake_nest_refusals.flush;
}

static bool read_faults(struct iommu_unit *u)
{
	(void)u;
	return false;
}

static bool is_blocked(struct iommu_unit *u, uint16_t bdf)
{
	(void)u;
	return find(bdf, FAKE_NEST_UNTAGGED) == NULL;
}

static const struct iommu_ops ops = {
	.name = "nest",
	.format = &pt_format_vtdss,
	.enable = enable,
	.attach = attach,
	.block = block,
	.flush_pages = flush_pages,
	.flush_domain = flush_domain,
	.read_faults = read_faults,
	.is_blocked = is_blocked,
	.attach_pasid = attach_pasid,
	.block_pasid = block_pasid,
};

static uint32_t start(void)
{
	unit = (struct iommu_unit){
		.ops = &ops,
		.limits = {.levels = 4,
			   .leaf_levels = 3,
			   .address_bits = 48,
			   .asid_count = config.asid_count,
			   .is_coherent = true,
			   .has_second_stage = true,
			   .can_nest_arm64 = config.can_nest,
			   .pasid_count = config.pasid_count},
		.is_catch_all = true,
	};
	if (iommu_register_unit(&unit) != 0) {
		machine_fail("the fake unit is refused");
	}
	return SLUICE_INTERFACE_PRESENT;
}

void fake_nest_prepare(struct machine_config *m,
		       const struct fake_nest_config *c)
{
	config = *c;
	config.asid_count = c->asid_count != 0 ? c->asid_count : 65536;
	fake_nest_refusals = (struct fake_nest_refusals){.attach = 0};
	memset(entries, 0, sizeof(entries));
	fake_cache_drop(&cache, any, NULL);
	m->unit_count = 0;
	m->start_units = start;
	for (unsigned i = 0; i < m->function_count; i++) {
		m->function[i].unit = FAKE_NO_UNIT;
	}
}

void fake_nest_boot(const struct fake_nest_config *c)
{
	struct machine_config m = machine_default();

	fake_nest_prepare(&m, c);
	machine_boot(&m);
}
