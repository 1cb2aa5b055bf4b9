/* SPDX-License-Identifier: MIT */
/* Interrupts of an amd64 guest, by its local APIC in x2APIC mode: counted. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define X2APIC_ID   0x802u
#define X2APIC_TPR  0x808u
#define X2APIC_SELF 0x83fu

/* interrupt_start() - Take every vector from 32 on; enable APIC and flag. */
void interrupt_start(void);

/* How often a vector was taken. */
uint32_t interrupt_count(uint8_t vector);

/* interrupt_total() - ... and all of them. */
uint32_t interrupt_total(void);

/**
 * interrupt_within() - Wait until a vector was taken so often.
 * @ticks: of the time stamp counter
 */
bool interrupt_within(uint8_t vector, uint32_t count, uint64_t ticks);

/**
 * interrupt_halt() - HLT with interrupts on, until one was taken; they stay on.
 * Whoever starts what is waited for switches them off first.
 */
void interrupt_halt(void);

static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)),
			   "c"(msr)
			 : "memory");
}
