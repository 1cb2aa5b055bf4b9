// SPDX-License-Identifier: MIT
/*
 * DMAR names a function by a path through bridges, because bus numbers may
 * change; PCI enumeration knows today's. No lock: start-up alone.
 *
 * VT-d specification, "Device Scope Structure".
 */
#include "iommu/vtd/vtd_scope.h"

#include "base/log.h"
#include "iommu/region.h"
#include "iommu/registry.h"
#include "lib/error.h"
#include "platform/dmar.h"
#include "platform/pci.h"

/* The requester ids that a scope names. */
struct named {
	uint16_t bdf; /* of the function                                     */
	bool has_buses;
	uint16_t first; /* of all that lies behind it                        */
	uint16_t last;
};

static int refuse(const struct dmar_path *path, int err, const char *reason,
		  uint16_t bdf)
{
	log_error("dmar: byte %u: scope leads to %02x:%02x.%u, %s", path->where,
		  bdf >> 8, bdf >> 3 & 0x1fu, bdf & 7u, reason);
	return err;
}

/* Return: 0; -XEN_ENOENT names nobody; -XEN_EINVAL cannot be. */
static int resolve(uint16_t segment, const struct dmar_path *path,
		   struct named *named)
{
	const struct pci_device *dev;
	uint16_t bdf;
	int err = pci_follow(segment, path->bus, path->hop, path->hops, &bdf);

	if (err == -XEN_ENOENT) {
		log_warn("dmar: byte %u: scope behind bridge %02x:%02x.%u, "
			 "which is not there",
			 path->where, bdf >> 8, bdf >> 3 & 0x1fu, bdf & 7u);
		return err;
	}
	if (err) {
		return refuse(path, err, "and on, which is no bridge", bdf);
	}
	*named = (struct named){.bdf = bdf};
	if (!path->is_bridge) {
		return 0;
	}
	dev = pci_device_find((uint32_t)segment << 16 | bdf);
	if (dev == NULL) {
		return 0;
	}
	if (!dev->is_bridge) {
		return refuse(path, -XEN_EINVAL, "which is no bridge", bdf);
	}
	named->has_buses = dev->bridge.secondary != 0 &&
			   dev->bridge.subordinate >= dev->bridge.secondary;
	named->first = (uint16_t)(dev->bridge.secondary << 8);
	named->last = (uint16_t)(dev->bridge.subordinate << 8 | 0xff);
	return 0;
}

static int add_scope(struct iommu_unit *unit, const struct dmar_path *path)
{
	struct named named;
	int err = resolve(unit->segment, path, &named);

	if (err) {
		return err == -XEN_ENOENT ? 0 : err;
	}
	err = iommu_add_scope(unit, named.bdf, named.bdf);
	if (err == 0 && named.has_buses) {
		err = iommu_add_scope(unit, named.first, named.last);
	}
	if (err == -XEN_EEXIST) {
		return refuse(path, -XEN_EINVAL,
			      "which another unit names as well", named.bdf);
	}
	return err;
}

int vtd_add_scopes(struct iommu_unit *unit, unsigned index)
{
	const struct dmar *table = dmar_machine();
	int err = 0;

	for (unsigned i = 0; err == 0 && i < table->scope_count; i++) {
		if (table->scope[i].unit == index) {
			err = add_scope(unit, &table->scope[i].path);
		}
	}
	return err;
}

/* RMRR tells no rights: a device may read and write there. */
static int add_region(const struct dmar_reserved *from,
		      const struct dmar_path *path)
{
	struct iommu_region region = {
		.at = {from->base, from->last - from->base + 1},
		.rights = PT_READ | PT_WRITE,
	};
	struct named named;
	int err = resolve(from->segment, path, &named);

	if (err) {
		return err == -XEN_ENOENT ? 0 : err;
	}
	err = iommu_add_region(region, from->segment, named.bdf, named.bdf);
	if (err == 0 && named.has_buses) {
		err = iommu_add_region(region, from->segment, named.first,
				       named.last);
	}
	return err;
}

int vtd_add_regions(void)
{
	const struct dmar *table = dmar_machine();
	int err = 0;

	for (unsigned i = 0; err == 0 && i < table->name_count; i++) {
		const struct dmar_reserved_name *name = &table->name[i];

		err = add_region(&table->reserved[name->range], &name->path);
	}
	return err;
}
