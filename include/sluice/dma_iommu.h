/* SPDX-License-Identifier: MIT */
/*
 * The DMA IOMMU contract's functions and tables, under their published names.
 *
 * "Not built" marks what answers STATUS_NOT_IMPLEMENTED in this release.
 * Statuses stand in the order checked; IP_n is STATUS_INVALID_PARAMETER_n.
 * NOT_SUPPORTED for want of a domain interface, or on a machine of type x86,
 * comes before any of them but a NULL out-pointer.
 * Any thread may call; the caller keeps attach and detach of one device apart.
 * Source: contract, sections 1 and 3; answers to open questions, section 5.
 */
#pragma once

#include <sluice/dma_iommu_types.h>

/* Versions of the tables. */
#define DMA_IOMMU_INTERFACE_VERSION_1	   1u
#define DMA_IOMMU_INTERFACE_VERSION	   DMA_IOMMU_INTERFACE_VERSION_1
#define DMA_IOMMU_INTERFACE_EX_VERSION_1   1u
#define DMA_IOMMU_INTERFACE_EX_VERSION_2   2u
#define DMA_IOMMU_INTERFACE_EX_VERSION_3   3u
#define DMA_IOMMU_INTERFACE_EX_VERSION_MIN DMA_IOMMU_INTERFACE_EX_VERSION_1
#define DMA_IOMMU_INTERFACE_EX_VERSION_MAX DMA_IOMMU_INTERFACE_EX_VERSION_3
#define DMA_IOMMU_INTERFACE_EX_VERSION	   DMA_IOMMU_INTERFACE_EX_VERSION_3

/**
 * IOMMU_DOMAIN_CREATE - Create a domain; version 1.
 * @OsManagedPageTable: nonzero: as type Translate; 0: as type Unmanaged
 * @DomainOut:          the domain; written on success alone
 *
 * Return: IP_2 DomainOut is NULL; else as IOMMU_DOMAIN_CREATE_EX.
 * Source: contract 3.1; the types' equivalence 1.4.
 */
typedef NTSTATUS IOMMU_DOMAIN_CREATE(BOOLEAN OsManagedPageTable,
				     PIOMMU_DMA_DOMAIN *DomainOut);

/**
 * IOMMU_DOMAIN_CREATE_EX - Create a domain.
 * @DomainType:             its type
 * @Flags:                  must be 0
 * @LogicalAllocatorConfig: optional; NULL: the caller chooses addresses
 * @ReservedRegions:        optional list, at most 64 regions
 * @DomainOut:              the domain; written on success alone
 *
 * Attaches nothing. Ends with IOMMU_DOMAIN_DELETE.
 * Return:
 *   IP_5                    DomainOut is NULL
 *   IP_1                    DomainType
 *   IP_2                    Flags not 0
 *   IP_3                    allocator: type, width, or not for this type
 *   IP_4                    region list: too long, misaligned, empty, wrapping,
 *                           too wide, contradictory, not for this type
 *   NOT_SUPPORTED           the type is not allowed now
 *   INSUFFICIENT_RESOURCES  no id, quota used up, no memory
 *   NOT_IMPLEMENTED         a valid Buddy allocator
 * Source: contract 3.1, Q1, Q3-Q9.
 */
typedef NTSTATUS IOMMU_DOMAIN_CREATE_EX(
	IOMMU_DMA_DOMAIN_TYPE DomainType, IOMMU_DMA_DOMAIN_CREATION_FLAGS Flags,
	PIOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG LogicalAllocatorConfig,
	PIOMMU_DMA_RESERVED_REGION ReservedRegions,
	PIOMMU_DMA_DOMAIN *DomainOut);

/**
 * IOMMU_DOMAIN_DELETE - Delete a domain; leftover mappings go with it.
 * Return: IP_1 no such domain; RESOURCE_IN_USE a device is attached.
 * Source: contract 3.1, Q28.
 */
typedef NTSTATUS IOMMU_DOMAIN_DELETE(PIOMMU_DMA_DOMAIN Domain);

/* IOMMU_DOMAIN_CONFIGURE - Set an Unmanaged domain's table. Not built. */
typedef NTSTATUS IOMMU_DOMAIN_CONFIGURE(PIOMMU_DMA_DOMAIN Domain,
					PDOMAIN_CONFIGURATION Configuration);

