// SPDX-License-Identifier: MIT
/*
 * Probe and enable. A unit that lacks what the service rests on is refused
 * here, with the reason in the log, and not worked around later.
 *
 * VT-d specification, "Register Descriptions" and "Software Considerations"
 * (hardware initialisation).
 */
#include "arch/barrier.h"
#include "arch/cache.h"
#include "arch/physmap.h"
#include "arch/time.h"
#include "base/log.h"
#include "iommu/registry.h"
#include "iommu/vtd/vtd.h"
#include "iommu/vtd/vtd_scalable.h"
#include "lib/error.h"
#include "mm/page.h"

/* Depths that we build tables for: 39 and 48 bit. */
#define DEPTHS_USED ((uint32_t)(BIT(3) | BIT(4)))

static uint32_t depths(uint64_t cap)
{
	return (uint32_t)(field_get(VTD_CAP_SAGAW, cap) << 2) & DEPTHS_USED;
}

/* Why the service cannot use a unit, or NULL. */
static const char *misfit(const struct iommu_unit *unit, uint64_t cap,
			  uint64_t ecap)
{
	uint64_t faults_end =
		field_get(VTD_CAP_FRO, cap) * 16 +
		(field_get(VTD_CAP_NFR, cap) + 1) * VTD_FRCD_BYTES;

	if ((ecap & VTD_ECAP_QI) == 0) {
		return "no queued invalidation";
	}
	if (!vtd_scalable_is_needed(ecap) && depths(cap) == 0) {
		return "neither 39-bit nor 48-bit second-stage tables";
	}
	if (field_get(VTD_CAP_ND, cap) == 7) {
		return "a reserved number of domain ids";
	}
	if (field_get(VTD_CAP_MGAW, cap) + 1 < 32) {
		return "addresses of less than 32 bits";
	}
	if (faults_end > unit->register_bytes) {
		return "fault registers outside its register window";
	}
	if (field_get(VTD_ECAP_IRO, ecap) * 16 + 16 > unit->register_bytes) {
		return "IOTLB registers outside its register window";
	}
	return NULL;
}

static struct iommu_limits limits_of(uint64_t cap, uint64_t ecap)
{
	uint32_t mask = depths(cap);
	unsigned levels = (mask & BIT(4)) != 0 ? 4 : 3;
	unsigned width = (unsigned)field_get(VTD_CAP_MGAW, cap) + 1;
	uint64_t large = field_get(VTD_CAP_SLLPS, cap);

	return (struct iommu_limits){
		.levels = levels,
		.level_mask = mask,
		.leaf_levels = (large & 1) == 0	  ? 1
			       : (large & 2) == 0 ? 2
						  : 3,
		.address_bits = width < PAGE_SHIFT + 9 * levels
					? width
					: PAGE_SHIFT + 9 * levels,
		.asid_count = 1u << (4 + 2 * field_get(VTD_CAP_ND, cap)),
		.is_coherent = (ecap & VTD_ECAP_C) != 0,
		.forces_snoop = (ecap & VTD_ECAP_SC) != 0,
		.needs_present_flush = (cap & (VTD_CAP_CM | VTD_CAP_RWBF)) != 0,
		.has_second_stage = true,
	};
}

static hpa_t own_page(void)
{
	return page_alloc(PAGE_POOL_HYPERVISOR, PAGE_OWNER_NONE);
}

static void put_pages(const hpa_t *pages, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (!hpa_is_none(pages[i])) {
			page_put(pages[i]);
		}
	}
}

static int no_memory(const struct iommu_unit *unit)
{
	log_error("vtd: unit at %lx: no memory", unit->registers.addr);
	return -XEN_EIO;
}

static int make_backend(struct iommu_unit *unit, uint64_t cap, uint64_t ecap)
{
	hpa_t pages[4];
	struct vtd *vtd;

	static_assert(sizeof(*vtd) <= PAGE_BYTES, "a page holds it");
	for (unsigned i = 0; i < ARRAY_COUNT(pages); i++) {
		pages[i] = own_page();
		if (hpa_is_none(pages[i])) {
			put_pages(pages, i);
			return no_memory(unit);
		}
	}
	vtd = physmap_ptr(pages[0]);
	vtd->cap = cap;
	vtd->ecap = ecap;
	vtd->root = pages[1];
	vtd->queue = pages[2];
	vtd->status = pages[3];
	vtd->fault_at = field_get(VTD_CAP_FRO, cap) * 16;
	vtd->fault_count = (unsigned)field_get(VTD_CAP_NFR, cap) + 1;
	vtd->descriptor_lg2 = vtd_scalable_is_needed(ecap) ? 5 : 4;
	vtd->intr_table = HPA_NONE;
	/* Interrupts' entries, all absent; last, as it is the largest. */
	if ((ecap & VTD_ECAP_IR) != 0) {
		vtd->intr_table = page_alloc_contiguous(
			PAGE_POOL_HYPERVISOR, PAGE_OWNER_NONE, VTD_INTR_PAGES);
		if (hpa_is_none(vtd->intr_table)) {
			put_pages(pages, ARRAY_COUNT(pages));
			return no_memory(unit);
		}
	}
	unit->backend = vtd;
	unit->limits.remaps_interrupts = !hpa_is_none(vtd->intr_table);
	return 0;
}

