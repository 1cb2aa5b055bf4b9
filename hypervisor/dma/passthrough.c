// SPDX-License-Identifier: MIT
/*
 * Builds the identity table from the guest's memory map, with the largest
 * leaves that fit. Its pages are bounded by the guest's RAM, so they are
 * charged to the guest but not to the quota that its map calls draw on.
 */
#include "dma/passthrough.h"

#include "dma/asid.h"
#include "dma/service.h"
#include "lib/error.h"

static int add_run(void *context, gpa_t at, hpa_t page, uint64_t pages)
{
	struct pt *pt = context;
	uint64_t last = dma_service_last_address();

	if (at.addr > last || pages > (last - at.addr + 1) >> PAGE_SHIFT) {
		return -XEN_EINVAL;
	}
	return pt_map_range(pt, at.addr, page, pages, PT_READ | PT_WRITE,
			    dma_service_leaf_level());
}

static int build_table(struct dma_guest *dg)
{
	struct dma_passthrough *pass = &dg->passthrough;
	const struct iommu_limits *limits = dma_service_limits();
	struct pt_memory memory = {
		.owner = dg->guest->id,
		.page_count = &pass->table_count,
		.page_quota = NULL,
	};
	int err;

	err = pt_init(&pass->pt, iommu_format(), memory, limits->levels,
		      limits->address_bits, limits->is_coherent);
	if (err) {
		return err;
	}
	err = p2m_for_each_ram(&dg->guest->p2m, add_run, &pass->pt);
	if (err) {
		pt_destroy(&pass->pt);
	}
	return err;
}

int dma_passthrough_get(struct dma_guest *dg)
{
	struct dma_passthrough *pass = &dg->passthrough;
	int err;

	if (pass->users != 0) {
		pass->users++;
		return 0;
	}
	pass->asid = dma_asid_alloc();
	if (pass->asid == ASID_NONE) {
		return -XEN_ENOSPC;
	}
	err = build_table(dg);
	if (err) {
		/* Never shown to a unit, so it needs no flush. */
		dma_asid_free(pass->asid);
		return err;
	}
	pass->was_attached = false;
	pass->users = 1;
	return 0;
}

int dma_passthrough_put(struct dma_guest *dg)
{
	struct dma_passthrough *pass = &dg->passthrough;

	if (pass->users > 1) {
		pass->users--;
		return 0;
	}
	/* Flush before free: a unit may still hold the table's pages. */
	if (pass->was_attached) {
		int err = iommu_flush_domain(pass->asid);

		if (err) {
			return err;
		}
	}
	pt_destroy(&pass->pt);
	dma_asid_free(pass->asid);
	pass->users = 0;
	return 0;
}
