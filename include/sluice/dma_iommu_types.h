/* SPDX-License-Identifier: MIT */
/*
 * The DMA IOMMU contract's types, under their published names and layouts.
 *
 * Only data lives here; functions and tables are in sluice/dma_iommu.h, which
 * includes this file. Source of every declaration: contract, section 2.
 * "Logical address" is what a device emits, "physical address" what it is
 * translated to, which for a guest is guest-physical.
 */
#pragma once

#include <sluice/ntstatus.h>
#include <stddef.h>
#include <stdint.h>

/* Scalars. ULONG is 32 bits wide everywhere, also where C's long is 64. */
typedef uint8_t BOOLEAN;
typedef uint8_t UCHAR;
typedef uint16_t USHORT;
typedef uint32_t ULONG;
typedef uint32_t UINT32;
typedef uint64_t ULONGLONG;
typedef uint64_t ULONG64;
typedef uintptr_t SIZE_T;
typedef uintptr_t ULONG_PTR;
typedef uintptr_t PFN_NUMBER;	  /* physical address >> 12 */
typedef int64_t PHYSICAL_ADDRESS; /* bytes */
typedef void *PVOID;
typedef ULONG *PULONG;
typedef PFN_NUMBER *PPFN_NUMBER;

/*
 * Opaque handles. In this library each is the hypervisor's 64-bit handle cast
 * to a pointer: it points at nothing and is valid for the guest that got it.
 */
typedef struct IOMMU_DMA_DOMAIN IOMMU_DMA_DOMAIN, *PIOMMU_DMA_DOMAIN;
typedef struct IOMMU_DMA_DEVICE IOMMU_DMA_DEVICE, *PIOMMU_DMA_DEVICE;
typedef struct IOMMU_DMA_PASID_DEVICE IOMMU_DMA_PASID_DEVICE,
	*PIOMMU_DMA_PASID_DEVICE;

/* A logical address, bytes. */
typedef uint64_t IOMMU_DMA_LOGICAL_ADDRESS, *PIOMMU_DMA_LOGICAL_ADDRESS;

/* Doubly linked list, as the contract embeds it. */
typedef struct LIST_ENTRY_LINKS {
	struct LIST_ENTRY_LINKS *Flink;
	struct LIST_ENTRY_LINKS *Blink;
} LIST_ENTRY;

/**
 * struct DEVICE_OBJECT - A physical device object (PDO); a library type.
 * @Sbdf: PCI address in the caller's view, as SLUICE_SBDF() builds it
 */
typedef struct DEVICE_OBJECT {
	uint32_t Sbdf;
} DEVICE_OBJECT, *PDEVICE_OBJECT;

/**
 * struct MDL - A locked buffer's page list; a library type.
 * @ByteOffset: start within the first page, bytes; map calls want 0
 * @ByteCount:  length, bytes; map calls want a multiple of 4096, not 0
 * @PageFrame:  one frame number (guest-physical address >> 12) a page
 */
typedef struct MDL {
	ULONG ByteOffset;
	SIZE_T ByteCount;
	PPFN_NUMBER PageFrame;
} MDL, *PMDL;

/* Permissions of a mapping; bits 31..2 must be 0. */
#define IOMMU_ACCESS_NONE  0x00u /* no access           */
#define IOMMU_ACCESS_READ  0x01u /* the device may read  */
#define IOMMU_ACCESS_WRITE 0x02u /* the device may write */

/* Who owns a domain's table and which stage it is. Mask bit: 1u << type. */
typedef enum IOMMU_DMA_DOMAIN_TYPE {
	DomainTypeTranslate = 0,   /* hypervisor's table, second stage       */
	DomainTypePassThrough = 1, /* the guest's own physical address space */
	DomainTypeUnmanaged = 2,   /* the caller's table                     */
	DomainTypeTranslateS1 = 3, /* hypervisor's table, first stage        */
	DomainTypeMax = 4,	   /* invalid                                */
} IOMMU_DMA_DOMAIN_TYPE;

