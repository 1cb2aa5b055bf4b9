/* SPDX-License-Identifier: MIT */
/*
 * The contract's identity mappings: logical == physical (contract 3.4).
 * Freestanding.
 *
 * Long requests go in parts. A refused map undoes its parts. An unmap asks
 * about every part before it takes the first, since a part that is gone could
 * not be put back with the permissions that it had.
 */
#include "carrier.h"
#include "contract.h"
#include "memory.h"

/* One part, as @request says but for the memory. */
static NTSTATUS identity_part(struct sluice_identity request, uint32_t op,
			      const struct memory *memory, uint64_t index)
{
	const struct memory part = memory_part(memory, index);

	request.kind = part.kind;
	request.base = part.base;
	request.frames = memory_frames(&part);
	request.pages = part.pages;
	return SLUICE_CALL(op, &request);
}

/* Take part @index away, or (@options) only ask whether it can be. */
static NTSTATUS unmap_part(uint64_t domain, const struct memory *memory,
			   uint64_t index, uint32_t options)
{
	const struct sluice_identity request = {
		.domain = domain,
		.options = options,
	};

	return identity_part(request, SLUICE_OP_unmap_identity, memory, index);
}

static NTSTATUS identity_map(uint64_t domain, uint32_t permissions,
			     const struct memory *memory)
{
	const struct sluice_identity request = {
		.domain = domain,
		.permissions = permissions,
	};
	const uint64_t count = part_count(memory->pages);
	uint64_t index = count;
	NTSTATUS status;

	/* The highest first, as for logical ranges. */
	do {
		index--;
		status = identity_part(request, SLUICE_OP_map_identity, memory,
				       index);
	} while (NT_SUCCESS(status) && index != 0);

	if (NT_SUCCESS(status)) {
		return memory->kind == KIND_NONE ? STATUS_INVALID_PARAMETER_3
						 : status;
	}
	for (uint64_t done = index + 1; done < count; done++) {
		(void)unmap_part(domain, memory, done, 0);
	}
	return memory_reason(domain, permissions, memory, index, status);
}

/* A page that the lists of @part and @other have in common, or NULL. */
static const PFN_NUMBER *common_page(const struct memory *part,
				     const struct memory *other,
				     PFN_NUMBER lowest, PFN_NUMBER highest)
{
	for (uint64_t i = 0; i < other->pages; i++) {
		const PFN_NUMBER frame = other->frames[i];

		if (frame < lowest || frame > highest) {
			continue;
		}
		for (uint64_t j = 0; j < part->pages; j++) {
			if (part->frames[j] == frame) {
				return &part->frames[j];
			}
		}
	}
	return NULL;
}

/*
 * A page of part @index that a later part names again, or NULL: a call sees one
 * part alone. Sorted lists, the rule, cost a comparison a page and later part.
 */
static const PFN_NUMBER *named_again(const struct memory *memory,
				     uint64_t index)
{
	const struct memory part = memory_part(memory, index);
	PFN_NUMBER lowest, highest;

	if (part.kind != SLUICE_MAP_FRAMES) {
		return NULL;
	}
	lowest = highest = part.frames[0];
	for (uint64_t i = 1; i < part.pages; i++) {
		lowest = part.frames[i] < lowest ? part.frames[i] : lowest;
		highest = part.frames[i] > highest ? part.frames[i] : highest;
	}
	for (uint64_t i = index + 1; i < part_count(memory->pages); i++) {
		const struct memory other = memory_part(memory, i);
		const PFN_NUMBER *page =
			common_page(&part, &other, lowest, highest);

		if (page != NULL) {
			return page;
		}
	}
	return NULL;
}

/* What an unmap says of a list that names @page twice. */
static NTSTATUS check_twice(uint64_t domain, PFN_NUMBER page)
{
	const PFN_NUMBER frames[] = {page, page};
	const struct memory twice = {
		.kind = SLUICE_MAP_FRAMES,
		.frames = frames,
		.pages = 2,
	};

	return unmap_part(domain, &twice, 0, SLUICE_UNMAP_CHECK);
}

/* May all parts be taken? A wrong description answers first, wherever it is. */
static NTSTATUS check_parts(uint64_t domain, const struct memory *memory)
{
	const uint64_t count = part_count(memory->pages);
	NTSTATUS first = STATUS_SUCCESS;

	for (uint64_t i = 0; i < count; i++) {
		const NTSTATUS status =
			unmap_part(domain, memory, i, SLUICE_UNMAP_CHECK);

		if (status == STATUS_INVALID_PARAMETER_2) {
			return status;
		}
		first = NT_SUCCESS(first) ? status : first;
	}
	for (uint64_t i = 0; NT_SUCCESS(first) && i < count; i++) {
		const PFN_NUMBER *page = named_again(memory, i);

		if (page != NULL) {
			return check_twice(domain, *page);
		}
	}
	return first;
}

static NTSTATUS identity_unmap(uint64_t domain, const struct memory *memory)
{
	const uint64_t count = part_count(memory->pages);
	NTSTATUS status = STATUS_SUCCESS;

	if (count > 1) {
		status = check_parts(domain, memory);
	}
	for (uint64_t i = 0; NT_SUCCESS(status) && i < count; i++) {
		status = unmap_part(domain, memory, i, 0);
	}
	return NT_SUCCESS(status) && memory->kind == KIND_NONE
		       ? STATUS_INVALID_PARAMETER_2
		       : status;
}

NTSTATUS
contract_map_identity_range_ex(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
			       PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap)
{
	const struct memory memory = memory_of(PhysicalAddressToMap);

	return identity_map(handle_of_pointer(Domain), Permissions, &memory);
}

NTSTATUS contract_map_identity_range(PIOMMU_DMA_DOMAIN Domain,
				     ULONG Permissions, PMDL Mdl)
{
	const struct memory memory = memory_of_mdl(Mdl);

	return identity_map(handle_of_pointer(Domain), Permissions, &memory);
}

NTSTATUS contract_unmap_identity_range_ex(
	PIOMMU_DMA_DOMAIN Domain,
	PIOMMU_MAP_PHYSICAL_ADDRESS MappedPhysicalAddress)
{
	const struct memory memory = memory_of(MappedPhysicalAddress);

	return identity_unmap(handle_of_pointer(Domain), &memory);
}

NTSTATUS contract_unmap_identity_range(PIOMMU_DMA_DOMAIN Domain, PMDL Mdl)
{
	const struct memory memory = memory_of_mdl(Mdl);

	return identity_unmap(handle_of_pointer(Domain), &memory);
}
