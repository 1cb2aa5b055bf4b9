/* SPDX-License-Identifier: MIT */
/*
 * The library over the gate in one process: each function of the contract down
 * to what a device reaches, where the suites library_* look at the calls alone.
 */
#pragma once

#include "carrier_inproc.h"
#include "fake_nest.h"
#include "service_fixture.h"

#include <string.h>

#define CREATED(kind) v3.CreateDomainEx((kind), no_flags, NULL, NULL, &domain)
#define NOTHING	      ((PVOID)(uintptr_t)0x1234)

static const IOMMU_DMA_DOMAIN_CREATION_FLAGS no_flags = {.AsUlonglong = 0};
static struct fake_guest *g;
static DMA_IOMMU_INTERFACE_V3 v3;
static DMA_IOMMU_INTERFACE v1;
static PIOMMU_DMA_DOMAIN domain;
static PIOMMU_DMA_DEVICE device;
static DEVICE_OBJECT pdo = {.Sbdf = V1};

/* From now on the library calls for @guest. */
static inline void use(struct fake_guest *guest)
{
	DMA_IOMMU_INTERFACE_EX table;

	g = guest;
	carrier_inproc_use(guest);
	sluice_set_carrier(sluice_carry_inproc);
	ANSWERS(STATUS_SUCCESS, IoGetIommuInterfaceEx(3, 0, &table));
	v3 = table.V3;
	ANSWERS(STATUS_SUCCESS, IoGetIommuInterface(1, &v1));
}

static inline PIOMMU_DMA_DOMAIN make(IOMMU_DMA_DOMAIN_TYPE type)
{
	PIOMMU_DMA_DOMAIN made = NULL;

	ANSWERS(STATUS_SUCCESS,
		v3.CreateDomainEx(type, no_flags, NULL, NULL, &made));
	return made;
}

static inline PIOMMU_DMA_DOMAIN make_buddy(ULONG width)
{
	IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG config = {
		.LogicalAllocatorType = IommuDmaLogicalAllocatorBuddy,
		.BuddyAllocatorConfig.AddressWidth = width};
	PIOMMU_DMA_DOMAIN made = NULL;

	ANSWERS(STATUS_SUCCESS, v3.CreateDomainEx(DomainTypeTranslate, no_flags,
						  &config, NULL, &made));
	return made;
}

/* A domain with one region that is kept free. */
static inline PIOMMU_DMA_DOMAIN make_reserved(ULONGLONG base, SIZE_T pages)
{
	IOMMU_DMA_RESERVED_REGION region = {.Base = base,
					    .NumberOfPages = pages};
	PIOMMU_DMA_DOMAIN made = NULL;

	ANSWERS(STATUS_SUCCESS, v3.CreateDomainEx(DomainTypeTranslate, no_flags,
						  NULL, &region, &made));
	return made;
}

static inline PIOMMU_DMA_DEVICE token_of(DEVICE_OBJECT *of)
{
	PIOMMU_DMA_DEVICE made = NULL;

	ANSWERS(STATUS_SUCCESS, v3.CreateDevice(of, NULL, &made));
	return made;
}

/* D1 in a new domain of @type. */
static inline void attach_new(IOMMU_DMA_DOMAIN_TYPE type)
{
	domain = make(type);
	device = token_of(&pdo);
	ANSWERS(STATUS_SUCCESS, v3.AttachDeviceEx(domain, device));
}

static inline IOMMU_MAP_PHYSICAL_ADDRESS run_of(uint64_t gpa, SIZE_T pages)
{
	return (IOMMU_MAP_PHYSICAL_ADDRESS){
		.MapType = MapPhysicalAddressTypeContiguousRange,
		.ContiguousRange.Base = (PHYSICAL_ADDRESS)gpa,
		.ContiguousRange.Size = pages * PAGE_BYTES};
}

static inline IOMMU_MAP_PHYSICAL_ADDRESS list_of(PFN_NUMBER *frames,
						 SIZE_T pages)
{
	return (IOMMU_MAP_PHYSICAL_ADDRESS){.MapType =
						    MapPhysicalAddressTypePfn,
					    .PfnArray.PageFrame = frames,
					    .PfnArray.NumberOfPages = pages};
}

/* The default machine behind a unit that nests and tells PASIDs apart. */
static inline void boot_nesting(void)
{
	fake_nest_boot(&(struct fake_nest_config){.can_nest = true,
						  .pasid_count = 64});
}
