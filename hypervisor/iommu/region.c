// SPDX-License-Identifier: MIT
/*
 * The list of the firmware's regions. Firmware often names one range once for
 * each device that uses it, so equal ones are kept once. Filled before any
 * guest runs and then only read: no lock.
 */
#include "iommu/region.h"

#include "lib/error.h"

struct name {
	unsigned region;
	uint16_t segment;
	uint16_t first; /* requester ids, the last one inclusive */
	uint16_t last;
};

/* Fixed once the machine has started. */
static struct {
	struct iommu_region region[IOMMU_REGIONS_MAX];
	struct name name[IOMMU_REGION_NAMES_MAX];
	unsigned region_count;
	unsigned name_count;
} list;

void iommu_region_reset(void)
{
	list.region_count = 0;
	list.name_count = 0;
}

static bool is_same(const struct iommu_region *a, const struct iommu_region *b)
{
	return a->at.start == b->at.start && a->at.bytes == b->at.bytes &&
	       a->rights == b->rights;
}

int iommu_add_region(struct iommu_region region, uint16_t segment,
		     uint16_t first, uint16_t last)
{
	unsigned n = 0;

	while (n < list.region_count && !is_same(&list.region[n], &region)) {
		n++;
	}
	if (n == IOMMU_REGIONS_MAX ||
	    list.name_count == IOMMU_REGION_NAMES_MAX) {
		return -XEN_ENOSPC;
	}
	if (n == list.region_count) {
		list.region[list.region_count++] = region;
	}
	list.name[list.name_count++] = (struct name){n, segment, first, last};
	return 0;
}

unsigned iommu_region_count(void)
{
	return list.region_count;
}

const struct iommu_region *iommu_region_at(unsigned n)
{
	return n < list.region_count ? &list.region[n] : NULL;
}

bool iommu_region_is_for(unsigned n, uint32_t sbdf)
{
	for (unsigned i = 0; i < list.name_count; i++) {
		const struct name *name = &list.name[i];

		if (name->region == n && name->segment == sbdf >> 16 &&
		    name->first <= (uint16_t)sbdf &&
		    (uint16_t)sbdf <= name->last) {
			return true;
		}
	}
	return false;
}
