/* SPDX-License-Identifier: MIT */
/* MapIdentityRange(Ex) and UnmapIdentityRange(Ex): logical = guest-physical. */
#pragma once

#include "guest/linear.h"

#include <sluice/dma_map.h>

NTSTATUS dma_map_identity(const struct guest_caller *c,
			  const struct sluice_identity *a);
NTSTATUS dma_unmap_identity(const struct guest_caller *c,
			    const struct sluice_identity *a);
