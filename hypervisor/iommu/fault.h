/* SPDX-License-Identifier: MIT */
/*
 * The bounded log of blocked DMA accesses, in words common to both vendors.
 *
 * Units add records; the control domain reads them by sequence number. When it
 * is full the oldest go, counted.
 */
#pragma once

#include "lib/compiler.h"

#include <sluice/dma.h>

#define FAULT_LOG_RECORDS 256u

/* fault_record() - Add one; .sequence and .time_ns are filled in here. */
void fault_record(struct sluice_fault fault);

/* fault_lost() - Count @records that a unit could not deliver. */
void fault_lost(uint64_t records);

struct fault_totals {
	uint64_t total;
	uint64_t dropped;
};

/**
 * fault_read() - Copy records from sequence number *@sequence on.
 * @sequence: in: first wanted; out: next to ask for
 * @max:      room in @out
 * Return: records copied.
 */
uint32_t fault_read(uint64_t *sequence, struct sluice_fault *out, uint32_t max,
		    struct fault_totals *totals);

/* fault_reset() - Forget every record and count; for the tests. */
void fault_reset(void);
