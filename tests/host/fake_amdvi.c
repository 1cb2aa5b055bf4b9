// SPDX-License-Identifier: MIT
/*
 * Registers of a fake AMD IOMMU, and how a test makes it misbehave. AMD IOMMU
 * specification, "MMIO Registers". Commands, walks and events are in
 * fake_amdvi_command.c, fake_amdvi_walk.c and fake_amdvi_event.c.
 */
#include "fake_amdvi.h"

#include "fake_amdvi_priv.h"
#include "lib/addr.h"
#include "machine.h"

#include <stdlib.h>
#include <string.h>

#define POLLS_MAX  1000000u
#define REQUESTERS 0x10000u
#define BLOCKED	   UINT64_C(3) /* V, TV, no table, no right */

struct fake_amdvi *fake_amdvi_create(const struct fake_amdvi_config *config,
				     uint64_t registers)
{
	struct fake_amdvi *u = calloc(1, sizeof(*u));

	if (u == NULL) {
		abort();
	}
	u->config = *config;
	u->registers = registers;
	u->ignore_commands = config->is_deaf;
	u->efr = field_prep(GENMASK(11, 10), config->hats) |
		 field_prep(BIT(6), !config->no_ia) |
		 field_prep(BIT(9), config->has_counters) | BIT(0) | BIT(4);
	if (config->left_enabled) {
		u->control = u->applied = C_IOMMU | C_CMDBUF | C_EVENTLOG;
		fake_amdvi_warm(u);
	}
	return u;
}

static bool every(const struct fake_cache_entry *entry, const void *arg)
{
	(void)entry;
	(void)arg;
	return true;
}

void fake_amdvi_destroy(struct fake_amdvi *unit)
{
	fake_cache_drop(&unit->dte, every, NULL);
	fake_cache_drop(&unit->paging, every, NULL);
	fake_cache_drop(&unit->iotlb, every, NULL);
	fake_amdvi_forget_interrupts(unit);
	free(unit);
}

static bool is_ours(uint64_t at, uint64_t bytes)
{
	return machine_ram(at, bytes) != NULL && !machine_page_is_freed(at);
}

/* Nobody may do DMA in the moment in which translation begins. */
static void check_table(struct fake_amdvi *u)
{
	uint64_t base = u->devtab & GENMASK(51, 12);
	uint64_t bytes = (field_get(GENMASK(8, 0), u->devtab) + 1) << 12;
	const uint64_t *word;

	if (bytes != REQUESTERS * 32 || !is_ours(base, bytes)) {
		fake_amdvi_violate(u, "device table of %lx bytes at %lx",
				   (unsigned long)bytes, (unsigned long)base);
		return;
	}
	word = machine_ram(base, bytes);
	for (unsigned id = 0; id < REQUESTERS; id++) {
		if (word[4 * id] != BLOCKED) {
			fake_amdvi_violate(u,
					   "requester %04x is not blocked "
					   "when the table is used",
					   id);
			return;
		}
	}
}

static void check_ring(struct fake_amdvi *u, const char *name, uint64_t base,
		       uint64_t head, uint64_t tail)
{
	uint64_t bytes = fake_amdvi_ring_bytes(base);

	if (bytes < 4096 || !is_ours(base & GENMASK(51, 12), bytes)) {
		fake_amdvi_violate(u, "%s at %lx", name, (unsigned long)base);
	}
	if (head != 0 || tail != 0) {
		fake_amdvi_violate(u, "%s switched on with head %lx, tail %lx",
				   name, (unsigned long)head,
				   (unsigned long)tail);
	}
}

