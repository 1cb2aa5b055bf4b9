/* SPDX-License-Identifier: MIT */
/*
 * The sub-ops of SLUICE_HYPERCALL: number, name, argument structure, caller.
 *
 * A gap in the numbers answers -XEN_ENOSYS. A new call is one row here, one
 * structure in sluice/dma*.h and one handler in the hypervisor.
 */
#pragma once

#include <sluice/dma.h>
#include <sluice/dma_device.h>
#include <sluice/dma_map.h>

/* clang-format off */
#define SLUICE_DMA_OPS(OP)                                                     \
	/*  nr  name                 argument structure            who      */ \
	OP(  0, info,                struct sluice_info,           ANY_GUEST)  \
	OP(  1, create_domain,       struct sluice_create_domain,  ANY_GUEST)  \
	OP(  2, delete_domain,       struct sluice_domain_ref,     ANY_GUEST)  \
	OP(  3, create_device,       struct sluice_create_device,  ANY_GUEST)  \
	OP(  4, delete_device,       struct sluice_device_ref,     ANY_GUEST)  \
	OP(  5, attach_device,       struct sluice_attach_device,  ANY_GUEST)  \
	OP(  6, detach_device,       struct sluice_device_ref,     ANY_GUEST)  \
	OP(  7, map,                 struct sluice_map,            ANY_GUEST)  \
	OP(  8, unmap,               struct sluice_unmap,          ANY_GUEST)  \
	OP(  9, query_domain_types,  struct sluice_domain_types,   ANY_GUEST)  \
	OP( 10, list_devices,        struct sluice_device_info,    ANY_GUEST)  \
	OP( 11, list_domains,        struct sluice_domain_info,    ANY_GUEST)  \
	OP( 12, inventory,           struct sluice_inventory,      ANY_GUEST)  \
	OP( 16, guest_policy,        struct sluice_guest_policy,   CONTROL)    \
	OP( 17, read_faults,         struct sluice_read_faults,    CONTROL)    \
	OP( 18, read_log,            struct sluice_read_log,       CONTROL)    \
	OP( 19, platform,            struct sluice_platform,       CONTROL)    \
	OP( 20, allocate_range,      struct sluice_allocate_range, ANY_GUEST)  \
	OP( 21, free_range,          struct sluice_range_ref,      ANY_GUEST)  \
	OP( 22, map_identity,        struct sluice_identity,       ANY_GUEST)  \
	OP( 23, unmap_identity,      struct sluice_identity,       ANY_GUEST)  \
	OP( 24, reserve_token,       struct sluice_reserve_token,  ANY_GUEST)  \
	OP( 25, free_token,          struct sluice_token_ref,      ANY_GUEST)  \
	OP( 26, map_token,           struct sluice_map_token,      ANY_GUEST)  \
	OP( 27, unmap_token,         struct sluice_unmap_token,    ANY_GUEST)  \
	OP( 28, configure_domain,    struct sluice_configure,      ANY_GUEST)  \
	OP( 29, flush_domain,        struct sluice_domain_ref,     ANY_GUEST)  \
	OP( 30, flush_list,          struct sluice_flush_list,     ANY_GUEST)  \
	OP( 31, device_state,        struct sluice_device_state,   ANY_GUEST)  \
	OP( 32, read_own_faults,     struct sluice_read_faults,    ANY_GUEST)  \
	OP( 33, create_pasid,        struct sluice_create_pasid,   ANY_GUEST)  \
	OP( 34, delete_pasid,        struct sluice_pasid_ref,      ANY_GUEST)  \
	OP( 35, attach_pasid,        struct sluice_attach_pasid,   ANY_GUEST)  \
	OP( 36, detach_pasid,        struct sluice_pasid_ref,      ANY_GUEST)  \
	OP( 37, query_device,        struct sluice_query_device,   ANY_GUEST)  \
	OP( 38, audit,               struct sluice_audit,          CONTROL)
/* clang-format on */

enum sluice_dma_op {
#define SLUICE_OP_NUMBER(nr, name, arg, who) SLUICE_OP_##name = nr,
	SLUICE_DMA_OPS(SLUICE_OP_NUMBER)
#undef SLUICE_OP_NUMBER
};