/**
 * IOMMU_DEVICE_CREATE - Make a token for a device that the caller sees.
 * @DeviceObject: its PCI address
 * @DeviceConfig: NULL on this architecture
 * @DmaDeviceOut: the token; written on success alone
 *
 * Return:
 *   IP_3                    DmaDeviceOut is NULL
 *   IP_1                    DeviceObject is NULL
 *   NOT_FOUND               no such device, or it is not behind an IOMMU
 *   IP_2                    a configuration of any type
 *   RESOURCE_IN_USE         the device has a token
 *   INSUFFICIENT_RESOURCES  no memory
 * Source: contract 3.2, Q35, Q36.
 */
typedef NTSTATUS
IOMMU_DEVICE_CREATE(PDEVICE_OBJECT DeviceObject,
		    PIOMMU_DEVICE_CREATION_CONFIGURATION DeviceConfig,
		    PIOMMU_DMA_DEVICE *DmaDeviceOut);

/**
 * IOMMU_DEVICE_DELETE - Give a token back.
 * Return: IP_1 no such token; RESOURCE_IN_USE still attached.
 * Source: contract 3.2.
 */
typedef NTSTATUS IOMMU_DEVICE_DELETE(PIOMMU_DMA_DEVICE DmaDevice);

/* IOMMU_DOMAIN_ATTACH_DEVICE - Attach; version 1. Not built. */
typedef NTSTATUS IOMMU_DOMAIN_ATTACH_DEVICE(PIOMMU_DMA_DOMAIN Domain,
					    PDEVICE_OBJECT PhysicalDeviceObject,
					    ULONG InputMappingIdBase,
					    ULONG MappingCount);

/* IOMMU_DOMAIN_DETACH_DEVICE - Detach; version 1. Not built. */
typedef NTSTATUS IOMMU_DOMAIN_DETACH_DEVICE(PIOMMU_DMA_DOMAIN Domain,
					    PDEVICE_OBJECT PhysicalDeviceObject,
					    ULONG InputMappingId);

/**
 * IOMMU_DOMAIN_ATTACH_DEVICE_EX - Let a device's DMA go through a domain.
 *
 * The device must be silent meanwhile.
 * Return:
 *   IP_1                    no such domain
 *   IP_2                    no such token
 *   INVALID_PARAMETER       the device is attached already
 *   ACCESS_DENIED           the domain's type is forbidden now
 *   INSUFFICIENT_RESOURCES  no memory; the IOMMU does not answer
 * Source: contract 3.2, Q30.
 */
typedef NTSTATUS IOMMU_DOMAIN_ATTACH_DEVICE_EX(PIOMMU_DMA_DOMAIN Domain,
					       PIOMMU_DMA_DEVICE DmaDevice);

/**
 * IOMMU_DOMAIN_DETACH_DEVICE_EX - Block a device's DMA again.
 *
 * On return no translation of it is cached and bus-master is off.
 * Return: IP_1 no such token, or not attached.
 * Source: contract 3.2, Q29.
 */
typedef NTSTATUS IOMMU_DOMAIN_DETACH_DEVICE_EX(PIOMMU_DMA_DEVICE DmaDevice);

/**
 * IOMMU_DEVICE_QUERY_DOMAIN_TYPES - Which types may be made and attached now.
 * @DmaDevice:        the token
 * @AvailableDomains: mask of 1 << type; 0 for what is no token; NULL: no effect
 *
 * Cannot fail; a hint only.
 * Source: contract 3.2.
 */
typedef void IOMMU_DEVICE_QUERY_DOMAIN_TYPES(PIOMMU_DMA_DEVICE DmaDevice,
					     PULONG AvailableDomains);

/* The caller's function for a change of availability. */
typedef void
IOMMU_INTERFACE_STATE_CHANGE_CALLBACK(PIOMMU_INTERFACE_STATE_CHANGE StateChange,
				      PVOID Context);
typedef IOMMU_INTERFACE_STATE_CHANGE_CALLBACK
	*PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK;

