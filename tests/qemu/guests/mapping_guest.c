/* SPDX-License-Identifier: MIT */
/*
 * Each way of mapping memory that the contract has leads a device where it
 * says, and unmapping closes it.
 *
 * Every stage carries PAGE_SOURCE to PAGE_TARGET by DMA, through mappings made
 * in a way of its own, and then sends the device to an address that led, or
 * might have led, to PAGE_CANARY. The control domain writes all three pages
 * before a stage and looks at them after it. Works through libsluice.
 */
#include "guests/steps.h"
#include "lib/edu.h"
#include "lib/hypercall.h"
#include "lib/report.h"

#include <sluice/sluice.h>

#define RW (IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE)

/* Logical addresses, multiples of 2 MiB. */
#define LA_A 0x40000000u
#define LA_B 0x50000000u

#define LARGE_BASE  0x200000u /* 2 MiB of memory that hold the three pages */
#define LARGE_PAGES 512u
#define LONG_PAGES  1300u /* more than two calls take */
#define LONG_BASE   0x400000u
#define TOKEN_PAGES 64u

static DMA_IOMMU_INTERFACE_EX io;
static PIOMMU_DMA_DOMAIN domain;
static PIOMMU_DMA_DEVICE token;
static struct edu edu;
static PFN_NUMBER frames[LONG_PAGES];

/* ---- one-liners ---- */

static IOMMU_MAP_PHYSICAL_ADDRESS range(uint64_t base, uint64_t pages)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = {
		.MapType = MapPhysicalAddressTypeContiguousRange,
	};

	memory.ContiguousRange.Base = base;
	memory.ContiguousRange.Size = pages * SLUICE_PAGE_BYTES;
	return memory;
}

static NTSTATUS map_memory(IOMMU_MAP_PHYSICAL_ADDRESS memory, uint64_t logical,
			   uint32_t permissions)
{
	IOMMU_DMA_LOGICAL_ADDRESS wanted = logical, got;

	return io.V2.MapLogicalRangeEx(domain, permissions, &memory, &wanted,
				       NULL, NULL, &got);
}

static NTSTATUS map_page(uint64_t base, uint64_t logical, uint32_t permissions)
{
	return map_memory(range(base, 1), logical, permissions);
}

static NTSTATUS map_anywhere(uint64_t base, uint32_t permissions,
			     IOMMU_DMA_LOGICAL_ADDRESS *logical)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = range(base, 1);

	return io.V2.MapLogicalRangeEx(domain, permissions, &memory, NULL, NULL,
				       NULL, logical);
}

static NTSTATUS identity(uint64_t base, uint32_t permissions)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = range(base, 1);

	return permissions != 0
		       ? io.V2.MapIdentityRangeEx(domain, permissions, &memory)
		       : io.V2.UnmapIdentityRangeEx(domain, &memory);
}

static uint64_t table_pages(void)
{
	struct sluice_inventory call = {.guest = SLUICE_GUEST_SELF};

	return SLUICE_CALL(inventory, &call) == STATUS_SUCCESS
		       ? call.table_pages
		       : UINT64_MAX;
}

/* ---- what every stage begins and ends with ---- */

static void begin(IOMMU_DMA_DOMAIN_TYPE type,
		  PIOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG allocator,
		  PIOMMU_DMA_RESERVED_REGION regions)
{
	IOMMU_DMA_DOMAIN_CREATION_FLAGS none = {.AsUlonglong = 0};

	REPORT(STEP_CREATE,
	       io.V2.CreateDomainEx(type, none, allocator, regions, &domain),
	       STATUS_SUCCESS, (uintptr_t)domain);
	REPORT(STEP_ATTACH, io.V2.AttachDeviceEx(domain, token), STATUS_SUCCESS,
	       0);
}

static void carry(uint64_t from, uint64_t to)
{
	REPORT(STEP_COPY_IN,
	       edu_copy(&edu, EDU_READS_MEMORY, from, 0, COPY_BYTES), true,
	       from);
	REPORT(STEP_COPY_OUT,
	       edu_copy(&edu, EDU_WRITES_MEMORY, to, 0, COPY_BYTES), true, to);
}

/* The buffer is full of PAGE_SOURCE. */
static void try_closed(uint64_t logical)
{
	REPORT(STEP_BAD_WRITE,
	       edu_copy(&edu, EDU_WRITES_MEMORY, logical, 0, COPY_BYTES), true,
	       logical);
}

static void end(void)
{
	REPORT(STEP_DETACH, io.V2.DetachDeviceEx(token), STATUS_SUCCESS, 0);
	REPORT(STEP_DELETE, io.V2.DeleteDomain(domain), STATUS_SUCCESS, 0);
}

/* ---- stages ---- */

