// SPDX-License-Identifier: MIT
/*
 * The registry and the few acts on hardware that everything else is made of:
 * connect, block, leave. One entry for each function that PCI enumeration
 * found. Guarded by one lock; a domain's counters by its guest's.
 */
#include "dma/device.h"

#include "base/log.h"
#include "dma/configure.h"
#include "dma/group.h"
#include "dma/handover.h"
#include "dma/pasid.h"
#include "dma/passthrough.h"
#include "dma/policy.h"
#include "dma/requester.h"
#include "dma/service.h"
#include "iommu/fault.h"
#include "lib/check.h"
#include "lib/error.h"
#include "lib/string.h"

/* Apart from the registry, so that the registry stays in .bss. */
static struct spinlock registry_lock = SPINLOCK_INIT(LOCK_DMA_DEVICES);

/* Protected by registry_lock; count and the fixed fields are read without. */
static struct {
	unsigned count;
	struct dma_device device[PCI_DEVICES_MAX];
} registry;

void dma_devices_lock(void)
{
	spin_lock(&registry_lock);
}

void dma_devices_unlock(void)
{
	spin_unlock(&registry_lock);
}

unsigned dma_device_count(void)
{
	return registry.count;
}

struct dma_device *dma_device_at(unsigned n)
{
	return n < registry.count ? &registry.device[n] : NULL;
}

struct dma_device *dma_device_find(uint32_t sbdf)
{
	for (unsigned i = 0; i < registry.count; i++) {
		if (registry.device[i].pci->sbdf == sbdf) {
			return &registry.device[i];
		}
	}
	return NULL;
}

struct dma_device *dma_device_find_own(const struct dma_guest *dg,
				       uint32_t guest_sbdf)
{
	for (unsigned i = 0; i < registry.count; i++) {
		if (registry.device[i].owner == dg &&
		    registry.device[i].guest_sbdf == guest_sbdf) {
			return &registry.device[i];
		}
	}
	return NULL;
}

/*
 * Called by a unit that holds its own lock, below ours. The list of functions
 * is fixed and the owner one word, so a bare read is at worst a moment old.
 */
uint16_t dma_device_owner_id(uint32_t sbdf)
{
	const struct dma_device *dev = NULL;

	/*
	 * Whoever has one device with this id has them all. A bridge comes
	 * last: under its own id come the requests of those behind it.
	 */
	for (unsigned i = 0; i < registry.count; i++) {
		const struct dma_device *other = &registry.device[i];

		if ((dev == NULL || dev->pci->is_bridge) &&
		    pci_has_id(other->pci, (uint16_t)(sbdf >> 16),
			       (uint16_t)sbdf)) {
			dev = other;
		}
	}
	return dev != NULL ? read_once(dev->owner_id) : SLUICE_GUEST_NONE;
}

bool dma_device_is_quarantined(const struct dma_device *dev)
{
	return dev->owner == NULL;
}

bool dma_device_is_fit(const struct dma_device *dev)
{
	return dev->unfit == SLUICE_FIT;
}

void dma_device_set_owner(struct dma_device *dev, struct dma_guest *dg,
			  uint32_t guest_sbdf)
{
	dev->owner = dg;
	dev->guest_sbdf = guest_sbdf;
	memset(dev->bar_at, 0, sizeof(dev->bar_at));
	write_once(dev->owner_id,
		   dg != NULL ? dg->guest->id : (uint16_t)SLUICE_GUEST_NONE);
}

/*
 * A bridge carries other functions' requests under its own id, so letting it
 * through would let a guest's device through: bridges stay blocked.
 */
static struct dma_device describe(const struct pci_device *pci)
{
	bool has_unit =
		dma_service_is_present() && iommu_unit_of(pci->sbdf) != NULL;

	return (struct dma_device){
		.pci = pci,
		.has_unit = has_unit,
		.is_usable = has_unit && !pci->is_bridge && !pci->is_iommu,
		.unfit = pci->is_bridge	 ? SLUICE_UNFIT_BRIDGE
			 : pci->is_iommu ? SLUICE_UNFIT_IOMMU
			 : !has_unit	 ? SLUICE_UNFIT_NO_UNIT
					 : SLUICE_FIT,
		.owner_id = SLUICE_GUEST_NONE,
	};
}

void dma_devices_fill(void)
{
	memset(registry.device, 0, sizeof(registry.device));
	pci_find_groups();
	registry.count = pci_device_count();
	CHECK(registry.count <= PCI_DEVICES_MAX);
	for (unsigned i = 0; i < registry.count; i++) {
		const struct pci_device *pci = pci_device_at(i);

		registry.device[i] = describe(pci);
		pci_reset_describe(&registry.device[i].reset, pci);
	}
	dma_firmware_start();
	dma_groups_find();
}

void dma_devices_forget(void)
{
	registry.count = 0;
	memset(registry.device, 0, sizeof(registry.device));
}

