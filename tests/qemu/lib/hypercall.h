/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls of a bare guest: the instruction, and Sluice's own sub-ops with
 * and without their transport code.
 */
#pragma once

#include <sluice/dma.h>
#include <sluice/dma_ops.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * hypercall() - Any number with up to two arguments.
 * 64 bits: rax, rdi, rsi. 32 bits: eax, ebx, ecx, as Xen has it.
 * Return: what comes back in rax or eax.
 */
static inline long hypercall(unsigned long number, unsigned long first,
			     const volatile void *second)
{
	long result;

#ifdef __x86_64__
	__asm__ volatile("vmmcall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second)
			 : "memory");
#else
	__asm__ volatile("vmmcall"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second)
			 : "memory");
#endif
	return result;
}

/* hypercall_raw() - A sub-op of ours as it is given: the transport code. */
static inline long hypercall_raw(unsigned long op,
				 const volatile void *argument)
{
	return hypercall(SLUICE_HYPERCALL, op, argument);
}

/* What hypercall_status() answers for a call that was not carried. */
#define NOT_CARRIED ((NTSTATUS)0xdead0000u)

/* hypercall_status() - A sub-op with a header filled in: the NTSTATUS. */
static inline NTSTATUS
hypercall_status(unsigned long op, struct sluice_header *header, uint32_t bytes)
{
	header->size = bytes;
	header->flags = 0;
	header->status = NOT_CARRIED;
	header->reserved = 0;
	if (hypercall_raw(op, header) != 0) {
		return NOT_CARRIED;
	}
	return header->status;
}

/* SLUICE_CALL() - The same for sub-op `name` and its argument structure. */
#define SLUICE_CALL(name, argument)                                            \
	hypercall_status(SLUICE_OP_##name, &(argument)->header,                \
			 sizeof(*(argument)))

/* sluice_is_there() - Does CPUID announce Sluice, in a version known here? */
bool sluice_is_there(void);