static void write_control(struct fake_amdvi *u, uint64_t value)
{
	uint64_t on = value & ~u->control;

	if (value & ~(C_IOMMU | C_EVENTLOG | C_EVENTINT | C_COHERENT |
		      C_CMDBUF | C_HARMLESS)) {
		fake_amdvi_violate(u, "control %lx", (unsigned long)value);
	}
	if (on & C_IOMMU) {
		check_table(u);
	}
	if (on & C_CMDBUF) {
		check_ring(u, "command buffer", u->cmdbuf, u->cmd_head,
			   u->cmd_tail);
	}
	/* After an overflow the pointers stand where they stood. */
	if ((on & C_EVENTLOG) && !u->evt_halted) {
		check_ring(u, "event log", u->evtlog, u->evt_head, u->evt_tail);
	}
	if ((on & C_EVENTLOG) && (u->status & S_OVERFLOW)) {
		fake_amdvi_violate(u, "event log on with overflow set");
	}
	if (on & C_EVENTLOG) {
		u->evt_halted = false;
	}
	if (!(value & C_CMDBUF)) {
		u->cmd_halted = false;
	}
	u->control = value;
	u->control_due_ns = machine_clock_now() + u->delay_ns;
	fake_amdvi_tick(u);
}

static uint64_t read_status(const struct fake_amdvi *u)
{
	return u->status | (fake_amdvi_runs(u, C_CMDBUF) ? S_CMD_RUN : 0) |
	       (fake_amdvi_runs(u, C_EVENTLOG) ? S_EVENT_RUN : 0);
}

static uint64_t read_register(struct fake_amdvi *u, unsigned offset)
{
	switch (offset) {
	case A_DEVTAB:
		return u->devtab;
	case A_CMDBUF:
		return u->cmdbuf;
	case A_EVTLOG:
		return u->evtlog;
	case A_CONTROL:
		return u->control;
	case A_EXCLBASE:
	case A_EXCLLIM:
		return u->exclusion[(offset - A_EXCLBASE) / 8];
	case A_EFR:
		return u->efr;
	case A_CMDHEAD:
		return u->cmd_head;
	case A_CMDTAIL:
		return u->cmd_tail;
	case A_EVTHEAD:
		return u->evt_head;
	case A_EVTTAIL:
		return u->evt_tail;
	case A_STATUS:
		return read_status(u);
	default:
		fake_amdvi_violate(u, "read of unknown register %x", offset);
		return 0;
	}
}

uint64_t fake_amdvi_read(struct fake_amdvi *unit, unsigned offset,
			 unsigned bytes)
{
	if (++unit->polls > POLLS_MAX) {
		machine_fail("AMD-Vi register %x polled without a deadline",
			     offset);
	}
	if (bytes != 8 || offset % 8 != 0) {
		machine_fail("AMD-Vi register %x read with %u bytes", offset,
			     bytes);
	}
	fake_amdvi_tick(unit);
	return unit->config.is_gone ? UINT64_MAX : read_register(unit, offset);
}

static bool is_pointer(uint64_t value, uint64_t base)
{
	return value % 16 == 0 && value < fake_amdvi_ring_bytes(base);
}

static void write_tail(struct fake_amdvi *u, uint64_t value)
{
	uint64_t bytes = fake_amdvi_ring_bytes(u->cmdbuf);
	uint64_t posted = (value - u->cmd_tail) & (bytes - 1);
	uint64_t waiting = (u->cmd_tail - u->cmd_head) & (bytes - 1);

	if (!is_pointer(value, u->cmdbuf) || posted + waiting >= bytes ||
	    (value != 0 && !(u->control & C_CMDBUF))) {
		fake_amdvi_violate(u, "command tail %lx, head %lx, control %lx",
				   (unsigned long)value,
				   (unsigned long)u->cmd_head,
				   (unsigned long)u->control);
		return;
	}
	u->cmd_tail = value;
	u->cmd_due_ns = machine_clock_now() + u->delay_ns;
	fake_amdvi_tick(u);
}

/* Where a ring is, and pointers that are the unit's, change while it rests. */
static void need_rest(struct fake_amdvi *u, uint64_t what, unsigned offset)
{
	if (fake_amdvi_runs(u, what)) {
		fake_amdvi_violate(u, "register %x written while it runs",
				   offset);
	}
}

static void write_event_head(struct fake_amdvi *u, uint64_t value)
{
	uint64_t bytes = fake_amdvi_ring_bytes(u->evtlog);
	uint64_t freed = (value - u->evt_head) & (bytes - 1);
	uint64_t waiting = (u->evt_tail - u->evt_head) & (bytes - 1);

	if (!is_pointer(value, u->evtlog) || freed > waiting) {
		fake_amdvi_violate(u, "event head %lx, tail %lx",
				   (unsigned long)value,
				   (unsigned long)u->evt_tail);
		return;
	}
	u->evt_head = value;
}

