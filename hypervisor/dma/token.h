/* SPDX-License-Identifier: MIT */
/*
 * Tokens: logical ranges whose tables all exist before anything is mapped in
 * them, and stay when it is unmapped, so that mapping never fails for memory.
 * Contract 2.6, 3.5, section 5 Q37-Q38, Q42. The guest's lock guards them.
 */
#pragma once

#include "dma/domain.h"
#include "guest/linear.h"

#include <sluice/dma_map.h>

/* dma_tokens_overlap() - True when a live token of @dma touches @at. */
bool dma_tokens_overlap(const struct dma_guest *dg,
			const struct dma_domain *dma, struct range at);

/* dma_tokens_of() - Live tokens of a domain: it cannot go while there are. */
uint32_t dma_tokens_of(const struct dma_guest *dg,
		       const struct dma_domain *dma);

/* dma_tokens_drop() - Forget a domain's tokens: its guest is being destroyed.
 */
void dma_tokens_drop(struct dma_guest *dg, struct dma_domain *dma);

/* Sub-ops. */
NTSTATUS dma_reserve_token(struct guest *g, struct sluice_reserve_token *a);
NTSTATUS dma_free_token(struct guest *g, const struct sluice_token_ref *a);
NTSTATUS dma_map_token(const struct guest_caller *c,
		       const struct sluice_map_token *a);
NTSTATUS dma_unmap_token(struct guest *g, const struct sluice_unmap_token *a);