static void by_identity(void)
{
	begin(DomainTypeTranslate, NULL, NULL);
	REPORT(STEP_MAP, identity(PAGE_SOURCE, IOMMU_ACCESS_READ),
	       STATUS_SUCCESS, 0);
	REPORT(STEP_MAP, identity(PAGE_TARGET, RW), STATUS_SUCCESS, 0);
	REPORT(STEP_MAP, identity(PAGE_CANARY, RW), STATUS_SUCCESS, 0);
	carry(PAGE_SOURCE, PAGE_TARGET);
	REPORT(STEP_UNMAP, identity(PAGE_CANARY, 0), STATUS_SUCCESS, 0);
	try_closed(PAGE_CANARY);
	end();
}

static void by_allocator(void)
{
	IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG buddy = {
		.LogicalAllocatorType = IommuDmaLogicalAllocatorBuddy,
	};
	IOMMU_DMA_LOGICAL_ADDRESS source = 0, target = 0, canary = 0;

	buddy.BuddyAllocatorConfig.AddressWidth = 32;
	begin(DomainTypeTranslate, &buddy, NULL);
	REPORT(STEP_MAP, map_anywhere(PAGE_SOURCE, IOMMU_ACCESS_READ, &source),
	       STATUS_SUCCESS, source);
	REPORT(STEP_MAP, map_anywhere(PAGE_TARGET, RW, &target), STATUS_SUCCESS,
	       target);
	REPORT(STEP_MAP, map_anywhere(PAGE_CANARY, RW, &canary), STATUS_SUCCESS,
	       canary);
	REPORT(STEP_PAGE_ZERO, source != 0 && target != 0 && canary != 0, true,
	       0);
	carry(source, target);
	REPORT(STEP_UNMAP, io.V2.UnmapLogicalRange(domain, canary, 1),
	       STATUS_SUCCESS, 0);
	try_closed(canary);
	end();
}

static void by_token(void)
{
	IOMMU_DMA_LOGICAL_ADDRESS at = LA_A;
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN reserved = NULL;
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment[3];
	const uint64_t offset[3] = {0, (TOKEN_PAGES - 1) * SLUICE_PAGE_BYTES,
				    5 * SLUICE_PAGE_BYTES};
	const uint64_t page[3] = {PAGE_SOURCE, PAGE_TARGET, PAGE_CANARY};
	uint64_t tables;

	begin(DomainTypeTranslate, NULL, NULL);
	REPORT(STEP_RESERVE,
	       io.V2.ReserveLogicalAddressRange(domain,
						TOKEN_PAGES * SLUICE_PAGE_BYTES,
						&at, NULL, NULL, &reserved),
	       STATUS_SUCCESS, 0);
	tables = table_pages();
	for (uint32_t i = 0; i < 3; i++) {
		IOMMU_MAP_PHYSICAL_ADDRESS memory = range(page[i], 1);

		REPORT(STEP_MAP,
		       io.V2.MapReservedLogicalRange(reserved, offset[i], RW,
						     &memory, &segment[i]),
		       STATUS_SUCCESS, offset[i]);
	}
	carry(LA_A + offset[0], LA_A + offset[1]);
	REPORT(STEP_UNMAP, io.V2.UnmapReservedLogicalRange(&segment[2]),
	       STATUS_SUCCESS, 0);
	try_closed(LA_A + offset[2]);
	REPORT(STEP_TABLES, table_pages() == tables, true, tables);
	REPORT(STEP_UNMAP, io.V2.UnmapReservedLogicalRange(&segment[0]),
	       STATUS_SUCCESS, 0);
	REPORT(STEP_UNMAP, io.V2.UnmapReservedLogicalRange(&segment[1]),
	       STATUS_SUCCESS, 0);
	REPORT(STEP_RESERVE, io.V2.FreeReservedLogicalAddressRange(reserved),
	       STATUS_SUCCESS, 0);
	end();
}

/* 2 MiB at once; then one page of it goes, and its neighbours stay. */
static void by_large_page(void)
{
	const uint64_t hole = LA_A + (PAGE_CANARY - LARGE_BASE);

	begin(DomainTypeTranslate, NULL, NULL);
	REPORT(STEP_MAP, map_memory(range(LARGE_BASE, LARGE_PAGES), LA_A, RW),
	       STATUS_SUCCESS, 0);
	carry(LA_A + (PAGE_SOURCE - LARGE_BASE),
	      LA_A + (PAGE_TARGET - LARGE_BASE));
	REPORT(STEP_UNMAP, io.V2.UnmapLogicalRange(domain, hole, 1),
	       STATUS_SUCCESS, hole);
	try_closed(hole);
	carry(LA_A + (PAGE_SOURCE - LARGE_BASE),
	      LA_A + (PAGE_TARGET - LARGE_BASE));
	REPORT(STEP_SPLIT, table_pages(), REPORT_ANY, 0);
	end();
}

