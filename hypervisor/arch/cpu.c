// SPDX-License-Identifier: MIT
/* The parts of cpu.h that are more than one instruction. */
#include "arch/cpu.h"

#include "arch/msr.h"

#define XCR0_X87	 BIT(0)
#define LEAF_XSAVE	 0xdu
#define CPUID1_ECX_XSAVE BIT(26)

/* FXSAVE image: control word at 0, MXCSR at 24; the rest zero. */
struct fx_image {
	uint16_t fcw;
	uint8_t pad[22];
	uint32_t mxcsr;
	uint8_t rest[484];
	uint8_t xsave_header[64];
	uint8_t xsave_rest[256];
} __aligned_to(64);

static const struct fx_image fx_initial = {.fcw = 0x37f, .mxcsr = 0x1f80};

static void xsetbv(uint64_t value)
{
	__asm__ volatile("xsetbv" ::"c"(0), "a"((uint32_t)value),
			 "d"((uint32_t)(value >> 32)));
}

void cpu_reset_fpu(void)
{
	uint64_t cr4 = read_cr4();

	write_cr4(cr4 | CR4_OSFXSR);
	__asm__ volatile("clts; fxrstor64 %0" ::"m"(fx_initial));
	if (cpuid(1, 0).ecx & CPUID1_ECX_XSAVE) {
		/*
		 * All that a guest may have enabled; an image with XSTATE_BV =
		 * 0 puts each to its initial state and is not read beyond its
		 * header.
		 */
		struct cpuid all = cpuid(LEAF_XSAVE, 0);

		write_cr4(cr4 | CR4_OSFXSR | CR4_OSXSAVE);
		xsetbv((uint64_t)all.edx << 32 | all.eax);
		__asm__ volatile("xrstor64 %0" ::"m"(fx_initial), "a"(~0u),
				 "d"(~0u));
		xsetbv(XCR0_X87);
	}
	write_cr4(cr4);
	__asm__ volatile("mov %0, %%dr0; mov %0, %%dr1; mov %0, %%dr2;"
			 "mov %0, %%dr3" ::"r"(UINT64_C(0)));
}

void cpu_protect(void)
{
	uint64_t cr0;

	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	cr0 = (cr0 | CR0_WP) & ~(CR0_CD | CR0_NW);
	__asm__ volatile("mov %0, %%cr0" ::"r"(cr0));
}
