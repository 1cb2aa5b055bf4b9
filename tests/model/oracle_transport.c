// SPDX-License-Identifier: MIT
/* The ways in which an argument can fail to reach the gate: sluice/abi.h. */
#include "lib/error.h"
#include "oracle.h"

#include <string.h>

#define WILD UINT64_C(0xdead000000)

static bool is_control_op(unsigned op)
{
	return op >= SLUICE_OP_guest_policy && op <= SLUICE_OP_platform;
}

/* What rax must be, in the order of sluice/abi.h. */
int64_t oracle_wanted_rax(const struct oracle *o, const struct oracle_call *c)
{
	switch (c->transport) {
	case ORACLE_32BIT:
		return -XEN_EOPNOTSUPP;
	case ORACLE_RING3:
		return -XEN_EPERM;
	default:
		break;
	}
	if (is_control_op(c->op) && !o->model.guest[c->guest].is_control) {
		return -XEN_EPERM;
	}
	switch (c->transport) {
	case ORACLE_TAIL:
		return -XEN_E2BIG;
	case ORACLE_SHORTER:
	case ORACLE_MISALIGNED:
		return -XEN_EINVAL;
	case ORACLE_READ_ONLY:
	case ORACLE_UNMAPPED:
		return -XEN_EFAULT;
	default:
		return 0;
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
	case ORACLE_LONGER:
	case ORACLE_TAIL:
		memcpy((uint8_t *)a + bytes,
		       &(uint64_t){c->transport == ORACLE_TAIL},
		       sizeof(uint64_t));
		bytes += 8;
		a->header.size = (uint32_t)bytes;
		break;
	case ORACLE_SHORTER:
		a->header.size--;
		break;
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
	rax = fake_guest_call(g, c->op, a, bytes);
	g->caller = caller;
	g->argument_at = at;
	if (c->transport == ORACLE_READ_ONLY) {
		fake_guest_protect(g, argument, true, true);
	}
	return rax;
}
