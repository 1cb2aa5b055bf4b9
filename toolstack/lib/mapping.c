/* SPDX-License-Identifier: MIT */
/*
 * The contract's mapping functions (contract 3.3). Freestanding.
 *
 * One hypercall touches at most SLUICE_MAP_MAX pages, so longer requests go in
 * parts. A map that is refused undoes its parts; an unmap asks about every part
 * before it takes the first. Where a domain has an allocator, the library takes
 * a long request's logical range from it, and gives it back, as a whole.
 */
#include "carrier.h"
#include "contract.h"
#include "memory.h"

/* One part, as @request says but for address and memory. */
static NTSTATUS map_part(const struct sluice_map *request,
			 const struct memory *memory, uint64_t index)
{
	const struct memory part = memory_part(memory, index);
	struct sluice_map call = *request;

	call.kind = part.kind;
	call.base = part.base;
	call.frames = memory_frames(&part);
	call.pages = part.pages;
	call.logical_address += part_bytes(index);
	return SLUICE_CALL(SLUICE_OP_map, &call);
}

/* Unmap, or check, parts [@index, end of @pages), as @request says. */
static NTSTATUS unmap_parts(const struct sluice_unmap *request, uint64_t pages,
			    uint64_t index)
{
	const uint64_t count = part_count(pages);
	NTSTATUS status = STATUS_SUCCESS;

	for (; NT_SUCCESS(status) && index < count; index++) {
		struct sluice_unmap call = *request;

		call.pages = part_pages(pages, index);
		call.logical_address += part_bytes(index);
		status = SLUICE_CALL(SLUICE_OP_unmap, &call);
	}
	return status;
}

/* How to unmap what @request maps: its whole range, or parts of one. */
static struct sluice_unmap unmap_of(const struct sluice_map *request,
				    uint64_t pages)
{
	struct sluice_unmap unmap = {
		.domain = request->domain,
		.logical_address = request->logical_address,
	};

	if (request->options == SLUICE_MAP_PART) {
		unmap.options = SLUICE_UNMAP_PART;
		unmap.range_base = request->logical_address;
		unmap.range_pages = pages;
	}
	return unmap;
}

/*
 * Map at an address, in parts or not at all. The highest goes first: it is the
 * one that may lie beyond the domain, and nothing is mapped when it does.
 */
static NTSTATUS map_parts(const struct sluice_map *request,
			  const struct memory *memory)
{
	const struct sluice_unmap undo = unmap_of(request, memory->pages);
	uint64_t index = part_count(memory->pages);
	NTSTATUS status;

	do {
		index--;
		status = map_part(request, memory, index);
	} while (NT_SUCCESS(status) && index != 0);

	if (NT_SUCCESS(status)) {
		return status;
	}
	/* Unmapping what was just mapped cannot fail; keep the first reason. */
	(void)unmap_parts(&undo, memory->pages, index + 1);
	return memory_reason(request->domain, request->permissions, memory,
			     index, status);
}

static NTSTATUS map_at(struct sluice_map request, const struct memory *memory)
{
	const uint64_t bytes = memory->pages * SLUICE_PAGE_BYTES;

	request.has_logical_address = 1;
	if (memory->pages <= SLUICE_MAP_MAX ||
	    bytes - 1 <= UINT64_MAX - request.logical_address) {
		return map_parts(&request, memory);
	}

	/*
	 * The range wraps, and its last part would end up at its wrong end. Ask
	 * for a misaligned address, which is refused in the same place.
	 */
	request.logical_address = 1;
	return memory_reason(request.domain, request.permissions, memory,
			     part_count(memory->pages),
			     map_part(&request, memory, 0));
}

/* Map where the allocator says; at most SLUICE_MAP_MAX pages. */
static NTSTATUS map_anywhere(struct sluice_map *request,
			     const struct memory *memory)
{
	request->kind = memory->kind;
	request->base = memory->base;
	request->frames = memory_frames(memory);
	request->pages = memory->pages;
	return SLUICE_CALL(SLUICE_OP_map, request);
}

/* As above, longer. @request->logical_address is the range's on success. */
static NTSTATUS map_long_anywhere(struct sluice_map *request,
				  const struct memory *memory)
{
	struct sluice_allocate_range range = {
		.domain = request->domain,
		.pages = memory->pages,
		.min = request->min,
		.max = request->max,
		.has_bounds = request->has_bounds,
	};
	NTSTATUS status = SLUICE_CALL(SLUICE_OP_allocate_range, &range);

	if (!NT_SUCCESS(status)) {
		return memory_reason(request->domain, request->permissions,
				     memory, part_count(memory->pages), status);
	}

	struct sluice_map parts = {
		.domain = request->domain,
		.permissions = request->permissions,
		.has_logical_address = 1,
		.options = SLUICE_MAP_PART,
		.logical_address = range.logical_address,
	};

	status = map_parts(&parts, memory);
	if (!NT_SUCCESS(status)) {
		struct sluice_range_ref back = {
			.domain = request->domain,
			.logical_address = range.logical_address,
			.pages = memory->pages,
		};

		/* It is empty, unless a unit that does not answer keeps it. */
		(void)SLUICE_CALL(SLUICE_OP_free_range, &back);
		return status;
	}
	request->logical_address = range.logical_address;
	return STATUS_SUCCESS;
}

