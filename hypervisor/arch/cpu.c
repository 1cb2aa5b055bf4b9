// SPDX-License-Identifier: MIT
/* The parts of cpu.h that are more than one instruction. */
#include "arch/cpu.h"

#include "arch/msr.h"

#define XCR0_X87 BIT(0)
#define XCR0_AVX (BIT(0) | BIT(1) | BIT(2))

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
	uint32_t features = cpuid(1, 0).ecx;

	write_cr4(cr4 | CR4_OSFXSR);
	__asm__ volatile("clts; fxrstor64 %0" ::"m"(fx_initial));
	if (features & BIT(26)) {
		write_cr4(cr4 | CR4_OSFXSR | CR4_OSXSAVE);
		if (features & BIT(28)) {
			/* An image with XSTATE_BV = 0 puts all to initial. */
			xsetbv(XCR0_AVX);
			__asm__ volatile("xrstor64 %0" ::"m"(fx_initial),
					 "a"(~0u), "d"(~0u));
		}
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
