// SPDX-License-Identifier: MIT
/*
 * From the firmware's table to units that block every requester.
 *
 * Each way this can end without a domain interface has its own code and a log
 * line that says which unit and why.
 */
#include "base/log.h"
#include "iommu/region.h"
#include "iommu/registry.h"
#include "iommu/unit.h"
#include "iommu/vtd/vtd_scope.h"
#include "lib/error.h"
#include "platform/dmar.h"
#include "platform/ivrs.h"

static_assert(DMAR_UNITS_MAX == IOMMU_UNITS_MAX, "each described unit fits");
static_assert(IVRS_UNITS_MAX == IOMMU_UNITS_MAX, "each described unit fits");

/* Filled by iommu_start(), then owned by the registry. */
static struct iommu_unit units[IOMMU_UNITS_MAX];

/* A parser's answer, as a reason for "no domain interface". */
static uint32_t of_table(int err)
{
	switch (err) {
	case 0:
		return SLUICE_INTERFACE_PRESENT;
	case -XEN_ENOENT:
		return SLUICE_INTERFACE_NO_IOMMU;
	case -XEN_EOPNOTSUPP:
		return SLUICE_INTERFACE_UNFIT_UNIT;
	default:
		return SLUICE_INTERFACE_BAD_TABLE;
	}
}

/* A probe's answer, likewise. */
static uint32_t of_probe(int err)
{
	switch (err) {
	case 0:
		return SLUICE_INTERFACE_PRESENT;
	case -XEN_EOPNOTSUPP:
		return SLUICE_INTERFACE_UNFIT_UNIT;
	default:
		return SLUICE_INTERFACE_UNIT_FAILED;
	}
}

static uint32_t of_registration(const struct iommu_unit *unit, int err)
{
	if (err == -XEN_EINVAL) {
		log_error("iommu: unit at %lx: walks other tables than the "
			  "first one",
			  unit->registers.addr);
		return SLUICE_INTERFACE_UNFIT_UNIT;
	}
	if (err) {
		log_error("iommu: unit at %lx: cannot be registered, error %d",
			  unit->registers.addr, -err);
		return SLUICE_INTERFACE_BAD_TABLE;
	}
	return SLUICE_INTERFACE_PRESENT;
}

/* What the table says of devices: who told the line if it cannot be. */
static uint32_t of_devices(int err)
{
	if (err == -XEN_ENOSPC) {
		log_error("iommu: firmware names more devices than fit");
		return SLUICE_INTERFACE_UNFIT_UNIT;
	}
	return err ? SLUICE_INTERFACE_BAD_TABLE : SLUICE_INTERFACE_PRESENT;
}

/* ---- VT-d ---- */

static uint32_t find_vtd(struct iommu_unit *unit, unsigned index)
{
	const struct dmar_unit *from = &dmar_machine()->unit[index];
	uint32_t no;

	*unit = (struct iommu_unit){
		.registers = to_hpa(from->registers),
		.register_bytes = from->register_bytes,
		.segment = from->segment,
		.is_catch_all = from->includes_all,
	};
	no = of_probe(vtd_probe(unit));
	if (no == SLUICE_INTERFACE_PRESENT) {
		no = of_registration(unit, iommu_register_unit(unit));
	}
	if (no == SLUICE_INTERFACE_PRESENT) {
		no = of_devices(vtd_add_scopes(unit, index));
	}
	return no;
}

/* ---- AMD-Vi ---- */

/* An I/O APIC's and an HPET's ids are no functions that do DMA. */
static int add_amdvi_scope(struct iommu_unit *unit, const struct ivrs_device *d)
{
	int err;

	if (d->kind == IVRS_IOAPIC || d->kind == IVRS_HPET) {
		return 0;
	}
	err = iommu_add_scope(unit, d->first, d->last);
	if (err == 0 && d->kind == IVRS_ALIAS) {
		err = iommu_add_scope(unit, d->alias, d->alias);
	}
	if (err == -XEN_EEXIST) {
		log_error("ivrs: device %x is an alias of another unit's",
			  (unsigned)d->first);
	}
	return err;
}

static int add_amdvi_scopes(struct iommu_unit *unit, unsigned index)
{
	const struct ivrs *table = ivrs_machine();
	int err = 0;

	for (unsigned i = 0; err == 0 && i < table->device_count; i++) {
		if (table->device[i].unit == index) {
			err = add_amdvi_scope(unit, &table->device[i]);
		}
	}
	return err;
}

