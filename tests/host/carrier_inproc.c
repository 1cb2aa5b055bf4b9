// SPDX-License-Identifier: MIT
/*
 * What carrier_xencall.c does with the kernel's help, for a fake guest: the
 * argument and the list that it points at are copied into guest memory, since
 * the hypervisor knows the guest's linear addresses and not this process's.
 */
#include "carrier_inproc.h"

#include "lib/error.h"

#include <string.h>

static struct fake_guest *caller;

void carrier_inproc_use(struct fake_guest *guest)
{
	caller = guest;
}

/* The pointer in an argument, and the bytes behind it; NULL for none. */
static uint64_t *list_of(uint32_t op, void *argument, size_t *bytes)
{
	if (op == SLUICE_OP_create_domain) {
		struct sluice_create_domain *create = argument;

		*bytes = create->region_count <= SLUICE_REGIONS_MAX
				 ? create->region_count *
					   sizeof(struct sluice_reserved_region)
				 : 0;
		return &create->regions;
	}
	if (op == SLUICE_OP_map) {
		struct sluice_map *map = argument;
		bool has_list = map->kind == SLUICE_MAP_FRAMES &&
				map->pages <= SLUICE_MAP_MAX;

		*bytes = has_list ? (size_t)map->pages * sizeof(uint64_t) : 0;
		return &map->frames;
	}
	*bytes = 0;
	return NULL;
}

long sluice_carry_inproc(uint32_t op, void *argument, size_t size)
{
	size_t bytes;
	uint64_t *pointer;
	uint64_t callers = 0;
	long result;

	if (caller == NULL) {
		return -XEN_ENOSYS;
	}
	if (size > SLUICE_ARGUMENT_MAX) {
		return -XEN_E2BIG;
	}
	pointer = list_of(op, argument, &bytes);
	if (bytes != 0) {
		callers = *pointer;
		*pointer = fake_guest_list(
			caller, (const void *)(uintptr_t)callers, bytes);
	}
	result = (long)fake_guest_call(caller, op, argument, size);
	if (bytes != 0) {
		*pointer = callers;
	}
	return result;
}
