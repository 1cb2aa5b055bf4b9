/* SPDX-License-Identifier: MIT */
/*
 * The bounded logs of blocked DMA accesses, in words common to both vendors:
 * the machine's, and one for each guest, so that no guest's faults push out
 * another's or show it how many there are.
 *
 * Units add records; they are read by sequence number, which each log counts
 * for itself from 0. When one is full its oldest go, counted.
 */
#pragma once

#include "lib/compiler.h"

#include <sluice/dma.h>

#define FAULT_LOG_RECORDS   256u /* of the machine */
#define FAULT_GUEST_RECORDS 64u	 /* of one guest   */
#define FAULT_GUESTS_MAX    16u

/* fault_open() - A guest comes: its log is empty, its next number 0. */
void fault_open(uint16_t guest);

/* fault_close() - It goes; nothing where none is open. */
void fault_close(uint16_t guest);

/**
 * fault_record() - Add one; .sequence and .time_ns are filled in here.
 *
 * Return: true when this one makes its requester a storm (iommu/storm.h): the
 * unit is to record no more of it.
 */
bool fault_record(struct sluice_fault fault);

/*
 * fault_heard() - A requester is attached, blocked or let be bus-master anew:
 * it is no more silent, so in a storm its next record counts as one. Else who
 * is silenced would need no more than that to fault on without bound.
 */
void fault_heard(uint32_t sbdf);

/* fault_lost() - Count @records that a unit could not deliver. */
void fault_lost(uint64_t records);

struct fault_totals {
	uint64_t total;
	uint64_t dropped;
	uint32_t storms; /* times that a requester was silenced */
};

/**
 * fault_read() - Copy records from sequence number *@sequence on.
 * @sequence: in: first wanted; out: next to ask for
 * @max:      room in @out
 * Return: records copied.
 */
uint32_t fault_read(uint64_t *sequence, struct sluice_fault *out, uint32_t max,
		    struct fault_totals *totals);

/* fault_read_of() - The same of one guest's log; 0 and zeroes without one. */
uint32_t fault_read_of(uint16_t guest, uint64_t *sequence,
		       struct sluice_fault *out, uint32_t max,
		       struct fault_totals *totals);

/* fault_reset() - Forget every record and count; for the tests. */
void fault_reset(void);
