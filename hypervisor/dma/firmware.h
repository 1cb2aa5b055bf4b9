/* SPDX-License-Identifier: MIT */
/*
 * The firmware's regions (RMRR, IVMD): memory that a device reaches for its
 * firmware, at its machine address, with the rights that the firmware said, in
 * whatever table the device goes through. In a domain they are reserved as long
 * as a device that needs them is attached; several devices may share one.
 *
 * A region is believed when it lies in memory that the firmware reserves, and
 * nowhere else: not in RAM, whoever's, nor over registers.
 */
#pragma once

#include "iommu/region.h"

#include <sluice/ntstatus.h>

struct dma_guest;
struct dma_domain;

/* Which regions a table holds, and for how many attached devices. */
struct dma_firmware {
	uint16_t users[IOMMU_REGIONS_MAX];
};

static_assert(IOMMU_REGIONS_MAX <= 32, "a set of regions is one word");

/*
 * dma_is_firmware_memory - All of @at is reserved in the firmware's memory map.
 * Set at start by whoever has the map; until then nothing is.
 */
extern bool (*dma_is_firmware_memory)(struct range at);

/* dma_firmware_start() - Judge each region; a line for those not believed. */
void dma_firmware_start(void);

/* dma_firmware_is_sound() - The n-th region is believed. */
bool dma_firmware_is_sound(unsigned n);

/**
 * dma_firmware_map() - Map a set of regions in a table that no unit walks.
 * @regions: bit n = the n-th region
 * Return: 0; -XEN_ENOMEM, after which the table is to be destroyed.
 */
int dma_firmware_map(struct pt *pt, uint32_t regions) __must_check;

/**
 * dma_firmware_claim() - A device that needs @regions is to join a table.
 * @dma: domain with a table; NULL = @dg's PassThrough table itself
 *
 * The guest's lock is held. All or nothing.
 * Return: SUCCESS; INVALID_PARAMETER something else is mapped, reserved or
 * allocated where one would be; INSUFFICIENT_RESOURCES no memory, or a unit
 * that does not confirm.
 */
NTSTATUS dma_firmware_claim(struct dma_guest *dg, struct dma_domain *dma,
			    uint32_t regions);

/**
 * dma_firmware_drop() - That device has left, blocked and confirmed.
 *
 * What nobody needs any more is unmapped and flushed. If no unit confirms the
 * flush, tables are lost and the domain owes the flush.
 */
void dma_firmware_drop(struct dma_guest *dg, struct dma_domain *dma,
		       uint32_t regions);

/* dma_firmware_overlaps() - A region that is mapped now touches @at. */
bool dma_firmware_overlaps(const struct dma_firmware *firmware,
			   struct range at);

/* dma_firmware_count() - Regions mapped now. */
uint32_t dma_firmware_count(const struct dma_firmware *firmware);
