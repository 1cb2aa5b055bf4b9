/* SPDX-License-Identifier: MIT */
/*
 * Handles: a small index and a generation, so that a stale handle is known.
 *
 * A handle is generation << 16 | (index + 1) << 4 | kind, never 0. The table
 * has a fixed number of slots; a freed slot's generation moves on, so that a
 * handle does not come back before 2^40 reuses of its slot.
 */
#pragma once

#include "lib/compiler.h"

#define IDMAP_SLOTS_MAX 256u

struct idmap_slot {
	void *object; /* NULL = free */
	uint64_t generation;
};

struct idmap {
	struct idmap_slot *slots;
	uint32_t count; /* slots */
	uint32_t used;
	uint8_t kind; /* 1..15, part of the handle: kinds never mix */
};

/* idmap_init() - Use @slots (zeroed, @count of them, at most the maximum). */
void idmap_init(struct idmap *map, struct idmap_slot *slots, uint32_t count,
		uint8_t kind);

/* idmap_add() - Store @object in the lowest free slot. Return: handle or 0. */
uint64_t idmap_add(struct idmap *map, void *object);

/* idmap_find() - Return: the object, or NULL for a stale or foreign handle. */
void *idmap_find(const struct idmap *map, uint64_t handle);

/* idmap_remove() - Forget a live handle. */
void idmap_remove(struct idmap *map, uint64_t handle);

/* idmap_at() - The n-th live object in index order, its handle in @handle. */
void *idmap_at(const struct idmap *map, uint32_t n, uint64_t *handle);
