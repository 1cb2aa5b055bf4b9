/* SPDX-License-Identifier: MIT */
/* Fault records and the fault event of a fake VT-d unit, for its other files.
 */
#pragma once

#include "fake_vtd_priv.h"

/* FECTL. */
#define EVENT_MASKED  BIT(31)
#define EVENT_PENDING BIT(30)

/* What the fault status register says. */
uint32_t fake_vtd_fault_status(const struct fake_vtd *u);

/* Registers of faults, written; a fault, recorded unless its entry says no. */
void fake_vtd_write_event_control(struct fake_vtd *u, uint32_t value);
void fake_vtd_write_fault(struct fake_vtd *u, unsigned offset, unsigned bytes,
			  uint64_t value);

/* fake_vtd_record() - A fault, as the recording registers take it. */
void fake_vtd_record(struct fake_vtd *unit, uint16_t source, uint64_t low,
		     bool is_write, unsigned reason);
