/* SPDX-License-Identifier: MIT */
/*
 * Argument structures for caller-owned tables, state and fault events, and
 * PASID sub-devices. Rules and vocabulary: sluice/dma.h.
 */
#pragma once

#include <sluice/dma.h>

/*
 * ConfigureDomain: a caller-owned Arm64 table for an Unmanaged domain.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a domain of the caller, or not Unmanaged
 *   NOT_SUPPORTED        arch X64 (reserved for system use); a unit that cannot
 *                        nest a caller's table under the guest's memory
 *   INVALID_PARAMETER_2  unknown arch; roots misaligned or no memory of the
 *                        caller; input sizes that the unit cannot walk;
 *                        booleans above 1
 *   ACCESS_DENIED        translation_enabled 0 while PassThrough is forbidden
 *   INSUFFICIENT_RESOURCES  no memory for a unit's tables
 * On return the unit walks the new table and holds nothing of the old one. If a
 * unit does not confirm that (UNSUCCESSFUL), or has no memory, the domain is
 * left without a table: its devices are blocked.
 *
 * Pages are of 4 KiB, roots multiples of 4096. An input size of 0 leaves a half
 * unused, its root is 0 then; with translation enabled one half is in use. With
 * translation_enabled 0 devices emit guest-physical addresses.
 */
struct sluice_configure {
	struct sluice_header header;
	uint64_t domain; /* [in] handle                           */
	uint32_t arch;	 /* [in] 0 Arm64, 1 X64                   */
	uint32_t reserved;
	uint64_t ttbr0; /* [in] guest-physical root, low half    */
	uint64_t ttbr1; /* [in] likewise, high half              */
	uint32_t mair0; /* [in] memory attributes                */
	uint32_t mair1;
	uint8_t input_size0;	     /* [in] bits                             */
	uint8_t input_size1;	     /* [in] bits                             */
	uint8_t coherent_walks;	     /* [in] 0 or 1                           */
	uint8_t translation_enabled; /* [in] 0 or 1                           */
	uint32_t reserved2;
};

#define SLUICE_FLUSH_MAX 512u

/*
 * FlushDomainByVaList (flush_domain takes sluice_domain_ref).
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a domain of the caller, or not Unmanaged
 *   INVALID_PARAMETER_2  last_level above 1
 *   INVALID_PARAMETER_3  count over SLUICE_FLUSH_MAX
 *   INVALID_PARAMETER_4  list unreadable; bits 11..0 of an address not 0
 * count 0 succeeds and does nothing.
 */
struct sluice_flush_list {
	struct sluice_header header;
	uint64_t domain;     /* [in] handle                                   */
	uint64_t addresses;  /* [in] linear address of uint64_t[]             */
	uint32_t count;	     /* [in]                                          */
	uint32_t last_level; /* [in] 1 = leaves alone need dropping           */
};

/*
 * What may be done with a device now, and how often that changed: the way to
 * learn of state changes. A caller keeps the sequence it last saw; when it
 * differs, the types have changed since (perhaps more than once).
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a device token of the caller
 */
struct sluice_device_state {
	struct sluice_header header;
	uint64_t device;   /* [in] handle                                     */
	uint64_t sequence; /* [out] counts changes, from 1                    */
	uint32_t types;	   /* [out] mask of 1 << type, as query_domain_types  */
	uint32_t reserved;
};

/*
 * CreatePasidDevice.
 *   NOT_SUPPORTED           no domain interface
 *   INVALID_PARAMETER_1     not a device token of the caller, not configured
 *                           for tagged DMA, or no unit can tag
 *   INSUFFICIENT_RESOURCES  memory or quota
 *   NONE_MAPPED             no id is left
 */
struct sluice_create_pasid {
	struct sluice_header header;
	uint64_t device; /* [in] handle                                       */
	uint64_t pasid;	 /* [out] handle of the sub-device                    */
	uint32_t asid;	 /* [out] the PASID that the device must use          */
	uint32_t reserved;
};

/*
 * DeletePasidDevice, DetachPasidDevice.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a sub-device of the caller; detach: not attached
 *   RESOURCE_IN_USE      delete: attached
 */
struct sluice_pasid_ref {
	struct sluice_header header;
	uint64_t pasid; /* [in] handle */
};

/*
 * AttachPasidDevice.
 *   NOT_SUPPORTED           no domain interface
 *   INVALID_PARAMETER_1     not a domain of the caller, or of a type that the
 *                           sub-device may not use
 *   INVALID_PARAMETER_2     not a sub-device of the caller
 *   UNSUCCESSFUL            attached already
 *   ACCESS_DENIED           the type is forbidden now
 *   INSUFFICIENT_RESOURCES  memory
 */
struct sluice_attach_pasid {
	struct sluice_header header;
	uint64_t domain; /* [in] handle */
	uint64_t pasid;	 /* [in] handle */
};

/*
 * QueryDeviceInfo.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a device token of the caller
 */
struct sluice_query_device {
	struct sluice_header header;
	uint64_t device;	   /* [in] handle                          */
	uint8_t default_pasid;	   /* [out] 1 = carried by a default PASID */
	uint8_t tagged_dma;	   /* [out] 1 = sub-devices may be created */
	uint8_t faults_suppressed; /* [out]                                */
	uint8_t reserved[5];
};

/* clang-format off */
#define SLUICE_ASSERT_SIZE(type, bytes)                                        \
	_Static_assert(sizeof(struct type) == (bytes), #type " is frozen")
SLUICE_ASSERT_SIZE(sluice_configure, 64);
SLUICE_ASSERT_SIZE(sluice_flush_list, 40);
SLUICE_ASSERT_SIZE(sluice_device_state, 40);
SLUICE_ASSERT_SIZE(sluice_create_pasid, 40);
SLUICE_ASSERT_SIZE(sluice_pasid_ref, 24);
SLUICE_ASSERT_SIZE(sluice_attach_pasid, 32);
SLUICE_ASSERT_SIZE(sluice_query_device, 32);
/* clang-format on */
#undef SLUICE_ASSERT_SIZE
