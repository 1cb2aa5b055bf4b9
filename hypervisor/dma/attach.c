// SPDX-License-Identifier: MIT
/*
 * What a guest does with its devices: CreateDevice, AttachDeviceEx,
 * DetachDeviceEx, DeleteDevice, QueryAvailableDomainTypes. Takes the registry's
 * lock, then the guest's. Follows the contract, 3.2 and section 5 Q27-Q36.
 */
#include "dma/configure.h"
#include "dma/device.h"
#include "dma/dma.h"
#include "dma/group.h"
#include "dma/policy.h"
#include "dma/service.h"
#include "lib/check.h"

/* Contract 2.3, 2.8: nothing, or PASIDs where every unit tells them apart. */
static bool is_configuration(const struct sluice_create_device *a)
{
	if (a->config_type == IommuDeviceCreationConfigTypeNone) {
		return true;
	}
	return a->config_type == IommuDeviceCreationConfigTypePasid &&
	       dma_service_limits()->pasid_count != 0 &&
	       a->pasid_type < PasidConfigTypeMax && a->suppress_faults <= 1;
}

static void configure(struct dma_device *dev,
		      const struct sluice_create_device *a)
{
	dev->has_pasids = a->config_type == IommuDeviceCreationConfigTypePasid;
	dev->is_tagged = dev->has_pasids &&
			 a->pasid_type == PasidConfigTypePasidTaggedDma;
	dev->is_quiet = dev->has_pasids && a->suppress_faults != 0;
	dev->pasid_count = 0;
	dev->type_changes = 1;
}

static NTSTATUS create_device(struct dma_guest *dg,
			      struct sluice_create_device *a)
{
	struct dma_device *dev = dma_device_find_own(dg, a->sbdf);

	if (dev == NULL || !dev->is_usable) {
		return STATUS_NOT_FOUND;
	}
	if (!is_configuration(a)) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (dev->token != 0) {
		return STATUS_RESOURCE_IN_USE;
	}
	/* One slot for each function there is. */
	dev->token = idmap_add(&dg->tokens, dev);
	CHECK(dev->token != 0);
	configure(dev, a);
	a->device = dev->token;
	return STATUS_SUCCESS;
}

/**
 * dma_create_device() - CreateDevice: a token for a device in @g's view.
 *
 * Moves no DMA: a guest's device stays blocked, the control domain's own stays
 * in its PassThrough table until it is attached elsewhere.
 * Return: as listed at struct sluice_create_device, in that order.
 */
NTSTATUS dma_create_device(struct guest *g, struct sluice_create_device *a)
{
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	status = create_device(dma_guest_of(g), a);
	dma_devices_unlock();
	return status;
}

/* The control domain's own devices go where they were before the token. */
static void go_home(struct dma_guest *dg, struct dma_device *dev)
{
	int err;

	if (!dg->guest->is_control || dev->is_live) {
		return;
	}
	spin_lock(&dg->lock);
	err = dma_device_connect_home(dev);
	spin_unlock(&dg->lock);
	/* On error, which is logged, it stays blocked: that harms nobody else.
	 */
	(void)err;
}

/**
 * dma_delete_device() - DeleteDevice.
 * Return: as listed at struct sluice_device_ref, in that order.
 */
NTSTATUS dma_delete_device(struct guest *g, uint64_t device)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status = STATUS_SUCCESS;
	struct dma_device *dev;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	dev = dma_device_by_token(dg, device);
	if (dev == NULL) {
		status = STATUS_INVALID_PARAMETER_1;
	} else if (dev->domain != NULL || dev->pasid_count != 0) {
		status = STATUS_RESOURCE_IN_USE;
	} else {
		dma_device_drop_token(dev);
		go_home(dg, dev);
	}
	dma_devices_unlock();
	return status;
}

/* Both locks held; every refusal that leaves the hardware alone is over. */
static NTSTATUS attach(struct dma_device *dev, struct dma_domain *dma)
{
	NTSTATUS status = dma_firmware_claim(dev->owner, dma, dev->regions);

	if (status != STATUS_SUCCESS) {
		return status;
	}
	/* Only the control domain's is live here: it leaves home first. */
	if (dma_device_block(dev) || dma_device_connect(dev, dma)) {
		dma_firmware_drop(dev->owner, dma, dev->regions);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	dev->domain = dma;
	dma->device_count++;
	/* Last, so that its first request finds the domain in place. */
	dma_device_set_master(dev, true);
	return STATUS_SUCCESS;
}

static NTSTATUS attach_locked(struct guest *g, uint64_t domain, uint64_t device)
{
	struct dma_guest *dg = dma_guest_of(g);
	struct dma_domain *dma = dma_domain_find(dg, domain);
	struct dma_device *dev = dma_device_by_token(dg, device);

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (dev == NULL) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (dev->domain != NULL || dma_group_is_elsewhere(dev, dma)) {
		return STATUS_INVALID_PARAMETER;
	}
	if (!dma_domain_is_allowed(g, dma) ||
	    (dma_device_types(dev) & 1u << dma->type) == 0) {
		return STATUS_ACCESS_DENIED;
	}
	return attach(dev, dma);
}

/**
 * dma_attach_device() - AttachDeviceEx: the device's DMA goes through a domain.
 *
 * There is no implicit move. On success bus-master is on; on failure the device
 * is blocked.
 * Return: as listed at struct sluice_attach_device, in that order.
 */
NTSTATUS dma_attach_device(struct guest *g, uint64_t domain, uint64_t device)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	spin_lock(&dg->lock);
	status = attach_locked(g, domain, device);
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return status;
}

/**
 * dma_detach_device() - DetachDeviceEx: silent, blocked, nothing cached.
 *
 * Return: as listed at struct sluice_device_ref; then UNSUCCESSFUL: a unit did
 * not confirm, the device stays attached with bus-master off.
 */
NTSTATUS dma_detach_device(struct guest *g, uint64_t device)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status = STATUS_SUCCESS;
	struct dma_device *dev;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	spin_lock(&dg->lock);
	dev = dma_device_by_token(dg, device);
	if (dev == NULL || dev->domain == NULL) {
		status = STATUS_INVALID_PARAMETER_1;
	} else if (dma_device_leave(dev)) {
		status = STATUS_UNSUCCESSFUL;
	}
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return status;
}

/**
 * dma_query_domain_types() - QueryAvailableDomainTypes: a hint, no promise.
 *
 * Return: NOT_SUPPORTED no domain interface; INVALID_PARAMETER_1 not a device
 * token of @g.
 */
NTSTATUS dma_query_domain_types(struct guest *g, struct sluice_domain_types *a)
{
	const struct dma_device *dev;
	NTSTATUS status = STATUS_SUCCESS;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	dev = dma_device_by_token(dma_guest_of(g), a->device);
	if (dev == NULL) {
		status = STATUS_INVALID_PARAMETER_1;
	} else {
		a->types = dma_device_types(dev);
	}
	dma_devices_unlock();
	return status;
}
