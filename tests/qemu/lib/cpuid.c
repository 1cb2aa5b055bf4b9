/* SPDX-License-Identifier: MIT */
/* Sluice's CPUID leaves: where it announces itself to a guest. */
#include "lib/hypercall.h"

struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

static struct leaf cpuid(uint32_t number)
{
	struct leaf leaf;

	__asm__ volatile("cpuid"
			 : "=a"(leaf.eax), "=b"(leaf.ebx), "=c"(leaf.ecx),
			   "=d"(leaf.edx)
			 : "a"(number), "c"(0));
	return leaf;
}

bool sluice_is_there(void)
{
	struct leaf base = cpuid(SLUICE_CPUID_BASE);
	struct leaf about;

	if (base.ebx != SLUICE_CPUID_EBX || base.ecx != SLUICE_CPUID_ECX ||
	    base.edx != SLUICE_CPUID_EDX || base.eax < SLUICE_CPUID_BASE + 1) {
		return false;
	}
	about = cpuid(SLUICE_CPUID_BASE + 1);
	return about.eax == SLUICE_ABI_VERSION && about.ebx == SLUICE_HYPERCALL;
}