/* Register and unregister such a callback for a device. Not built. */
typedef NTSTATUS IOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK(
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback,
	PVOID Context, PIOMMU_DMA_DEVICE DmaDevice,
	PIOMMU_INTERFACE_STATE_CHANGE_FIELDS StateFields);
typedef NTSTATUS IOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK(
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback,
	PIOMMU_DMA_DEVICE DmaDevice);

/* IOMMU_QUERY_INPUT_MAPPINGS - A device's stream ids; Arm. Not built. */
typedef NTSTATUS IOMMU_QUERY_INPUT_MAPPINGS(PDEVICE_OBJECT PhysicalDeviceObject,
					    PINPUT_MAPPING_ELEMENT Buffer,
					    ULONG BufferLength,
					    PULONG ReturnLength);

/* IOMMU_SET_DEVICE_FAULT_REPORTING - Faults of a device; 1. Not built. */
typedef NTSTATUS
IOMMU_SET_DEVICE_FAULT_REPORTING(PDEVICE_OBJECT PhysicalDeviceObject,
				 ULONG InputMappingIdBase, BOOLEAN Enable,
				 PDEVICE_FAULT_CONFIGURATION FaultConfig);

/**
 * IOMMU_SET_DEVICE_FAULT_REPORTING_EX - Published as never implemented.
 * Return: STATUS_NOT_IMPLEMENTED, always.
 * Source: contract 3.2, Q44.
 */
typedef NTSTATUS
IOMMU_SET_DEVICE_FAULT_REPORTING_EX(PIOMMU_DMA_DEVICE DmaDevice,
				    ULONG InputMappingIdBase, BOOLEAN Enable,
				    PDEVICE_FAULT_CONFIGURATION FaultConfig);

/* IOMMU_MAP_LOGICAL_RANGE - Map an MDL; version 1. Not built. */
typedef NTSTATUS IOMMU_MAP_LOGICAL_RANGE(PIOMMU_DMA_DOMAIN Domain,
					 ULONG Permissions, PMDL Mdl,
					 ULONGLONG LogicalAddress);

/**
 * IOMMU_MAP_LOGICAL_RANGE_EX - Let a domain's devices reach memory.
 * @Domain:                 Translate or TranslateS1
 * @Permissions:            IOMMU_ACCESS_READ, _WRITE or both
 * @PhysicalAddressToMap:   the caller's own memory, whole 4 KiB pages
 * @ExplicitLogicalAddress: points at the first logical address, bytes,
 *                          multiple of 4096; needed without an allocator
 * @MinLogicalAddress:      optional; ignored without an allocator
 * @MaxLogicalAddress:      optional; ignored without an allocator
 * @LogicalAddressOut:      first logical address; written on success alone
 *
 * All or nothing. The memory must stay the caller's until it is unmapped. Over
 * 512 pages go in parts: a device may use the first before the last exists,
 * and sees them vanish when a later one is refused.
 * Return:
 *   IP_7                    LogicalAddressOut is NULL
 *   IP_1                    no such domain, or not one of these types
 *   IP_2                    Permissions
 *   IP_3                    memory: NULL, kind, empty, misaligned, wrapping, or
 *                           not the caller's
 *   NOT_SUPPORTED           ExplicitLogicalAddress is NULL, no allocator
 *   IP_4                    logical address misaligned, wrapping, too wide
 *   IN_USE                  part of the range is mapped or reserved
 *   INSUFFICIENT_RESOURCES  quota of table pages, or no memory
 * Source: contract 3.3, Q15-Q20.
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
 * @NumberOfPages:  4 KiB pages, not 0
 *
 * On return no device reaches the memory. All or nothing up to 512 pages. A
 * longer range goes in parts, lowest first: after INVALID_PARAMETER the parts
 * below the first refused one are unmapped.
 * Return: IP_1 as for map; IP_2 misaligned; IP_3 no pages; INVALID_PARAMETER
 *         wrapping, not wholly mapped, or part of it is reserved.
 * Source: contract 3.3, Q10, Q17, Q21, Q22.
 */
typedef NTSTATUS IOMMU_UNMAP_LOGICAL_RANGE(PIOMMU_DMA_DOMAIN Domain,
					   ULONGLONG LogicalAddress,
					   ULONGLONG NumberOfPages);

