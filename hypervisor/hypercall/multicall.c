// SPDX-License-Identifier: MIT
/*
 * multicall: the tools wrap every memory_op in one, since their own result is
 * an int. Entries are independent; a nested multicall is refused.
 */
#include "guest/copy.h"
#include "hypercall/hypercall.h"
#include "lib/error.h"

#include <xen/xen.h>

#define CALLS_MAX 64u

/* A step is not made again here: the entries before it have been done. */
static int64_t call_one(struct guest_caller *caller, uint64_t number,
			const uint64_t args[HYPERCALL_ARGUMENTS])
{
	int64_t result;

	if (number == __HYPERVISOR_multicall) {
		return -XEN_EINVAL;
	}
	result = hypercall_dispatch(caller, number, args);
	return result == HYPERCALL_AGAIN ? -XEN_EAGAIN : result;
}

int64_t multicall_op(struct guest_caller *caller,
		     const uint64_t args[HYPERCALL_ARGUMENTS])
{
	uint64_t at = args[0];

	if (args[1] > CALLS_MAX) {
		return -XEN_E2BIG;
	}
	for (uint64_t i = 0; i < args[1];
	     i++, at += sizeof(multicall_entry_t)) {
		uint64_t inner[HYPERCALL_ARGUMENTS];
		multicall_entry_t call;
		int error = copy_from_guest(caller, &call, at, sizeof(call));

		if (error != 0) {
			return error;
		}
		for (unsigned a = 0; a < HYPERCALL_ARGUMENTS; a++) {
			inner[a] = call.args[a];
		}
		call.result = (xen_ulong_t)call_one(caller, call.op, inner);
		error = copy_to_guest(caller,
				      at + offsetof(multicall_entry_t, result),
				      &call.result, sizeof(call.result));
		if (error != 0) {
			return error;
		}
	}
	return 0;
}
