/* SPDX-License-Identifier: MIT */
/*
 * One call: fill the header, carry it, turn a transport code into a status.
 *
 * Freestanding. The carrier is process-wide, because the contract's functions
 * have no context argument; the thread rule is in sluice/sluice.h.
 */
#include "carrier.h"

#include <xen/errno.h>

static sluice_carry_fn *carrier;

void sluice_set_carrier(sluice_carry_fn *carry)
{
	carrier = carry;
}

sluice_carry_fn *carrier_get(void)
{
	return carrier;
}

/* Source: architecture, "Caller's mode". */
static NTSTATUS status_of_transport(long code)
{
	switch (-code) {
	case XEN_EOPNOTSUPP:
	case XEN_ENOSYS:
		return STATUS_NOT_SUPPORTED;
	case XEN_EPERM:
		return STATUS_ACCESS_DENIED;
	case XEN_EFAULT:
	case XEN_EINVAL:
	case XEN_E2BIG:
		return STATUS_INVALID_PARAMETER;
	case XEN_ENOMEM:
		return STATUS_INSUFFICIENT_RESOURCES;
	default:
		return STATUS_UNSUCCESSFUL;
	}
}

NTSTATUS sluice_call(uint32_t op, void *argument, size_t size)
{
	struct sluice_header *header = argument;

	if (carrier == NULL) {
		return STATUS_NOT_SUPPORTED;
	}
	/* An answer that the hypervisor forgot to give is no success. */
	*header = (struct sluice_header){
		.size = (uint32_t)size,
		.status = STATUS_UNSUCCESSFUL,
	};

	long code = carrier(op, argument, size);

	if (code != 0) {
		return status_of_transport(code);
	}
	return header->status;
}