int vtd_probe(struct iommu_unit *unit)
{
	uint32_t version = mmio_read32(vtd_reg(unit, VTD_VER));
	uint64_t cap = mmio_read64(vtd_reg(unit, VTD_CAP));
	uint64_t ecap = mmio_read64(vtd_reg(unit, VTD_ECAP));
	const char *reason;

	/* What a read of no device gives, on either kind of bus. */
	if (version == UINT32_MAX || version == 0) {
		log_error("vtd: unit at %lx: nothing answers there",
			  unit->registers.addr);
		return -XEN_ENODEV;
	}
	reason = misfit(unit, cap, ecap);
	if (reason != NULL) {
		log_error("vtd: unit at %lx: %s (cap %lx ecap %lx)",
			  unit->registers.addr, reason, cap, ecap);
		return -XEN_EOPNOTSUPP;
	}
	if (vtd_scalable_is_needed(ecap)) {
		unit->ops = &vtd_scalable_ops;
		unit->limits = vtd_scalable_limits(cap, ecap);
	} else {
		unit->ops = &vtd_ops;
		unit->limits = limits_of(cap, ecap);
	}
	return make_backend(unit, cap, ecap);
}

/* Wait until (GSTS & @mask) == @want. */
static int wait_status(struct iommu_unit *unit, uint32_t mask, uint32_t want)
{
	struct deadline deadline = deadline_in_ns(IOMMU_DEADLINE_NS);

	for (;;) {
		/* Asked first, so that a late look is still a look. */
		bool is_late = deadline_passed(deadline);
		uint32_t status = mmio_read32(vtd_reg(unit, VTD_GSTS));

		if ((status & mask) == want) {
			return 0;
		}
		if (is_late) {
			unit->has_failed = true;
			log_error("vtd: unit at %lx: status %x, waited for %x",
				  unit->registers.addr, status, mask);
			return -XEN_EIO;
		}
		cpu_relax();
	}
}

/*
 * Bits that are on are written again with each command; those that only start
 * something are not (Global Command Register, software note).
 */
static void write_command(struct iommu_unit *unit, uint32_t bit, bool on)
{
	uint32_t kept = mmio_read32(vtd_reg(unit, VTD_GSTS)) & ~VTD_G_ONE_SHOT;

	mmio_write32(vtd_reg(unit, VTD_GCMD), on ? kept | bit : kept & ~bit);
}

int vtd_command(struct iommu_unit *unit, uint32_t bit, bool on)
{
	write_command(unit, bit, on);
	return wait_status(unit, bit, on ? bit : 0);
}

int vtd_flush_write_buffer(struct iommu_unit *unit)
{
	if ((vtd_of(unit)->cap & VTD_CAP_RWBF) == 0) {
		return 0;
	}
	write_command(unit, VTD_G_WBF, true);
	return wait_status(unit, VTD_G_WBF, 0);
}

/* An empty root table: every bus absent, every requester blocked. */
static int set_root(struct iommu_unit *unit, unsigned ttm)
{
	struct vtd *vtd = vtd_of(unit);
	int err;

	if (!vtd_snoops(unit)) {
		cache_clean(physmap_ptr(vtd->root), PAGE_BYTES);
	}
	barrier_publish();
	err = vtd_flush_write_buffer(unit);
	if (err) {
		return err;
	}
	mmio_write64(vtd_reg(unit, VTD_RTADDR),
		     vtd->root.addr | field_prep(VTD_RTADDR_TTM, ttm));
	return vtd_command(unit, VTD_G_SRTP, true);
}

int vtd_start(struct iommu_unit *unit, unsigned ttm,
	      int (*flush_all)(struct iommu_unit *unit))
{
	int err;

	mmio_write32(vtd_reg(unit, VTD_FECTL), VTD_FECTL_IM);
	err = set_root(unit, ttm);
	if (err) {
		return err;
	}
	err = vtd_queue_start(unit);
	if (err) {
		return err;
	}
	err = flush_all(unit);
	if (err) {
		return err;
	}
	err = vtd_intr_start(unit);
	if (err) {
		return err;
	}
	return vtd_command(unit, VTD_G_TE, true);
}

/* Firmware may have left translation on: it then stays on throughout. */
static int vtd_enable(struct iommu_unit *unit)
{
	return vtd_start(unit, VTD_TTM_LEGACY, vtd_flush_all);
}

const struct iommu_ops vtd_ops = {
	.name = "vtd",
	.format = &pt_format_vtdss,
	.snoop_format = &pt_format_vtdss_snoop,
	.enable = vtd_enable,
	.attach = vtd_context_attach,
	.block = vtd_context_block,
	.move = vtd_context_move,
	.flush_pages = vtd_flush_pages,
	.flush_domain = vtd_flush_domain,
	.read_faults = vtd_fault_read,
	.start_events = vtd_fault_events,
	.silence = vtd_context_silence,
	.is_blocked = vtd_context_is_blocked,
	.intr = &vtd_intr_ops,
};
