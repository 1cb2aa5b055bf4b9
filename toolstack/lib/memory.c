/* SPDX-License-Identifier: MIT */
/*
 * Descriptors of memory and their parts (contract 2.5). Freestanding.
 *
 * What the hypervisor cannot see in a descriptor (a NULL list, an odd length,
 * a sum that wraps) goes out as KIND_NONE, so that the order of checks stays
 * the hypervisor's own.
 */
#include "memory.h"

#include "carrier.h"

/* Most pages whose bytes can be counted. */
#define PAGES_MAX (UINT64_MAX / SLUICE_PAGE_BYTES)

struct memory memory_none(void)
{
	/* One page, so that it is the kind that is refused. */
	return (struct memory){.kind = KIND_NONE, .pages = 1};
}

static struct memory memory_of_frames(const PFN_NUMBER *frames, uint64_t pages)
{
	const uint64_t room =
		(UINTPTR_MAX - (uintptr_t)frames) / sizeof(*frames);

	if (frames == NULL || pages > room || pages > PAGES_MAX) {
		return memory_none();
	}
	return (struct memory){
		.kind = SLUICE_MAP_FRAMES,
		.frames = frames,
		.pages = pages,
	};
}

static struct memory memory_of_range(uint64_t base, uint64_t bytes)
{
	/* The last byte must have an address; an empty range has none. */
	if (bytes % SLUICE_PAGE_BYTES != 0 ||
	    (bytes != 0 && bytes - 1 > UINT64_MAX - base)) {
		return memory_none();
	}
	return (struct memory){
		.kind = SLUICE_MAP_CONTIGUOUS,
		.base = base,
		.pages = bytes / SLUICE_PAGE_BYTES,
	};
}

struct memory memory_of_mdl(const MDL *mdl)
{
	if (mdl == NULL || mdl->ByteOffset != 0 ||
	    mdl->ByteCount % SLUICE_PAGE_BYTES != 0) {
		return memory_none();
	}
	return memory_of_frames(mdl->PageFrame,
				mdl->ByteCount / SLUICE_PAGE_BYTES);
}

struct memory memory_of(const IOMMU_MAP_PHYSICAL_ADDRESS *address)
{
	if (address == NULL) {
		return memory_none();
	}
	switch (address->MapType) {
	case MapPhysicalAddressTypeMdl:
		return memory_of_mdl(address->Mdl.Mdl);
	case MapPhysicalAddressTypeContiguousRange:
		return memory_of_range((uint64_t)address->ContiguousRange.Base,
				       address->ContiguousRange.Size);
	case MapPhysicalAddressTypePfn:
		return memory_of_frames(address->PfnArray.PageFrame,
					address->PfnArray.NumberOfPages);
	default:
		return memory_none();
	}
}

uint64_t part_count(uint64_t pages)
{
	return pages == 0 ? 1 : (pages - 1) / SLUICE_MAP_MAX + 1;
}

uint64_t part_pages(uint64_t pages, uint64_t index)
{
	const uint64_t left = pages - index * SLUICE_MAP_MAX;

	return left < SLUICE_MAP_MAX ? left : SLUICE_MAP_MAX;
}

uint64_t part_bytes(uint64_t index)
{
	return index * SLUICE_MAP_MAX * SLUICE_PAGE_BYTES;
}

struct memory memory_part(const struct memory *memory, uint64_t index)
{
	struct memory part = *memory;

	part.pages = part_pages(memory->pages, index);
	if (memory->kind == SLUICE_MAP_CONTIGUOUS) {
		part.base += part_bytes(index);
	}
	if (memory->kind == SLUICE_MAP_FRAMES) {
		part.frames += (size_t)index * SLUICE_MAP_MAX;
	}
	return part;
}

uint64_t memory_frames(const struct memory *part)
{
	return (uintptr_t)part->frames;
}

/* Statuses that stand after the descriptor's in the order of map's checks. */
static bool comes_after_memory(NTSTATUS status)
{
	return status == STATUS_NOT_SUPPORTED ||
	       status == STATUS_INVALID_PARAMETER_4 ||
	       status == STATUS_INVALID_PARAMETER_MIX ||
	       status == STATUS_IN_USE ||
	       status == STATUS_INSUFFICIENT_RESOURCES;
}

/* Return: IP_4 if nothing is wrong but the address, which is misaligned. */
static NTSTATUS probe(uint64_t domain, uint32_t permissions,
		      const struct memory *part)
{
	struct sluice_map call = {
		.domain = domain,
		.permissions = permissions,
		.kind = part->kind,
		.base = part->base,
		.frames = memory_frames(part),
		.pages = part->pages,
		.has_logical_address = 1,
		.options = SLUICE_MAP_PART,
		.logical_address = 1,
	};

	return SLUICE_CALL(SLUICE_OP_map, &call);
}

NTSTATUS memory_reason(uint64_t domain, uint32_t permissions,
		       const struct memory *memory, uint64_t parts,
		       NTSTATUS status)
{
	NTSTATUS reason = STATUS_INVALID_PARAMETER_4;

	if (!comes_after_memory(status)) {
		return status;
	}
	for (uint64_t i = 0; i < parts && reason == STATUS_INVALID_PARAMETER_4;
	     i++) {
		const struct memory part = memory_part(memory, i);

		reason = probe(domain, permissions, &part);
	}
	if (reason == STATUS_INVALID_PARAMETER_1 ||
	    reason == STATUS_INVALID_PARAMETER_2 ||
	    reason == STATUS_INVALID_PARAMETER_3) {
		return reason;
	}
	return status;
}
