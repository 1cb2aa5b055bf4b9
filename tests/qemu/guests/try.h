/* SPDX-License-Identifier: MIT */
/*
 * Sub-ops as one-liners for the guests that try what they must not do. Each
 * returns the NTSTATUS.
 */
#pragma once

#include "lib/hypercall.h"

#include <sluice/dma_iommu_types.h>

static inline NTSTATUS try_create_device(uint32_t sbdf, uint64_t *device)
{
	struct sluice_create_device call = {.sbdf = sbdf};
	NTSTATUS status = SLUICE_CALL(create_device, &call);

	*device = call.device;
	return status;
}

static inline NTSTATUS try_create_domain(uint32_t type, uint64_t *domain)
{
	struct sluice_create_domain call = {.type = type};
	NTSTATUS status = SLUICE_CALL(create_domain, &call);

	*domain = call.domain;
	return status;
}

static inline NTSTATUS try_delete_domain(uint64_t domain)
{
	struct sluice_domain_ref call = {.domain = domain};

	return SLUICE_CALL(delete_domain, &call);
}

static inline NTSTATUS try_delete_device(uint64_t device)
{
	struct sluice_device_ref call = {.device = device};

	return SLUICE_CALL(delete_device, &call);
}

static inline NTSTATUS try_attach(uint64_t domain, uint64_t device)
{
	struct sluice_attach_device call = {.domain = domain, .device = device};

	return SLUICE_CALL(attach_device, &call);
}

static inline NTSTATUS try_detach(uint64_t device)
{
	struct sluice_device_ref call = {.device = device};

	return SLUICE_CALL(detach_device, &call);
}

/* One page, readable and writable, at an explicit address. */
static inline NTSTATUS try_map(uint64_t domain, uint64_t base, uint64_t logical)
{
	struct sluice_map call = {
		.domain = domain,
		.permissions = IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE,
		.kind = SLUICE_MAP_CONTIGUOUS,
		.base = base,
		.pages = 1,
		.logical_address = logical,
		.has_logical_address = 1,
	};

	return SLUICE_CALL(map, &call);
}

static inline NTSTATUS try_unmap(uint64_t domain, uint64_t logical,
				 uint64_t pages)
{
	struct sluice_unmap call = {
		.domain = domain,
		.logical_address = logical,
		.pages = pages,
	};

	return SLUICE_CALL(unmap, &call);
}

/* try_left() - Domains, tokens and mapped pages that the caller has. */
static inline uint64_t try_left(void)
{
	struct sluice_inventory call = {.guest = SLUICE_GUEST_SELF};

	if (SLUICE_CALL(inventory, &call) != STATUS_SUCCESS) {
		return UINT64_MAX;
	}
	return call.domain_count + call.device_count + call.attached_count +
	       call.mapped_pages;
}
