/* SPDX-License-Identifier: MIT */
/*
 * A guest is destroyed while its device is in the middle of DMA, and nothing
 * that owns its pages later is hit.
 *
 * The guest maps a page of its own and sends the device to it again and again,
 * with a transfer always under way: edu takes 100 ms for each and keeps its
 * orders without the guest's help, so the last one is still running when the
 * guest is gone. The control domain destroys it in this state, takes the freed
 * pages for another guest and looks at them after the transfer's time.
 */
#include "guests/steps.h"
#include "lib/dma.h"
#include "lib/edu.h"
#include "lib/report.h"

#include <sluice/dma_iommu_types.h>

static struct edu edu;

static void open_page(void)
{
	uint64_t domain = dma_open(DomainTypeTranslate);

	dma_attach(domain, dma_token(edu.sbdf));
	dma_map(domain, PAGE_TARGET, LOGICAL_TARGET,
		IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE);
}

void guest_main(void)
{
	int32_t found = edu_find(&edu);
	volatile uint64_t *target = (volatile uint64_t *)(uintptr_t)PAGE_TARGET;

	REPORT(STEP_EDU_FOUND, found, STATUS_SUCCESS, edu.sbdf);
	if (found != STATUS_SUCCESS) {
		return;
	}
	open_page();
	*target = REPORT_MAGIC;
	REPORT(STEP_COPY_IN,
	       edu_copy(&edu, EDU_READS_MEMORY, LOGICAL_TARGET, 0, COPY_BYTES),
	       true, 0);
	report_wait(1);
	for (;;) {
		edu_start(&edu, EDU_WRITES_MEMORY, LOGICAL_TARGET, 0,
			  COPY_BYTES);
		while (edu_is_busy(&edu)) {
			report_beat();
			__asm__ volatile("pause");
		}
		report.argument[1]++;
	}
}
