// SPDX-License-Identifier: MIT
/* A fixed table of slots; the lock belongs to whoever owns the table. */
#include "lib/idmap.h"

#include "lib/bits.h"
#include "lib/check.h"

#define HANDLE_KIND	  GENMASK(3, 0)
#define HANDLE_INDEX	  GENMASK(15, 4)
#define HANDLE_GENERATION GENMASK(55, 16)

static uint64_t handle_of(const struct idmap *map, uint32_t index)
{
	return field_prep(HANDLE_KIND, map->kind) |
	       field_prep(HANDLE_INDEX, index + 1) |
	       field_prep(HANDLE_GENERATION, map->slots[index].generation);
}

/* The slot that @handle names, or NULL when it names no live object. */
static struct idmap_slot *slot_of(const struct idmap *map, uint64_t handle)
{
	uint64_t number = field_get(HANDLE_INDEX, handle);

	if (number == 0 || number > map->count) {
		return NULL;
	}
	if (map->slots[number - 1].object == NULL ||
	    handle_of(map, (uint32_t)number - 1) != handle) {
		return NULL;
	}
	return &map->slots[number - 1];
}

void idmap_init(struct idmap *map, struct idmap_slot *slots, uint32_t count,
		uint8_t kind)
{
	CHECK(count <= IDMAP_SLOTS_MAX && kind >= 1 && kind <= 15);
	*map = (struct idmap){.slots = slots, .count = count, .kind = kind};
}

uint64_t idmap_add(struct idmap *map, void *object)
{
	CHECK(object != NULL);
	for (uint32_t i = 0; i < map->count; i++) {
		if (map->slots[i].object == NULL) {
			map->slots[i].object = object;
			map->slots[i].generation++;
			map->used++;
			return handle_of(map, i);
		}
	}
	return 0;
}

void *idmap_find(const struct idmap *map, uint64_t handle)
{
	struct idmap_slot *slot = slot_of(map, handle);

	return slot != NULL ? slot->object : NULL;
}

void idmap_remove(struct idmap *map, uint64_t handle)
{
	struct idmap_slot *slot = slot_of(map, handle);

	CHECK(slot != NULL);
	slot->object = NULL;
	map->used--;
}

void *idmap_at(const struct idmap *map, uint32_t n, uint64_t *handle)
{
	for (uint32_t i = 0; i < map->count; i++) {
		if (map->slots[i].object != NULL && n-- == 0) {
			*handle = handle_of(map, i);
			return map->slots[i].object;
		}
	}
	return NULL;
}
