/* SPDX-License-Identifier: MIT */
/* Control registers, CPUID, ports and the few instructions without a C name. */
#pragma once

#include "lib/bits.h"

#define CR0_PE	    BIT(0)
#define CR0_ET	    BIT(4)
#define CR0_NE	    BIT(5)
#define CR0_WP	    BIT(16)
#define CR0_NW	    BIT(29)
#define CR0_CD	    BIT(30)
#define CR0_PG	    BIT(31)
#define CR4_PAE	    BIT(5)
#define CR4_OSFXSR  BIT(9)
#define CR4_LA57    BIT(12)
#define CR4_OSXSAVE BIT(18)

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value),
			 "d"((uint32_t)(value >> 32))
			 : "memory");
}

static inline uint64_t read_cr3(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr3, %0" : "=r"(value));
	return value;
}

static inline void write_cr3(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(value) : "memory");
}

static inline uint64_t read_cr4(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

static inline void write_cr4(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr4" ::"r"(value) : "memory");
}

static inline uint64_t read_cr2(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

/* cpu_wait() - Sleep until an interrupt, which is taken; then off again. */
static inline void cpu_wait(void)
{
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}

static inline void cpu_halt_forever(void)
{
	for (;;) {
		__asm__ volatile("cli; hlt" ::: "memory");
	}
}

/**
 * cpu_reset_fpu() - Bring the FPU, vector and debug registers to their reset
 * state, so that a new guest finds nothing of the last one on this CPU.
 */
void cpu_reset_fpu(void);

/* cpu_protect() - Honour NX and write protection. Once a CPU. */
void cpu_protect(void);
