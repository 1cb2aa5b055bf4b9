// SPDX-License-Identifier: MIT
/* What several guests do with the gate, with the step that each is. */
#include "lib/dma.h"

#include "guests/steps.h"
#include "lib/hypercall.h"
#include "lib/report.h"

#include <sluice/dma_iommu_types.h>

uint64_t dma_open(uint32_t type)
{
	struct sluice_create_domain create = {.type = type};

	REPORT(STEP_CREATE, SLUICE_CALL(create_domain, &create), STATUS_SUCCESS,
	       create.domain);
	return create.domain;
}

uint64_t dma_token(uint32_t sbdf)
{
	struct sluice_create_device create = {.sbdf = sbdf};

	REPORT(STEP_TOKEN, SLUICE_CALL(create_device, &create), STATUS_SUCCESS,
	       create.device);
	return create.device;
}

void dma_attach(uint64_t domain, uint64_t token)
{
	struct sluice_attach_device attach = {
		.domain = domain,
		.device = token,
	};

	REPORT(STEP_ATTACH, SLUICE_CALL(attach_device, &attach), STATUS_SUCCESS,
	       token);
}

void dma_detach(uint64_t token)
{
	struct sluice_device_ref detach = {.device = token};

	REPORT(STEP_DETACH, SLUICE_CALL(detach_device, &detach), STATUS_SUCCESS,
	       token);
}

void dma_map(uint64_t domain, uint64_t base, uint64_t logical,
	     uint32_t permissions)
{
	struct sluice_map map = {
		.domain = domain,
		.permissions = permissions,
		.kind = SLUICE_MAP_CONTIGUOUS,
		.base = base,
		.pages = 1,
		.logical_address = logical,
		.has_logical_address = 1,
	};

	REPORT(STEP_MAP, SLUICE_CALL(map, &map), STATUS_SUCCESS, logical);
}

void dma_unmap(uint64_t domain, uint64_t logical)
{
	struct sluice_unmap unmap = {
		.domain = domain,
		.logical_address = logical,
		.pages = 1,
	};

	REPORT(STEP_UNMAP, SLUICE_CALL(unmap, &unmap), STATUS_SUCCESS, logical);
}
