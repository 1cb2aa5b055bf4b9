// SPDX-License-Identifier: MIT
/*
 * What every table of a unit is made of, in either mode: pages of absent
 * entries, and words stored so that the unit finds them, written back where it
 * does not snoop. VT-d specification, "Translation Structure Formats".
 */
#include "arch/barrier.h"
#include "arch/cache.h"
#include "arch/physmap.h"
#include "iommu/vtd/vtd.h"
#include "lib/error.h"
#include "mm/page.h"

void vtd_store(const struct iommu_unit *unit, uint64_t *word, uint64_t value)
{
	write_once(*word, value);
	if (!vtd_snoops(unit)) {
		cache_clean(word, sizeof(*word));
	}
	barrier_publish();
}

hpa_t vtd_table_alloc(const struct iommu_unit *unit)
{
	hpa_t page = page_alloc(PAGE_POOL_HYPERVISOR, PAGE_OWNER_NONE);

	/* Its zeroes first, then somebody's pointer to them. */
	if (!hpa_is_none(page) && !vtd_snoops(unit)) {
		cache_clean(physmap_ptr(page), PAGE_BYTES);
	}
	barrier_publish();
	return page;
}

int vtd_root_fill(const struct iommu_unit *unit, uint64_t *root)
{
	hpa_t page;

	if ((*root & VTD_ROOT_P) != 0) {
		return 0;
	}
	page = vtd_table_alloc(unit);
	if (hpa_is_none(page)) {
		return -XEN_ENOMEM;
	}
	vtd_store(unit, root, page.addr | VTD_ROOT_P);
	return 0;
}
