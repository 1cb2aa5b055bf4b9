// SPDX-License-Identifier: MIT
/*
 * Handlers of callers' own tables, events and PASID sub-devices
 * (<sluice/dma_device.h>). What undoes a call stands beside it.
 */
#include "dma/configure.h"
#include "dma/dma.h"
#include "dma/event.h"
#include "dma/pasid.h"
#include "hypercall/dma_calls.h"

NTSTATUS dma_call_configure_domain(const struct guest_caller *caller,
				   union sluice_argument *a)
{
	return dma_configure_domain(caller->guest, &a->configure_domain);
}

NTSTATUS dma_call_flush_domain(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_flush_domain(caller->guest, a->flush_domain.domain);
}

NTSTATUS dma_call_flush_list(const struct guest_caller *caller,
			     union sluice_argument *a)
{
	return dma_flush_list(caller, &a->flush_list);
}

NTSTATUS dma_call_device_state(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_device_state(caller->guest, &a->device_state);
}

NTSTATUS dma_call_read_own_faults(const struct guest_caller *caller,
				  union sluice_argument *a)
{
	return dma_read_own_faults(caller->guest, &a->read_own_faults);
}

NTSTATUS dma_call_create_pasid(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_create_pasid(caller->guest, &a->create_pasid);
}

void dma_undo_create_pasid(const struct guest_caller *caller,
			   const union sluice_argument *a)
{
	(void)dma_delete_pasid(caller->guest, a->create_pasid.pasid);
}

NTSTATUS dma_call_delete_pasid(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_delete_pasid(caller->guest, a->delete_pasid.pasid);
}

NTSTATUS dma_call_attach_pasid(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_attach_pasid(caller->guest, a->attach_pasid.domain,
				a->attach_pasid.pasid);
}

NTSTATUS dma_call_detach_pasid(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_detach_pasid(caller->guest, a->detach_pasid.pasid);
}

NTSTATUS dma_call_query_device(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_query_device(caller->guest, &a->query_device);
}
