/* SPDX-License-Identifier: MIT */
/*
 * Faults on their way out of the units: announced by an interrupt or asked for,
 * and what is done about a requester that faults without end.
 */
#pragma once

#include "lib/compiler.h"

struct iommu_unit;

/**
 * iommu_poll_faults() - Collect records from every unit now, up to a bound.
 * Return: true when there may be more.
 */
bool iommu_poll_faults(void);

/**
 * iommu_start_fault_events() - Have units announce faults by an interrupt,
 * whose handler is iommu_poll_faults(); while that returns true nothing is
 * announced.
 * @apic_id: a CPU that takes host interrupts whatever runs there
 *
 * A unit that cannot is asked when somebody reads the log.
 */
void iommu_start_fault_events(uint32_t apic_id, uint8_t vector);

/*
 * iommu_fault_storm() - For backends, whose lock is held: a requester faults
 * too fast to record (iommu/storm.h). It is silenced, and loses its bus-master
 * bit if it is blocked, or if it stays heard: by the kind of its faults
 * (SLUICE_FAULT_*), or since the unit does not obey.
 */
void iommu_fault_storm(struct iommu_unit *unit, uint32_t sbdf, uint32_t kind);

/*
 * iommu_fault_owner - Names the guest that a requester belongs to when a fault
 * is recorded; set by the service, SLUICE_GUEST_NONE until then. Called with a
 * unit's lock held, so it takes no lock that ranks above LOCK_FAULT_LOG.
 */
extern uint16_t (*iommu_fault_owner)(uint32_t sbdf);