/* Identity mappings, logical == physical. Not built. */
typedef NTSTATUS IOMMU_MAP_IDENTITY_RANGE(PIOMMU_DMA_DOMAIN Domain,
					  ULONG Permissions, PMDL Mdl);
typedef NTSTATUS IOMMU_UNMAP_IDENTITY_RANGE(PIOMMU_DMA_DOMAIN Domain, PMDL Mdl);
typedef NTSTATUS
IOMMU_MAP_IDENTITY_RANGE_EX(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
			    PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap);
typedef NTSTATUS IOMMU_UNMAP_IDENTITY_RANGE_EX(
	PIOMMU_DMA_DOMAIN Domain,
	PIOMMU_MAP_PHYSICAL_ADDRESS MappedPhysicalAddress);

/* Reserved ranges, mapped without allocation. Not built. */
typedef NTSTATUS IOMMU_RESERVE_LOGICAL_ADDRESS_RANGE(
	PIOMMU_DMA_DOMAIN Domain, SIZE_T Size,
	PIOMMU_DMA_LOGICAL_ADDRESS ExplicitLogicalAddress,
	PIOMMU_DMA_LOGICAL_ADDRESS MinLogicalAddress,
	PIOMMU_DMA_LOGICAL_ADDRESS MaxLogicalAddress,
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN *LogicalAddressToken);
typedef NTSTATUS IOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken);
typedef NTSTATUS IOMMU_MAP_RESERVED_LOGICAL_RANGE(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken, SIZE_T Offset,
	ULONG Permissions, PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap,
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment);
typedef NTSTATUS IOMMU_UNMAP_RESERVED_LOGICAL_RANGE(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment);

/* Cached translations of an Unmanaged domain. Not built. */
typedef NTSTATUS IOMMU_FLUSH_DOMAIN(PIOMMU_DMA_DOMAIN Domain);
typedef NTSTATUS IOMMU_FLUSH_DOMAIN_VA_LIST(PIOMMU_DMA_DOMAIN Domain,
					    BOOLEAN LastLevel, ULONG Number,
					    PVOID VaList);

/* PASID sub-devices; version 3. Not built. */
typedef NTSTATUS
IOMMU_PASID_DEVICE_CREATE(PIOMMU_DMA_DEVICE DmaDevice,
			  PIOMMU_DMA_PASID_DEVICE *PasidDeviceOut,
			  PULONG AsidOut);
typedef NTSTATUS IOMMU_PASID_DEVICE_DELETE(PIOMMU_DMA_PASID_DEVICE PasidDevice);
typedef NTSTATUS
IOMMU_DOMAIN_ATTACH_PASID_DEVICE(PIOMMU_DMA_DOMAIN Domain,
				 PIOMMU_DMA_PASID_DEVICE PasidDevice);
typedef NTSTATUS
IOMMU_DOMAIN_DETACH_PASID_DEVICE(PIOMMU_DMA_PASID_DEVICE PasidDevice);
typedef NTSTATUS
IOMMU_DEVICE_QUERY_INFORMATION(PIOMMU_DMA_DEVICE DmaDevice, ULONG Size,
			       PULONG BytesWritten,
			       PIOMMU_DMA_DEVICE_INFORMATION Buffer);

/* clang-format off */
/*
 * The tables as lists: SLOT(offset in the Ex structure, type, member). The
 * slots of version 1, then of version 2, then what version 3 adds to it.
 */