static void write_register(struct fake_amdvi *u, unsigned offset,
			   uint64_t value)
{
	switch (offset) {
	case A_DEVTAB:
		u->devtab = value;
		if (u->control & C_IOMMU) {
			check_table(u);
		}
		return;
	case A_CMDBUF:
		need_rest(u, C_CMDBUF, offset);
		u->cmdbuf = value;
		u->cmd_head = u->cmd_tail = 0;
		return;
	case A_EVTLOG:
		need_rest(u, C_EVENTLOG, offset);
		u->evtlog = value;
		u->evt_head = u->evt_tail = 0;
		return;
	case A_CONTROL:
		write_control(u, value);
		return;
	case A_EXCLBASE:
	case A_EXCLLIM:
		if (value != 0) {
			fake_amdvi_violate(u, "exclusion range");
		}
		u->exclusion[(offset - A_EXCLBASE) / 8] = value;
		return;
	case A_CMDHEAD:
		need_rest(u, C_CMDBUF, offset);
		u->cmd_head = value;
		return;
	case A_CMDTAIL:
		write_tail(u, value);
		return;
	case A_EVTHEAD:
		write_event_head(u, value);
		return;
	case A_EVTTAIL:
		need_rest(u, C_EVENTLOG, offset);
		u->evt_tail = value;
		return;
	case A_STATUS:
		u->status &= ~(value & (S_OVERFLOW | S_EVENTINT | S_COMWAIT));
		return;
	default:
		fake_amdvi_violate(u, "write of %lx to register %x",
				   (unsigned long)value, offset);
	}
}

void fake_amdvi_write(struct fake_amdvi *unit, unsigned offset, unsigned bytes,
		      uint64_t value)
{
	if (bytes != 8 || offset % 8 != 0) {
		machine_fail("AMD-Vi register %x written with %u bytes", offset,
			     bytes);
	}
	write_register(unit, offset, value);
}

void fake_amdvi_tick(struct fake_amdvi *unit)
{
	uint64_t now = machine_clock_now();

	if (!unit->ignore_commands && now >= unit->control_due_ns) {
		unit->applied = unit->control;
	}
	if (!unit->hold && !unit->is_between && now >= unit->cmd_due_ns) {
		fake_amdvi_commands_run(unit);
	}
}

void fake_amdvi_clock_was_read(struct fake_amdvi *unit)
{
	unit->polls = 0;
	fake_amdvi_tick(unit);
}

/* ---- how a test makes it misbehave, and what it asks it after ---- */

void fake_amdvi_delay(struct fake_amdvi *unit, uint64_t ns)
{
	unit->delay_ns = ns;
}

void fake_amdvi_reorder(struct fake_amdvi *unit, bool reorder)
{
	unit->reorder = reorder;
}

void fake_amdvi_hold(struct fake_amdvi *unit, bool hold)
{
	unit->hold = hold;
	fake_amdvi_tick(unit);
}

void fake_amdvi_queue_error(struct fake_amdvi *unit, unsigned n)
{
	unit->error_in = n;
}

void fake_amdvi_ignore_commands(struct fake_amdvi *unit, bool ignore)
{
	unit->ignore_commands = ignore;
}

void fake_amdvi_between(struct fake_amdvi *unit, void (*hook)(void *),
			void *arg)
{
	unit->between = hook;
	unit->between_arg = arg;
}

struct fake_unit_counts fake_amdvi_counts(const struct fake_amdvi *unit)
{
	return unit->counts;
}

bool fake_amdvi_is_translating(const struct fake_amdvi *unit)
{
	return unit->applied & C_IOMMU;
}

const char *fake_amdvi_violation(const struct fake_amdvi *unit)
{
	return unit->violation[0] != '\0' ? unit->violation : NULL;
}

void fake_amdvi_forgive(struct fake_amdvi *unit)
{
	unit->violation[0] = '\0';
}

unsigned fake_amdvi_cached(const struct fake_amdvi *unit, uint16_t did)
{
	return fake_cache_count(&unit->iotlb, did) +
	       fake_cache_count(&unit->paging, did);
}