/* Who chooses logical addresses. */
typedef enum IOMMU_DMA_LOGICAL_ALLOCATOR_TYPE {
	IommuDmaLogicalAllocatorNone = 0,  /* the caller                  */
	IommuDmaLogicalAllocatorBuddy = 1, /* powers of two, lowest first */
	IommuDmaLogicalAllocatorMax = 2,   /* invalid                     */
} IOMMU_DMA_LOGICAL_ALLOCATOR_TYPE;

/* Which member of IOMMU_MAP_PHYSICAL_ADDRESS speaks. */
typedef enum IOMMU_MAP_PHYSICAL_ADDRESS_TYPE {
	MapPhysicalAddressTypeMdl = 0,
	MapPhysicalAddressTypeContiguousRange = 1,
	MapPhysicalAddressTypePfn = 2,
	MapPhysicalAddressTypeMax = 3, /* invalid */
} IOMMU_MAP_PHYSICAL_ADDRESS_TYPE;

/* Which member of IOMMU_DEVICE_CREATION_CONFIGURATION speaks. */
typedef enum IOMMU_DEVICE_CREATION_CONFIGURATION_TYPE {
	IommuDeviceCreationConfigTypeNone = 0,
	IommuDeviceCreationConfigTypeAcpi = 1,
	IommuDeviceCreationConfigTypeDeviceId = 2,
	IommuDeviceCreationConfigTypePasid = 3,
	IommuDeviceCreationConfigTypeMax = 4, /* invalid */
} IOMMU_DEVICE_CREATION_CONFIGURATION_TYPE;

/* What a device may tag its DMA with. */
typedef enum IOMMU_PASID_CONFIGURATION_TYPE {
	PasidConfigTypeDefaultPasidOnly = 0, /* untagged DMA alone          */
	PasidConfigTypePasidTaggedDma = 1,   /* tagged DMA and sub-devices  */
	PasidConfigTypeMax = 2,		     /* invalid                     */
} IOMMU_PASID_CONFIGURATION_TYPE;

/* Which member of DOMAIN_CONFIGURATION speaks. */
typedef enum DOMAIN_CONFIGURATION_ARCH {
	DomainConfigurationArm64 = 0,
	DomainConfigurationX64 = 1, /* reserved for system use */
	DomainConfigurationInvalid = 2,
} DOMAIN_CONFIGURATION_ARCH;

/* Which member of FAULT_INFORMATION speaks; its 0 is not the one above. */
typedef enum FAULT_INFORMATION_ARCH {
	FaultInformationInvalid = 0,
	FaultInformationArm64 = 1,
	FaultInformationX64 = 2,
} FAULT_INFORMATION_ARCH;

/* What a fault was: an enumerator, not a mask. */
typedef enum FAULT_INFORMATION_ARM64_TYPE {
	UnsupportedUpstreamTransaction = 0,
	AddressSizeFault = 1,
	TlbMatchConflict = 2,
	ExternalFault = 3,
	PermissionFault = 4,
	AccessFlagFault = 5,
	TranslationFault = 6,
	MaxFaultType = 7, /* invalid */
} FAULT_INFORMATION_ARM64_TYPE,
	FAULT_INFORMATION_X64_TYPE;

/**
 * union IOMMU_DMA_DOMAIN_CREATION_FLAGS - Creation flags, passed by value.
 * @Reserved:    must be 0
 * @AsUlonglong: the same bits as a number
 */
typedef union IOMMU_DMA_DOMAIN_CREATION_FLAGS {
	struct {
		ULONGLONG Reserved : 64;
	};
	ULONGLONG AsUlonglong;
} IOMMU_DMA_DOMAIN_CREATION_FLAGS;

/**
 * struct IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG - The wanted address allocator.
 * @LogicalAllocatorType: None or Buddy
 * @BuddyAllocatorConfig: .AddressWidth, bits, 12..63: manages [0, 2^width)
 */
