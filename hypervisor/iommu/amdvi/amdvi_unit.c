// SPDX-License-Identifier: MIT
/*
 * Probe and enable. A unit that lacks what the service rests on is refused
 * here, with the reason in the log, and not worked around later.
 *
 * AMD IOMMU specification, 48882, "Register Reference", "Capability Block" and
 * "Initialization".
 */
#include "arch/barrier.h"
#include "arch/physmap.h"
#include "arch/time.h"
#include "base/log.h"
#include "iommu/amdvi/amdvi.h"
#include "iommu/registry.h"
#include "lib/error.h"
#include "mm/page.h"
#include "platform/pci.h"

/* Depths that we build tables for: 39 and 48 bit, which every unit walks. */
#define DEPTHS_USED  ((uint32_t)(BIT(3) | BIT(4)))
#define LEVELS	     4u
#define ADDRESS_BITS (PAGE_SHIFT + 9 * LEVELS)
#define ASIDS	     0x10000u

/* Why the service cannot use a unit, or NULL. */
static const char *misfit(uint64_t features, const struct ivrs *ivrs)
{
	if (field_get(AMDVI_EFR_HATS, features) == AMDVI_HATS_RESERVED) {
		return "a reserved depth of host tables";
	}
	if (ivrs->virtual_bits != 0 && ivrs->virtual_bits < 32) {
		return "addresses of less than 32 bits";
	}
	return NULL;
}

/*
 * Does it keep absent entries? Its PCI function says; without that it may.
 * (Capability header, NpCache.)
 */
static bool caches_absence(const struct iommu_unit *unit,
			   const struct ivrs_unit *from)
{
	const struct pci_device *function =
		pci_device_find((uint32_t)unit->segment << 16 | from->bdf);
	uint32_t header;

	if (function == NULL || from->capability > PAGE_BYTES - 4 ||
	    !is_aligned(from->capability, 4)) {
		return true;
	}
	header = mmio_read32(to_hpa(function->config.addr + from->capability));
	return field_get(AMDVI_CAP_ID, header) != 0xf ||
	       field_get(AMDVI_CAP_TYPE, header) != 3 ||
	       (header & AMDVI_CAP_NPCACHE) != 0;
}

static struct iommu_limits limits_of(const struct iommu_unit *unit,
				     const struct ivrs *ivrs,
				     const struct ivrs_unit *from)
{
	unsigned width = ivrs->virtual_bits;

	return (struct iommu_limits){
		.levels = LEVELS,
		.level_mask = DEPTHS_USED,
		.leaf_levels = pt_format_amdv1.leaf_levels,
		.address_bits = width != 0 && width < ADDRESS_BITS
					? width
					: ADDRESS_BITS,
		.asid_count = ASIDS,
		/* Coherent is set, SD is clear: every walk snoops. */
		.is_coherent = true,
		.needs_present_flush = caches_absence(unit, from),
		.has_second_stage = true,
		.remaps_interrupts = amdvi_intr_can_remap(ivrs),
	};
}

static void put_run(hpa_t first, uint64_t pages)
{
	for (uint64_t i = 0; !hpa_is_none(first) && i < pages; i++) {
		page_put(to_hpa(first.addr + i * PAGE_BYTES));
	}
}

/* The unit's own pages in their order; then the device table. */
static int make_backend(struct iommu_unit *unit, uint64_t features,
			const struct ivrs *ivrs, unsigned index)
{
	hpa_t own = page_alloc_contiguous(PAGE_POOL_HYPERVISOR, PAGE_OWNER_NONE,
					  AMDVI_OWN_PAGES);
	hpa_t table = page_alloc_contiguous(PAGE_POOL_HYPERVISOR,
					    PAGE_OWNER_NONE, AMDVI_DTE_PAGES);
	struct amdvi *amdvi;

	static_assert(sizeof(*amdvi) <= PAGE_BYTES, "a page holds it");
	if (hpa_is_none(own) || hpa_is_none(table)) {
		put_run(own, AMDVI_OWN_PAGES);
		put_run(table, AMDVI_DTE_PAGES);
		log_error("amdvi: unit at %lx: no memory",
			  unit->registers.addr);
		return -XEN_EIO;
	}
	amdvi = physmap_ptr(own);
	amdvi->features = features;
	amdvi->ivrs = ivrs;
	amdvi->index = index;
	amdvi->table = table;
	amdvi->commands = to_hpa(own.addr + PAGE_BYTES);
	amdvi->events = to_hpa(own.addr + 2 * PAGE_BYTES);
	amdvi->status = to_hpa(own.addr + 3 * PAGE_BYTES);
	amdvi->home = to_hpa(own.addr + 4 * PAGE_BYTES);
	unit->backend = amdvi;
	return 0;
}

