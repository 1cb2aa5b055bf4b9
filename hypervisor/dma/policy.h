/* SPDX-License-Identifier: MIT */
/* Which domain types a guest may have now. */
#pragma once

#include "guest/guest.h"

/*
 * dma_policy_types() - Mask of 1 << type that @guest may create and attach now.
 * 0 without an interface and for a guest of machine type x86. Reads one word of
 * the policy, so it needs no lock; the answer is a hint the moment it is given,
 * as the contract says.
 */
uint32_t dma_policy_types(const struct guest *guest);

/* dma_policy_passes() - May its DMA go through untranslated now? */
bool dma_policy_passes(const struct guest *guest);
