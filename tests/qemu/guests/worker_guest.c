// SPDX-License-Identifier: MIT
/*
 * Counts what it gets done: pages mapped and unmapped for a live device, each
 * with its flush, within a time by its own clock.
 */
#include "guests/steps.h"
#include "lib/dma.h"
#include "lib/edu.h"
#include "lib/hypercall.h"
#include "lib/report.h"

#include <sluice/dma_iommu_types.h>

#define WORK_TICKS (CLOCK_SECOND / 5)

/* An operation: so much computing, and a page mapped and unmapped. */
#define PIECES	    16u
#define PIECE_STEPS 300u

static uint64_t domain;

/* PAUSE is where the emulator turns to the next CPU: a fault may come in. */
static void compute(void)
{
	for (uint32_t piece = 0; piece < PIECES; piece++) {
		for (uint32_t n = 0; n < PIECE_STEPS; n++) {
			__asm__ volatile("");
		}
		__asm__ volatile("pause");
	}
}

static bool work(void)
{
	struct sluice_map map = {
		.domain = domain,
		.permissions = IOMMU_ACCESS_READ,
		.kind = SLUICE_MAP_CONTIGUOUS,
		.base = PAGE_SOURCE,
		.pages = 1,
		.logical_address = LOGICAL_SOURCE,
		.has_logical_address = 1,
	};
	struct sluice_unmap unmap = {
		.domain = domain,
		.logical_address = LOGICAL_SOURCE,
		.pages = 1,
	};

	compute();
	return SLUICE_CALL(map, &map) == STATUS_SUCCESS &&
	       SLUICE_CALL(unmap, &unmap) == STATUS_SUCCESS;
}

static void count(void)
{
	uint64_t begin = clock_ticks(), done = 0;
	bool is_right = true;

	while (is_right && clock_ticks() - begin < WORK_TICKS) {
		is_right = work();
		done++;
		report_beat();
	}
	REPORT(STEP_WORK, is_right, true, done);
}

void guest_main(void)
{
	struct edu edu;
	int32_t found = edu_find(&edu);

	REPORT(STEP_EDU_FOUND, found, STATUS_SUCCESS, edu.sbdf);
	if (found != STATUS_SUCCESS) {
		return;
	}
	domain = dma_open(DomainTypeTranslate);
	dma_attach(domain, dma_token(edu.sbdf));
	for (uint32_t stage = STAGE_QUIET; stage < STAGE_STORM_END; stage++) {
		report_wait(stage);
		count();
	}
	report_wait(STAGE_STORM_END);
}