#define SLUICE_SLOTS_V1(SLOT)                                                  \
	SLOT(0x10, IOMMU_DOMAIN_CREATE, CreateDomain)                          \
	SLOT(0x18, IOMMU_DOMAIN_DELETE, DeleteDomain)                          \
	SLOT(0x20, IOMMU_DOMAIN_ATTACH_DEVICE, AttachDevice)                   \
	SLOT(0x28, IOMMU_DOMAIN_DETACH_DEVICE, DetachDevice)                   \
	SLOT(0x30, IOMMU_FLUSH_DOMAIN, FlushDomain)                            \
	SLOT(0x38, IOMMU_FLUSH_DOMAIN_VA_LIST, FlushDomainByVaList)            \
	SLOT(0x40, IOMMU_QUERY_INPUT_MAPPINGS, QueryInputMappings)             \
	SLOT(0x48, IOMMU_MAP_LOGICAL_RANGE, MapLogicalRange)                   \
	SLOT(0x50, IOMMU_UNMAP_LOGICAL_RANGE, UnmapLogicalRange)               \
	SLOT(0x58, IOMMU_MAP_IDENTITY_RANGE, MapIdentityRange)                 \
	SLOT(0x60, IOMMU_UNMAP_IDENTITY_RANGE, UnmapIdentityRange)             \
	SLOT(0x68, IOMMU_SET_DEVICE_FAULT_REPORTING, SetDeviceFaultReporting)  \
	SLOT(0x70, IOMMU_DOMAIN_CONFIGURE, ConfigureDomain)
#define SLUICE_SLOTS_V2(SLOT)                                                  \
	SLOT(0x10, IOMMU_DOMAIN_CREATE_EX, CreateDomainEx)                     \
	SLOT(0x18, IOMMU_DOMAIN_DELETE, DeleteDomain)                          \
	SLOT(0x20, IOMMU_DOMAIN_ATTACH_DEVICE_EX, AttachDeviceEx)              \
	SLOT(0x28, IOMMU_DOMAIN_DETACH_DEVICE_EX, DetachDeviceEx)              \
	SLOT(0x30, IOMMU_FLUSH_DOMAIN, FlushDomain)                            \
	SLOT(0x38, IOMMU_FLUSH_DOMAIN_VA_LIST, FlushDomainByVaList)            \
	SLOT(0x40, IOMMU_QUERY_INPUT_MAPPINGS, QueryInputMappings)             \
	SLOT(0x48, IOMMU_MAP_LOGICAL_RANGE_EX, MapLogicalRangeEx)              \
	SLOT(0x50, IOMMU_UNMAP_LOGICAL_RANGE, UnmapLogicalRange)               \
	SLOT(0x58, IOMMU_MAP_IDENTITY_RANGE_EX, MapIdentityRangeEx)            \
	SLOT(0x60, IOMMU_UNMAP_IDENTITY_RANGE_EX, UnmapIdentityRangeEx)        \
	SLOT(0x68, IOMMU_SET_DEVICE_FAULT_REPORTING_EX, SetDeviceFaultReportingEx) \
	SLOT(0x70, IOMMU_DOMAIN_CONFIGURE, ConfigureDomain)                    \
	SLOT(0x78, IOMMU_DEVICE_QUERY_DOMAIN_TYPES, QueryAvailableDomainTypes) \
	SLOT(0x80, IOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK,             \
	     RegisterInterfaceStateChangeCallback)                             \
	SLOT(0x88, IOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK,           \
	     UnregisterInterfaceStateChangeCallback)                           \
	SLOT(0x90, IOMMU_RESERVE_LOGICAL_ADDRESS_RANGE, ReserveLogicalAddressRange) \
	SLOT(0x98, IOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE,                  \
	     FreeReservedLogicalAddressRange)                                  \
	SLOT(0xA0, IOMMU_MAP_RESERVED_LOGICAL_RANGE, MapReservedLogicalRange)  \
	SLOT(0xA8, IOMMU_UNMAP_RESERVED_LOGICAL_RANGE, UnmapReservedLogicalRange) \
	SLOT(0xB0, IOMMU_DEVICE_CREATE, CreateDevice)                          \
	SLOT(0xB8, IOMMU_DEVICE_DELETE, DeleteDevice)
#define SLUICE_SLOTS_V3_ADDS(SLOT)                                             \
	SLOT(0xC0, IOMMU_PASID_DEVICE_CREATE, CreatePasidDevice)               \
	SLOT(0xC8, IOMMU_PASID_DEVICE_DELETE, DeletePasidDevice)               \
	SLOT(0xD0, IOMMU_DOMAIN_ATTACH_PASID_DEVICE, AttachPasidDevice)        \
	SLOT(0xD8, IOMMU_DOMAIN_DETACH_PASID_DEVICE, DetachPasidDevice)        \
	SLOT(0xE0, IOMMU_DEVICE_QUERY_INFORMATION, QueryDeviceInfo)

