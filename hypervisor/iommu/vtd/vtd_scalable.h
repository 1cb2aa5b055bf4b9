/* SPDX-License-Identifier: MIT */
/*
 * Scalable mode with the first stage, for units that have no other way: one
 * that walks second-stage tables is driven in legacy mode (vtd_unit.c), which
 * serves Translate, the type that every caller knows.
 */
#pragma once

#include "iommu/vtd/vtd.h"

/* vtd_scalable_is_needed() - Has the unit, of the two stages, the first alone?
 */
bool vtd_scalable_is_needed(uint64_t ecap);

/* vtd_scalable_limits() - What such a unit can do. */
struct iommu_limits vtd_scalable_limits(uint64_t cap, uint64_t ecap);

extern const struct iommu_ops vtd_scalable_ops;