typedef struct IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG {
	IOMMU_DMA_LOGICAL_ALLOCATOR_TYPE LogicalAllocatorType;
	union {
		struct {
			ULONG AddressWidth;
		} BuddyAllocatorConfig;
	};
} IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG, *PIOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG;

/**
 * struct IOMMU_DMA_RESERVED_REGION - Part of a new domain kept from map calls.
 * @RegionNext:    next region, or NULL
 * @Base:          first logical and physical address, bytes, multiple of 4096
 * @NumberOfPages: length in 4 KiB pages, not 0
 * @ShouldMap:     nonzero: identity-map it read+write; 0: keep a hole
 *
 * The list is read during the call only.
 */
typedef struct IOMMU_DMA_RESERVED_REGION {
	struct IOMMU_DMA_RESERVED_REGION *RegionNext;
	IOMMU_DMA_LOGICAL_ADDRESS Base;
	SIZE_T NumberOfPages;
	BOOLEAN ShouldMap;
} IOMMU_DMA_RESERVED_REGION, *PIOMMU_DMA_RESERVED_REGION;

/**
 * struct IOMMU_MAP_PHYSICAL_ADDRESS - Memory to map, in one of three forms.
 * @MapType:         which of the three
 * @Mdl:             .Mdl, a locked buffer's page list
 * @ContiguousRange: .Base, bytes; .Size, bytes
 * @PfnArray:        .PageFrame, frame numbers; .NumberOfPages, 4 KiB pages
 *
 * Whole 4 KiB pages on 4 KiB boundaries; not empty.
 */
typedef struct IOMMU_MAP_PHYSICAL_ADDRESS {
	IOMMU_MAP_PHYSICAL_ADDRESS_TYPE MapType;
	union {
		struct {
			PMDL Mdl;
		} Mdl;
		struct {
			PHYSICAL_ADDRESS Base;
			SIZE_T Size;
		} ContiguousRange;
		struct {
			PPFN_NUMBER PageFrame;
			SIZE_T NumberOfPages;
		} PfnArray;
	};
} IOMMU_MAP_PHYSICAL_ADDRESS, *PIOMMU_MAP_PHYSICAL_ADDRESS;

/**
 * struct IOMMU_DMA_LOGICAL_ADDRESS_TOKEN - A reserved logical range.
 * @LogicalAddressBase: first logical address, bytes
 * @Size:               length, bytes
 */
typedef struct IOMMU_DMA_LOGICAL_ADDRESS_TOKEN {
	IOMMU_DMA_LOGICAL_ADDRESS LogicalAddressBase;
	SIZE_T Size;
} IOMMU_DMA_LOGICAL_ADDRESS_TOKEN, *PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN;

/**
 * struct IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT - Mapped part of one.
 * @OwningToken: the token
 * @Offset:      start within the token, bytes, multiple of 4096
 * @Size:        length, bytes, multiple of 4096
 */
typedef struct IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT {
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN OwningToken;
	SIZE_T Offset;
	SIZE_T Size;
} IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT,
	*PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT;

/* Which states a caller cares about, or which changed. */
typedef union IOMMU_INTERFACE_STATE_CHANGE_FIELDS {
	struct {
		ULONG AvailableDomainTypes : 1;
		ULONG Reserved : 31;
	};
	ULONG AsULONG;
} IOMMU_INTERFACE_STATE_CHANGE_FIELDS, *PIOMMU_INTERFACE_STATE_CHANGE_FIELDS;

/**
 * struct IOMMU_INTERFACE_STATE_CHANGE - What a state-change callback gets.
 * @PresentFields:        which of the following are valid
 * @AvailableDomainTypes: mask of 1 << type
 */
typedef struct IOMMU_INTERFACE_STATE_CHANGE {
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS PresentFields;
	ULONG AvailableDomainTypes;
} IOMMU_INTERFACE_STATE_CHANGE, *PIOMMU_INTERFACE_STATE_CHANGE;

