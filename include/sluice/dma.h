/* SPDX-License-Identifier: MIT */
/*
 * Argument structures of the sub-ops of SLUICE_HYPERCALL.
 *
 * Rules that hold for each: little-endian; sized first (sluice_header); no
 * implicit padding; a field named "reserved" must be 0 on entry, else
 * STATUS_INVALID_PARAMETER and no effect; [in] fields are read once; [out]
 * fields are written on STATUS_SUCCESS alone (header.status always).
 * Addresses are bytes. "Logical address" is what a device emits (IOVA),
 * "guest-physical" what the calling guest's own memory map says.
 *
 * A handle is opaque, never 0, valid for the guest that created the object and
 * for no other. A foreign, stale or invented handle answers as its argument's
 * position does and is not told from one another.
 *
 * Statuses are listed in the order checked. A field named "reserved" and a
 * nonzero header.flags are checked first, for every sub-op: INVALID_PARAMETER.
 * Where a unit has to confirm (delete, detach, map, unmap, guest_policy) and
 * does not before its deadline, the answer is UNSUCCESSFUL: nothing is reused.
 */
#pragma once

#include <sluice/abi.h>
#include <sluice/assign.h>
#include <sluice/ntstatus.h>
#include <stddef.h>
#include <stdint.h>

#define SLUICE_PAGE_BYTES  4096u
#define SLUICE_MAP_MAX	   512u /* pages that one map or unmap may touch      */
#define SLUICE_REGIONS_MAX 64u	/* reserved regions that one domain may have  */
#define SLUICE_FAULTS_MAX  16u	/* fault records that one call returns        */
#define SLUICE_BARS_MAX	   6u
#define SLUICE_GUEST_SELF  0x7ff0u /* DOMID_SELF: the caller */
#define SLUICE_GUEST_NONE  0xffffu /* no guest: blocked, or an unknown one */

/* Machine types of a guest, in the contract's vocabulary. */
#define SLUICE_MACHINE_I386  0x014cu
#define SLUICE_MACHINE_AMD64 0x8664u
#define SLUICE_MACHINE_ARM64 0xaa64u

/* PCI address: segment 31..16, bus 15..8, device 7..3, function 2..0. */
#define SLUICE_SBDF(segment, bus, device, function)                            \
	((uint32_t)(segment) << 16 | (uint32_t)(bus) << 8 |                    \
	 (uint32_t)(device) << 3 | (uint32_t)(function))

/* Why there is no domain interface; 0 = there is one. */
enum sluice_no_interface {
	SLUICE_INTERFACE_PRESENT = 0,
	SLUICE_INTERFACE_NO_IOMMU = 1,	/* firmware describes none           */
	SLUICE_INTERFACE_BAD_TABLE = 2, /* its firmware table is malformed   */
	SLUICE_INTERFACE_UNFIT_UNIT =
		3, /* a unit lacks what the service needs */
	SLUICE_INTERFACE_UNIT_FAILED = 4,  /* a unit did not obey at start  */
	SLUICE_INTERFACE_SWITCHED_OFF = 5, /* boot option iommu=off */
};

/* What the service offers the caller. */
struct sluice_info {
	struct sluice_header header;
	uint32_t abi_version;	  /* [out] SLUICE_ABI_VERSION               */
	uint32_t no_interface;	  /* [out] enum sluice_no_interface         */
	uint32_t available_types; /* [out] mask of 1 << type creatable now  */
	uint32_t address_bits;	  /* [out] width of logical addresses, bits */
	uint16_t guest;		  /* [out] the caller's id                  */
	uint16_t machine;	  /* [out] SLUICE_MACHINE_* of the caller   */
	uint8_t is_control;	  /* [out] 1 = control domain               */
	uint8_t reserved[3];
	uint32_t domain_quota;	   /* [out] domains the caller may have      */
	uint32_t table_page_quota; /* [out] table pages the caller may have  */
};

/* One reserved region of create_domain, as IOMMU_DMA_RESERVED_REGION. */
struct sluice_reserved_region {
	uint64_t base;	    /* logical = guest-physical, multiple of 4096     */
	uint64_t pages;	    /* length in 4 KiB pages, not 0                   */
	uint8_t should_map; /* 1 = identity-map it read+write, 0 = keep a hole
			     */
	uint8_t reserved[7];
};

