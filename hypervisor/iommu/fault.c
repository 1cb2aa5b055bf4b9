// SPDX-License-Identifier: MIT
/*
 * A ring of fault records, addressed by sequence number: record n stands in
 * slot n modulo the ring's size until record n + size takes its place.
 */
#include "iommu/fault.h"

#include "arch/time.h"
#include "base/spinlock.h"

/* Protected by lock. */
static struct {
	struct spinlock lock;
	struct sluice_fault record[FAULT_LOG_RECORDS];
	uint64_t total; /* records ever made = next sequence number */
	uint64_t lost;	/* records that a unit could not keep       */
} state = {.lock = SPINLOCK_INIT(LOCK_FAULT_LOG)};

/* Sequence number of the oldest record still there. */
static uint64_t oldest(void)
{
	return state.total > FAULT_LOG_RECORDS ? state.total - FAULT_LOG_RECORDS
					       : 0;
}

void fault_record(struct sluice_fault fault)
{
	fault.time_ns = time_now_ns();
	spin_lock(&state.lock);
	fault.sequence = state.total;
	state.record[state.total % FAULT_LOG_RECORDS] = fault;
	state.total++;
	spin_unlock(&state.lock);
}

void fault_lost(uint64_t records)
{
	spin_lock(&state.lock);
	state.lost += records;
	spin_unlock(&state.lock);
}

uint32_t fault_read(uint64_t *sequence, struct sluice_fault *out, uint32_t max,
		    struct fault_totals *totals)
{
	uint32_t count = 0;

	spin_lock(&state.lock);
	if (*sequence < oldest()) {
		*sequence = oldest();
	}
	if (*sequence > state.total) {
		*sequence = state.total;
	}
	while (count < max && *sequence < state.total) {
		out[count++] = state.record[*sequence % FAULT_LOG_RECORDS];
		(*sequence)++;
	}
	totals->total = state.total;
	totals->dropped = state.lost + oldest();
	spin_unlock(&state.lock);
	return count;
}

void fault_reset(void)
{
	spin_lock(&state.lock);
	state.total = 0;
	state.lost = 0;
	spin_unlock(&state.lock);
}
