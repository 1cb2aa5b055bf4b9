/* SPDX-License-Identifier: MIT */
/*
 * Changes to a translated domain's table, each complete: tables, leaves, flush,
 * counters. The guest's lock is held; ranges have been checked.
 */
#pragma once

#include "dma/domain.h"

/* dma_find_translated() - A domain of type Translate or TranslateS1, or NULL.
 */
struct dma_domain *dma_find_translated(struct dma_guest *dg, uint64_t handle);

/* dma_is_free() - Nothing mapped, reserved, a token's; not the interrupt
 * window. */
bool dma_is_free(const struct dma_guest *dg, const struct dma_domain *dma,
		 uint64_t start, uint64_t pages);

/* dma_is_withheld() - A reserved region, the caller's or the firmware's,
 * touches @at. */
bool dma_is_withheld(const struct dma_domain *dma, struct range at);

/**
 * dma_range_map() - Make tables and map @pages of dg->scratch.pages.
 * Return: SUCCESS; INSUFFICIENT_RESOURCES; UNSUCCESSFUL a unit did not confirm.
 * Nothing is mapped after an error.
 */
NTSTATUS dma_range_map(struct dma_guest *dg, struct dma_domain *dma,
		       uint64_t start, uint64_t pages, uint32_t permissions);

/**
 * dma_range_unmap() - Take out what is mapped: unlink, flush, then free.
 * Return: SUCCESS; UNSUCCESSFUL a unit did not confirm. Needs no memory.
 */
NTSTATUS dma_range_unmap(struct dma_guest *dg, struct dma_domain *dma,
			 uint64_t start, uint64_t pages);

/**
 * dma_settle_flush() - After a failed flush: try again. False: still failing.
 * Called before anything new is mapped.
 */
bool dma_settle_flush(struct dma_domain *dma);
