/* SPDX-License-Identifier: MIT */
/*
 * What a caller describes to be mapped: decoded once into the guest's scratch,
 * then into machine pages. Shared by map, identity and tokens.
 */
#pragma once

#include "dma/domain.h"
#include "guest/linear.h"

#include <sluice/dma_map.h>

/* The fields that the map-like sub-ops have in common. */
struct dma_description {
	uint32_t permissions;
	uint32_t kind;
	uint64_t base;
	uint64_t frames;
	uint64_t pages;
};

/* dma_is_permission() - Not 0, no unknown bit, exact in the table's format. */
bool dma_is_permission(uint32_t permissions);

/**
 * dma_read_frames() - Guest frame numbers into dg->scratch.frames, read once.
 * Return: false for a bad kind, count, base or an unreadable list.
 */
bool dma_read_frames(const struct guest_caller *c, struct dma_guest *dg,
		     const struct dma_description *d);

/**
 * dma_resolve_frames() - scratch.frames to scratch.pages, in place.
 * Return: false when one is no RAM of the guest.
 */
bool dma_resolve_frames(struct guest *g, struct dma_guest *dg, uint64_t pages);

/* dma_is_in_width() - The domain's width holds all of the range. */
bool dma_is_in_width(uint64_t start, uint64_t pages);
