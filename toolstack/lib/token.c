/* SPDX-License-Identifier: MIT */
/*
 * The contract's reserved ranges (contract 3.5). Freestanding.
 *
 * A token that the caller sees is the first member of a record of a fixed pool.
 * The caller's view is never read back: handle and size are the record's own,
 * and the hypervisor knows the segments (contract Q38). Mapping and unmapping
 * take no lock and no memory.
 */
#include "carrier.h"
#include "contract.h"
#include "memory.h"
#include "slot.h"

struct token {
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN shown; /* must stand first */

	/* Fixed while the slot is SLOT_LIVE. */
	uintptr_t handle;
	SIZE_T bytes;

	uint32_t slot;
};

static struct token pool[SLUICE_TOKENS_MAX];

static struct token *token_take(void)
{
	for (size_t i = 0; i < SLUICE_TOKENS_MAX; i++) {
		if (slot_move(&pool[i].slot, SLOT_FREE, SLOT_TAKEN)) {
			return &pool[i];
		}
	}
	return NULL;
}

/* The record behind a caller's pointer, or NULL if it is none in use. */
static struct token *token_of(const IOMMU_DMA_LOGICAL_ADDRESS_TOKEN *shown)
{
	const uintptr_t offset = (uintptr_t)shown - (uintptr_t)pool;

	if (offset >= sizeof(pool) || offset % sizeof(pool[0]) != 0) {
		return NULL;
	}

	struct token *token = &pool[offset / sizeof(pool[0])];

	return slot_get(&token->slot) >= SLOT_LIVE ? token : NULL;
}

/* A token's handle; 0, which the hypervisor refuses, for none. */
static uint64_t token_handle(struct token *token)
{
	return token == NULL
		       ? 0
		       : __atomic_load_n(&token->handle, __ATOMIC_RELAXED);
}

static NTSTATUS token_free(uint64_t handle)
{
	struct sluice_token_ref call = {.token = handle};

	return SLUICE_CALL(SLUICE_OP_free_token, &call);
}

