/* SPDX-License-Identifier: MIT */
/*
 * The contract's mapping functions (contract 3.3). Freestanding.
 *
 * One hypercall touches at most SLUICE_MAP_MAX pages, so longer requests go in
 * parts, and a refused part undoes the earlier ones. What the hypervisor
 * cannot see in an argument goes out as something that it refuses in that
 * argument's place, so that the order of checks stays its own.
 */
#include "carrier.h"
#include "contract.h"

/* No enum sluice_map_kind: refused as argument 3. */
#define KIND_NONE 0u

/* What a descriptor says, in the ABI's words. */
struct memory {
	uint32_t kind;		  /* KIND_NONE: it is not valid            */
	uint64_t base;		  /* contiguous: guest-physical address    */
	const PFN_NUMBER *frames; /* frames: list                          */
	uint64_t pages;
};

static struct memory memory_of_mdl(const MDL *mdl)
{
	struct memory memory = {.kind = KIND_NONE};

	if (mdl != NULL && mdl->PageFrame != NULL && mdl->ByteOffset == 0 &&
	    mdl->ByteCount % SLUICE_PAGE_BYTES == 0) {
		memory.kind = SLUICE_MAP_FRAMES;
		memory.frames = mdl->PageFrame;
		memory.pages = mdl->ByteCount / SLUICE_PAGE_BYTES;
	}
	return memory;
}

static struct memory memory_of(const IOMMU_MAP_PHYSICAL_ADDRESS *address)
{
	struct memory memory = {.kind = KIND_NONE};

	if (address == NULL) {
		return memory;
	}
	switch (address->MapType) {
	case MapPhysicalAddressTypeMdl:
		return memory_of_mdl(address->Mdl.Mdl);
	case MapPhysicalAddressTypeContiguousRange:
		if (address->ContiguousRange.Size % SLUICE_PAGE_BYTES == 0) {
			memory.kind = SLUICE_MAP_CONTIGUOUS;
			memory.base = (uint64_t)address->ContiguousRange.Base;
			memory.pages = address->ContiguousRange.Size /
				       SLUICE_PAGE_BYTES;
		}
		return memory;
	case MapPhysicalAddressTypePfn:
		if (address->PfnArray.PageFrame != NULL) {
			memory.kind = SLUICE_MAP_FRAMES;
			memory.frames = address->PfnArray.PageFrame;
			memory.pages = address->PfnArray.NumberOfPages;
		}
		return memory;
	default:
		return memory;
	}
}

static uint64_t part_of(uint64_t pages)
{
	return pages < SLUICE_MAP_MAX ? pages : SLUICE_MAP_MAX;
}

/* Unmap in parts, lowest first, at most SLUICE_MAP_MAX pages each. */
static NTSTATUS unmap_parts(uint64_t domain, uint64_t logical, uint64_t pages)
{
	NTSTATUS status;

	do {
		struct sluice_unmap call = {
			.domain = domain,
			.logical_address = logical,
			.pages = part_of(pages),
		};

		status = SLUICE_CALL(SLUICE_OP_unmap, &call);
		logical += part_of(pages) * SLUICE_PAGE_BYTES;
		pages -= part_of(pages);
	} while (NT_SUCCESS(status) && pages != 0);
	return status;
}

/*
 * Map in parts, or not at all. Every part starts where the one before ended; a
 * sum that wraps is refused by the part that reaches the end of the domain.
 */
static NTSTATUS map_parts(struct sluice_map call, const struct memory *memory)
{
	uint64_t first = call.logical_address;
	uint64_t done = 0;
	NTSTATUS status;

	do {
		struct sluice_map part = call;
		uint64_t bytes = done * SLUICE_PAGE_BYTES;

		part.pages = part_of(memory->pages - done);
		part.logical_address = first + bytes;
		if (memory->kind == SLUICE_MAP_CONTIGUOUS) {
			part.base = memory->base + bytes;
		}
		if (memory->kind == SLUICE_MAP_FRAMES) {
			part.frames = (uintptr_t)(memory->frames + done);
		}
		status = SLUICE_CALL(SLUICE_OP_map, &part);
		if (NT_SUCCESS(status)) {
			done += part.pages;
		}
	} while (NT_SUCCESS(status) && done != memory->pages);

	/* Unmapping what was just mapped cannot fail; keep the first reason. */
	if (!NT_SUCCESS(status) && done != 0) {
		(void)unmap_parts(call.domain, first, done);
	}
	return status;
}

NTSTATUS
contract_map_logical_range_ex(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
			      PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap,
			      PIOMMU_DMA_LOGICAL_ADDRESS ExplicitLogicalAddress,
			      PIOMMU_DMA_LOGICAL_ADDRESS MinLogicalAddress,
			      PIOMMU_DMA_LOGICAL_ADDRESS MaxLogicalAddress,
			      PIOMMU_DMA_LOGICAL_ADDRESS LogicalAddressOut)
{
	/* No domain of this release has an allocator, which would need them. */
	(void)MinLogicalAddress;
	(void)MaxLogicalAddress;

	if (LogicalAddressOut == NULL) {
		return STATUS_INVALID_PARAMETER_7;
	}

	const struct memory memory = memory_of(PhysicalAddressToMap);
	struct sluice_map call = {
		.domain = handle_of_pointer(Domain),
		.permissions = Permissions,
		.kind = memory.kind,
	};

	if (ExplicitLogicalAddress != NULL) {
		call.has_logical_address = 1;
		call.logical_address = *ExplicitLogicalAddress;
	}

	NTSTATUS status = map_parts(call, &memory);

	if (NT_SUCCESS(status) && memory.kind == KIND_NONE) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (NT_SUCCESS(status)) {
		*LogicalAddressOut = call.logical_address;
	}
	return status;
}

NTSTATUS contract_unmap_logical_range(PIOMMU_DMA_DOMAIN Domain,
				      ULONGLONG LogicalAddress,
				      ULONGLONG NumberOfPages)
{
	const uint64_t domain = handle_of_pointer(Domain);
	const uint64_t room = (UINT64_MAX - LogicalAddress) / SLUICE_PAGE_BYTES;

	/* Only a page count beyond the address space can wrap at or after 0. */
	if (NumberOfPages == 0 || NumberOfPages - 1 <= room) {
		return unmap_parts(domain, LogicalAddress, NumberOfPages);
	}

	/*
	 * The range wraps, and its parts would end up at its wrong end. Ask for
	 * more pages than may be asked for: nothing is touched, and a wrong
	 * domain or address still answers first.
	 */
	struct sluice_unmap call = {
		.domain = domain,
		.logical_address = LogicalAddress,
		.pages = SLUICE_MAP_MAX + 1,
	};
	NTSTATUS status = SLUICE_CALL(SLUICE_OP_unmap, &call);

	if (NT_SUCCESS(status) || status == STATUS_INVALID_PARAMETER_3) {
		return STATUS_INVALID_PARAMETER;
	}
	return status;
}
