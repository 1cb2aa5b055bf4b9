/* SPDX-License-Identifier: MIT */
/*
 * Sub-devices: what a device does under one PASID is attached to domains by
 * itself, beside the untagged rest. Numbers come from the pool of ASIDs, so
 * that no two sub-devices of the machine share one. Contract 2.8, 3.7.
 *
 *   CreatePasidDevice -> blocked; AttachPasidDevice -> goes through a domain;
 *   DetachPasidDevice -> blocked; DeletePasidDevice -> number free
 */
#pragma once

#include "dma/device.h"

#include <sluice/dma_device.h>

/* All of these are called with both locks held. */

/* dma_pasids_retarget() - As dma_device_retarget(), for a domain's. */
int dma_pasids_retarget(struct dma_guest *dg,
			struct dma_domain *dma) __must_check;

/* dma_pasids_apply_policy() - Block or resume what is attached untranslated. */
int dma_pasids_apply_policy(struct dma_guest *dg) __must_check;

/**
 * dma_pasids_drop() - Block and delete every sub-device of a device that its
 * owner loses. Return: 0; -XEN_EIO: those that a unit did not confirm stay.
 */
int dma_pasids_drop(struct dma_device *dev) __must_check;

/* Sub-ops. */
NTSTATUS dma_create_pasid(struct guest *g, struct sluice_create_pasid *a);
NTSTATUS dma_delete_pasid(struct guest *g, uint64_t pasid);
NTSTATUS dma_attach_pasid(struct guest *g, uint64_t domain, uint64_t pasid);
NTSTATUS dma_detach_pasid(struct guest *g, uint64_t pasid);
NTSTATUS dma_query_device(struct guest *g, struct sluice_query_device *a);
