/* SPDX-License-Identifier: MIT */
/*
 * The DMA IOMMU contract's tables, under their published names; the functions'
 * types stand in sluice/dma_iommu_device.h and sluice/dma_iommu_map.h.
 *
 * Every member is built; SetDeviceFaultReportingEx answers NOT_IMPLEMENTED for
 * ever, as published.
 * Source: contract, section 1.
 */
#pragma once

#include <sluice/dma_iommu_device.h>
#include <sluice/dma_iommu_map.h>
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
