// SPDX-License-Identifier: MIT
/*
 * Sub-devices: acts on a unit, the guest's table, sub-ops. Each sub-op takes
 * the registry's lock, then the guest's, as a sub-device stands between a
 * device and a domain.
 */
#include "dma/pasid.h"

#include "base/log.h"
#include "dma/asid.h"
#include "dma/configure.h"
#include "dma/dma.h"
#include "dma/policy.h"
#include "dma/service.h"

static int show(struct dma_pasid *sub, struct iommu_target target)
{
	target.is_quiet = sub->device->is_quiet;
	return iommu_attach_pasid(sub->device->pci->sbdf, sub->number, target);
}

/* The sub-device is blocked. A domain without a target leaves it blocked. */
static int connect(struct dma_guest *dg, struct dma_pasid *sub,
		   struct dma_domain *dma)
{
	struct iommu_target target;
	int err;

	if (!dma_domain_target(dg, dma, &target)) {
		return 0;
	}
	/* Before the unit learns of it: an attach that fails may be cached. */
	dma_domain_note_attach(dg, dma);
	err = show(sub, target);
	if (err == 0) {
		sub->asid = target.asid;
		sub->is_live = true;
	}
	return err;
}

static int block(struct dma_pasid *sub)
{
	uint32_t sbdf = sub->device->pci->sbdf;
	int err;

	if (!sub->is_live) {
		return 0;
	}
	err = iommu_block_pasid(sbdf, sub->number, sub->asid);
	if (err) {
		log_guest(sub->device->owner_id,
			  "no unit confirms that PASID %u of device %x is "
			  "blocked",
			  (unsigned)sub->number, sbdf);
		return err;
	}
	sub->is_live = false;
	return 0;
}

static int retarget(struct dma_guest *dg, struct dma_pasid *sub)
{
	struct iommu_target target;

	if (!dma_domain_target(dg, sub->domain, &target)) {
		return block(sub);
	}
	if (!sub->is_live) {
		return connect(dg, sub, sub->domain);
	}
	return show(sub, target);
}

static struct dma_pasid *find(const struct dma_guest *dg, uint64_t handle)
{
	return idmap_find(&dg->pasids, handle);
}

static struct dma_pasid *find_unused(struct dma_guest *dg)
{
	for (unsigned i = 0; i < DMA_PASIDS_MAX; i++) {
		if (dg->pasid[i].device == NULL) {
			return &dg->pasid[i];
		}
	}
	return NULL;
}

/* The pool may hold more than a PASID's width: units name domains by it too. */
static uint16_t take_number(void)
{
	uint16_t number = dma_asid_alloc();

	if (number != ASID_NONE &&
	    number >= dma_service_limits()->pasid_count) {
		dma_asid_free(number);
		return ASID_NONE;
	}
	return number;
}

/* It is blocked and confirmed, or was never let through. */
static void discard(struct dma_guest *dg, struct dma_pasid *sub)
{
	idmap_remove(&dg->pasids, sub->handle);
	dma_asid_free(sub->number);
	sub->device->pasid_count--;
	*sub = (struct dma_pasid){.device = NULL};
}

static int leave(struct dma_pasid *sub)
{
	int err = block(sub);

	if (err) {
		return err;
	}
	if (sub->domain != NULL) {
		sub->domain->device_count--;
		sub->domain = NULL;
	}
	return 0;
}

/* Does the device have a domain to do DMA in, by itself or by a sub-device? */
static bool is_in_use(const struct dma_guest *dg, const struct dma_device *dev)
{
	for (unsigned i = 0; i < DMA_PASIDS_MAX; i++) {
		if (dg->pasid[i].device == dev && dg->pasid[i].domain != NULL) {
			return true;
		}
	}
	return dev->domain != NULL;
}

int dma_pasids_retarget(struct dma_guest *dg, struct dma_domain *dma)
{
	int first = 0;

	for (unsigned i = 0; i < DMA_PASIDS_MAX; i++) {
		struct dma_pasid *sub = &dg->pasid[i];
		int err;

		if (sub->device == NULL || sub->domain != dma) {
			continue;
		}
		err = retarget(dg, sub);
		if (err && first == 0) {
			first = err;
		}
	}
	return first;
}

int dma_pasids_apply_policy(struct dma_guest *dg)
{
	bool may_pass = dma_policy_passes(dg->guest);
	int first = 0;

	for (unsigned i = 0; i < DMA_PASIDS_MAX; i++) {
		struct dma_pasid *sub = &dg->pasid[i];
		int err = 0;

		if (sub->device == NULL || sub->domain == NULL ||
		    !dma_domain_is_identity(sub->domain)) {
			continue;
		}
		if (!may_pass) {
			err = block(sub);
		} else if (!sub->is_live) {
			err = connect(dg, sub, sub->domain);
		}
		if (err && first == 0) {
			first = err;
		}
	}
	return first;
}

