// SPDX-License-Identifier: MIT
/* Fault records and the fault event of a fake VT-d unit. */
#include "fake_vtd_fault.h"

#include "machine.h"

static bool has_pending_fault(const struct fake_vtd *u, unsigned *first)
{
	for (unsigned i = 0; i < u->config.fault_count; i++) {
		unsigned n = (u->record_next + i) % u->config.fault_count;

		if (u->record[n].high & FAULT_F) {
			*first = n;
			return true;
		}
	}
	return false;
}

uint32_t fake_vtd_fault_status(const struct fake_vtd *u)
{
	unsigned first = 0;

	if (!has_pending_fault(u, &first)) {
		return u->fsts;
	}
	return u->fsts | (uint32_t)FSTS_PPF | first << 8;
}

static void announce(struct fake_vtd *u)
{
	if (u->event[0] & EVENT_MASKED) {
		u->event[0] |= (uint32_t)EVENT_PENDING;
		return;
	}
	u->event[0] &= ~(uint32_t)EVENT_PENDING;
	machine_message(u->event[2] | (uint64_t)u->event[3] << 32, u->event[1]);
}

void fake_vtd_write_event_control(struct fake_vtd *u, uint32_t value)
{
	bool was_pending = (u->event[0] & EVENT_PENDING) != 0;

	u->event[0] = value & (uint32_t)EVENT_MASKED;
	/* What has been served meanwhile is not announced. */
	if (was_pending && fake_vtd_fault_status(u) != 0) {
		announce(u);
	}
}

void fake_vtd_write_fault(struct fake_vtd *u, unsigned offset, unsigned bytes,
			  uint64_t value)
{
	struct fault_words *r = &u->record[(offset - R_FRCD) / 16];
	bool clears = (offset % 16 == 12 && (value & BIT(31))) ||
		      (offset % 16 == 8 && bytes == 8 && (value & FAULT_F));

	if (clears) {
		r->high &= ~FAULT_F;
	}
}

static void fill_record(struct fake_vtd *u, uint16_t source, uint64_t low,
			bool is_write, unsigned reason)
{
	struct fault_words *r = &u->record[u->record_next];

	for (unsigned i = 0; i < u->config.fault_count; i++) {
		if (u->config.collapse_faults &&
		    (u->record[i].high & FAULT_F) &&
		    (uint16_t)u->record[i].high == source) {
			return;
		}
	}
	if (r->high & FAULT_F) {
		u->fsts |= (uint32_t)FSTS_PFO;
		return;
	}
	r->low = low & ~PAGE_MASK;
	r->high = FAULT_F | field_prep(BIT(62), !is_write) |
		  field_prep(GENMASK(39, 32), reason) | source;
	u->record_next = (u->record_next + 1) % u->config.fault_count;
}

void fake_vtd_record(struct fake_vtd *u, uint16_t source, uint64_t low,
		     bool is_write, unsigned reason)
{
	bool was_clean = fake_vtd_fault_status(u) == 0;

	u->counts.faults++;
	u->counts.last_reason = reason;
	if (u->is_quiet || (u->fsts & FSTS_PFO)) {
		return;
	}
	fill_record(u, source, low, is_write, reason);
	if (was_clean) {
		announce(u);
	}
}
