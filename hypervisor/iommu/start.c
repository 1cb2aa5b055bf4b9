// SPDX-License-Identifier: MIT
/*
 * From the firmware's table to units that block every requester.
 *
 * Each way this can end without a domain interface has its own code and a log
 * line that says which unit and why.
 */
#include "base/log.h"
#include "iommu/unit.h"
#include "lib/error.h"
#include "platform/dmar.h"

static_assert(DMAR_UNITS_MAX == IOMMU_UNITS_MAX, "each described unit fits");
static_assert(DMAR_SCOPES_MAX <= IOMMU_SCOPES_MAX, "each named device fits");

/* Filled by iommu_start(), then owned by the registry. */
static struct iommu_unit units[IOMMU_UNITS_MAX];

static uint32_t read_table(void)
{
	int err = dmar_start();

	switch (err) {
	case 0:
		return SLUICE_INTERFACE_PRESENT;
	case -XEN_ENOENT:
		log_info("iommu: firmware describes no VT-d unit");
		return SLUICE_INTERFACE_NO_IOMMU;
	case -XEN_EOPNOTSUPP:
		return SLUICE_INTERFACE_UNFIT_UNIT;
	default:
		return SLUICE_INTERFACE_BAD_TABLE;
	}
}

static uint32_t probe_unit(struct iommu_unit *unit,
			   const struct dmar_unit *from)
{
	*unit = (struct iommu_unit){
		.registers = to_hpa(from->registers),
		.register_bytes = from->register_bytes,
		.segment = from->segment,
		.is_catch_all = from->includes_all,
	};
	switch (vtd_probe(unit)) {
	case 0:
		return SLUICE_INTERFACE_PRESENT;
	case -XEN_EOPNOTSUPP:
		return SLUICE_INTERFACE_UNFIT_UNIT;
	default:
		return SLUICE_INTERFACE_UNIT_FAILED;
	}
}

static uint32_t register_unit(struct iommu_unit *unit,
			      const struct dmar_unit *from,
			      const struct dmar *table)
{
	int err = iommu_register_unit(unit);

	for (unsigned i = 0; err == 0 && i < table->scope_count; i++) {
		const struct dmar_scope *scope = &table->scope[i];

		if (&table->unit[scope->unit] == from) {
			err = iommu_add_scope(unit, scope->bdf);
		}
	}
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

/* Probe and register all before the first is switched on. */
static uint32_t probe_all(const struct dmar *table)
{
	for (unsigned i = 0; i < table->unit_count; i++) {
		uint32_t no = probe_unit(&units[i], &table->unit[i]);

		if (no == SLUICE_INTERFACE_PRESENT) {
			no = register_unit(&units[i], &table->unit[i], table);
		}
		if (no != SLUICE_INTERFACE_PRESENT) {
			return no;
		}
	}
	if (iommu_limits().levels == 0) {
		log_error("iommu: the units share no depth of table");
		return SLUICE_INTERFACE_UNFIT_UNIT;
	}
	return SLUICE_INTERFACE_PRESENT;
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
	uint32_t no = read_table();

	if (no != SLUICE_INTERFACE_PRESENT) {
		return no;
	}
	no = probe_all(dmar_machine());
	if (no != SLUICE_INTERFACE_PRESENT) {
		refuse_all();
		return no;
	}
	no = enable_all();
	if (no != SLUICE_INTERFACE_PRESENT) {
		return no;
	}
	limits = iommu_limits();
	log_info("iommu: %u unit(s), %u-bit addresses in %u levels, %u ids, "
		 "every requester blocked",
		 iommu_unit_count(), limits.address_bits, limits.levels,
		 limits.asid_count);
	return SLUICE_INTERFACE_PRESENT;
}
