/* SPDX-License-Identifier: MIT */
/*
 * Sluice's own hypercall: its number, how it is announced, how it is called.
 *
 * Everything that is Xen's (other hypercall numbers, their structures, error
 * numbers, the domid) comes from the distribution's <xen/...> headers.
 */
#pragma once

#include <stdint.h>

/*
 * rax = SLUICE_HYPERCALL, rdi = sub-op (sluice/dma_ops.h), rsi = guest linear
 * address of the sub-op's argument structure (sluice/dma.h), 8-byte aligned.
 * VMMCALL, from ring 0 in 64-bit mode. Only rax changes: 0, or, in the order
 * checked, a negative Xen error number:
 *   -XEN_EOPNOTSUPP  the caller is not in 64-bit mode (EFER.LMA and CS.L)
 *   -XEN_EPERM       the caller is not in ring 0
 *   -XEN_ENOSYS      unknown sub-op
 *   -XEN_EPERM       the sub-op is for the control domain
 *   -XEN_EINVAL      the address is not 8-byte aligned; header.size is smaller
 *                    than the structure
 *   -XEN_EFAULT      the structure is not mapped, or not writable
 *   -XEN_E2BIG       header.size is larger than the structure and what lies
 *                    beyond is not zero, or is over SLUICE_ARGUMENT_MAX
 * After 0 the outcome stands in header.status.
 *
 * Writable is asked before anything happens. Should the structure stop being so
 * before the reply is written: -XEN_EFAULT; what the call made (an object, a
 * range, a mapping by map) is taken back, anything else that it did holds.
 */
#define SLUICE_HYPERCALL 56u

/* Largest argument structure that the gate reads, bytes. */
#define SLUICE_ARGUMENT_MAX 4096u

/*
 * CPUID leaves: base eax = last leaf, ebx/ecx/edx = signature "SluiceSluice";
 * base+1 eax = ABI version, ebx = SLUICE_HYPERCALL, ecx = SLUICE_FEATURE_*.
 */
#define SLUICE_CPUID_BASE 0x40000100u
#define SLUICE_CPUID_EBX  0x69756c53u /* "Slui" */
#define SLUICE_CPUID_ECX  0x6c536563u /* "ceSl" */
#define SLUICE_CPUID_EDX  0x65636975u /* "uice" */

/* Release of hypervisor, library and command. */
#define SLUICE_VERSION "0.1.0"

#define SLUICE_ABI_VERSION 1u

/* An IOMMU is driven, so domains can be created. */
#define SLUICE_FEATURE_DMA_DOMAINS (1u << 0)

/* First bytes of every argument structure. */
struct sluice_header {
	uint32_t size;	   /* in: bytes of the whole structure              */
	uint32_t flags;	   /* in: must be 0                                 */
	int32_t status;	   /* out: NTSTATUS of the outcome; ignored on entry */
	uint32_t reserved; /* in: must be 0                                 */
};

_Static_assert(sizeof(struct sluice_header) == 16, "frozen");
