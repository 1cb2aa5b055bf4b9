/* SPDX-License-Identifier: MIT */
/*
 * Which sub-ops point at a list, for carriers that have to copy it.
 */
#include "carrier.h"

_Static_assert(SLUICE_MAP_MAX * sizeof(uint64_t) <= SLUICE_PAGE_BYTES &&
		       SLUICE_FLUSH_MAX * sizeof(uint64_t) <=
			       SLUICE_PAGE_BYTES &&
		       SLUICE_REGIONS_MAX *
				       sizeof(struct sluice_reserved_region) <=
			       SLUICE_PAGE_BYTES,
	       "each list is at most one page");

static size_t frames_bytes(uint32_t kind, uint64_t pages)
{
	return kind == SLUICE_MAP_FRAMES && pages <= SLUICE_MAP_MAX
		       ? (size_t)pages * sizeof(uint64_t)
		       : 0;
}

static uint64_t *list_of(uint32_t op, void *argument, size_t *bytes)
{
	struct sluice_create_domain *create = argument;
	struct sluice_map *map = argument;
	struct sluice_identity *identity = argument;
	struct sluice_map_token *token = argument;
	struct sluice_flush_list *flush = argument;

	switch (op) {
	case SLUICE_OP_create_domain:
		*bytes = create->region_count <= SLUICE_REGIONS_MAX
				 ? create->region_count *
					   sizeof(struct sluice_reserved_region)
				 : 0;
		return &create->regions;
	case SLUICE_OP_map:
		*bytes = frames_bytes(map->kind, map->pages);
		return &map->frames;
	case SLUICE_OP_map_identity:
	case SLUICE_OP_unmap_identity:
		*bytes = frames_bytes(identity->kind, identity->pages);
		return &identity->frames;
	case SLUICE_OP_map_token:
		*bytes = frames_bytes(token->kind, token->pages);
		return &token->frames;
	case SLUICE_OP_flush_list:
		*bytes = flush->count <= SLUICE_FLUSH_MAX
				 ? flush->count * sizeof(uint64_t)
				 : 0;
		return &flush->addresses;
	default:
		*bytes = 0;
		return NULL;
	}
}

uint64_t *carrier_list(uint32_t op, void *argument, size_t *bytes)
{
	uint64_t *list = list_of(op, argument, bytes);

	return *bytes == 0 ? NULL : list;
}
