// SPDX-License-Identifier: MIT
/*
 * Rings of fault records, addressed by sequence number: record n stands in slot
 * n modulo the ring's size until record n + size takes its place. One lock over
 * all of them.
 */
#include "iommu/fault.h"

#include "arch/time.h"
#include "base/spinlock.h"
#include "iommu/storm.h"
#include "lib/string.h"

struct ring {
	struct sluice_fault *record;
	uint32_t size;
	uint32_t storms;
	uint64_t total; /* records ever made = next sequence number */
	uint64_t lost;	/* records that a unit could not keep       */
};

struct guest_log {
	bool is_open;
	uint16_t guest;
	struct ring ring;
	struct sluice_fault record[FAULT_GUEST_RECORDS];
};

/* Apart from the logs, so that the logs stay in .bss. */
static struct spinlock lock = SPINLOCK_INIT(LOCK_FAULT_LOG);

/* Protected by lock. */
static struct sluice_fault machine_record[FAULT_LOG_RECORDS];
static struct ring machine = {machine_record, FAULT_LOG_RECORDS, 0, 0, 0};
static struct guest_log guests[FAULT_GUESTS_MAX];

static struct guest_log *log_of(uint16_t guest)
{
	for (unsigned i = 0; i < FAULT_GUESTS_MAX; i++) {
		if (guests[i].is_open && guests[i].guest == guest) {
			return &guests[i];
		}
	}
	return NULL;
}

void fault_open(uint16_t guest)
{
	struct guest_log *log;

	spin_lock(&lock);
	log = log_of(guest);
	for (unsigned i = 0; log == NULL && i < FAULT_GUESTS_MAX; i++) {
		log = guests[i].is_open ? NULL : &guests[i];
	}
	if (log != NULL) {
		log->is_open = true;
		log->guest = guest;
		log->ring = (struct ring){log->record, FAULT_GUEST_RECORDS, 0,
					  0, 0};
	}
	spin_unlock(&lock);
}

void fault_close(uint16_t guest)
{
	struct guest_log *log;

	spin_lock(&lock);
	log = log_of(guest);
	if (log != NULL) {
		log->is_open = false;
	}
	spin_unlock(&lock);
}

static void add(struct ring *ring, struct sluice_fault fault)
{
	fault.sequence = ring->total;
	ring->record[ring->total % ring->size] = fault;
	ring->total++;
}

bool fault_record(struct sluice_fault fault)
{
	struct guest_log *log;
	bool is_storm;

	fault.time_ns = time_now_ns();
	spin_lock(&lock);
	is_storm = storm_note(fault.sbdf, fault.time_ns);
	add(&machine, fault);
	machine.storms += is_storm;
	log = log_of(fault.guest);
	if (log != NULL) {
		add(&log->ring, fault);
		log->ring.storms += is_storm;
	}
	spin_unlock(&lock);
	return is_storm;
}

void fault_heard(uint32_t sbdf)
{
	spin_lock(&lock);
	storm_heard(sbdf);
	spin_unlock(&lock);
}

void fault_lost(uint64_t records)
{
	spin_lock(&lock);
	machine.lost += records;
	spin_unlock(&lock);
}

/* Sequence number of the oldest record still there. */
static uint64_t oldest(const struct ring *ring)
{
	return ring->total > ring->size ? ring->total - ring->size : 0;
}

static uint32_t read_ring(const struct ring *ring, uint64_t *sequence,
			  struct sluice_fault *out, uint32_t max,
			  struct fault_totals *totals)
{
	uint32_t count = 0;

	if (*sequence < oldest(ring)) {
		*sequence = oldest(ring);
	}
	if (*sequence > ring->total) {
		*sequence = ring->total;
	}
	while (count < max && *sequence < ring->total) {
		out[count++] = ring->record[*sequence % ring->size];
		(*sequence)++;
	}
	*totals = (struct fault_totals){
		.total = ring->total,
		.dropped = ring->lost + oldest(ring),
		.storms = ring->storms,
	};
	return count;
}

uint32_t fault_read(uint64_t *sequence, struct sluice_fault *out, uint32_t max,
		    struct fault_totals *totals)
{
	uint32_t count;

	spin_lock(&lock);
	count = read_ring(&machine, sequence, out, max, totals);
	spin_unlock(&lock);
	return count;
}

uint32_t fault_read_of(uint16_t guest, uint64_t *sequence,
		       struct sluice_fault *out, uint32_t max,
		       struct fault_totals *totals)
{
	static const struct ring none = {.size = 1};
	const struct guest_log *log;
	uint32_t count;

	spin_lock(&lock);
	log = log_of(guest);
	count = read_ring(log != NULL ? &log->ring : &none, sequence, out, max,
			  totals);
	spin_unlock(&lock);
	return count;
}

void fault_reset(void)
{
	spin_lock(&lock);
	machine = (struct ring){machine_record, FAULT_LOG_RECORDS, 0, 0, 0};
	memset(guests, 0, sizeof(guests));
	storm_reset();
	spin_unlock(&lock);
}
