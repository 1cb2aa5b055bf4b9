/* SPDX-License-Identifier: MIT */
/*
 * A carrier for tests of the library: it records each call, the lists that the
 * call points at as well, and answers SUCCESS but where a test says otherwise.
 *
 * The record is one for all suites: it is large, and each test's process is
 * searched for leaks by all that is static. The rest is each suite's own.
 */
#pragma once

#include "fake_answers.h"

#include <check.h>
#include <sluice/sluice.h>
#include <string.h>

static DMA_IOMMU_INTERFACE_EX table;

static long carry_fake(uint32_t op, void *argument, size_t size)
{
	struct sluice_header *header = argument;
	const bool fails = fake.count == fake.fails_at;

	ck_assert_int_lt(fake.count, CALLS_MAX);
	record(&fake.call[fake.count++], op, argument, size);
	if (fails && fake.code != 0) {
		return fake.code;
	}
	header->status = fails ? fake.status : fake.answer[op];
	if (header->status == STATUS_SUCCESS) {
		header->status = fill(op, argument);
	}
	return 0;
}

static inline void setup(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.fails_at = -1;
	fake.sequence = 1;
	fake.types = 0x5;
	fake.owned = (struct sluice_device_info){
		.sbdf = 0x20, .is_attached = 1, .domain = 0xd0};
	sluice_set_carrier(carry_fake);
	ck_assert_int_eq(IoGetIommuInterfaceEx(3, 0, &table), STATUS_SUCCESS);
}

static inline void teardown(void)
{
	sluice_set_carrier(NULL);
}

static inline void fail_at(int index, NTSTATUS status)
{
	fake.fails_at = index;
	fake.status = status;
}

/* Every call of an op answers so. */
static inline void answer(uint32_t op, NTSTATUS status)
{
	fake.answer[op] = status;
}

/* Calls of an op so far. */
static inline int calls_of(uint32_t op)
{
	int calls = 0;

	for (int i = 0; i < fake.count; i++) {
		calls += fake.call[i].op == op ? 1 : 0;
	}
	return calls;
}

/* The call of an op that was made @index calls of it ago; 0: the last one. */
static inline const struct call *last_of(uint32_t op, int index)
{
	for (int i = fake.count - 1; i >= 0; i--) {
		if (fake.call[i].op == op && index-- == 0) {
			return &fake.call[i];
		}
	}
	ck_abort_msg("no such call of op %u", op);
	return NULL;
}

#define DOMAIN ((PIOMMU_DMA_DOMAIN)0xd0)
#define DEVICE ((PIOMMU_DMA_DEVICE)0xde)