/*
 * IVMD. What firmware would have excluded from translation is mapped instead,
 * for reads and writes: there is no exclusion from a guest's domain.
 */
static int add_amdvi_regions(void)
{
	const struct ivrs *table = ivrs_machine();
	int err = 0;

	for (unsigned i = 0; err == 0 && i < table->unity_count; i++) {
		const struct ivrs_unity *u = &table->unity[i];
		unsigned rights = (u->can_read ? PT_READ : 0) |
				  (u->can_write ? PT_WRITE : 0);
		struct iommu_region region = {
			.at = {u->base, u->last - u->base + 1},
			.rights = u->is_exclusion ? PT_READ | PT_WRITE : rights,
		};

		if (region.rights != 0) {
			err = iommu_add_region(region, u->segment, u->first_bdf,
					       u->last_bdf);
		}
	}
	return err;
}

static uint32_t find_amdvi(struct iommu_unit *unit, unsigned index)
{
	const struct ivrs_unit *from = &ivrs_machine()->unit[index];
	uint32_t no;

	*unit = (struct iommu_unit){
		.registers = to_hpa(from->registers),
		.segment = from->segment,
		.is_catch_all = from->includes_all,
	};
	no = of_probe(amdvi_probe(unit, ivrs_machine(), index));
	if (no == SLUICE_INTERFACE_PRESENT) {
		no = of_registration(unit, iommu_register_unit(unit));
	}
	if (no == SLUICE_INTERFACE_PRESENT) {
		no = of_devices(add_amdvi_scopes(unit, index));
	}
	return no;
}

/* ---- either ---- */

/* Probe and register all before the first is switched on. */
static uint32_t find_all(unsigned count,
			 uint32_t (*find)(struct iommu_unit *, unsigned),
			 int (*add_regions)(void))
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t no = find(&units[i], i);

		if (no != SLUICE_INTERFACE_PRESENT) {
			return no;
		}
	}
	if (iommu_limits().levels == 0) {
		log_error("iommu: the units share no depth of table");
		return SLUICE_INTERFACE_UNFIT_UNIT;
	}
	return of_devices(add_regions());
}

/* Units of two vendors share no table format: the first table is taken. */
static uint32_t find_units(void)
{
	int dmar = dmar_start();
	int ivrs = ivrs_start();

	if (dmar != -XEN_ENOENT) {
		if (ivrs != -XEN_ENOENT) {
			log_error("iommu: firmware has DMAR and IVRS; the "
				  "units of IVRS are not used");
		}
		return dmar != 0 ? of_table(dmar)
				 : find_all(dmar_machine()->unit_count,
					    find_vtd, vtd_add_regions);
	}
	if (ivrs == -XEN_ENOENT) {
		log_info("iommu: firmware describes no unit");
	}
	return ivrs != 0 ? of_table(ivrs)
			 : find_all(ivrs_machine()->unit_count, find_amdvi,
				    add_amdvi_regions);
}

static uint32_t enable_all(void)
{
	uint32_t no = SLUICE_INTERFACE_PRESENT;

	/* After a failure too: what can block shall block. */
	for (unsigned i = 0; i < iommu_unit_count(); i++) {
		struct iommu_unit *unit = iommu_unit_at(i);
		int err;

		spin_lock(&unit->lock);
		err = unit->ops->enable(unit);
		unit->has_failed = unit->has_failed || err != 0;
		spin_unlock(&unit->lock);
		if (err) {
			log_error("iommu: unit %u at %lx did not start", i,
				  unit->registers.addr);
			no = SLUICE_INTERFACE_UNIT_FAILED;
		}
	}
	return no;
}

/* Their registers stay ours, their operations are refused from now on. */
static void refuse_all(void)
{
	for (unsigned i = 0; i < iommu_unit_count(); i++) {
		iommu_unit_at(i)->has_failed = true;
	}
}

uint32_t iommu_start(void)
{
	struct iommu_limits limits;
	uint32_t no = find_units();

	if (no != SLUICE_INTERFACE_PRESENT) {
		refuse_all();
		return no;
	}
	no = enable_all();
	if (no != SLUICE_INTERFACE_PRESENT) {
		return no;
	}
	limits = iommu_limits();
	log_info("iommu: %u %s unit(s), %u-bit addresses in %u levels, %u ids, "
		 "every requester blocked",
		 iommu_unit_count(), iommu_name(), limits.address_bits,
		 limits.levels, limits.asid_count);
	return SLUICE_INTERFACE_PRESENT;
}
