/* SPDX-License-Identifier: MIT */
/* From DMAR's device scopes to requester ids, at start-up. */
#pragma once

#include "iommu/unit.h"

/**
 * vtd_add_scopes() - Name the requesters of the @index-th unit of DMAR.
 * @unit: registered
 *
 * A scope of a bridge is the bridge and all buses behind it. What leads to a
 * bridge that is not there names nobody, with a line in the log.
 * Return: 0; -XEN_EINVAL a scope that no machine has, with a line that says
 * which byte; -XEN_ENOSPC more than fit.
 */
int vtd_add_scopes(struct iommu_unit *unit, unsigned index) __must_check;

/* vtd_add_regions() - Tell iommu/region.h of RMRR. Return: as above. */
int vtd_add_regions(void) __must_check;