/*
 * CreateDomainEx. A refused call touches nothing, not even [out] fields.
 *   NOT_SUPPORTED           no domain interface; the caller's machine is x86
 *   INVALID_PARAMETER_1     type
 *   INVALID_PARAMETER_2     creation_flags not 0
 *   INVALID_PARAMETER_3     allocator type or width; allocator with PassThrough
 *                           or Unmanaged
 *   INVALID_PARAMETER_4     region list: unreadable, count over
 *                           SLUICE_REGIONS_MAX, misaligned, empty, wrapping,
 *                           beyond the width, contradictory overlap, or any
 *                           with PassThrough or Unmanaged; a should_map region
 *                           that is no memory of the caller
 *   NOT_SUPPORTED           the type is not allowed now
 *   INSUFFICIENT_RESOURCES  ASID pool or quota exhausted; no memory
 * Source: contract 3.1, section 5 Q1, Q3-Q9.
 */
struct sluice_create_domain {
	struct sluice_header header;
	uint32_t type; /* [in] IOMMU_DMA_DOMAIN_TYPE               */
	uint32_t reserved;
	uint64_t creation_flags;  /* [in] must be 0                           */
	uint32_t allocator_type;  /* [in] 0 none, 1 Buddy                     */
	uint32_t allocator_width; /* [in] bits, 12..63; ignored for none      */
	uint64_t regions; /* [in] linear address of sluice_reserved_region[] */
	uint32_t region_count; /* [in] 0 = no list                         */
	uint32_t reserved2;
	uint64_t domain; /* [out] handle                             */
};

/*
 * DeleteDomain: leftover mappings are torn down and flushed. FlushDomain.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a domain of the caller; flush: not Unmanaged
 *   RESOURCE_IN_USE      delete: a device is attached, or a token is live
 */
struct sluice_domain_ref {
	struct sluice_header header;
	uint64_t domain; /* [in] handle */
};

/*
 * CreateDevice: a token for a device that the caller sees.
 *   NOT_SUPPORTED           no domain interface
 *   NOT_FOUND               no such device in the caller's view, or it is not
 *                           behind a unit
 *   INVALID_PARAMETER_2     config_type neither 0 (none) nor 3 (PASID); a PASID
 *                           configuration that no unit can serve, or whose
 *                           pasid_type is unknown
 *   RESOURCE_IN_USE         the device has a token already
 *   INSUFFICIENT_RESOURCES  no memory
 */
struct sluice_create_device {
	struct sluice_header header;
	uint32_t sbdf;	      /* [in] PCI address in the caller's view        */
	uint32_t config_type; /* [in] 0 none, 3 PASID (contract 2.3)          */
	uint32_t pasid_type;  /* [in] 0 default PASID only, 1 tagged DMA      */
	uint8_t suppress_faults; /* [in] 0 or 1: silence faults on tagged DMA */
	uint8_t reserved[3];
	uint64_t device; /* [out] handle                                 */
};

/*
 * DeleteDevice, DetachDeviceEx.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a device token of the caller; detach: not attached
 *   RESOURCE_IN_USE      delete: still attached, or a PASID sub-device is left
 * On return of a detach the device's DMA is blocked, bus-master is off and no
 * unit holds a cached translation of it.
 */
struct sluice_device_ref {
	struct sluice_header header;
	uint64_t device; /* [in] handle */
};

/*
 * AttachDeviceEx.
 *   NOT_SUPPORTED           no domain interface
 *   INVALID_PARAMETER_1     not a domain of the caller
 *   INVALID_PARAMETER_2     not a device token of the caller
 *   INVALID_PARAMETER       the device is attached, to any domain; one that
 *                           shares its requester id is, to another domain
 *   ACCESS_DENIED           the domain's type is forbidden now; firmware's
 *                           memory or a shared requester id forbids it
 *   INVALID_PARAMETER       the domain has something else where the firmware's
 *                           memory for the device is to be
 *   INSUFFICIENT_RESOURCES  no memory for the unit's tables; a unit that does
 *                           not answer (the device stays blocked)
 * Of devices that share a requester id all must be the caller's. The firmware's
 * memory for the device (RMRR, IVMD) fits in no Unmanaged domain; in others it
 * is reserved until the last device that needs it is detached, and mapped at
 * its machine address with the firmware's rights; PassThrough: it must not lie
 * over the guest's RAM.
 */
struct sluice_attach_device {
	struct sluice_header header;
	uint64_t domain; /* [in] handle */
	uint64_t device; /* [in] handle */
};

/*
 * QueryAvailableDomainTypes.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a device token of the caller
 */
struct sluice_domain_types {
	struct sluice_header header;
	uint64_t device; /* [in] handle                                       */
	uint32_t types;	 /* [out] mask of 1 << type, may be created and attached
			  */
	uint32_t reserved;
};

