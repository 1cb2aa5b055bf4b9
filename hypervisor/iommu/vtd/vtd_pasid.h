/* SPDX-License-Identifier: MIT */
/*
 * The tables of scalable mode, one requester at a time. What they say is in
 * memory after each call, where the unit finds it; making the unit forget what
 * they said before is the caller's.
 */
#pragma once

#include "iommu/vtd/vtd.h"

/* Requests without PASID are treated as if they had this one. */
#define VTD_RID_PASID 0u

#define VTD_PASID_LEVELS 4u /* of a first-stage table */

/**
 * vtd_pasid_prepare() - Give a requester tables of its own, absent entries.
 * Return: 0; -XEN_ENOMEM, and it is blocked as before.
 */
int vtd_pasid_prepare(const struct iommu_unit *unit, uint16_t bdf) __must_check;

/* vtd_pasid_set() - A prepared, blocked requester goes through @target. */
void vtd_pasid_set(const struct iommu_unit *unit, uint16_t bdf,
		   struct iommu_target target);

/* vtd_pasid_clear() - It is blocked; one that was never prepared is. */
void vtd_pasid_clear(const struct iommu_unit *unit, uint16_t bdf);

/**
 * vtd_pasid_lead() - A requester that is let through goes through @target.
 *
 * One store; the entry that led elsewhere stays as it is, for a unit that has
 * not forgotten the way to it. Return: for vtd_pasid_lead_back(), which undoes
 * that store.
 */
uint64_t vtd_pasid_lead(const struct iommu_unit *unit, uint16_t bdf,
			struct iommu_target target);
void vtd_pasid_lead_back(const struct iommu_unit *unit, uint16_t bdf,
			 uint64_t before);

/* vtd_pasid_clear_other() - Nothing stands where it does not go. */
void vtd_pasid_clear_other(const struct iommu_unit *unit, uint16_t bdf);

/* vtd_pasid_silence() - No faults of it are recorded. 0, -XEN_ENODEV no table.
 */
int vtd_pasid_silence(const struct iommu_unit *unit, uint16_t bdf) __must_check;

bool vtd_pasid_is_blocked(struct iommu_unit *unit, uint16_t bdf);
