// SPDX-License-Identifier: MIT
/*
 * All requester ids of a device, one after another, and back when one fails;
 * and the tables of firmware's regions that stand in for "blocked". Guarded by
 * the registry's lock.
 */
#include "dma/requester.h"

#include "base/log.h"
#include "dma/asid.h"
#include "dma/group.h"
#include "dma/service.h"
#include "iommu/intr.h"
#include "iommu/unit.h"
#include "lib/error.h"
#include "mm/page.h"

static unsigned id_count(const struct dma_device *dev)
{
	return dev->pci->ids.count;
}

static uint32_t id_at(const struct dma_device *dev, unsigned n)
{
	return (dev->pci->sbdf & ~0xffffu) | dev->pci->ids.id[n];
}

/* Does another live device of the group use it? Then it is not ours to move. */
static bool is_in_use(const struct dma_device *dev, unsigned n)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		const struct dma_device *other = dma_device_at(i);

		if (other != dev && other->leader == dev->leader &&
		    other->is_live &&
		    pci_has_id(other->pci, (uint16_t)(dev->pci->sbdf >> 16),
			       dev->pci->ids.id[n])) {
			return true;
		}
	}
	return false;
}

/* Nobody's, or behind no unit: then nothing translates it, and it is unfit. */
static bool is_ours(const struct dma_device *dev, unsigned n)
{
	return iommu_unit_of(id_at(dev, n)) != NULL && !is_in_use(dev, n);
}

static struct iommu_target kept(const struct dma_keep *keep)
{
	return (struct iommu_target){
		.asid = keep->asid,
		.root = keep->pt.root,
		.levels = keep->pt.levels,
	};
}

static int let(const struct dma_device *dev, unsigned n,
	       struct iommu_target target)
{
	const struct dma_keep *keep = &dev->leader->keep;

	return keep->is_up ? iommu_move(id_at(dev, n), keep->asid, target)
			   : iommu_attach(id_at(dev, n), target);
}

static int stop(const struct dma_device *dev, unsigned n, uint16_t asid)
{
	const struct dma_keep *keep = &dev->leader->keep;

	return keep->is_up ? iommu_move(id_at(dev, n), asid, kept(keep))
			   : iommu_block(id_at(dev, n), asid);
}

int dma_requester_attach(const struct dma_device *dev,
			 struct iommu_target target)
{
	for (unsigned n = 0; n < id_count(dev); n++) {
		int err = is_ours(dev, n) ? let(dev, n, target) : 0;

		if (err == 0) {
			continue;
		}
		while (n-- > 0) {
			if (is_ours(dev, n) && stop(dev, n, target.asid) != 0) {
				log_error("dma: no unit confirms that id %x "
					  "is blocked again",
					  id_at(dev, n));
			}
		}
		return err;
	}
	return 0;
}

int dma_requester_renew(const struct dma_device *dev,
			struct iommu_target target)
{
	int first = 0;

	for (unsigned n = 0; n < id_count(dev); n++) {
		int err = iommu_attach(id_at(dev, n), target);

		first = first != 0 ? first : err;
	}
	return first;
}

int dma_requester_block(const struct dma_device *dev)
{
	int first = 0;

	/* After a failure too: what can be blocked shall be. */
	for (unsigned n = 0; n < id_count(dev); n++) {
		int err = is_ours(dev, n) ? stop(dev, n, dev->asid) : 0;

		first = first != 0 ? first : err;
	}
	return first;
}

int dma_requester_silence(const struct dma_device *dev)
{
	int first = 0;

	for (unsigned n = 0; n < id_count(dev); n++) {
		int err = iommu_intr_drop(id_at(dev, n));

		first = first != 0 ? first : err;
	}
	return first;
}

int dma_requester_hear(const struct dma_device *dev)
{
	int first = 0;

	for (unsigned n = 0; n < id_count(dev); n++) {
		int err = iommu_intr_close(id_at(dev, n));

		first = first != 0 ? first : err;
	}
	return first;
}

/* ---- the firmware's own tables ---- */

static int make_table(struct dma_device *leader)
{
	struct dma_keep *keep = &leader->keep;
	const struct iommu_limits *limits = dma_service_limits();
	struct pt_memory memory = {
		.owner = PAGE_OWNER_NONE,
		.page_count = &keep->table_count,
		.page_quota = NULL,
	};
	int err = pt_init(&keep->pt, iommu_format(), memory, limits->levels,
			  limits->address_bits, limits->is_coherent);

	if (err) {
		return err;
	}
	err = dma_firmware_map(&keep->pt, leader->regions);
	if (err) {
		pt_destroy(&keep->pt);
	}
	return err;
}

/* Has a device before the @i-th one of the list the same id? */
static bool is_repeated(unsigned i, unsigned n)
{
	const struct dma_device *dev = dma_device_at(i);

	while (i-- > 0) {
		const struct dma_device *other = dma_device_at(i);

		if (other->leader == dev->leader &&
		    pci_has_id(other->pci, (uint16_t)(dev->pci->sbdf >> 16),
			       dev->pci->ids.id[n])) {
			return true;
		}
	}
	return false;
}

static int show(const struct dma_keep *keep, uint32_t id)
{
	return iommu_can_move(id) ? iommu_attach(id, kept(keep))
				  : -XEN_EOPNOTSUPP;
}

static int hide(const struct dma_keep *keep, uint32_t id)
{
	return iommu_block(id, keep->asid);
}

/* Once for each id of a group; all of them, and the first error. */
static int for_each_id(const struct dma_device *leader,
		       int (*act)(const struct dma_keep *, uint32_t))
{
	int first = 0;

	for (unsigned i = 0; i < dma_device_count(); i++) {
		const struct dma_device *dev = dma_device_at(i);

		for (unsigned n = 0; dev->leader == leader && n < id_count(dev);
		     n++) {
			uint32_t id = id_at(dev, n);
			int err = 0;

			if (iommu_unit_of(id) != NULL && !is_repeated(i, n)) {
				err = act(&leader->keep, id);
			}
			first = first != 0 ? first : err;
		}
	}
	return first;
}

static int bring_up(struct dma_device *leader)
{
	struct dma_keep *keep = &leader->keep;
	int err;

	keep->asid = dma_asid_alloc();
	if (keep->asid == ASID_NONE) {
		return -XEN_ENOSPC;
	}
	err = make_table(leader);
	if (err) {
		dma_asid_free(keep->asid);
		return err;
	}
	err = for_each_id(leader, show);
	keep->is_up = err == 0;
	/* A unit that does not confirm may hold both: they are not reused. */
	if (err && for_each_id(leader, hide) == 0) {
		pt_destroy(&keep->pt);
		dma_asid_free(keep->asid);
	}
	return err;
}

static void keep_regions(struct dma_device *leader)
{
	int err = leader->regions != 0 ? bring_up(leader) : 0;

	if (err == 0) {
		return;
	}
	log_error("dma: the firmware's regions of device %x cannot be kept "
		  "while it is blocked, error %d; it is assigned to nobody",
		  leader->pci->sbdf, -err);
	dma_group_spoil(leader, SLUICE_UNFIT_REGION);
}

void dma_requesters_keep(void)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		struct dma_device *dev = dma_device_at(i);

		if (dev->leader == dev) {
			keep_regions(dev);
		}
	}
}
