/* SPDX-License-Identifier: MIT */
/*
 * The registry of units as it is filled at start-up: which units there are, and
 * whom each names. Who only asks it includes iommu/unit.h.
 */
#pragma once

#include "iommu/unit.h"

#define IOMMU_SCOPES_MAX 512u

/**
 * iommu_register_unit() - Used by iommu_start() and by the tests' machines.
 * @unit: probed; .ops, .limits and the place are set. Kept until iommu_reset().
 * Return: 0; -XEN_EINVAL its backend is not that of the other units;
 * -XEN_ENOSPC IOMMU_UNITS_MAX reached; -XEN_EEXIST a second catch-all unit of
 * its segment.
 */
int iommu_register_unit(struct iommu_unit *unit) __must_check;

/**
 * iommu_add_scope() - Name requesters @first..@last that @unit covers
 * explicitly; it may name one more than once.
 * Return: 0; -XEN_EEXIST another unit names one; -XEN_ENOSPC IOMMU_SCOPES_MAX.
 */
int iommu_add_scope(struct iommu_unit *unit, uint16_t first,
		    uint16_t last) __must_check;

/* Backends. A probe returns 0, -XEN_ENODEV, -XEN_EOPNOTSUPP or -XEN_EIO. */
int vtd_probe(struct iommu_unit *unit);
extern const struct iommu_ops vtd_ops;

/* Also sets .register_bytes. @ivrs stays; the unit is @ivrs->unit[@index]. */
struct ivrs;
int amdvi_probe(struct iommu_unit *unit, const struct ivrs *ivrs,
		unsigned index);
extern const struct iommu_ops amdvi_ops;