#define SLUICE_SCOPE_OWN     0u /* devices assigned to the caller             */
#define SLUICE_SCOPE_MACHINE 1u /* every device; control domain alone */

/* A base address register. */
struct sluice_bar {
	uint64_t address; /* guest-physical (scope own) or machine address; 0 =
			     not mapped */
	uint64_t bytes;	  /* 0 = none                                         */
};

/* Why a device is assigned to nobody; 0 = it may be. */
enum sluice_unfit {
	SLUICE_FIT = 0,
	SLUICE_UNFIT_BRIDGE = 1,  /* its id stands for other devices as well  */
	SLUICE_UNFIT_IOMMU = 2,	  /* it is an IOMMU's own function            */
	SLUICE_UNFIT_NO_UNIT = 3, /* no driven unit is in front of it         */
	SLUICE_UNFIT_IDS = 4, /* its requests, or those of its group, may carry
				 an id that no unit is in front of */
	SLUICE_UNFIT_REGION = 5, /* firmware keeps memory for it where none can
				    be, or that its unit cannot keep */
};

/*
 * One device of a list; call with index 0, 1, ... until NOT_FOUND.
 *   INVALID_PARAMETER_1  unknown scope
 *   ACCESS_DENIED        scope machine from another guest
 *   NOT_FOUND            index is past the last device
 */
struct sluice_device_info {
	struct sluice_header header;
	uint32_t scope;	       /* [in] SLUICE_SCOPE_*                         */
	uint32_t index;	       /* [in]                                        */
	uint32_t sbdf;	       /* [out] PCI address in the caller's view      */
	uint32_t guest_sbdf;   /* [out] address in its owner's view           */
	uint16_t vendor;       /* [out]                                       */
	uint16_t device;       /* [out]                                       */
	uint32_t class_code;   /* [out] class 23..16, subclass, interface     */
	uint16_t owner;	       /* [out] guest, or SLUICE_GUEST_NONE           */
	uint8_t has_unit;      /* [out] 1 = behind a driven unit              */
	uint8_t is_attached;   /* [out] 1 = attached to a domain              */
	uint8_t is_assignable; /* [out] 1 = fit for a guest, .unfit is 0      */
	uint8_t reset_way;     /* [out] enum sluice_reset_way                 */
	uint8_t reset_state;   /* [out] enum sluice_reset_state               */
	uint8_t is_remapped;   /* [out] 1 = its unit remaps interrupts        */
	uint64_t domain;       /* [out] owner's handle of the domain, else 0  */
	struct sluice_bar bar[SLUICE_BARS_MAX]; /* [out] memory BARs          */
	uint64_t token; /* [out] owner's handle of its token, else 0   */
	uint32_t group; /* [out] devices with this number share requester ids
			   and go to one guest together; 0 = alone */
	uint16_t region_count; /* [out] regions that the firmware keeps for it
				  and for those of its group */
	uint16_t unfit;	       /* [out] enum sluice_unfit: why not assignable */
};

/*
 * One live domain of a guest; call with index 0, 1, ... until NOT_FOUND.
 *   ACCESS_DENIED  a guest other than the caller, from another than the control
 *                  domain
 *   NOT_FOUND      no such guest; index is past the last domain
 */
struct sluice_domain_info {
	struct sluice_header header;
	uint32_t guest;	 /* [in] domid, or SLUICE_GUEST_SELF           */
	uint32_t index;	 /* [in]                                       */
	uint64_t domain; /* [out] handle                               */
	uint32_t type;	 /* [out] IOMMU_DMA_DOMAIN_TYPE                */
	uint32_t asid; /* [out] id in the units; control domain only, else 0 */
	uint32_t device_count; /* [out] devices attached                     */
	uint32_t region_count; /* [out] reserved regions: its creator's, and
				  now the firmware's of attached devices */
	uint64_t mapped_pages; /* [out] 4 KiB pages mapped by map            */
	uint64_t table_pages;  /* [out] pages of translation tables          */
	uint32_t address_bits; /* [out] width of its logical addresses       */
	uint32_t reserved;
};

/*
 * Live counts of one guest, for accounting and leak tests.
 *   ACCESS_DENIED, NOT_FOUND  as for list_domains
 */