int dma_pasids_drop(struct dma_device *dev)
{
	struct dma_guest *dg = dev->owner;
	int first = 0;

	for (unsigned i = 0; i < DMA_PASIDS_MAX; i++) {
		struct dma_pasid *sub = &dg->pasid[i];
		int err;

		if (sub->device != dev) {
			continue;
		}
		err = leave(sub);
		if (err) {
			first = err;
			continue;
		}
		discard(dg, sub);
	}
	return first;
}

static NTSTATUS create(struct dma_guest *dg, struct sluice_create_pasid *a)
{
	struct dma_device *dev = dma_device_by_token(dg, a->device);
	struct dma_pasid *sub;
	uint16_t number;

	/* Without a unit that can tag no token is tagged. */
	if (dev == NULL || !dev->is_tagged) {
		return STATUS_INVALID_PARAMETER_1;
	}
	sub = find_unused(dg);
	if (sub == NULL) {
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	number = take_number();
	if (number == ASID_NONE) {
		return STATUS_NONE_MAPPED;
	}
	*sub = (struct dma_pasid){
		.device = dev,
		.handle = idmap_add(&dg->pasids, sub),
		.number = number,
	};
	dev->pasid_count++;
	a->pasid = sub->handle;
	a->asid = number;
	return STATUS_SUCCESS;
}

/**
 * dma_create_pasid() - CreatePasidDevice: a sub-device, blocked.
 * Return: as listed at struct sluice_create_pasid, in that order.
 */
NTSTATUS dma_create_pasid(struct guest *g, struct sluice_create_pasid *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	spin_lock(&dg->lock);
	status = create(dg, a);
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return status;
}

/**
 * dma_delete_pasid() - DeletePasidDevice.
 * Return: as listed at struct sluice_pasid_ref, in that order.
 */
NTSTATUS dma_delete_pasid(struct guest *g, uint64_t pasid)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status = STATUS_SUCCESS;
	struct dma_pasid *sub;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	spin_lock(&dg->lock);
	sub = find(dg, pasid);
	if (sub == NULL) {
		status = STATUS_INVALID_PARAMETER_1;
	} else if (sub->domain != NULL) {
		status = STATUS_RESOURCE_IN_USE;
	} else {
		discard(dg, sub);
	}
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return status;
}

static NTSTATUS attach(struct guest *g, uint64_t domain, uint64_t pasid)
{
	struct dma_guest *dg = dma_guest_of(g);
	struct dma_domain *dma = dma_domain_find(dg, domain);
	struct dma_pasid *sub = find(dg, pasid);

	/* Types that no unit offers have no domain: creation refused them. */
	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (sub == NULL) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (sub->domain != NULL) {
		return STATUS_UNSUCCESSFUL;
	}
	if (!dma_domain_is_allowed(g, dma)) {
		return STATUS_ACCESS_DENIED;
	}
	if (connect(dg, sub, dma)) {
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	sub->domain = dma;
	dma->device_count++;
	/* While the device is detached its untagged DMA stays blocked. */
	dma_device_set_master(sub->device, true);
	return STATUS_SUCCESS;
}

/**
 * dma_attach_pasid() - AttachPasidDevice: its DMA goes through a domain.
 *
 * On success bus-master is on; on failure the sub-device is blocked.
 * Return: as listed at struct sluice_attach_pasid, in that order.
 */
NTSTATUS dma_attach_pasid(struct guest *g, uint64_t domain, uint64_t pasid)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	spin_lock(&dg->lock);
	status = attach(g, domain, pasid);
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return status;
}

static NTSTATUS detach(struct dma_guest *dg, uint64_t pasid)
{
	struct dma_pasid *sub = find(dg, pasid);

	if (sub == NULL || sub->domain == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (leave(sub)) {
		return STATUS_UNSUCCESSFUL;
	}
	if (!is_in_use(dg, sub->device)) {
		dma_device_set_master(sub->device, false);
	}
	return STATUS_SUCCESS;
}

/**
 * dma_detach_pasid() - DetachPasidDevice: blocked, nothing cached.
 *
 * Return: as listed at struct sluice_pasid_ref, in that order; then
 * UNSUCCESSFUL: a unit did not confirm, the sub-device stays attached.
 */
NTSTATUS dma_detach_pasid(struct guest *g, uint64_t pasid)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	spin_lock(&dg->lock);
	status = detach(dg, pasid);
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return status;
}

/**
 * dma_query_device() - QueryDeviceInfo: how a token was configured.
 * Return: as listed at struct sluice_query_device, in that order.
 */
NTSTATUS dma_query_device(struct guest *g, struct sluice_query_device *a)
{
	NTSTATUS status = STATUS_SUCCESS;
	const struct dma_device *dev;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	dev = dma_device_by_token(dma_guest_of(g), a->device);
	if (dev == NULL) {
		status = STATUS_INVALID_PARAMETER_1;
	} else {
		a->default_pasid = dev->has_pasids;
		a->tagged_dma = dev->is_tagged;
		a->faults_suppressed = dev->is_quiet;
	}
	dma_devices_unlock();
	return status;
}
