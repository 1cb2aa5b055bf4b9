/* SPDX-License-Identifier: MIT */
/*
 * What the fake carrier of fake_carrier.h records of a call, and what it fills
 * in where a call succeeds.
 */
#pragma once

#include <sluice/sluice.h>

#define CALLS_MAX     2200
#define OPS_MAX	      64
#define FAULTS_OF_ALL 40

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
		struct sluice_allocate_range range;
		struct sluice_range_ref free;
		struct sluice_identity identity;
		struct sluice_reserve_token reserve;
		struct sluice_map_token map_token;
		struct sluice_unmap_token unmap_token;
		struct sluice_configure configure;
		struct sluice_flush_list flush;
		struct sluice_attach_pasid pasid;
		unsigned char bytes[128];
	};
	struct sluice_reserved_region region[SLUICE_REGIONS_MAX];
	uint64_t first; /* first element of a list of numbers */
};

struct fake_answers {
	struct call call[CALLS_MAX];
	int count;
	/* The call of this index fails so; -1: none. */
	int fails_at;
	NTSTATUS status;
	long code;
	/* Calls of an op answer so; 0: SUCCESS. */
	NTSTATUS answer[OPS_MAX];
	/* What there is. */
	uint64_t sequence;
	uint32_t types;
	uint64_t tokens;
	struct sluice_device_info owned;
	struct sluice_fault fault[FAULTS_OF_ALL];
	uint64_t fault_count;
};

extern struct fake_answers fake;

/* record() - Keep a call, and what the lists hold that it points at. */
void record(struct call *call, uint32_t op, void *argument, size_t size);

/* fill() - The outputs of a call that succeeds. Return: its status. */
NTSTATUS fill(uint32_t op, void *argument);