/* Input (stream) ids of an ACPI device: first one, and how many. */
typedef struct IOMMU_DEVICE_CREATION_CONFIGURATION_ACPI {
	UINT32 InputMappingBase;
	UINT32 MappingsCount;
} IOMMU_DEVICE_CREATION_CONFIGURATION_ACPI;

/* PASID use of a device; SuppressPasidFaults nonzero silences tagged faults. */
typedef struct IOMMU_DEVICE_CREATION_CONFIGURATION_PASID {
	IOMMU_PASID_CONFIGURATION_TYPE ConfigType;
	BOOLEAN SuppressPasidFaults;
} IOMMU_DEVICE_CREATION_CONFIGURATION_PASID;

/**
 * struct IOMMU_DEVICE_CREATION_CONFIGURATION - One element of a circular list.
 * @NextConfiguration: links; both NULL or to itself: the only element
 * @ConfigType:        which member of the union speaks
 */
typedef struct IOMMU_DEVICE_CREATION_CONFIGURATION {
	LIST_ENTRY NextConfiguration;
	IOMMU_DEVICE_CREATION_CONFIGURATION_TYPE ConfigType;
	union {
		IOMMU_DEVICE_CREATION_CONFIGURATION_ACPI Acpi;
		PVOID DeviceId;
		IOMMU_DEVICE_CREATION_CONFIGURATION_PASID Pasid;
	};
} IOMMU_DEVICE_CREATION_CONFIGURATION, *PIOMMU_DEVICE_CREATION_CONFIGURATION;

/* What QueryDeviceInfo reports. */
typedef struct IOMMU_DMA_DEVICE_INFORMATION {
	BOOLEAN DefaultPasidEnabled;
	BOOLEAN PasidTaggedDmaEnabled;
	BOOLEAN PasidFaultsSuppressed;
} IOMMU_DMA_DEVICE_INFORMATION, *PIOMMU_DMA_DEVICE_INFORMATION;

/**
 * struct DOMAIN_CONFIGURATION_ARM64 - A caller-owned Arm table.
 * @Ttbr0: physical root of the low half, bytes
 * @Ttbr1: physical root of the high half, bytes
 * @Mair0: memory attributes 0..3
 * @Mair1: memory attributes 4..7
 * @InputSize0: input address width of the low half, bits
 * @InputSize1: input address width of the high half, bits
 * @CoherentTableWalks: nonzero: the walker snoops caches
 * @TranslationEnabled: 0: stage 1 is bypassed
 */
typedef struct DOMAIN_CONFIGURATION_ARM64 {
	PHYSICAL_ADDRESS Ttbr0;
	PHYSICAL_ADDRESS Ttbr1;
	ULONG Mair0;
	ULONG Mair1;
	UCHAR InputSize0;
	UCHAR InputSize1;
	BOOLEAN CoherentTableWalks;
	BOOLEAN TranslationEnabled;
} DOMAIN_CONFIGURATION_ARM64, *PDOMAIN_CONFIGURATION_ARM64;

/* A caller-owned x64 table; reserved for system use. */
typedef struct DOMAIN_CONFIGURATION_X64 {
	PHYSICAL_ADDRESS FirstLevelPageTableRoot;
	BOOLEAN TranslationEnabled;
} DOMAIN_CONFIGURATION_X64, *PDOMAIN_CONFIGURATION_X64;

/* What ConfigureDomain takes. */
typedef struct DOMAIN_CONFIGURATION {
	DOMAIN_CONFIGURATION_ARCH Type;
	union {
		DOMAIN_CONFIGURATION_ARM64 Arm64;
		DOMAIN_CONFIGURATION_X64 X64;
	};
} DOMAIN_CONFIGURATION, *PDOMAIN_CONFIGURATION;

