/* SPDX-License-Identifier: MIT */
/*
 * A carrier for tests of the library: it records each call, the lists that the
 * call points at as well, and answers SUCCESS but where a test says otherwise.
 *
 * Static, since a suite is one file: each suite that includes it has its own.
 */
#pragma once

#include <check.h>
#include <sluice/sluice.h>
#include <string.h>

#define CALLS_MAX 16

/* One recorded call; the lists that it points at are recorded as well. */
struct call {
	uint32_t op;
	size_t size;
	struct sluice_header header;
	union {
		struct sluice_create_domain create;
		struct sluice_create_device device;
		struct sluice_attach_device attach;
		struct sluice_map map;
		struct sluice_unmap unmap;
		unsigned char bytes[128];
	};
	struct sluice_reserved_region region[SLUICE_REGIONS_MAX];
	uint64_t first_frame;
};

static struct {
	struct call call[CALLS_MAX];
	int count;
	/* The call of this index fails so; -1: none. */
	int fails_at;
	NTSTATUS status;
	long code;
} fake;

static DMA_IOMMU_INTERFACE_EX table;

static void record(struct call *call, uint32_t op, void *argument, size_t size)
{
	call->op = op;
	call->size = size;
	memcpy(&call->header, argument, sizeof(call->header));
	ck_assert_uint_le(size, sizeof(call->bytes));
	memcpy(call->bytes, argument, size);
	if (op == SLUICE_OP_create_domain && call->create.region_count != 0 &&
	    call->create.region_count <= SLUICE_REGIONS_MAX) {
		memcpy(call->region, (void *)(uintptr_t)call->create.regions,
		       call->create.region_count * sizeof(call->region[0]));
	}
	if (op == SLUICE_OP_map && call->map.kind == SLUICE_MAP_FRAMES) {
		memcpy(&call->first_frame, (void *)(uintptr_t)call->map.frames,
		       sizeof(call->first_frame));
	}
}

static long carry_fake(uint32_t op, void *argument, size_t size)
{
	struct sluice_header *header = argument;
	const bool fails = fake.count == fake.fails_at;

	ck_assert_int_lt(fake.count, CALLS_MAX);
	record(&fake.call[fake.count++], op, argument, size);
	if (fails && fake.code != 0) {
		return fake.code;
	}
	header->status = fails ? fake.status : STATUS_SUCCESS;
	if (!fails && op == SLUICE_OP_create_domain) {
		((struct sluice_create_domain *)argument)->domain = 0xd0d0;
	}
	if (!fails && op == SLUICE_OP_create_device) {
		((struct sluice_create_device *)argument)->device = 0xdede;
	}
	if (!fails && op == SLUICE_OP_query_domain_types) {
		((struct sluice_domain_types *)argument)->types = 0x5;
	}
	return 0;
}

static void setup(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.fails_at = -1;
	sluice_set_carrier(carry_fake);
	ck_assert_int_eq(IoGetIommuInterfaceEx(3, 0, &table), STATUS_SUCCESS);
}

static void teardown(void)
{
	sluice_set_carrier(NULL);
}

static void fail_at(int index, NTSTATUS status)
{
	fake.fails_at = index;
	fake.status = status;
}

#define DOMAIN ((PIOMMU_DMA_DOMAIN)0xd0)
#define DEVICE ((PIOMMU_DMA_DEVICE)0xde)
