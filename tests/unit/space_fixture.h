/* SPDX-License-Identifier: MIT */
/*
 * Calls on a domain's address space as one line each, for the suites about
 * identity ranges, the allocator and large leaves.
 */
#pragma once

#include "service_fixture.h"

#define BYTES(n)    ((uint64_t)(n)*PAGE_BYTES)
#define TABLE_SPAN  UINT64_C(0x200000) /* what one table of leaves maps      */
#define LARGE_PAGES 512u
#define SPACE_PAGES 1200u /* RAM of space_guest() */

/* A guest with RAM under three tables, V1 = D1 assigned. */
static inline struct fake_guest *space_guest(uint32_t table_page_quota)
{
	struct fake_guest_config c = {.ram_pages = SPACE_PAGES,
				      .table_page_quota = table_page_quota};
	struct fake_guest *g = fake_guest_create(&c);

	fake_guest_assign(g, D1);
	fake_guest_run(g);
	return g;
}

/* ---- identity ---- */

static inline NTSTATUS map_same(struct fake_guest *g, uint64_t domain,
				uint64_t base, uint64_t pages, uint32_t rights)
{
	struct sluice_identity a = {.domain = domain,
				    .permissions = rights,
				    .kind = SLUICE_MAP_CONTIGUOUS,
				    .base = base,
				    .pages = pages};

	return CALL(g, map_identity, a);
}

static inline NTSTATUS unmap_same(struct fake_guest *g, uint64_t domain,
				  uint64_t base, uint64_t pages)
{
	struct sluice_identity a = {.domain = domain,
				    .kind = SLUICE_MAP_CONTIGUOUS,
				    .base = base,
				    .pages = pages};

	return CALL(g, unmap_identity, a);
}

static inline struct sluice_identity list_of(struct fake_guest *g,
					     uint64_t domain,
					     const uint64_t *frames,
					     uint64_t pages)
{
	return (struct sluice_identity){
		.domain = domain,
		.kind = SLUICE_MAP_FRAMES,
		.frames = fake_guest_list(g, frames, pages * sizeof(frames[0])),
		.pages = pages,
	};
}

static inline NTSTATUS map_each(struct fake_guest *g, uint64_t domain,
				const uint64_t *frames, uint64_t pages,
				uint32_t rights)
{
	struct sluice_identity a = list_of(g, domain, frames, pages);

	a.permissions = rights;
	return CALL(g, map_identity, a);
}

static inline NTSTATUS unmap_each(struct fake_guest *g, uint64_t domain,
				  const uint64_t *frames, uint64_t pages)
{
	struct sluice_identity a = list_of(g, domain, frames, pages);

	return CALL(g, unmap_identity, a);
}

/* ---- the allocator ---- */

static inline NTSTATUS create_allocating(struct fake_guest *g, unsigned width,
					 uint64_t *domain)
{
	struct sluice_create_domain a = {
		.type = DomainTypeTranslate,
		.allocator_type = IommuDmaLogicalAllocatorBuddy,
		.allocator_width = width,
	};
	NTSTATUS status = CALL(g, create_domain, a);

	*domain = a.domain;
	return status;
}

static inline uint64_t new_allocating(struct fake_guest *g, unsigned width)
{
	uint64_t domain;

	ANSWERS(STATUS_SUCCESS, create_allocating(g, width, &domain));
	return domain;
}

/* What is asked of the allocator: so many pages, within what bounds. */
struct wish {
	uint64_t pages;
	uint32_t has;
	uint64_t min, max;
};

static inline NTSTATUS allocate(struct fake_guest *g, uint64_t domain,
				struct wish w, uint64_t *la)
{
	struct sluice_allocate_range a = {.domain = domain,
					  .pages = w.pages,
					  .has_bounds = w.has,
					  .min = w.min,
					  .max = w.max};
	NTSTATUS status = CALL(g, allocate_range, a);

	*la = a.logical_address;
	return status;
}

/* A range of @pages, wherever it lies. */
static inline uint64_t new_range(struct fake_guest *g, uint64_t domain,
				 uint64_t pages)
{
	uint64_t la;

	ANSWERS(STATUS_SUCCESS,
		allocate(g, domain, (struct wish){.pages = pages}, &la));
	return la;
}

static inline NTSTATUS free_range(struct fake_guest *g, uint64_t domain,
				  uint64_t la, uint64_t pages)
{
	struct sluice_range_ref a = {
		.domain = domain, .logical_address = la, .pages = pages};

	return CALL(g, free_range, a);
}

/* Guest pages from @gpa on, where the allocator chooses. */
static inline NTSTATUS map_anywhere(struct fake_guest *g, uint64_t domain,
				    uint64_t gpa, struct wish w, uint64_t *la)
{
	struct sluice_map a = {.domain = domain,
			       .permissions = RW,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = gpa,
			       .pages = w.pages,
			       .has_bounds = w.has,
			       .min = w.min,
			       .max = w.max};
	NTSTATUS status = CALL(g, map, a);

	*la = a.logical_address;
	return status;
}

/* Guest pages from @gpa on, into a range that was allocated. */
static inline NTSTATUS map_inside(struct fake_guest *g, uint64_t domain,
				  uint64_t la, uint64_t gpa, uint64_t pages)
{
	struct sluice_map a = {.domain = domain,
			       .permissions = RW,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = gpa,
			       .pages = pages,
			       .logical_address = la,
			       .has_logical_address = 1,
			       .options = SLUICE_MAP_PART};

	return CALL(g, map, a);
}

/* A part of the range of @length pages at @base. */
static inline NTSTATUS unmap_inside(struct fake_guest *g, uint64_t domain,
				    uint64_t la, uint64_t pages, uint64_t base,
				    uint64_t length)
{
	struct sluice_unmap a = {.domain = domain,
				 .logical_address = la,
				 .pages = pages,
				 .range_base = base,
				 .range_pages = length,
				 .options = SLUICE_UNMAP_PART};

	return CALL(g, unmap, a);
}
