// SPDX-License-Identifier: MIT
/*
 * Two devices that share a requester id go through one domain: the DMA of both
 * lands where it says, and nowhere else.
 *
 * Both carry PAGE_SOURCE to a page of their own; then each is sent to
 * PAGE_CANARY's guest-physical address, which is not mapped. When one is
 * detached the other goes on. At the end both are attached and in the middle of
 * transfers, and the guest is destroyed so.
 */
#include "guests/steps.h"
#include "lib/dma.h"
#include "lib/edu.h"
#include "lib/report.h"

#include <sluice/dma_iommu_types.h>

#define MEMBERS 2u

static const uint32_t targets[MEMBERS] = {PAGE_TARGET, PAGE_EARLY};

static struct edu edu[MEMBERS];
static uint64_t domain, token[MEMBERS];

static uint64_t logical_target(uint32_t n)
{
	return LOGICAL_TARGET + n * 0x1000;
}

static void open_both(void)
{
	domain = dma_open(DomainTypeTranslate);
	for (uint32_t n = 0; n < MEMBERS; n++) {
		token[n] = dma_token(edu[n].sbdf);
		dma_attach(domain, token[n]);
		dma_map(domain, targets[n], logical_target(n),
			IOMMU_ACCESS_WRITE);
	}
	dma_map(domain, PAGE_SOURCE, LOGICAL_SOURCE, IOMMU_ACCESS_READ);
}

static void carry(uint32_t n)
{
	REPORT(STEP_COPY_IN,
	       edu_copy(&edu[n], EDU_READS_MEMORY, LOGICAL_SOURCE, 0,
			COPY_BYTES),
	       true, n);
	REPORT(STEP_COPY_OUT,
	       edu_copy(&edu[n], EDU_WRITES_MEMORY, logical_target(n), 0,
			COPY_BYTES),
	       true, n);
}

static void stray(uint32_t n)
{
	REPORT(STEP_BAD_WRITE,
	       edu_copy(&edu[n], EDU_WRITES_MEMORY, PAGE_CANARY, 0, COPY_BYTES),
	       true, n);
}

static void go_on_forever(void)
{
	for (;;) {
		for (uint32_t n = 0; n < MEMBERS; n++) {
			if (!edu_is_busy(&edu[n])) {
				edu_start(&edu[n], EDU_WRITES_MEMORY,
					  logical_target(n), 0, COPY_BYTES);
			}
		}
		report_beat();
	}
}

void guest_main(void)
{
	for (uint32_t n = 0; n < MEMBERS; n++) {
		int32_t found = edu_find_next(&edu[n], n);

		REPORT(STEP_EDU_FOUND, found, STATUS_SUCCESS, edu[n].sbdf);
		if (found != STATUS_SUCCESS) {
			return;
		}
	}
	report_wait(STAGE_BOTH);
	open_both();
	carry(0);
	carry(1);
	report_wait(STAGE_STRAY_FIRST);
	stray(0);
	report_wait(STAGE_STRAY_SECOND);
	stray(1);
	report_wait(STAGE_ONE_LEFT);
	dma_detach(token[0]);
	carry(1);
	dma_attach(domain, token[0]);
	report_wait(STAGE_HAMMER);
	report.waiting = STAGE_HAMMER + 1;
	go_on_forever();
}