struct sluice_inventory {
	struct sluice_header header;
	uint32_t guest; /* [in] domid, or SLUICE_GUEST_SELF        */
	uint32_t reserved;
	uint32_t domain_count;	 /* [out] live domains                      */
	uint32_t device_count;	 /* [out] live device tokens                */
	uint32_t attached_count; /* [out] tokens attached                   */
	uint32_t assigned_count; /* [out] devices assigned to the guest     */
	uint32_t asid_count;	 /* [out] ids held                          */
	uint32_t reserved2;
	uint64_t mapped_pages;	   /* [out] pages mapped in all domains       */
	uint64_t table_pages;	   /* [out] table pages of all domains        */
	uint64_t memory_pages;	   /* [out] pages of guest memory             */
	uint64_t hypervisor_pages; /* [out] hypervisor pages charged to it    */
};

#define SLUICE_POLICY_SET 1u /* write the policy; else only read it */

/*
 * Read or set what a guest may do.
 *   INVALID_PARAMETER_1  unknown operation bits
 *   NOT_FOUND            no such guest
 *   INVALID_PARAMETER_2  machine unknown (set)
 *   INVALID_PARAMETER_3  unknown type bit (set)
 *   INVALID_PARAMETER_4  quota 0 or over the machine's (set)
 *   ACCESS_DENIED        machine or quotas changed after the guest first ran
 */
struct sluice_guest_policy {
	struct sluice_header header;
	uint32_t operation;	   /* [in] 0 or SLUICE_POLICY_SET             */
	uint16_t guest;		   /* [in] domid                              */
	uint16_t machine;	   /* [in,out] SLUICE_MACHINE_*               */
	uint32_t allowed_types;	   /* [in,out] mask of 1 << type              */
	uint32_t domain_quota;	   /* [in,out] live domains                   */
	uint32_t table_page_quota; /* [in,out] pages of translation tables    */
	uint32_t reserved;
};

/*
 * What a fault was, numbered as the contract's FAULT_INFORMATION types; that
 * knows no dropped interrupt message.
 */
enum sluice_fault_kind {
	SLUICE_FAULT_UNSUPPORTED = 0,
	SLUICE_FAULT_ADDRESS_SIZE = 1,
	SLUICE_FAULT_EXTERNAL = 3,
	SLUICE_FAULT_PERMISSION = 4,
	SLUICE_FAULT_TRANSLATION = 6,
	SLUICE_FAULT_INTERRUPT = 16, /* .address is in 0xfeexxxxx            */
};

/* One blocked DMA access or interrupt message, as a unit reported it. */
struct sluice_fault {
	uint64_t sequence; /* counts from 0, no gaps but dropped ones         */
	uint64_t time_ns;  /* hypervisor's clock                              */
	uint64_t address;  /* logical address, 4 KiB granular                 */
	uint32_t sbdf;	   /* machine's PCI address of the requester          */
	uint16_t guest;	   /* owner when it was read, or SLUICE_GUEST_NONE    */
	uint8_t is_write;  /* 1 = the device wrote                            */
	uint8_t reason;	   /* the unit's own fault code                       */
	uint32_t kind;	   /* enum sluice_fault_kind                          */
	uint32_t unit;	   /* index of the unit                               */
};

/*
 * Read fault records from a sequence number on: read_faults the machine's,
 * read_own_faults those of the caller's devices, which are numbered for
 * themselves. A device that faults faster than 64 times in 100 ms is silenced:
 * its faults are recorded again after it is next attached or detached.
 *   always succeeds; count 0 = none yet
 */
struct sluice_read_faults {
	struct sluice_header header;
	uint64_t sequence; /* [in] first wanted  [out] next to ask for        */
	uint64_t dropped; /* [out] records lost since start: log or unit full */
	uint64_t total;	  /* [out] records ever made                         */
	uint32_t count;	  /* [out] records returned                          */
	uint32_t storms; /* [out] times that a device was silenced            */
	struct sluice_fault fault[SLUICE_FAULTS_MAX]; /* [out]                */
};

#define SLUICE_LOG_BYTES 2048u

/* Read the hypervisor's log from an offset on; length 0 = nothing newer. */
struct sluice_read_log {
	struct sluice_header header;
	uint64_t offset; /* [in] first byte wanted  [out] next to ask for    */
	uint64_t lost;	 /* [out] bytes before the oldest kept               */
	uint32_t length; /* [out] bytes of text                              */
	uint32_t reserved;
	char text[SLUICE_LOG_BYTES]; /* [out] not terminated                  */
};

