/* SPDX-License-Identifier: MIT */
/*
 * The gate: a table of families by hypercall number. Only 64-bit, only ring 0;
 * everything unknown answers -XEN_ENOSYS. Privilege is checked here, once.
 */
#pragma once

#include "guest/linear.h"

#define HYPERCALL_ARGUMENTS 5u

/* A long call did a step: no Xen error number, and never shown to a guest. */
#define HYPERCALL_AGAIN (-0x5105)

/**
 * hypercall_dispatch() - Answer one call of a guest.
 * @caller: the vCPU as it was at the exit
 * @number: rax
 * @args:   rdi, rsi, rdx, r10, r8
 *
 * Return: what goes to rax. Only rax of the caller changes. HYPERCALL_AGAIN is
 * for ourselves: the caller makes the same call again, unknowing.
 */
int64_t hypercall_dispatch(struct guest_caller *caller, uint64_t number,
			   const uint64_t args[HYPERCALL_ARGUMENTS]);

/* One family: the whole of one hypercall number. */
typedef int64_t hypercall_family(struct guest_caller *caller,
				 const uint64_t args[HYPERCALL_ARGUMENTS]);

hypercall_family sluice_op; /* ours: hypercall/dma_op.c              */
hypercall_family xen_version_op;
hypercall_family memory_op;
hypercall_family multicall_op;
hypercall_family vcpu_op;
hypercall_family sched_op;
hypercall_family sysctl_op;
hypercall_family domctl_op;

/*
 * For families: the guest that a domid in an argument names. DOMID_SELF is the
 * caller. NULL: no such guest, or it is being torn down.
 */
struct guest *hypercall_target(const struct guest_caller *caller,
			       uint16_t domid);

/* What only the machine's own code can tell or do; set by boot/ and svm/. */
extern void (*hypercall_reset_machine)(void);
