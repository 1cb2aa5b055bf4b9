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
#include "lib/edu.h"
#include "lib/hypercall.h"
#include "lib/report.h"

#include <sluice/dma_iommu_types.h>

static struct edu edu;

static void open_page(void)
{
	struct sluice_create_domain create = {.type = DomainTypeTranslate};
	struct sluice_create_device token = {.sbdf = edu.sbdf};
	struct sluice_attach_device attach = {.domain = 0};
	struct sluice_map map = {
		.permissions = IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE,
		.kind = SLUICE_MAP_CONTIGUOUS,
		.base = PAGE_TARGET,
		.pages = 1,
		.logical_address = LOGICAL_TARGET,
		.has_logical_address = 1,
	};

	REPORT(STEP_CREATE, SLUICE_CALL(create_domain, &create), STATUS_SUCCESS,
	       create.domain);
	REPORT(STEP_TOKEN, SLUICE_CALL(create_device, &token), STATUS_SUCCESS,
	       token.device);
	attach.domain = create.domain;
	attach.device = token.device;
	REPORT(STEP_ATTACH, SLUICE_CALL(attach_device, &attach), STATUS_SUCCESS,
	       0);
	map.domain = create.domain;
	REPORT(STEP_MAP, SLUICE_CALL(map, &map), STATUS_SUCCESS,
	       map.logical_address);
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
