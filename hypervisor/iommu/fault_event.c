// SPDX-License-Identifier: MIT
/*
 * Faults on their way out of the units: by a message to a CPU that takes host
 * interrupts, or when somebody asks. And what is done about a requester that
 * faults without end. A unit's lock is held around its own part.
 */
#include "base/log.h"
#include "iommu/storm.h"
#include "iommu/unit.h"
#include "lib/error.h"
#include "platform/pci.h"

bool iommu_poll_faults(void)
{
	bool has_more = false;

	for (unsigned i = 0; i < iommu_unit_count(); i++) {
		struct iommu_unit *unit = iommu_unit_at(i);

		spin_lock(&unit->lock);
		has_more = unit->ops->read_faults(unit) || has_more;
		spin_unlock(&unit->lock);
	}
	return has_more;
}

/* What xAPIC-format messages can name. */
#define APIC_ID_MAX 254u

void iommu_start_fault_events(uint32_t apic_id, uint8_t vector)
{
	if (apic_id > APIC_ID_MAX) {
		log_warn("iommu: no fault events, APIC id %u is too high; "
			 "faults are collected when they are read",
			 apic_id);
		return;
	}
	for (unsigned i = 0; i < iommu_unit_count(); i++) {
		struct iommu_unit *unit = iommu_unit_at(i);

		if (unit->has_failed || unit->ops->start_events == NULL) {
			continue;
		}
		spin_lock(&unit->lock);
		unit->ops->start_events(unit, apic_id, vector);
		spin_unlock(&unit->lock);
	}
	/* What stood there before is announced by no message. */
	(void)iommu_poll_faults();
}

/* A bridge's switch is that of everything behind it. */
static bool cut_master(uint32_t sbdf)
{
	const struct pci_device *dev = pci_device_find(sbdf);

	if (dev == NULL || dev->is_bridge) {
		return false;
	}
	pci_set_bus_master(dev, false);
	return true;
}

/*
 * A requester that is blocked has no use for DMA; one that goes through a
 * domain may have, so its bus-master is left alone if it can be silenced. What
 * silences accesses does not silence interrupt messages.
 */
void iommu_fault_storm(struct iommu_unit *unit, uint32_t sbdf, uint32_t kind)
{
	uint16_t bdf = (uint16_t)sbdf;
	bool is_silent = kind != SLUICE_FAULT_INTERRUPT && !unit->has_failed &&
			 unit->ops->silence != NULL &&
			 unit->ops->silence(unit, bdf) == 0;
	bool is_blocked = unit->ops->is_blocked(unit, bdf);
	bool is_cut = (is_blocked || !is_silent) && cut_master(sbdf);

	log_guest(iommu_fault_owner(sbdf),
		  "device %x: %u DMA faults within 100 ms; %s%s", sbdf,
		  STORM_BURST,
		  is_silent ? "no more are recorded before it is attached anew"
			    : "the unit cannot silence it",
		  is_cut ? ", its bus-master is off" : "");
}