struct dma_device *dma_device_by_token(const struct dma_guest *dg,
				       uint64_t token)
{
	return idmap_find(&dg->tokens, token);
}

static int connect(struct dma_device *dev, struct iommu_target target)
{
	int err;

	CHECK(dev->is_usable && !dev->is_live);
	err = dma_requester_attach(dev, target);
	if (err) {
		log_guest(dev->owner_id,
			  "device %x is not let through, error %d",
			  dev->pci->sbdf, err);
		return err;
	}
	dev->asid = target.asid;
	dev->is_live = true;
	return 0;
}

int dma_device_connect(struct dma_device *dev, struct dma_domain *dma)
{
	struct dma_guest *dg = dev->owner;
	struct iommu_target target;

	if (!dma_domain_target(dg, dma, &target)) {
		return 0;
	}
	/* Before the unit learns of it: an attach that fails may be cached. */
	dma_domain_note_attach(dg, dma);
	return connect(dev, target);
}

int dma_device_retarget(struct dma_device *dev)
{
	struct iommu_target target;

	if (!dma_domain_target(dev->owner, dev->domain, &target)) {
		return dma_device_block(dev);
	}
	if (!dev->is_live) {
		return dma_device_connect(dev, dev->domain);
	}
	return dma_requester_renew(dev, target);
}

int dma_device_connect_home(struct dma_device *dev)
{
	struct dma_passthrough *pass = &dev->owner->passthrough;
	int err;

	CHECK(dev->owner->guest->is_control && pass->users != 0);
	if (dma_firmware_claim(dev->owner, NULL, dev->regions) !=
	    STATUS_SUCCESS) {
		return -XEN_ENOMEM;
	}
	pass->was_attached = true;
	err = connect(dev, (struct iommu_target){
				   .asid = pass->asid,
				   .root = pass->pt.root,
				   .levels = pass->pt.levels,
			   });
	if (err) {
		dma_firmware_drop(dev->owner, NULL, dev->regions);
	}
	return err;
}

int dma_device_block(struct dma_device *dev)
{
	int err;

	if (!dev->is_live) {
		return 0;
	}
	err = dma_requester_block(dev);
	if (err) {
		log_guest(dev->owner_id,
			  "no unit confirms that device %x is "
			  "blocked",
			  dev->pci->sbdf);
		return err;
	}
	dev->is_live = false;
	if (dev->domain == NULL) {
		/* It was at home. */
		dma_firmware_drop(dev->owner, NULL, dev->regions);
	}
	return 0;
}

/* The control domain drives its own devices; their switch is not ours. */
void dma_device_set_master(const struct dma_device *dev, bool on)
{
	if (dev->owner != NULL && dev->owner->guest->is_control) {
		return;
	}
	if (on) {
		/* No unit's entry allows what these would do. */
		pci_reset_quiet(&dev->reset);
		/* A storm may have had it switched off. */
		fault_heard(dev->pci->sbdf);
	}
	pci_set_bus_master(dev->pci, on);
}

int dma_device_leave(struct dma_device *dev)
{
	int err;

	dma_device_set_master(dev, false);
	err = dma_device_block(dev);
	if (err) {
		return err;
	}
	if (dev->domain != NULL) {
		dma_firmware_drop(dev->owner, dev->domain, dev->regions);
		dev->domain->device_count--;
		dev->domain = NULL;
	}
	return 0;
}

void dma_device_drop_token(struct dma_device *dev)
{
	if (dev->token != 0) {
		idmap_remove(&dev->owner->tokens, dev->token);
		dev->token = 0;
	}
}

int dma_devices_abandon(const struct dma_guest *dg)
{
	int first = 0;

	for (unsigned i = 0; i < registry.count; i++) {
		struct dma_device *dev = &registry.device[i];
		int err;

		if (dev->owner != dg) {
			continue;
		}
		err = dma_device_leave(dev);
		if (err == 0) {
			err = dma_pasids_drop(dev);
		}
		if (err == 0) {
			err = dma_requester_silence(dev);
		}
		if (err) {
			/* It may still be walking tables: it stays where it is.
			 */
			first = err;
			continue;
		}
		dma_device_drop_token(dev);
		dma_handover_to_nobody(dev);
		dma_device_set_owner(dev, NULL, 0);
	}
	return first;
}

int dma_devices_apply_policy(struct dma_guest *dg)
{
	bool may_pass = dma_policy_passes(dg->guest);
	int first = 0;
	int err;

	for (unsigned i = 0; i < registry.count; i++) {
		struct dma_device *dev = &registry.device[i];

		if (dev->owner != dg || dev->domain == NULL ||
		    !dma_domain_is_identity(dev->domain)) {
			continue;
		}
		err = 0;
		if (!may_pass) {
			err = dma_device_block(dev);
		} else if (!dev->is_live) {
			err = dma_device_connect(dev, dev->domain);
		}
		if (err && first == 0) {
			first = err;
		}
	}
	err = dma_pasids_apply_policy(dg);
	return first != 0 ? first : err;
}
