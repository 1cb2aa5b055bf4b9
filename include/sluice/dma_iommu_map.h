/* SPDX-License-Identifier: MIT */
/*
 * The DMA IOMMU contract's functions for what a domain's address space holds:
 * mappings, identity mappings, reserved ranges; sluice/dma_iommu.h includes
 * this file.
 *
 * Conventions: sluice/dma_iommu_device.h.
 * Context: non-blocking but for reserve and free; the library takes no lock and
 * no memory. One hypercall is all or nothing over 512 pages; longer requests go
 * in parts, and a device may see a part before or after the others.
 * "Memory": whole 4 KiB pages of the caller's; its descriptor is wrong if it is
 * NULL, of no kind, empty, misaligned, wrapping, or not the caller's memory.
 * Source: contract, sections 3.3-3.5; open questions, section 5.
 */
#pragma once

#include <sluice/dma_iommu_types.h>

/**
 * IOMMU_MAP_LOGICAL_RANGE - Map an MDL at an address; version 1.
 * @Domain:         Translate or TranslateS1, without an allocator
 * @Permissions:    IOMMU_ACCESS_READ, _WRITE or both
 * @Mdl:            memory
 * @LogicalAddress: first logical address, bytes, multiple of 4096
 *
 * Return: as IOMMU_MAP_LOGICAL_RANGE_EX with an explicit address.
 * Source: contract 3.3.
 */
typedef NTSTATUS IOMMU_MAP_LOGICAL_RANGE(PIOMMU_DMA_DOMAIN Domain,
					 ULONG Permissions, PMDL Mdl,
					 ULONGLONG LogicalAddress);

/**
 * IOMMU_MAP_LOGICAL_RANGE_EX - Let a domain's devices reach memory.
 * @Domain:                 Translate or TranslateS1
 * @Permissions:            IOMMU_ACCESS_READ, _WRITE or both
 * @PhysicalAddressToMap:   memory
 * @ExplicitLogicalAddress: points at the first logical address, bytes,
 *                          multiple of 4096; needed without an allocator,
 *                          refused with one
 * @MinLogicalAddress:      optional, first byte allowed; ignored without an
 *                          allocator
 * @MaxLogicalAddress:      optional, last byte allowed; likewise
 * @LogicalAddressOut:      first logical address; written on success alone
 *
 * All or nothing: a refused part undoes the others. The memory must stay the
 * caller's until it is unmapped.
 * Return:
 *   IP_7                    LogicalAddressOut is NULL
 *   IP_1                    no such domain, or not one of these types
 *   IP_2                    Permissions
 *   IP_3                    memory
 *   NOT_SUPPORTED           an explicit address and an allocator, or neither
 *   IP_4                    logical address misaligned, wrapping, too wide
 *   INVALID_PARAMETER_MIX   no free range within the bounds
 *   IN_USE                  part of the range is mapped or reserved
 *   INSUFFICIENT_RESOURCES  no free range without bounds; quota of table
 *                           pages, or no memory
 * Source: contract 3.3, Q14-Q20.
 */
typedef NTSTATUS
IOMMU_MAP_LOGICAL_RANGE_EX(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
			   PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap,
			   PIOMMU_DMA_LOGICAL_ADDRESS ExplicitLogicalAddress,
			   PIOMMU_DMA_LOGICAL_ADDRESS MinLogicalAddress,
			   PIOMMU_DMA_LOGICAL_ADDRESS MaxLogicalAddress,
			   PIOMMU_DMA_LOGICAL_ADDRESS LogicalAddressOut);

/**
 * IOMMU_UNMAP_LOGICAL_RANGE - End mappings of a logical range.
 * @Domain:         as for map
 * @LogicalAddress: first logical address, bytes, multiple of 4096
 * @NumberOfPages:  4 KiB pages, not 0; with an allocator exactly one mapping,
 *                  whose range goes back to it
 *
 * On return no device reaches the memory. All or nothing: every part is checked
 * before the first is taken (if nobody else changes the range meanwhile).
 * Return: IP_1 as for map; IP_2 misaligned; IP_3 no pages; INVALID_PARAMETER
 *         wrapping, not wholly mapped, part of it reserved or a token's, or
 *         with an allocator not one mapping.
 * Source: contract 3.3, Q10, Q17, Q21, Q22.
 */
typedef NTSTATUS IOMMU_UNMAP_LOGICAL_RANGE(PIOMMU_DMA_DOMAIN Domain,
					   ULONGLONG LogicalAddress,
					   ULONGLONG NumberOfPages);

/**
 * IOMMU_MAP_IDENTITY_RANGE_EX - Map memory at its own addresses.
 * @Domain:               Translate or TranslateS1 without an allocator;
 *                        PassThrough, where this does nothing
 * @Permissions:          IOMMU_ACCESS_READ, _WRITE or both
 * @PhysicalAddressToMap: memory; each page of a list at its own address
 *
 * All or nothing, as above.
 * Return:
 *   IP_1                    no such domain, or Unmanaged
 *   IP_2                    Permissions
 *   IP_3                    memory, or an address too wide
 *   NOT_SUPPORTED           the domain has an allocator
 *   IN_USE                  part is mapped or reserved, or named twice
 *   INSUFFICIENT_RESOURCES  quota of table pages, or no memory
 * Source: contract 3.4.
 */
