// SPDX-License-Identifier: MIT
/* The event log of a fake AMD IOMMU, complete; and its complaints. */
#include "fake_amdvi_priv.h"
#include "machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fake_amdvi_violate(struct fake_amdvi *unit, const char *fmt, ...)
{
	va_list args;

	if (unit->violation[0] != '\0') {
		return;
	}
	va_start(args, fmt);
	vsnprintf(unit->violation, sizeof(unit->violation), fmt, args);
	va_end(args);
}

/* By the function's MSI capability, when an event is the first unseen one. */
static void announce(struct fake_amdvi *u)
{
	unsigned n = (unsigned)((u->registers - MACHINE_AMDVI_BASE) /
				FAKE_AMDVI_WINDOW);
	uint64_t address;
	uint32_t data;

	if (!(u->status & S_EVENTINT) && fake_amdvi_runs(u, C_EVENTINT) &&
	    fake_function_message(MACHINE_AMDVI_SBDF(n), &address, &data)) {
		machine_message(address, data);
	}
	u->status |= S_EVENTINT;
}

void fake_amdvi_log(struct fake_amdvi *u, unsigned code, uint64_t low,
		    uint64_t high)
{
	uint64_t bytes = fake_amdvi_ring_bytes(u->evtlog);
	uint64_t at = (u->evtlog & GENMASK(51, 12)) + u->evt_tail;
	uint64_t next = (u->evt_tail + 16) & (bytes - 1);
	uint64_t words[2] = {low | field_prep(GENMASK(63, 60), code), high};
	uint64_t *to;

	if (!fake_amdvi_runs(u, C_EVENTLOG)) {
		return;
	}
	if (next == u->evt_head) {
		u->status |= S_OVERFLOW;
		u->evt_halted = true;
		return;
	}
	to = machine_ram(at, sizeof(words));
	if (to == NULL || machine_page_is_freed(at)) {
		fake_amdvi_violate(u, "event log at %lx, no RAM of ours",
				   (unsigned long)at);
		return;
	}
	if (to[0] != 0) {
		fake_amdvi_violate(u, "event at %lx was not taken out",
				   (unsigned long)at);
	}
	memcpy(to, words, sizeof(words));
	u->evt_tail = next;
	announce(u);
}
