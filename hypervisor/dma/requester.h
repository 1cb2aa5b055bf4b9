/* SPDX-License-Identifier: MIT */
/*
 * A device as the units see it: the requester ids that its DMA may carry. All
 * of them go where the device goes, all or none.
 *
 *   id of one live device or more   through their table
 *   id of none, regions of the      through a table of those regions alone,
 *   firmware in its group           kept by the hypervisor
 *   id of none                      blocked
 *
 * So a device for which the firmware keeps memory reaches that memory from the
 * start on, at every moment, whoever owns it.
 *
 * The registry's lock is held in all of these.
 */
#pragma once

#include "dma/device.h"

/**
 * dma_requesters_keep() - Let the firmware's regions be reached by all devices
 * that need them, which are blocked. Start-up only.
 *
 * A group for which that fails is assigned to nobody, with a line, and its
 * regions are reached only through domains.
 */
void dma_requesters_keep(void);

/**
 * dma_requester_attach() - All ids through a table; one that another live
 * device uses goes through it already. @dev is not live.
 * Return: 0; -XEN_ENOMEM, -XEN_EIO: all are as before.
 */
int dma_requester_attach(const struct dma_device *dev,
			 struct iommu_target target) __must_check;

/**
 * dma_requester_renew() - All ids, which go through a nested target, through
 * another under the same id; see iommu_attach(). Return: 0, -XEN_EIO.
 */
int dma_requester_renew(const struct dma_device *dev,
			struct iommu_target target) __must_check;

/**
 * dma_requester_block() - All ids that no other live device uses.
 * Return: 0, confirmed; -XEN_EIO: some may still go through the table, and the
 * call may be repeated.
 */
int dma_requester_block(const struct dma_device *dev) __must_check;

/**
 * dma_requester_silence() - No interrupt passes under any of its ids.
 *
 * Those that it shares are silent from then on until a member of its group is
 * at home again: a guest's device has interrupts under its own id alone.
 * Return: 0; -XEN_EIO as iommu_intr_drop().
 */
int dma_requester_silence(const struct dma_device *dev) __must_check;

/* dma_requester_hear() - Under all of its ids interrupts are the control
 * domain's. Return: 0; -XEN_EIO as iommu_intr_close(). */
int dma_requester_hear(const struct dma_device *dev) __must_check;
