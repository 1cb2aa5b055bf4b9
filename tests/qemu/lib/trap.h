/* SPDX-License-Identifier: MIT */
/*
 * Exceptions of an amd64 guest, and its calls from other modes than ring 0 in
 * 64 bits. An exception that nobody asked for ends the guest as
 * REPORT_TRAPPED. The 32-bit guest has none of this.
 */
#pragma once

#include <stdint.h>

#ifdef __x86_64__

#define TRAP_UD 6u /* invalid opcode */

/* trap_start() - Load interrupt table and task state. */
void trap_start(void);

/* trap_gate() - Let an interrupt go to a handler of ring 0. */
void trap_gate(unsigned vector, uintptr_t handler);

/**
 * trap_probe() - Run a function that may raise an exception.
 * Return: 0 when it came back, else the exception's vector + 1.
 */
uint64_t trap_probe(void (*function)(void));

/*
 * trap_call_ring3(), trap_call_compat() - VMMCALL from ring 3 and from ring 0
 * of compatibility mode. Return: rax, and eax zero-extended.
 */
uint64_t trap_call_ring3(uint64_t number, uint64_t op, uint64_t argument);
uint64_t trap_call_compat(uint64_t number, uint64_t op, uint64_t argument);

/**
 * trap_call_pattern() - VMMCALL with patterns in all unused registers.
 * Return: a mask of general registers that came back changed (bit 0 rbx, rcx,
 * rdx, rsi, rdi, rbp, r8 .. r15).
 */
uint64_t trap_call_pattern(uint64_t number, uint64_t op, uint64_t argument);

#else
static inline void trap_start(void)
{
}
#endif
