/* SPDX-License-Identifier: MIT */
/*
 * What a caller's descriptor of memory says, in the ABI's words, and the parts
 * of at most SLUICE_MAP_MAX pages in which it goes to the hypervisor.
 */
#pragma once

#include <sluice/dma_iommu.h>
#include <sluice/dma_ops.h>

/* No enum sluice_map_kind: the hypervisor refuses it in its place. */
#define KIND_NONE 0u

/* Memory, or a part of it. */
struct memory {
	uint32_t kind;		  /* KIND_NONE: the descriptor is not valid */
	uint64_t base;		  /* contiguous: guest-physical address     */
	const PFN_NUMBER *frames; /* frames: list                           */
	uint64_t pages;		  /* at most UINT64_MAX >> 12               */
};

/* memory_of() - Read a descriptor, which may be NULL. */
struct memory memory_of(const IOMMU_MAP_PHYSICAL_ADDRESS *address);

/* memory_of_mdl() - Read an MDL, which may be NULL. */
struct memory memory_of_mdl(const MDL *mdl);

/* memory_none() - What the hypervisor refuses as a descriptor. */
struct memory memory_none(void);

/* part_count() - Parts of so many pages; one, empty, of none. */
uint64_t part_count(uint64_t pages);

/* part_pages() - Pages of part @index of @pages. */
uint64_t part_pages(uint64_t pages, uint64_t index);

/* part_bytes() - Where part @index begins, counted from the first. */
uint64_t part_bytes(uint64_t index);

/* memory_part() - Part @index. */
struct memory memory_part(const struct memory *memory, uint64_t index);

/* memory_frames() - struct sluice_map's .frames: the list's address, or 0. */
uint64_t memory_frames(const struct memory *part);

/**
 * memory_reason() - Why a request in parts is refused, when one part was.
 * @domain:      the domain
 * @permissions: the permissions
 * @memory:      the whole request's
 * @parts:       parts that were not asked about: those before this one
 * @status:      the refusal
 *
 * An argument that is wrong in another part comes before what stands later in
 * the order of checks. Asks by map calls that have a misaligned address, so
 * that none can succeed.
 * Return: IP_1, IP_2 or IP_3 if a part is refused so, else @status.
 */
NTSTATUS memory_reason(uint64_t domain, uint32_t permissions,
		       const struct memory *memory, uint64_t parts,
		       NTSTATUS status);
