/* SPDX-License-Identifier: MIT */
/*
 * One handler for each sub-op of SLUICE_HYPERCALL, and what undoes a call whose
 * reply could not be delivered.
 */
#pragma once

#include "guest/linear.h"

#include <sluice/dma.h>
#include <sluice/dma_ops.h>

/* Hypervisor's copy of a caller's argument structure, whichever it is. */
union sluice_argument {
	struct sluice_header header;
#define SLUICE_ARGUMENT(nr, name, arg, who) arg name;
	SLUICE_DMA_OPS(SLUICE_ARGUMENT)
#undef SLUICE_ARGUMENT
};

/**
 * dma_call_*() - Answer one sub-op.
 * @caller: the vCPU that called
 * @a:      argument; header and reserved fields are checked
 *
 * Fills [out] fields on success alone. Return: the NTSTATUS of the outcome.
 */
typedef NTSTATUS dma_call(const struct guest_caller *caller,
			  union sluice_argument *a);

/* dma_undo_*() - Take back what a successful call made. */
typedef void dma_undo(const struct guest_caller *caller,
		      const union sluice_argument *a);

#define SLUICE_CALL(nr, name, arg, who) dma_call dma_call_##name;
SLUICE_DMA_OPS(SLUICE_CALL)
#undef SLUICE_CALL

dma_undo dma_undo_create_domain;
dma_undo dma_undo_create_device;
dma_undo dma_undo_map;
dma_undo dma_undo_allocate_range;
dma_undo dma_undo_reserve_token;
dma_undo dma_undo_create_pasid;

/*
 * CPUs that run, and of these the ones without a guest: set by whoever starts
 * and places them. NULL = the boot CPU alone, and the control domain has it.
 */
extern uint32_t (*hypercall_cpu_count)(void);
extern uint32_t (*hypercall_free_cpu_count)(void);

/* RAM of the machine, 4 KiB pages, set at boot; 0 = the sum of what is known.
 */
extern uint64_t hypercall_ram_pages;