/* Each function type X has its pointer type PX. */
#define SLUICE_POINTER(type) typedef type *P##type;
SLUICE_POINTER(IOMMU_FLUSH_DOMAIN) SLUICE_POINTER(IOMMU_DOMAIN_CREATE)
SLUICE_POINTER(IOMMU_DOMAIN_DELETE) SLUICE_POINTER(IOMMU_DEVICE_CREATE)
SLUICE_POINTER(IOMMU_DEVICE_DELETE) SLUICE_POINTER(IOMMU_DOMAIN_CREATE_EX)
SLUICE_POINTER(IOMMU_DOMAIN_CONFIGURE) SLUICE_POINTER(IOMMU_MAP_LOGICAL_RANGE)
SLUICE_POINTER(IOMMU_MAP_IDENTITY_RANGE) SLUICE_POINTER(IOMMU_UNMAP_LOGICAL_RANGE)
SLUICE_POINTER(IOMMU_PASID_DEVICE_CREATE) SLUICE_POINTER(IOMMU_PASID_DEVICE_DELETE)
SLUICE_POINTER(IOMMU_DOMAIN_ATTACH_DEVICE) SLUICE_POINTER(IOMMU_DOMAIN_DETACH_DEVICE)
SLUICE_POINTER(IOMMU_QUERY_INPUT_MAPPINGS) SLUICE_POINTER(IOMMU_MAP_LOGICAL_RANGE_EX)
SLUICE_POINTER(IOMMU_UNMAP_IDENTITY_RANGE) SLUICE_POINTER(IOMMU_FLUSH_DOMAIN_VA_LIST)
SLUICE_POINTER(IOMMU_MAP_IDENTITY_RANGE_EX) SLUICE_POINTER(IOMMU_DOMAIN_ATTACH_DEVICE_EX)
SLUICE_POINTER(IOMMU_DOMAIN_DETACH_DEVICE_EX) SLUICE_POINTER(IOMMU_UNMAP_IDENTITY_RANGE_EX)
SLUICE_POINTER(IOMMU_DEVICE_QUERY_INFORMATION) SLUICE_POINTER(IOMMU_DEVICE_QUERY_DOMAIN_TYPES)
SLUICE_POINTER(IOMMU_SET_DEVICE_FAULT_REPORTING) SLUICE_POINTER(IOMMU_MAP_RESERVED_LOGICAL_RANGE)
SLUICE_POINTER(IOMMU_DOMAIN_ATTACH_PASID_DEVICE) SLUICE_POINTER(IOMMU_DOMAIN_DETACH_PASID_DEVICE)
SLUICE_POINTER(IOMMU_UNMAP_RESERVED_LOGICAL_RANGE)
SLUICE_POINTER(IOMMU_SET_DEVICE_FAULT_REPORTING_EX)
SLUICE_POINTER(IOMMU_RESERVE_LOGICAL_ADDRESS_RANGE)
SLUICE_POINTER(IOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE)
SLUICE_POINTER(IOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK)
SLUICE_POINTER(IOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK)
#undef SLUICE_POINTER

#define SLUICE_MEMBER(offset, type, member) P##type member;
typedef struct DMA_IOMMU_INTERFACE_V1 {
	SLUICE_SLOTS_V1(SLUICE_MEMBER)
} DMA_IOMMU_INTERFACE_V1, *PDMA_IOMMU_INTERFACE_V1;
typedef struct DMA_IOMMU_INTERFACE_V2 {
	SLUICE_SLOTS_V2(SLUICE_MEMBER)
} DMA_IOMMU_INTERFACE_V2, *PDMA_IOMMU_INTERFACE_V2;
typedef struct DMA_IOMMU_INTERFACE_V3 {
	SLUICE_SLOTS_V2(SLUICE_MEMBER)
	SLUICE_SLOTS_V3_ADDS(SLUICE_MEMBER)
} DMA_IOMMU_INTERFACE_V3, *PDMA_IOMMU_INTERFACE_V3;

/* The legacy table. */
typedef struct DMA_IOMMU_INTERFACE {
	ULONG Version;
	SLUICE_SLOTS_V1(SLUICE_MEMBER)
} DMA_IOMMU_INTERFACE, *PDMA_IOMMU_INTERFACE;
#undef SLUICE_MEMBER