/* A list of three calls' length; a page in its way refuses it whole. */
static void by_long_list(void)
{
	IOMMU_MAP_PHYSICAL_ADDRESS list = {.MapType =
						   MapPhysicalAddressTypePfn};
	const uint64_t last = (LONG_PAGES - 1) * (uint64_t)SLUICE_PAGE_BYTES;
	const uint64_t in_the_way =
		LA_B + LONG_PAGES / 2 * (uint64_t)SLUICE_PAGE_BYTES;

	for (uint32_t i = 0; i < LONG_PAGES; i++) {
		frames[i] = LONG_BASE / SLUICE_PAGE_BYTES + i;
	}
	list.PfnArray.PageFrame = frames;
	list.PfnArray.NumberOfPages = LONG_PAGES;
	begin(DomainTypeTranslate, NULL, NULL);
	frames[0] = PAGE_CANARY / SLUICE_PAGE_BYTES;
	REPORT(STEP_MAP, map_page(PAGE_SOURCE, in_the_way, RW), STATUS_SUCCESS,
	       0);
	REPORT(STEP_MAP_REFUSED, map_memory(list, LA_B, RW), STATUS_IN_USE, 0);
	frames[0] = PAGE_SOURCE / SLUICE_PAGE_BYTES;
	frames[LONG_PAGES - 1] = PAGE_TARGET / SLUICE_PAGE_BYTES;
	REPORT(STEP_MAP, map_memory(list, LA_A, RW), STATUS_SUCCESS, 0);
	carry(LA_A, LA_A + last);
	try_closed(LA_B);
	REPORT(STEP_UNMAP, io.V2.UnmapLogicalRange(domain, LA_A, LONG_PAGES),
	       STATUS_SUCCESS, 0);
	end();
}

/* A region that the domain was created with: there from the start, for good. */
static void by_region(void)
{
	IOMMU_DMA_RESERVED_REGION hole = {
		.Base = LA_B, .NumberOfPages = 4, .ShouldMap = 0};
	IOMMU_DMA_RESERVED_REGION window = {.RegionNext = &hole,
					    .Base = PAGE_TARGET,
					    .NumberOfPages = 1,
					    .ShouldMap = 1};

	begin(DomainTypeTranslate, NULL, &window);
	REPORT(STEP_MAP, map_page(PAGE_SOURCE, LA_A, IOMMU_ACCESS_READ),
	       STATUS_SUCCESS, 0);
	REPORT(STEP_MAP_REFUSED, map_page(PAGE_CANARY, PAGE_TARGET, RW),
	       STATUS_IN_USE, 0);
	REPORT(STEP_MAP_REFUSED, map_page(PAGE_CANARY, LA_B, RW), STATUS_IN_USE,
	       0);
	carry(LA_A, PAGE_TARGET);
	try_closed(LA_B);
	end();
}

/* The control domain takes the type away between the next three. */
static void by_passthrough(void)
{
	begin(DomainTypePassThrough, NULL, NULL);
	carry(PAGE_SOURCE, PAGE_TARGET);
}

static void without_policy(void)
{
	carry(PAGE_SOURCE, PAGE_TARGET);
	try_closed(PAGE_CANARY);
}

static void with_policy_again(void)
{
	carry(PAGE_SOURCE, PAGE_TARGET);
	end();
}

void guest_main(void)
{
	static void (*const stages[])(void) = {
		by_identity,	by_allocator,	by_token,
		by_large_page,	by_long_list,	by_region,
		by_passthrough, without_policy, with_policy_again,
	};
	const uint32_t count = sizeof(stages) / sizeof(*stages);
	DEVICE_OBJECT object = {0};
	int32_t found = edu_find(&edu);

	sluice_set_carrier(sluice_carry_vmmcall);
	REPORT(STEP_EDU_FOUND, found, STATUS_SUCCESS, edu.sbdf);
	object.Sbdf = edu.sbdf;
	REPORT(STEP_INTERFACE,
	       IoGetIommuInterfaceEx(DMA_IOMMU_INTERFACE_EX_VERSION_2, 0, &io),
	       STATUS_SUCCESS, io.Size);
	REPORT(STEP_TOKEN, io.V2.CreateDevice(&object, NULL, &token),
	       STATUS_SUCCESS, (uintptr_t)token);
	if (report.wrong != 0) {
		return;
	}
	for (uint32_t stage = 0; stage < count; stage++) {
		report_wait(stage + 1);
		stages[stage]();
	}
	REPORT(STEP_DELETE_TOKEN, io.V2.DeleteDevice(token), STATUS_SUCCESS, 0);
	report_wait(count + 1);
}
