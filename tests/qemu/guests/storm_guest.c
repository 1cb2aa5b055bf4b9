// SPDX-License-Identifier: MIT
/*
 * A device whose every access is blocked, as fast as its guest can ring.
 *
 * Each stage rings for as long as it lasts. First the ring of descriptors is
 * mapped and nothing is blocked, which is what the others are compared with:
 * the same work, without faults. Then it is not. In two of the stages the guest
 * also attaches the device anew, again and again, which lets a device that was
 * silenced be heard again.
 */
#include "guests/steps.h"
#include "lib/dma.h"
#include "lib/e1000.h"
#include "lib/hypercall.h"
#include "lib/report.h"

#include <sluice/dma_iommu_types.h>

/* Between two attachments; seven accesses each. */
#define RINGS_EACH 20u

static struct e1000 card;
static uint64_t domain, token;

static bool attach_anew(void)
{
	struct sluice_device_ref detach = {.device = token};
	struct sluice_attach_device attach = {
		.domain = domain,
		.device = token,
	};

	return SLUICE_CALL(detach_device, &detach) == STATUS_SUCCESS &&
	       SLUICE_CALL(attach_device, &attach) == STATUS_SUCCESS;
}

/* Until the next stage may begin. */
static void ring(uint32_t stage, bool anew)
{
	uint64_t rings = 0, attachments = 0;
	bool is_right = true;

	report_wait(stage);
	/* Nobody need wait until it is over. */
	report.waiting = stage + 1;
	while (report.go <= stage && is_right) {
		for (uint32_t n = 0; n < RINGS_EACH; n++) {
			e1000_fetch(&card);
			/* Here the emulator turns to the next CPU. */
			__asm__ volatile("pause");
		}
		rings += RINGS_EACH;
		if (anew) {
			is_right = attach_anew();
			attachments++;
		}
		report_beat();
	}
	REPORT(STEP_RINGS, is_right, true, rings);
	REPORT(STEP_ATTACHMENTS, is_right, true, attachments);
}

void guest_main(void)
{
	bool is_found = e1000_find(&card);

	REPORT(STEP_PCI_FOUND, is_found, true, card.sbdf);
	if (!is_found) {
		return;
	}
	domain = dma_open(DomainTypeTranslate);
	token = dma_token(card.sbdf);
	dma_attach(domain, token);
	dma_map(domain, PAGE_SOURCE, LOGICAL_SOURCE, IOMMU_ACCESS_READ);
	e1000_start(&card, LOGICAL_SOURCE);
	ring(STAGE_QUIET, false);
	ring(STAGE_QUIET_ANEW, true);
	dma_unmap(domain, LOGICAL_SOURCE);
	ring(STAGE_STORM, false);
	ring(STAGE_STORM_ANEW, true);
	report_wait(STAGE_STORM_END);
}
