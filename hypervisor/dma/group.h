/* SPDX-License-Identifier: MIT */
/*
 * Groups: functions that share a requester id (platform/pci_group.h), and so
 * cannot be told apart by a unit. A group belongs to one guest and goes through
 * one domain:
 *
 *   quarantine  each member by itself
 *   assign      when every other member is in quarantine or that guest's
 *   release     when no member is a guest's
 *   attach      when all are the caller's; where one goes, the others go
 *
 * The registry's lock is held in all of these.
 */
#pragma once

#include "dma/device.h"

/* dma_groups_find() - Leaders, regions, and who is fit; start-up only. */
void dma_groups_find(void);

/* dma_group_spoil() - No member is assigned from now on. @why: SLUICE_UNFIT_*
 */
void dma_group_spoil(const struct dma_device *leader, uint8_t why);

/* dma_group_is_of() - All members are @dg's. */
bool dma_group_is_of(const struct dma_device *dev, const struct dma_guest *dg);

/*
 * dma_group_may_join() - The other members are nobody's or @dg's; a line names
 * one that is not.
 */
bool dma_group_may_join(const struct dma_device *dev,
			const struct dma_guest *dg);

/* dma_device_types() - Mask of 1 << type that @dev may be attached to now. */
uint32_t dma_device_types(const struct dma_device *dev);

/* dma_group_is_elsewhere() - A member goes, or is to go, through another
 * domain than @dma, home included. */
bool dma_group_is_elsewhere(const struct dma_device *dev,
			    const struct dma_domain *dma);