/* Flags of an Arm fault. */
typedef union FAULT_INFORMATION_ARM64_FLAGS {
	struct {
		ULONG WriteNotRead : 1;
		ULONG InstructionNotData : 1;
		ULONG Privileged : 1;
		ULONG FaultAddressValid : 1;
		ULONG Reserved : 28;
	};
	ULONG AsULONG;
} FAULT_INFORMATION_ARM64_FLAGS;

/* A fault on Arm. */
typedef struct FAULT_INFORMATION_ARM64 {
	PVOID DomainHandle;
	PVOID FaultAddress;
	PDEVICE_OBJECT PhysicalDeviceObject;
	ULONG InputMappingId;
	FAULT_INFORMATION_ARM64_FLAGS Flags;
	FAULT_INFORMATION_ARM64_TYPE Type;
	ULONG64 IommuBaseAddress;
} FAULT_INFORMATION_ARM64, *PFAULT_INFORMATION_ARM64;

/* Flags of an x64 fault. */
typedef union FAULT_INFORMATION_X64_FLAGS {
	struct {
		ULONG FaultAddressValid : 1;
		ULONG Reserved : 31;
	};
	ULONG AsULONG;
} FAULT_INFORMATION_X64_FLAGS;

/* A fault on x64. */
typedef struct FAULT_INFORMATION_X64 {
	PVOID DomainHandle;
	PVOID FaultAddress;
	FAULT_INFORMATION_X64_FLAGS Flags;
	FAULT_INFORMATION_X64_TYPE Type;
	ULONG64 IommuBaseAddress;
	ULONG PciSegment;
} FAULT_INFORMATION_X64, *PFAULT_INFORMATION_X64;

/* What a fault handler gets. */
typedef struct FAULT_INFORMATION {
	FAULT_INFORMATION_ARCH Type;
	BOOLEAN IsStage1;
	union {
		FAULT_INFORMATION_ARM64 Arm64;
		FAULT_INFORMATION_X64 X64;
	};
} FAULT_INFORMATION, *PFAULT_INFORMATION;

/* One input (stream) id of a device. */
typedef struct INPUT_MAPPING_ELEMENT {
	ULONG InputMappingId;
} INPUT_MAPPING_ELEMENT, *PINPUT_MAPPING_ELEMENT;

/**
 * IOMMU_DEVICE_FAULT_HANDLER - The caller's function for a device's faults.
 * @Context:          FaultContext of DEVICE_FAULT_CONFIGURATION
 * @FaultInformation: the fault; valid during the call
 */
typedef void IOMMU_DEVICE_FAULT_HANDLER(PVOID Context,
					PFAULT_INFORMATION FaultInformation);
typedef IOMMU_DEVICE_FAULT_HANDLER *PIOMMU_DEVICE_FAULT_HANDLER;

/* Who handles a device's faults. */
typedef struct DEVICE_FAULT_CONFIGURATION {
	PIOMMU_DEVICE_FAULT_HANDLER FaultHandler;
	PVOID FaultContext;
} DEVICE_FAULT_CONFIGURATION, *PDEVICE_FAULT_CONFIGURATION;

