/* SPDX-License-Identifier: MIT */
/*
 * What happens to a guest's devices without its doing: the types that they may
 * have change, and their DMA faults. Nobody is called back: a guest asks, and a
 * counter tells it whether it missed anything.
 */
#pragma once

#include "dma/dma_guest.h"

#include <sluice/dma_device.h>

/*
 * dma_event_types_changed() - Count a change of what policy allows, for each
 * token. The registry's lock is held.
 */
void dma_event_types_changed(const struct dma_guest *dg);

/* Sub-ops. */
NTSTATUS dma_device_state(struct guest *g, struct sluice_device_state *a);
NTSTATUS dma_read_own_faults(struct guest *g, struct sluice_read_faults *a);
