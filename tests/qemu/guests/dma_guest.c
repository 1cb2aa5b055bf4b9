/* SPDX-License-Identifier: MIT */
/*
 * A device's DMA lands where its domain says, and nowhere else.
 *
 * An amd64 guest with an edu device speaks the contract through libsluice. It
 * first lets the device try while it is attached to nothing. Then it maps two
 * pages at logical addresses that are not their guest-physical ones, and lets
 * the device carry bytes from one to the other. Then the device is sent to a
 * page that is not mapped, by that page's own guest-physical address: a
 * hypervisor that let the device through untranslated would hit it. At last
 * the target is unmapped, and the same logical address must be closed at once,
 * although the IOMMU had it cached.
 *
 * The guest stops before each stage, so that the control domain can write the
 * patterns and look at memory and fault log itself; edu tells nobody that its
 * access was blocked.
 */
#include "guests/steps.h"
#include "lib/edu.h"
#include "lib/hypercall.h"
#include "lib/report.h"

#include <sluice/sluice.h>

static DMA_IOMMU_INTERFACE_EX io;
static PIOMMU_DMA_DOMAIN domain;
static PIOMMU_DMA_DEVICE token;
static struct edu edu;

static volatile uint32_t *page(uint32_t address)
{
	return (volatile uint32_t *)(uintptr_t)address;
}

static bool words_equal(uint32_t left, uint32_t right)
{
	for (uint32_t i = 0; i < COPY_BYTES / 4; i++) {
		if (page(left)[i] != page(right)[i]) {
			return false;
		}
	}
	return true;
}

static void map_page(uint32_t address, uint64_t logical, uint32_t permissions)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = {
		.MapType = MapPhysicalAddressTypeContiguousRange,
	};
	IOMMU_DMA_LOGICAL_ADDRESS wanted = logical, got = 0;
	NTSTATUS status;

	memory.ContiguousRange.Base = address;
	memory.ContiguousRange.Size = SLUICE_PAGE_BYTES;
	status = io.V2.MapLogicalRangeEx(domain, permissions, &memory, &wanted,
					 NULL, NULL, &got);
	REPORT(STEP_MAP, status, STATUS_SUCCESS, got);
}

static void create(void)
{
	DEVICE_OBJECT object = {edu.sbdf};
	IOMMU_DMA_DOMAIN_CREATION_FLAGS none = {.AsUlonglong = 0};
	ULONG types = 0;
	NTSTATUS status;

	REPORT(STEP_BLOCKED,
	       edu_copy(&edu, EDU_WRITES_MEMORY, PAGE_EARLY, 0, COPY_BYTES),
	       true, PAGE_EARLY);
	status =
		IoGetIommuInterfaceEx(DMA_IOMMU_INTERFACE_EX_VERSION_2, 0, &io);
	REPORT(STEP_INTERFACE, status, STATUS_SUCCESS, io.Size);
	status = io.V2.CreateDomainEx(
		(IOMMU_DMA_DOMAIN_TYPE)report.argument[ARGUMENT_TYPE], none,
		NULL, NULL, &domain);
	REPORT(STEP_CREATE, status, STATUS_SUCCESS, (uintptr_t)domain);
	status = io.V2.CreateDevice(&object, NULL, &token);
	REPORT(STEP_TOKEN, status, STATUS_SUCCESS, (uintptr_t)token);
	io.V2.QueryAvailableDomainTypes(token, &types);
	REPORT(STEP_TYPES, types, REPORT_ANY, 0);
	REPORT(STEP_ATTACH, io.V2.AttachDeviceEx(domain, token), STATUS_SUCCESS,
	       0);
	REPORT(STEP_IN_USE, io.V2.DeleteDomain(domain), STATUS_RESOURCE_IN_USE,
	       0);
	map_page(PAGE_SOURCE, LOGICAL_SOURCE, IOMMU_ACCESS_READ);
	map_page(PAGE_TARGET, LOGICAL_TARGET,
		 IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE);
}