NTSTATUS
contract_reserve_range(PIOMMU_DMA_DOMAIN Domain, SIZE_T Size,
		       PIOMMU_DMA_LOGICAL_ADDRESS ExplicitLogicalAddress,
		       PIOMMU_DMA_LOGICAL_ADDRESS MinLogicalAddress,
		       PIOMMU_DMA_LOGICAL_ADDRESS MaxLogicalAddress,
		       PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN *LogicalAddressToken)
{
	if (LogicalAddressToken == NULL) {
		return STATUS_INVALID_PARAMETER_6;
	}

	struct sluice_reserve_token call = {
		.domain = handle_of_pointer(Domain),
		.bytes = Size,
	};

	if (ExplicitLogicalAddress != NULL) {
		call.has_logical_address = 1;
		call.logical_address = *ExplicitLogicalAddress;
	}
	if (MinLogicalAddress != NULL) {
		call.has_bounds |= SLUICE_HAS_MIN;
		call.min = *MinLogicalAddress;
	}
	if (MaxLogicalAddress != NULL) {
		call.has_bounds |= SLUICE_HAS_MAX;
		call.max = *MaxLogicalAddress;
	}

	NTSTATUS status = SLUICE_CALL(SLUICE_OP_reserve_token, &call);

	if (!NT_SUCCESS(status)) {
		return status;
	}

	/* Last, so that a wrong argument answers before a shortage of ours. */
	struct token *token = token_take();

	if (token == NULL) {
		(void)token_free(call.token);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	token->shown.LogicalAddressBase = call.logical_address;
	token->shown.Size = Size;
	token->bytes = Size;
	__atomic_store_n(&token->handle, (uintptr_t)call.token,
			 __ATOMIC_RELAXED);
	slot_set(&token->slot, SLOT_LIVE);
	*LogicalAddressToken = &token->shown;
	return STATUS_SUCCESS;
}

NTSTATUS contract_free_reserved_range(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken)
{
	struct token *token = token_of(LogicalAddressToken);

	if (token == NULL ||
	    !slot_move(&token->slot, SLOT_LIVE, SLOT_LEAVING)) {
		NTSTATUS status = token_free(0);

		return NT_SUCCESS(status) ? STATUS_INVALID_PARAMETER_1 : status;
	}

	NTSTATUS status = token_free(token_handle(token));

	/* What the hypervisor does not know any more is free as well. */
	slot_set(&token->slot,
		 NT_SUCCESS(status) || status == STATUS_INVALID_PARAMETER_1
			 ? SLOT_FREE
			 : SLOT_LIVE);
	return status;
}

/* One segment, or a part of one. */
struct segment {
	uint64_t token; /* handle */
	uint64_t offset;
	uint64_t bytes;
};

/* Unmap parts [0, @count) of a segment. */
static NTSTATUS segment_unmap(const struct segment *segment, uint64_t count)
{
	const uint64_t pages = segment->bytes / SLUICE_PAGE_BYTES;
	NTSTATUS status = STATUS_SUCCESS;

	for (uint64_t i = 0; NT_SUCCESS(status) && i < count; i++) {
		struct sluice_unmap_token call = {
			.token = segment->token,
			.segment_offset = segment->offset,
			.segment_bytes = segment->bytes,
			.offset = segment->offset + part_bytes(i),
			.pages = part_pages(pages, i),
		};

		status = SLUICE_CALL(SLUICE_OP_unmap_token, &call);
	}
	return status;
}

/* Map all parts of a segment, or none. */
static NTSTATUS segment_map(const struct segment *segment, uint32_t permissions,
			    const struct memory *memory)
{
	const uint64_t count = part_count(memory->pages);
	NTSTATUS status = STATUS_SUCCESS;
	uint64_t done = 0;

	while (NT_SUCCESS(status) && done < count) {
		const struct memory part = memory_part(memory, done);
		struct sluice_map_token call = {
			.token = segment->token,
			.offset = segment->offset + part_bytes(done),
			.permissions = permissions,
			.kind = part.kind,
			.base = part.base,
			.frames = memory_frames(&part),
			.pages = part.pages,
		};

		call.marks |= done == 0 ? SLUICE_TOKEN_FIRST : 0;
		call.marks |= done + 1 == count ? SLUICE_TOKEN_LAST : 0;
		status = SLUICE_CALL(SLUICE_OP_map_token, &call);
		done += NT_SUCCESS(status) ? 1 : 0;
	}
	if (!NT_SUCCESS(status)) {
		/* An unfinished segment is as long as what is mapped of it. */
		const struct segment begun = {
			.token = segment->token,
			.offset = segment->offset,
			.bytes = part_bytes(done),
		};

		(void)segment_unmap(&begun, done);
	}
	return status;
}

NTSTATUS contract_map_reserved_range(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken, SIZE_T Offset,
	ULONG Permissions, PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap,
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment)
{
	if (MappedSegment == NULL) {
		return STATUS_INVALID_PARAMETER_5;
	}

	struct token *token = token_of(LogicalAddressToken);
	struct memory memory = memory_of(PhysicalAddressToMap);

	if (token != NULL && slot_get(&token->slot) != SLOT_LIVE) {
		return STATUS_UNSUCCESSFUL;
	}
	/* Beyond the token: refused in its place, before any part is mapped. */
	if (token != NULL && Offset < token->bytes &&
	    memory.pages > (token->bytes - Offset) / SLUICE_PAGE_BYTES) {
		memory = memory_none();
	}

	const struct segment segment = {
		.token = token_handle(token),
		.offset = Offset,
		.bytes = memory.pages * SLUICE_PAGE_BYTES,
	};
	NTSTATUS status = segment_map(&segment, Permissions, &memory);

	if (NT_SUCCESS(status) && token == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (NT_SUCCESS(status) && memory.kind == KIND_NONE) {
		return STATUS_INVALID_PARAMETER_4;
	}
	if (status == STATUS_INVALID_PARAMETER_1 && token != NULL) {
		/* It was there a moment ago: a concurrent Free has won. */
		return STATUS_UNSUCCESSFUL;
	}
	if (NT_SUCCESS(status)) {
		MappedSegment->OwningToken = LogicalAddressToken;
		MappedSegment->Offset = Offset;
		MappedSegment->Size = (SIZE_T)segment.bytes;
	}
	return status;
}

NTSTATUS contract_unmap_reserved_range(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment)
{
	struct segment segment = {.token = 0};

	if (MappedSegment != NULL) {
		segment.token =
			token_handle(token_of(MappedSegment->OwningToken));
		segment.offset = MappedSegment->Offset;
		segment.bytes = MappedSegment->Size;
	}

	NTSTATUS status = segment_unmap(
		&segment, part_count(segment.bytes / SLUICE_PAGE_BYTES));

	if (NT_SUCCESS(status) && segment.token != 0) {
		*MappedSegment =
			(IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT){
				.OwningToken = NULL,
			};
		return status;
	}
	if (MappedSegment == NULL &&
	    (NT_SUCCESS(status) || status == STATUS_INVALID_PARAMETER_1)) {
		return STATUS_INVALID_PARAMETER_1;
	}
	/* A token that is none has no mapped segment. */
	if (NT_SUCCESS(status) || status == STATUS_INVALID_PARAMETER_1) {
		return STATUS_INVALID_PARAMETER;
	}
	return status;
}
