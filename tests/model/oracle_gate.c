// SPDX-License-Identifier: MIT
/*
 * The fakes as a machine under test: lists in fake guests' memory, calls
 * through the gate, failures on order, complaints.
 */
#include "fail_at.h"
#include "guestmem.h"
#include "machine.h"
#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LIST_EDGE UINT64_C(0xa000) /* page 10 is absent in every guest */
#define WILD	  UINT64_C(0xdead000000)

void oracle_wrong(struct oracle *o, const char *fmt, ...)
{
	va_list args;

	if (o->wrong[0] != '\0') {
		return;
	}
	va_start(args, fmt);
	vsnprintf(o->wrong, sizeof(o->wrong), fmt, args);
	va_end(args);
}

uint64_t oracle_place(struct oracle *o, const struct oracle_call *c,
		      const void *list, size_t bytes)
{
	struct fake_guest *g = o->guest[c->guest];
	uint64_t base = g->ram.addr + FAKE_GUEST_LIST;

	switch (c->list.at) {
	case ORACLE_LIST_NULL:
		return 0;
	case ORACLE_LIST_WILD:
		return WILD;
	case ORACLE_LIST_EDGE:
		/* As much as fits; the page behind is absent. */
		base = g->ram.addr + LIST_EDGE - bytes + 8;
		fake_guest_write(g, base, list, bytes - 8);
		break;
	case ORACLE_LIST_CROSSES:
		base = g->ram.addr + FAKE_GUEST_LIST + PAGE_BYTES -
		       (bytes / 16 * 8 < PAGE_BYTES ? bytes / 16 * 8 : 8);
		fake_guest_write(g, base, list, bytes);
		break;
	default:
		fake_guest_write(g, base, list, bytes);
	}
	return fake_guest_linear(g, base);
}

/* ---- what fails during the call ---- */

void oracle_arm(struct oracle *o, const struct oracle_call *c)
{
	switch (c->inject) {
	case ORACLE_FAIL_ALLOCATION:
		fail_at(c->inject_at);
		return;
	case ORACLE_FAIL_ALLOCATIONS:
		fail_from(c->inject_at);
		return;
	case ORACLE_FAIL_COMMAND:
		fake_unit_queue_error(machine_unit(0), c->inject_at);
		o->is_over = true;
		return;
	case ORACLE_FAIL_READ:
		fail_read_at(c->inject_at, false);
		return;
	case ORACLE_FAIL_REPLY:
		fail_reply_at(c->inject_at);
		return;
	default:
		return;
	}
}

bool oracle_disarm(const struct oracle_call *c)
{
	bool hit = c->inject != ORACLE_NO_FAILURE &&
		   (fail_hit() || fail_copy_hit());

	if (c->inject != ORACLE_NO_FAILURE) {
		fail_off();
		fail_copies_off();
	}
	return hit;
}

bool oracle_nests(const struct oracle_setting *s)
{
	return s->nest.can_nest || s->nest.pasid_count != 0;
}

enum fake_dma oracle_translate(const struct oracle *o, uint32_t sbdf,
			       uint32_t pasid, uint64_t iova, bool write,
			       uint64_t *hpa)
{
	return oracle_nests(o->setting)
		       ? fake_nest_translate(sbdf, pasid, iova, write, hpa)
		       : fake_unit_translate(machine_unit(0), (uint16_t)sbdf,
					     iova, write, hpa);
}

void oracle_check_machine(struct oracle *o)
{
	struct fake_unit *unit = machine_unit(0);

	if (guestmem_double_reads() != 0) {
		oracle_wrong(o, "a byte of guest memory was read twice");
	}
	if (unit != NULL && fake_unit_violation(unit) != NULL) {
		oracle_wrong(o, "unit: %s", fake_unit_violation(unit));
	}
}

int64_t oracle_transport(struct oracle *o, const struct oracle_call *c,
			 union model_argument *a, size_t bytes)
{
	struct fake_guest *g = o->guest[c->guest];
	uint64_t argument = g->ram.addr + FAKE_GUEST_ARGUMENT;
	struct guest_caller caller = g->caller;
	uint64_t at = g->argument_at;
	int64_t rax;

	switch (c->transport) {
	case ORACLE_MISALIGNED:
		g->argument_at += 4;
		break;
	case ORACLE_UNMAPPED:
		g->argument_at = WILD;
		break;
	case ORACLE_READ_ONLY:
		fake_guest_protect(g, argument, true, false);
		break;
	case ORACLE_32BIT:
		g->caller.is_64bit = false;
		break;
	case ORACLE_RING3:
		g->caller.cpl = 3;
		break;
	default:
		break;
	}
	rax = fake_guest_call(g, c->op, a, oracle_misshape(c, a, bytes));
	g->caller = caller;
	g->argument_at = at;
	if (c->transport == ORACLE_READ_ONLY) {
		fake_guest_protect(g, argument, true, true);
	}
	return rax;
}