/* The machine, for `sluice info`. */
struct sluice_platform {
	struct sluice_header header;
	uint32_t cpu_count;	   /* [out] CPUs that the hypervisor runs    */
	uint32_t free_cpu_count;   /* [out] CPUs without a guest             */
	uint32_t unit_count;	   /* [out] IOMMU units driven               */
	uint32_t asid_capacity;	   /* [out] usable ids                       */
	uint32_t asid_in_use;	   /* [out]                                  */
	uint32_t guest_count;	   /* [out] guests, control domain included  */
	uint64_t memory_pages;	   /* [out] RAM, 4 KiB pages                 */
	uint64_t control_pages;	   /* [out] of these, the control domain's   */
	uint64_t pool_pages;	   /* [out] of these, the guests' pool       */
	uint64_t pool_free_pages;  /* [out] of these, free                   */
	uint64_t hypervisor_pages; /* [out] of RAM, the hypervisor's         */
	uint64_t hypervisor_free_pages; /* [out] of these, free               */
	char iommu_name[16]; /* [out] "vtd", "amdvi", "none"           */
	char version[16];    /* [out] release, terminated              */
};

#define SLUICE_AUDIT_IDS   1024u /* requester ids that one call looks at */
#define SLUICE_AUDIT_WRONG 16u	 /* differences that one call returns    */

/*
 * Read the IOMMUs' tables back, as they lie in memory, and compare them with
 * the service's records. DMA: every unit of the segment blocks every requester
 * id, but the unit in front of a device lets it through while it is attached,
 * or at home in the control domain. Interrupts, where they are remapped: none
 * of any id passes, but what is set for a guest's device, through entries of
 * its own, and (AMD-Vi) those of the control domain's devices and of I/O APICs
 * and HPETs, on its CPU. Changes nothing.
 *   NOT_SUPPORTED  no domain interface
 * Begins at `first` and ends after SLUICE_AUDIT_IDS ids, at the end of the
 * segment, or when `wrong` has no room for one more id, which may be wrong
 * twice; go on at first + checked.
 *
 * A unit that has failed is asked for open entries alone: it is blocked in
 * memory, and its devices count as attached until it confirms, which it never
 * will.
 */
struct sluice_audit {
	struct sluice_header header;
	uint32_t first; /* [in] PCI address: segment 31..16, id 15..0        */
	uint32_t heard; /* [out] of those checked, with interrupts that pass */
	uint32_t checked;     /* [out] ids looked at, from `first` on         */
	uint32_t open;	      /* [out] of these, let through by a unit        */
	uint32_t uncovered;   /* [out] of these, in a segment without unit    */
	uint32_t wrong_count; /* [out] of these, not as recorded              */
	uint32_t wrong[SLUICE_AUDIT_WRONG]; /* [out] their PCI addresses      */
	uint32_t wrong_open; /* [out] bit n: wrong[n] is let through and should
				be blocked; clear: the reverse               */
	uint32_t wrong_interrupts; /* [out] bit n: this is said of interrupts of
				      wrong[n]; clear: of its DMA            */
};

/* clang-format off */
#define SLUICE_ASSERT_SIZE(type, bytes)                                        \
	_Static_assert(sizeof(struct type) == (bytes), #type " is frozen")
SLUICE_ASSERT_SIZE(sluice_info, 48);
SLUICE_ASSERT_SIZE(sluice_reserved_region, 24);
SLUICE_ASSERT_SIZE(sluice_create_domain, 64);
SLUICE_ASSERT_SIZE(sluice_domain_ref, 24);
SLUICE_ASSERT_SIZE(sluice_create_device, 40);
SLUICE_ASSERT_SIZE(sluice_device_ref, 24);
SLUICE_ASSERT_SIZE(sluice_attach_device, 32);
SLUICE_ASSERT_SIZE(sluice_domain_types, 32);
SLUICE_ASSERT_SIZE(sluice_device_info, 168);
SLUICE_ASSERT_SIZE(sluice_domain_info, 72);
SLUICE_ASSERT_SIZE(sluice_inventory, 80);
SLUICE_ASSERT_SIZE(sluice_guest_policy, 40);
SLUICE_ASSERT_SIZE(sluice_fault, 40);
SLUICE_ASSERT_SIZE(sluice_read_faults, 688);
SLUICE_ASSERT_SIZE(sluice_read_log, 2088);
SLUICE_ASSERT_SIZE(sluice_platform, 120);
SLUICE_ASSERT_SIZE(sluice_audit, 112);
/* clang-format on */
#undef SLUICE_ASSERT_SIZE

_Static_assert(offsetof(struct sluice_create_domain, domain) == 56, "frozen");
_Static_assert(offsetof(struct sluice_device_info, bar) == 56, "frozen");
_Static_assert(offsetof(struct sluice_read_faults, fault) == 48, "frozen");
