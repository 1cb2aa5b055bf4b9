// SPDX-License-Identifier: MIT
/*
 * Handlers of what a domain's address space holds: ranges, identity, tokens
 * (<sluice/dma_map.h>). What undoes a call stands beside it.
 */
#include "dma/dma.h"
#include "dma/identity.h"
#include "dma/ranges.h"
#include "dma/token.h"
#include "hypercall/dma_calls.h"

/* The reply did not reach the caller: nobody knows where it was mapped. */
void dma_undo_map(const struct guest_caller *caller,
		  const union sluice_argument *a)
{
	const struct sluice_map *m = &a->map;
	struct sluice_unmap undo = {
		.domain = m->domain,
		.logical_address = m->logical_address,
		.pages = m->pages,
	};

	if ((m->options & SLUICE_MAP_PART) != 0) {
		/* The range stays taken, and is told by its base alone. */
		dma_undo_part(caller->guest, &undo);
		return;
	}
	(void)dma_unmap(caller->guest, &undo);
}

NTSTATUS dma_call_allocate_range(const struct guest_caller *caller,
				 union sluice_argument *a)
{
	return dma_allocate_range(caller->guest, &a->allocate_range);
}

void dma_undo_allocate_range(const struct guest_caller *caller,
			     const union sluice_argument *a)
{
	const struct sluice_allocate_range *r = &a->allocate_range;
	struct sluice_range_ref undo = {
		.domain = r->domain,
		.logical_address = r->logical_address,
		.pages = r->pages,
	};

	(void)dma_free_range(caller->guest, &undo);
}

NTSTATUS dma_call_free_range(const struct guest_caller *caller,
			     union sluice_argument *a)
{
	return dma_free_range(caller->guest, &a->free_range);
}

NTSTATUS dma_call_map_identity(const struct guest_caller *caller,
			       union sluice_argument *a)
{
	return dma_map_identity(caller, &a->map_identity);
}

NTSTATUS dma_call_unmap_identity(const struct guest_caller *caller,
				 union sluice_argument *a)
{
	return dma_unmap_identity(caller, &a->unmap_identity);
}

NTSTATUS dma_call_reserve_token(const struct guest_caller *caller,
				union sluice_argument *a)
{
	return dma_reserve_token(caller->guest, &a->reserve_token);
}

void dma_undo_reserve_token(const struct guest_caller *caller,
			    const union sluice_argument *a)
{
	struct sluice_token_ref undo = {.token = a->reserve_token.token};

	(void)dma_free_token(caller->guest, &undo);
}

NTSTATUS dma_call_free_token(const struct guest_caller *caller,
			     union sluice_argument *a)
{
	return dma_free_token(caller->guest, &a->free_token);
}

NTSTATUS dma_call_map_token(const struct guest_caller *caller,
			    union sluice_argument *a)
{
	return dma_map_token(caller, &a->map_token);
}

NTSTATUS dma_call_unmap_token(const struct guest_caller *caller,
			      union sluice_argument *a)
{
	return dma_unmap_token(caller->guest, &a->unmap_token);
}
