/* SPDX-License-Identifier: MIT */
/* bench_memory: who has the machine's RAM, in pages, in one line. */
#include "control/guest_view.h"

#include <inttypes.h>
#include <sluice/dma.h>
#include <sluice/dma_ops.h>
#include <stdio.h>

int main(void)
{
	struct sluice_platform p = {.cpu_count = 0};
	int32_t status = guest_view_call(SLUICE_OP_platform, &p, sizeof(p));

	if (status != STATUS_SUCCESS) {
		guest_view_fail("platform: status 0x%08" PRIx32,
				(uint32_t)status);
	}
	printf("bench: memory ram=%" PRIu64 " control=%" PRIu64
	       " guests=%" PRIu64 " own=%" PRIu64 " own_free=%" PRIu64 "\n",
	       p.memory_pages, p.control_pages, p.pool_pages,
	       p.hypervisor_pages, p.hypervisor_free_pages);
	return 0;
}
