/* SPDX-License-Identifier: MIT */
/*
 * The sub-ops of SLUICE_HYPERCALL: number, name, argument structure, caller.
 *
 * A gap in the numbers answers -XEN_ENOSYS. A new call is one row here, one
 * structure in sluice/dma.h and one handler in the hypervisor.
 */
#pragma once

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
	OP( 19, platform,            struct sluice_platform,       CONTROL)
/* clang-format on */

enum sluice_dma_op {
#define SLUICE_OP_NUMBER(nr, name, arg, who) SLUICE_OP_##name = nr,
	SLUICE_DMA_OPS(SLUICE_OP_NUMBER)
#undef SLUICE_OP_NUMBER
};
