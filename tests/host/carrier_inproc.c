// SPDX-License-Identifier: MIT
/*
 * What carrier_xencall.c does with the kernel's help, for a fake guest: the
 * argument and the list that it points at are copied into guest memory, since
 * the hypervisor knows the guest's linear addresses and not this process's.
 */
#include "carrier_inproc.h"

#include "carrier.h"
#include "lib/error.h"

#include <string.h>

static struct fake_guest *caller;

void carrier_inproc_use(struct fake_guest *guest)
{
	caller = guest;
}

long sluice_carry_inproc(uint32_t op, void *argument, size_t size)
{
	size_t bytes;
	uint64_t *pointer;
	uint64_t callers = 0;
	long result;

	if (caller == NULL) {
		return -XEN_ENOSYS;
	}
	if (size > SLUICE_ARGUMENT_MAX) {
		return -XEN_E2BIG;
	}
	pointer = carrier_list(op, argument, &bytes);
	if (bytes != 0) {
		callers = *pointer;
		*pointer = fake_guest_list(
			caller, (const void *)(uintptr_t)callers, bytes);
	}
	result = (long)fake_guest_call(caller, op, argument, size);
	if (bytes != 0) {
		*pointer = callers;
	}
	return result;
}