static void copy(void)
{
	REPORT(STEP_COPY_IN,
	       edu_copy(&edu, EDU_READS_MEMORY, LOGICAL_SOURCE, 0, COPY_BYTES),
	       true, 0);
	REPORT(STEP_COPY_OUT,
	       edu_copy(&edu, EDU_WRITES_MEMORY, LOGICAL_TARGET, 0, COPY_BYTES),
	       true, 0);
	REPORT(STEP_COPY_EQUAL, words_equal(PAGE_SOURCE, PAGE_TARGET), true, 0);
}

/* The buffer still holds the source's bytes; the canary must not get them. */
static void write_outside(void)
{
	REPORT(STEP_BAD_WRITE,
	       edu_copy(&edu, EDU_WRITES_MEMORY, PAGE_CANARY, 0, COPY_BYTES),
	       true, PAGE_CANARY);
}

/* What the device reads outside must not turn up in the target. */
static void read_outside(void)
{
	REPORT(STEP_BAD_READ,
	       edu_copy(&edu, EDU_READS_MEMORY, PAGE_CANARY, 0, COPY_BYTES),
	       true, PAGE_CANARY);
	REPORT(STEP_COPY_OUT,
	       edu_copy(&edu, EDU_WRITES_MEMORY, LOGICAL_TARGET, 0, COPY_BYTES),
	       true, 0);
	REPORT(STEP_SECRET_KEPT, words_equal(PAGE_CANARY, PAGE_TARGET), false,
	       0);
}

static void unmap(void)
{
	REPORT(STEP_UNMAP, io.V2.UnmapLogicalRange(domain, LOGICAL_TARGET, 1),
	       STATUS_SUCCESS, 0);
	REPORT(STEP_COPY_IN,
	       edu_copy(&edu, EDU_READS_MEMORY, LOGICAL_SOURCE, 0, COPY_BYTES),
	       true, 0);
	REPORT(STEP_WRITE_CLOSED,
	       edu_copy(&edu, EDU_WRITES_MEMORY, LOGICAL_TARGET, 0, COPY_BYTES),
	       true, LOGICAL_TARGET);
}

static void delete (void)
{
	struct sluice_inventory left = {.guest = SLUICE_GUEST_SELF};

	REPORT(STEP_DETACH, io.V2.DetachDeviceEx(token), STATUS_SUCCESS, 0);
	REPORT(STEP_DELETE_TOKEN, io.V2.DeleteDevice(token), STATUS_SUCCESS, 0);
	REPORT(STEP_DELETE, io.V2.DeleteDomain(domain), STATUS_SUCCESS, 0);
	if (SLUICE_CALL(inventory, &left) != STATUS_SUCCESS) {
		left.domain_count = UINT32_MAX;
	}
	REPORT(STEP_LEFT,
	       left.domain_count + left.device_count + left.attached_count +
		       left.mapped_pages,
	       0, left.table_pages);
}

void guest_main(void)
{
	static void (*const stages[])(void) = {
		[STAGE_CREATE] = create,       [STAGE_COPY] = copy,
		[STAGE_WRITE] = write_outside, [STAGE_READ] = read_outside,
		[STAGE_UNMAP] = unmap,	       [STAGE_DELETE] = delete,
	};

	sluice_set_carrier(sluice_carry_vmmcall);
	int32_t found = edu_find(&edu);

	REPORT(STEP_EDU_FOUND, found, STATUS_SUCCESS, edu.sbdf);
	if (found != STATUS_SUCCESS) {
		return;
	}
	REPORT(STEP_EDU_ID, edu_identification(&edu), EDU_IDENTIFICATION, 0);
	REPORT(STEP_EDU_ALIVE, edu_is_alive(&edu), true, 0);
	for (uint32_t stage = STAGE_CREATE; stage < STAGE_LEAVE; stage++) {
		report_wait(stage);
		stages[stage]();
	}
	report_wait(STAGE_LEAVE);
}