/* The published layout is that of 64-bit machines. */
#if UINTPTR_MAX == UINT64_MAX
/* clang-format off */
#define SLUICE_ASSERT_LAYOUT(type, bytes, field, offset)                       \
	_Static_assert(sizeof(type) == (bytes), #type " has its size");        \
	_Static_assert(offsetof(type, field) == (offset), #type "." #field)
SLUICE_ASSERT_LAYOUT(IOMMU_DMA_DOMAIN_CREATION_FLAGS, 8, AsUlonglong, 0);
SLUICE_ASSERT_LAYOUT(IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG, 8, BuddyAllocatorConfig.AddressWidth, 4);
SLUICE_ASSERT_LAYOUT(IOMMU_DMA_RESERVED_REGION, 32, Base, 8);
SLUICE_ASSERT_LAYOUT(IOMMU_DMA_RESERVED_REGION, 32, NumberOfPages, 16);
SLUICE_ASSERT_LAYOUT(IOMMU_DMA_RESERVED_REGION, 32, ShouldMap, 24);
SLUICE_ASSERT_LAYOUT(IOMMU_MAP_PHYSICAL_ADDRESS, 24, Mdl.Mdl, 8);
SLUICE_ASSERT_LAYOUT(IOMMU_MAP_PHYSICAL_ADDRESS, 24, ContiguousRange.Base, 8);
SLUICE_ASSERT_LAYOUT(IOMMU_MAP_PHYSICAL_ADDRESS, 24, ContiguousRange.Size, 16);
SLUICE_ASSERT_LAYOUT(IOMMU_MAP_PHYSICAL_ADDRESS, 24, PfnArray.PageFrame, 8);
SLUICE_ASSERT_LAYOUT(IOMMU_MAP_PHYSICAL_ADDRESS, 24, PfnArray.NumberOfPages, 16);
SLUICE_ASSERT_LAYOUT(IOMMU_DMA_LOGICAL_ADDRESS_TOKEN, 16, Size, 8);
SLUICE_ASSERT_LAYOUT(IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT, 24, Offset, 8);
SLUICE_ASSERT_LAYOUT(IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT, 24, Size, 16);
SLUICE_ASSERT_LAYOUT(IOMMU_INTERFACE_STATE_CHANGE_FIELDS, 4, AsULONG, 0);
SLUICE_ASSERT_LAYOUT(IOMMU_INTERFACE_STATE_CHANGE, 8, AvailableDomainTypes, 4);
SLUICE_ASSERT_LAYOUT(IOMMU_DEVICE_CREATION_CONFIGURATION_ACPI, 8, MappingsCount, 4);
SLUICE_ASSERT_LAYOUT(IOMMU_DEVICE_CREATION_CONFIGURATION_PASID, 8, SuppressPasidFaults, 4);
SLUICE_ASSERT_LAYOUT(IOMMU_DEVICE_CREATION_CONFIGURATION, 32, ConfigType, 16);
SLUICE_ASSERT_LAYOUT(IOMMU_DEVICE_CREATION_CONFIGURATION, 32, DeviceId, 24);
SLUICE_ASSERT_LAYOUT(IOMMU_DMA_DEVICE_INFORMATION, 3, PasidFaultsSuppressed, 2);
SLUICE_ASSERT_LAYOUT(DOMAIN_CONFIGURATION_ARM64, 32, Mair0, 16);
SLUICE_ASSERT_LAYOUT(DOMAIN_CONFIGURATION_ARM64, 32, InputSize0, 24);
SLUICE_ASSERT_LAYOUT(DOMAIN_CONFIGURATION_ARM64, 32, TranslationEnabled, 27);
SLUICE_ASSERT_LAYOUT(DOMAIN_CONFIGURATION_X64, 16, TranslationEnabled, 8);
SLUICE_ASSERT_LAYOUT(DOMAIN_CONFIGURATION, 40, Arm64, 8);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION_ARM64, 48, InputMappingId, 24);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION_ARM64, 48, Flags, 28);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION_ARM64, 48, Type, 32);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION_ARM64, 48, IommuBaseAddress, 40);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION_X64, 40, Flags, 16);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION_X64, 40, Type, 20);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION_X64, 40, IommuBaseAddress, 24);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION_X64, 40, PciSegment, 32);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION, 56, IsStage1, 4);
SLUICE_ASSERT_LAYOUT(FAULT_INFORMATION, 56, Arm64, 8);
SLUICE_ASSERT_LAYOUT(DEVICE_FAULT_CONFIGURATION, 16, FaultContext, 8);
SLUICE_ASSERT_LAYOUT(INPUT_MAPPING_ELEMENT, 4, InputMappingId, 0);
/* clang-format on */
#undef SLUICE_ASSERT_LAYOUT
#endif
