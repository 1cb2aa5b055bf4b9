/* SPDX-License-Identifier: MIT */
/*
 * The contract's identity mappings: logical == physical (contract 3.4).
 * Freestanding.
 *
 * Long requests go in parts. A refused map undoes its parts. An unmap asks
 * about every run of consecutive pages before it takes the first part, since a
 * part that is gone could not be put back with the permissions that it had.
 */
#include "carrier.h"
#include "contract.h"
#include "memory.h"

static NTSTATUS identity_part(uint32_t op, uint64_t domain,
			      uint32_t permissions, const struct memory *memory,
			      uint64_t index)
{
	const struct memory part = memory_part(memory, index);
	struct sluice_identity call = {
		.domain = domain,
		.permissions = permissions,
		.kind = part.kind,
		.base = part.base,
		.frames = memory_frames(&part),
		.pages = part.pages,
	};

	return SLUICE_CALL(op, &call);
}

static NTSTATUS identity_map(uint64_t domain, uint32_t permissions,
			     const struct memory *memory)
{
	const uint64_t count = part_count(memory->pages);
	uint64_t index = count;
	NTSTATUS status;

	/* The highest first, as for logical ranges. */
	do {
		index--;
		status = identity_part(SLUICE_OP_map_identity, domain,
				       permissions, memory, index);
	} while (NT_SUCCESS(status) && index != 0);

	if (NT_SUCCESS(status)) {
		return memory->kind == KIND_NONE ? STATUS_INVALID_PARAMETER_3
						 : status;
	}
	for (uint64_t done = index + 1; done < count; done++) {
		(void)identity_part(SLUICE_OP_unmap_identity, domain, 0, memory,
				    done);
	}
	return memory_reason(domain, permissions, memory, index, status);
}

/* Pages from @first on that follow one another in @part. */
static uint64_t run_pages(const struct memory *part, uint64_t first)
{
	uint64_t end = first + 1;

	if (part->kind == SLUICE_MAP_CONTIGUOUS) {
		return part->pages;
	}
	while (end < part->pages &&
	       part->frames[end] == part->frames[first] + (end - first)) {
		end++;
	}
	return end - first;
}

/* Is all of a part mapped, as far as an unmap call can tell? */
static bool part_is_mapped(uint64_t domain, const struct memory *part)
{
	NTSTATUS status = STATUS_SUCCESS;
	uint64_t first = 0;

	while (NT_SUCCESS(status) && first < part->pages) {
		const uint64_t pages = run_pages(part, first);
		struct sluice_unmap call = {
			.domain = domain,
			.logical_address = part->base,
			.pages = pages,
			.options = SLUICE_UNMAP_CHECK,
		};

		if (part->kind == SLUICE_MAP_FRAMES) {
			call.logical_address = (uint64_t)part->frames[first] *
					       SLUICE_PAGE_BYTES;
		}
		status = SLUICE_CALL(SLUICE_OP_unmap, &call);
		first += pages;
	}
	return NT_SUCCESS(status);
}

static NTSTATUS identity_unmap(uint64_t domain, const struct memory *memory)
{
	const uint64_t count = part_count(memory->pages);
	NTSTATUS status = STATUS_SUCCESS;

	/*
	 * A part that is not mapped is refused by the call itself, with the
	 * right status; but in a PassThrough domain, where it does nothing.
	 */
	for (uint64_t i = 0; count > 1 && i < count; i++) {
		const struct memory part = memory_part(memory, i);

		if (!part_is_mapped(domain, &part)) {
			status = identity_part(SLUICE_OP_unmap_identity, domain,
					       0, memory, i);
			if (!NT_SUCCESS(status)) {
				return status;
			}
			break;
		}
	}
	for (uint64_t i = 0; NT_SUCCESS(status) && i < count; i++) {
		status = identity_part(SLUICE_OP_unmap_identity, domain, 0,
				       memory, i);
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