NTSTATUS
contract_map_logical_range_ex(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
			      PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap,
			      PIOMMU_DMA_LOGICAL_ADDRESS ExplicitLogicalAddress,
			      PIOMMU_DMA_LOGICAL_ADDRESS MinLogicalAddress,
			      PIOMMU_DMA_LOGICAL_ADDRESS MaxLogicalAddress,
			      PIOMMU_DMA_LOGICAL_ADDRESS LogicalAddressOut)
{
	if (LogicalAddressOut == NULL) {
		return STATUS_INVALID_PARAMETER_7;
	}

	const struct memory memory = memory_of(PhysicalAddressToMap);
	struct sluice_map request = {
		.domain = handle_of_pointer(Domain),
		.permissions = Permissions,
	};
	NTSTATUS status;

	if (MinLogicalAddress != NULL) {
		request.has_bounds |= SLUICE_HAS_MIN;
		request.min = *MinLogicalAddress;
	}
	if (MaxLogicalAddress != NULL) {
		request.has_bounds |= SLUICE_HAS_MAX;
		request.max = *MaxLogicalAddress;
	}
	if (ExplicitLogicalAddress != NULL) {
		request.logical_address = *ExplicitLogicalAddress;
		status = map_at(request, &memory);
	} else if (memory.pages <= SLUICE_MAP_MAX) {
		status = map_anywhere(&request, &memory);
	} else {
		status = map_long_anywhere(&request, &memory);
	}
	if (NT_SUCCESS(status) && memory.kind == KIND_NONE) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (NT_SUCCESS(status)) {
		*LogicalAddressOut = request.logical_address;
	}
	return status;
}

NTSTATUS contract_map_logical_range(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
				    PMDL Mdl, ULONGLONG LogicalAddress)
{
	const struct memory memory = memory_of_mdl(Mdl);
	const struct sluice_map request = {
		.domain = handle_of_pointer(Domain),
		.permissions = Permissions,
		.logical_address = LogicalAddress,
	};
	NTSTATUS status = map_at(request, &memory);

	if (NT_SUCCESS(status) && memory.kind == KIND_NONE) {
		return STATUS_INVALID_PARAMETER_3;
	}
	return status;
}

/* Ask for a range of no pages: it is refused so only by an allocator. */
static bool domain_has_allocator(uint64_t domain)
{
	struct sluice_allocate_range call = {.domain = domain};

	return SLUICE_CALL(SLUICE_OP_allocate_range, &call) ==
	       STATUS_INVALID_PARAMETER_3;
}

/* All parts or none: an unmap of more than SLUICE_MAP_MAX pages. */
static NTSTATUS unmap_long(struct sluice_unmap request, uint64_t pages)
{
	const bool is_range = domain_has_allocator(request.domain);
	NTSTATUS status;

	if (is_range) {
		request.options = SLUICE_UNMAP_PART;
		request.range_base = request.logical_address;
		request.range_pages = pages;
	}
	request.options |= SLUICE_UNMAP_CHECK;
	status = unmap_parts(&request, pages, 0);
	if (!NT_SUCCESS(status)) {
		return status;
	}
	request.options &= ~SLUICE_UNMAP_CHECK;
	status = unmap_parts(&request, pages, 0);
	if (NT_SUCCESS(status) && is_range) {
		struct sluice_range_ref back = {
			.domain = request.domain,
			.logical_address = request.logical_address,
			.pages = pages,
		};

		status = SLUICE_CALL(SLUICE_OP_free_range, &back);
	}
	return status;
}

NTSTATUS contract_unmap_logical_range(PIOMMU_DMA_DOMAIN Domain,
				      ULONGLONG LogicalAddress,
				      ULONGLONG NumberOfPages)
{
	const uint64_t room = (UINT64_MAX - LogicalAddress) / SLUICE_PAGE_BYTES;
	struct sluice_unmap call = {
		.domain = handle_of_pointer(Domain),
		.logical_address = LogicalAddress,
		.pages = NumberOfPages,
	};

	/* Only a page count beyond the address space can wrap at or after 0. */
	if (NumberOfPages == 0 || NumberOfPages - 1 <= room) {
		return NumberOfPages <= SLUICE_MAP_MAX
			       ? SLUICE_CALL(SLUICE_OP_unmap, &call)
			       : unmap_long(call, NumberOfPages);
	}

	/*
	 * The range wraps, and its parts would end up at its wrong end. Ask for
	 * more pages than may be asked for: nothing is touched, and a wrong
	 * domain or address still answers first.
	 */
	call.pages = SLUICE_MAP_MAX + 1;

	NTSTATUS status = SLUICE_CALL(SLUICE_OP_unmap, &call);

	if (NT_SUCCESS(status) || status == STATUS_INVALID_PARAMETER_3) {
		return STATUS_INVALID_PARAMETER;
	}
	return status;
}