int amdvi_probe(struct iommu_unit *unit, const struct ivrs *ivrs,
		unsigned index)
{
	uint64_t control = mmio_read64(amdvi_reg(unit, AMDVI_CONTROL));
	uint64_t features = mmio_read64(amdvi_reg(unit, AMDVI_EFR));
	const char *reason;

	/* What a read of no device gives. */
	if (control == UINT64_MAX || features == UINT64_MAX) {
		log_error("amdvi: unit at %lx: nothing answers there",
			  unit->registers.addr);
		return -XEN_ENODEV;
	}
	reason = misfit(features, ivrs);
	if (reason != NULL) {
		log_error("amdvi: unit at %lx: %s (features %lx)",
			  unit->registers.addr, reason, features);
		return -XEN_EOPNOTSUPP;
	}
	unit->ops = &amdvi_ops;
	unit->limits = limits_of(unit, ivrs, &ivrs->unit[index]);
	unit->register_bytes = (features & AMDVI_EFR_PC) != 0
				       ? AMDVI_WINDOW_COUNTERS
				       : AMDVI_WINDOW;
	return make_backend(unit, features, ivrs, index);
}

int amdvi_wait_status(struct iommu_unit *unit, uint64_t mask, uint64_t want)
{
	struct deadline deadline = deadline_in_ns(IOMMU_DEADLINE_NS);

	for (;;) {
		/* Asked first, so that a late look is still a look. */
		bool is_late = deadline_passed(deadline);
		uint64_t status = mmio_read64(amdvi_reg(unit, AMDVI_STATUS));

		if ((status & mask) == want) {
			return 0;
		}
		if (is_late) {
			unit->has_failed = true;
			log_error("amdvi: unit at %lx: status %lx, waited for "
				  "%lx of %lx",
				  unit->registers.addr, status, want, mask);
			return -XEN_EIO;
		}
		cpu_relax();
	}
}

void amdvi_control(struct iommu_unit *unit, uint64_t bits, bool on)
{
	struct amdvi *amdvi = amdvi_of(unit);

	amdvi->control = on ? amdvi->control | bits : amdvi->control & ~bits;
	mmio_write64(amdvi_reg(unit, AMDVI_CONTROL), amdvi->control);
}

/*
 * What firmware asks for, and snooping. Translation stays on if firmware left
 * it on; all else that it may have left on goes off.
 */
static void set_control(struct iommu_unit *unit)
{
	static const struct {
		uint8_t flag;
		uint64_t bit;
	} rows[] = {
		{IVRS_HT_TUNNEL, AMDVI_CTL_HT_TUN_EN},
		{IVRS_PASS_PW, AMDVI_CTL_PASS_PW},
		{IVRS_RES_PASS_PW, AMDVI_CTL_RES_PASS_PW},
		{IVRS_ISOCHRONOUS, AMDVI_CTL_ISOC},
	};
	struct amdvi *amdvi = amdvi_of(unit);
	uint8_t flags = amdvi->ivrs->unit[amdvi->index].flags;

	amdvi->control = (mmio_read64(amdvi_reg(unit, AMDVI_CONTROL)) &
			  AMDVI_CTL_IOMMU_EN) |
			 AMDVI_CTL_COHERENT;
	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
		if ((flags & rows[i].flag) != 0) {
			amdvi->control |= rows[i].bit;
		}
	}
	mmio_write64(amdvi_reg(unit, AMDVI_CONTROL), amdvi->control);
}

/* The whole table blocks before the unit is shown it: one 64-bit store. */
static void set_table(struct iommu_unit *unit)
{
	amdvi_dte_block_all(unit);
	mmio_write64(amdvi_reg(unit, AMDVI_EXCLBASE), 0);
	mmio_write64(amdvi_reg(unit, AMDVI_EXCLLIM), 0);
	mmio_write64(
		amdvi_reg(unit, AMDVI_DEVTAB),
		amdvi_of(unit)->table.addr |
			field_prep(AMDVI_DEVTAB_SIZE, AMDVI_DTE_PAGES - 1));
}

/*
 * Commands run only while translation is on, so what firmware's use of the unit
 * has left in its caches is dropped right after.
 */
static int amdvi_enable(struct iommu_unit *unit)
{
	uint64_t running = AMDVI_STS_CMD_RUN | AMDVI_STS_EVENT_RUN;
	int err;

	set_control(unit);
	set_table(unit);
	err = amdvi_command_start(unit);
	if (err) {
		return err;
	}
	err = amdvi_event_start(unit);
	if (err) {
		return err;
	}
	amdvi_control(unit, AMDVI_CTL_IOMMU_EN, true);
	err = amdvi_wait_status(unit, running, running);
	if (err) {
		return err;
	}
	return amdvi_flush_all(unit);
}

const struct iommu_ops amdvi_ops = {
	.name = "amdvi",
	.format = &pt_format_amdv1,
	.enable = amdvi_enable,
	.attach = amdvi_dte_attach,
	.block = amdvi_dte_block,
	.move = amdvi_dte_move,
	.flush_pages = amdvi_flush_pages,
	.flush_domain = amdvi_flush_domain,
	.read_faults = amdvi_event_read,
	.start_events = amdvi_event_announce,
	.silence = amdvi_dte_silence,
	.is_blocked = amdvi_dte_is_blocked,
	.intr = &amdvi_intr_ops,
};