typedef NTSTATUS
IOMMU_MAP_IDENTITY_RANGE_EX(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
			    PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap);

/* IOMMU_MAP_IDENTITY_RANGE - Likewise, of an MDL; version 1. */
typedef NTSTATUS IOMMU_MAP_IDENTITY_RANGE(PIOMMU_DMA_DOMAIN Domain,
					  ULONG Permissions, PMDL Mdl);

/**
 * IOMMU_UNMAP_IDENTITY_RANGE_EX - Undo it.
 * @Domain:                as for map
 * @MappedPhysicalAddress: memory
 *
 * All or nothing up to 512 pages. Of a longer request every part is checked
 * first, but for what only the unmap itself can tell: a page that is mapped to
 * another address, or named in two parts, leaves the parts before it unmapped.
 * Return: IP_1 as for map; IP_2 memory; NOT_SUPPORTED the domain has an
 *         allocator; INVALID_PARAMETER part is not mapped to its own address,
 *         reserved, a token's, or named twice.
 * Source: contract 3.4, Q17, Q21.
 */
typedef NTSTATUS IOMMU_UNMAP_IDENTITY_RANGE_EX(
	PIOMMU_DMA_DOMAIN Domain,
	PIOMMU_MAP_PHYSICAL_ADDRESS MappedPhysicalAddress);

/* IOMMU_UNMAP_IDENTITY_RANGE - Likewise, of an MDL; version 1. */
typedef NTSTATUS IOMMU_UNMAP_IDENTITY_RANGE(PIOMMU_DMA_DOMAIN Domain, PMDL Mdl);

/**
 * IOMMU_RESERVE_LOGICAL_ADDRESS_RANGE - Take a range and all its tables.
 * @Domain:                 Translate or TranslateS1
 * @Size:                   bytes, multiple of 4096, not 0
 * @ExplicitLogicalAddress: as for map
 * @MinLogicalAddress:      as for map
 * @MaxLogicalAddress:      as for map
 * @LogicalAddressToken:    the token, the library's memory, to be read only;
 *                          written on success alone
 *
 * A program has at most SLUICE_TOKENS_MAX.
 * Context: thread.
 * Return:
 *   IP_6                    LogicalAddressToken is NULL
 *   IP_1                    no such domain, or not one of these types
 *   IP_2                    Size
 *   NOT_SUPPORTED           an explicit address and an allocator, or neither
 *   IP_3                    logical address misaligned, wrapping, too wide
 *   INVALID_PARAMETER_MIX   no free range within the bounds
 *   IN_USE                  explicit: part is mapped or reserved
 *   INSUFFICIENT_RESOURCES  quota, no memory, no record
 * Source: contract 3.5.
 */
typedef NTSTATUS IOMMU_RESERVE_LOGICAL_ADDRESS_RANGE(
	PIOMMU_DMA_DOMAIN Domain, SIZE_T Size,
	PIOMMU_DMA_LOGICAL_ADDRESS ExplicitLogicalAddress,
	PIOMMU_DMA_LOGICAL_ADDRESS MinLogicalAddress,
	PIOMMU_DMA_LOGICAL_ADDRESS MaxLogicalAddress,
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN *LogicalAddressToken);

/**
 * IOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE - Give it back.
 *
 * The token must not be used after success.
 * Context: thread.
 * Return: IP_1 no token of this program; RESOURCE_IN_USE part is mapped.
 * Source: contract 3.5, Q37.
 */
typedef NTSTATUS IOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken);

/**
 * IOMMU_MAP_RESERVED_LOGICAL_RANGE - Map memory in a token; allocates nothing.
 * @LogicalAddressToken:  the token
 * @Offset:               bytes into it, multiple of 4096
 * @Permissions:          IOMMU_ACCESS_READ, _WRITE or both
 * @PhysicalAddressToMap: memory
 * @MappedSegment:        the caller's; filled on success alone, then to be kept
 *
 * All or nothing, as above.
 * Return:
 *   IP_5             MappedSegment is NULL
 *   UNSUCCESSFUL     the token is being freed
 *   IP_1             no token of this program
 *   IP_2             Offset misaligned, or beyond the token
 *   IP_3             Permissions
 *   IP_4             memory, or its end is beyond the token
 *   RESOURCE_IN_USE  part is mapped
 * Source: contract 3.5, Q17, Q18, Q37.
 */
typedef NTSTATUS IOMMU_MAP_RESERVED_LOGICAL_RANGE(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken, SIZE_T Offset,
	ULONG Permissions, PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap,
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment);

/**
 * IOMMU_UNMAP_RESERVED_LOGICAL_RANGE - Undo it; keeps the tables.
 * @MappedSegment: as it was filled; zeroed on success
 *
 * On return no device reaches the memory.
 * Return: IP_1 MappedSegment is NULL; INVALID_PARAMETER it is no mapped
 *         segment, or was changed.
 * Source: contract 3.5, Q38.
 */
typedef NTSTATUS IOMMU_UNMAP_RESERVED_LOGICAL_RANGE(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment);