/* The table of every version; a caller of V1 or V2 may hold less of it. */
typedef struct DMA_IOMMU_INTERFACE_EX {
	SIZE_T Size;   /* out: bytes written, this field included */
	ULONG Version; /* out: the version asked for              */
	union {
		DMA_IOMMU_INTERFACE_V1 V1;
		DMA_IOMMU_INTERFACE_V2 V2;
		DMA_IOMMU_INTERFACE_V3 V3;
	};
} DMA_IOMMU_INTERFACE_EX, *PDMA_IOMMU_INTERFACE_EX;

#if UINTPTR_MAX == UINT64_MAX
#define SLUICE_ASSERT_SLOT(version, offset, member)                            \
	_Static_assert(offsetof(DMA_IOMMU_INTERFACE_EX, version.member) == (offset), #member);
#define SLUICE_ASSERT_V1(offset, type, member)                                 \
	SLUICE_ASSERT_SLOT(V1, offset, member)                                 \
	_Static_assert(offsetof(DMA_IOMMU_INTERFACE, member) == (offset) - 8, #member);
#define SLUICE_ASSERT_V2(offset, type, member)                                 \
	SLUICE_ASSERT_SLOT(V2, offset, member)                                 \
	SLUICE_ASSERT_SLOT(V3, offset, member)
#define SLUICE_ASSERT_V3(offset, type, member)                                 \
	SLUICE_ASSERT_SLOT(V3, offset, member)
SLUICE_SLOTS_V1(SLUICE_ASSERT_V1)
SLUICE_SLOTS_V2(SLUICE_ASSERT_V2)
SLUICE_SLOTS_V3_ADDS(SLUICE_ASSERT_V3)
#undef SLUICE_ASSERT_V3
#undef SLUICE_ASSERT_V2
#undef SLUICE_ASSERT_V1
#undef SLUICE_ASSERT_SLOT
_Static_assert(sizeof(DMA_IOMMU_INTERFACE) == 0x70, "legacy table");
_Static_assert(offsetof(DMA_IOMMU_INTERFACE_EX, Version) == 8, "after Size");
_Static_assert(offsetof(DMA_IOMMU_INTERFACE_EX, V1) + sizeof(DMA_IOMMU_INTERFACE_V1) == 0x78, "V1");
_Static_assert(offsetof(DMA_IOMMU_INTERFACE_EX, V2) + sizeof(DMA_IOMMU_INTERFACE_V2) == 0xC0, "V2");
_Static_assert(offsetof(DMA_IOMMU_INTERFACE_EX, V3) + sizeof(DMA_IOMMU_INTERFACE_V3) == 0xE8, "V3");
#endif
/* clang-format on */

/**
 * IoGetIommuInterface() - Fill the legacy table.
 * @Version:      DMA_IOMMU_INTERFACE_VERSION_1
 * @InterfaceOut: the table; written on success alone
 *
 * Succeeds without a hypervisor too: the functions then answer NOT_SUPPORTED.
 * Return: IP_1 unknown version; IP_2 InterfaceOut is NULL.
 * Source: contract 1.1, 1.2.
 */
NTSTATUS IoGetIommuInterface(ULONG Version, PDMA_IOMMU_INTERFACE InterfaceOut);

/**
 * IoGetIommuInterfaceEx() - Fill the table of one version, not a byte more.
 * @Version:      DMA_IOMMU_INTERFACE_EX_VERSION_1, _2 or _3
 * @Flags:        must be 0
 * @InterfaceOut: the table: 0x78, 0xC0 or 0xE8 bytes on a 64-bit machine;
 *                written on success alone
 *
 * Succeeds without a hypervisor too: the functions then answer NOT_SUPPORTED.
 * Return: IP_1 unknown version; IP_3 Flags not 0 (the one answer on record,
 *         although it is argument 2), or InterfaceOut is NULL.
 * Source: contract 1.1-1.3.
 */
NTSTATUS IoGetIommuInterfaceEx(ULONG Version, ULONGLONG Flags,
			       PDMA_IOMMU_INTERFACE_EX InterfaceOut);
