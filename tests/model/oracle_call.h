/* SPDX-License-Identifier: MIT */
/* One call of a sequence, as it is made, kept, replayed and shrunk. */
#pragma once

#include <sluice/dma_ops.h>

#define ORACLE_NAMES	   6u
#define ORACLE_CALLS_MAX   400u
#define ORACLE_REGIONS_MAX 4u

/* Statuses there are, as SLUICE_STATUS_LIST numbers them. */
#define ORACLE_STATUS_ONE(number, name, text) +1
#define ORACLE_STATUSES			      (0 SLUICE_STATUS_LIST(ORACLE_STATUS_ONE))

/* Guests of the oracle's machine, as model and calls number them. */
enum { ORACLE_CONTROL, ORACLE_A, ORACLE_B, ORACLE_X86 };

enum oracle_kind {
	ORACLE_DOMAIN,
	ORACLE_DEVICE,
	ORACLE_TOKEN,
	ORACLE_PASID,
	ORACLE_KINDS,
	ORACLE_JUNK = ORACLE_KINDS, /* .name picks an invented handle        */
	ORACLE_NOTHING,		    /* the field is not a handle             */
};

struct oracle_ref {
	uint8_t kind;
	uint8_t guest;
	uint8_t name;
};

/* How the argument reaches the gate. */
enum oracle_transport {
	ORACLE_PLAIN,
	ORACLE_LONGER,	   /* size 8 more, zero                               */
	ORACLE_TAIL,	   /* size 8 more, not zero: -XEN_E2BIG               */
	ORACLE_SHORTER,	   /* size 1 less: -XEN_EINVAL                        */
	ORACLE_MISALIGNED, /* -XEN_EINVAL                                    */
	ORACLE_READ_ONLY,  /* -XEN_EFAULT                                     */
	ORACLE_UNMAPPED,   /* -XEN_EFAULT                                     */
	ORACLE_32BIT,	   /* -XEN_EOPNOTSUPP                                 */
	ORACLE_RING3,	   /* -XEN_EPERM                                      */
	ORACLE_TRANSPORTS,
};

/* Where a list stands. */
enum oracle_list_at {
	ORACLE_LIST_GOOD,
	ORACLE_LIST_CROSSES, /* readable, in two pages                       */
	ORACLE_LIST_NULL,
	ORACLE_LIST_WILD,
	ORACLE_LIST_EDGE, /* its last element lies in a page that is absent  */
};

struct oracle_list {
	uint8_t at;	 /* enum oracle_list_at */
	uint16_t count;	 /* elements written */
	uint16_t odd_at; /* this element is .odd instead */
	uint64_t base;	 /* element n is base + n * stride */
	int64_t stride;
	uint64_t odd;
	struct sluice_reserved_region region[ORACLE_REGIONS_MAX];
};

/* What fails during the call. */
enum oracle_inject {
	ORACLE_NO_FAILURE,
	ORACLE_FAIL_ALLOCATION,	 /* the n-th                                 */
	ORACLE_FAIL_ALLOCATIONS, /* the n-th and every later one             */
	ORACLE_FAIL_COMMAND,	 /* the n-th IOMMU command; ends the sequence */
	ORACLE_FAIL_READ,	 /* the n-th read of the caller's memory     */
	ORACLE_FAIL_REPLY,	 /* the n-th write to it                     */
};

struct oracle_call {
	uint8_t op;    /* SLUICE_OP_* */
	uint8_t guest; /* the caller */
	uint8_t name;  /* under which a new object is known */
	uint8_t transport;
	uint8_t inject;
	uint8_t inject_at;
	struct oracle_ref first;  /* domain, device or token field */
	struct oracle_ref second; /* device of attach, pasid */
	struct oracle_list list;
	union {
		struct sluice_header header;
		struct sluice_create_domain create_domain;
		struct sluice_create_device create_device;
		struct sluice_attach_device attach_device;
		struct sluice_map map;
		struct sluice_unmap unmap;
		struct sluice_identity identity;
		struct sluice_allocate_range allocate_range;
		struct sluice_range_ref range_ref;
		struct sluice_reserve_token reserve_token;
		struct sluice_map_token map_token;
		struct sluice_unmap_token unmap_token;
		struct sluice_configure configure;
		struct sluice_flush_list flush_list;
		struct sluice_guest_policy guest_policy;
		struct sluice_domain_info list_domains;
		struct sluice_device_info list_devices;
		struct sluice_audit audit;
		uint8_t bytes[152];
	} a;
};
