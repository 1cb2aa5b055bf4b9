// SPDX-License-Identifier: MIT
/* The ways in which an argument can fail to reach the gate: sluice/abi.h. */
#include "oracle_state.h"

#include <string.h>
#include <xen/errno.h>

static bool is_control_op(unsigned op)
{
	enum { ANY_GUEST, CONTROL };
	static const uint8_t callers[] = {
#define CALLER(nr, name, arg, who) [nr] = who,
		SLUICE_DMA_OPS(CALLER)
#undef CALLER
	};

	return callers[op] == CONTROL;
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

size_t oracle_misshape(const struct oracle_call *c, union model_argument *a,
		       size_t bytes)
{
	uint64_t tail = c->transport == ORACLE_TAIL;

	switch (c->transport) {
	case ORACLE_LONGER:
	case ORACLE_TAIL:
		memcpy((uint8_t *)a + bytes, &tail, sizeof(tail));
		bytes += sizeof(tail);
		a->header.size = (uint32_t)bytes;
		return bytes;
	case ORACLE_SHORTER:
		a->header.size--;
		return bytes;
	default:
		return bytes;
	}
}

bool oracle_stays_done(const struct oracle_call *c)
{
	switch (c->op) {
	/* Objects and ranges that nobody was told of are taken back. */
	case SLUICE_OP_create_domain:
	case SLUICE_OP_create_device:
	case SLUICE_OP_map:
	case SLUICE_OP_allocate_range:
	case SLUICE_OP_reserve_token:
	case SLUICE_OP_create_pasid:
	/* Questions change nothing. */
	case SLUICE_OP_info:
	case SLUICE_OP_query_domain_types:
	case SLUICE_OP_query_device:
	case SLUICE_OP_device_state:
	case SLUICE_OP_list_devices:
	case SLUICE_OP_list_domains:
	case SLUICE_OP_inventory:
	case SLUICE_OP_audit:
		return false;
	case SLUICE_OP_guest_policy:
		return c->a.guest_policy.operation == SLUICE_POLICY_SET;
	default:
		return true;
	}
}
