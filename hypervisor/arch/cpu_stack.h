/* SPDX-License-Identifier: MIT */
/*
 * A CPU's stack, whose lowest bytes say whose it is: the stack pointer alone
 * tells the CPU's number, so no segment register has to survive a guest.
 */
#pragma once

#include "arch/cpu_id.h"

#define CPU_STACK_BYTES 16384u

struct cpu_stack {
	uint32_t index;	  /* cpu_index() reads it here        */
	uint32_t apic_id; /* x2APIC id                        */
	uint64_t guard;	  /* CPU_STACK_GUARD while unharmed   */
	uint8_t bytes[CPU_STACK_BYTES - 16];
} __aligned_to(16384);

#define CPU_STACK_GUARD UINT64_C(0x736c756963652121)

static_assert(sizeof(struct cpu_stack) == CPU_STACK_BYTES, "mask works");

extern struct cpu_stack cpu_stacks[CPU_MAX];

/* cpu_stack_check() - Panic if this CPU's stack ran over its end. */
void cpu_stack_check(void);
