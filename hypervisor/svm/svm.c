// SPDX-License-Identifier: MIT
/* Feature check and per-CPU enabling. */
#include "svm/svm.h"

#include "arch/cpu.h"
#include "arch/cpu_id.h"
#include "arch/msr.h"
#include "arch/physmap.h"
#include "guest/guest.h"

#define LEAF_EXTENDED 0x80000001u
#define ECX_SVM	      BIT(2)
#define LEAF_SVM      0x8000000au
#define EDX_NESTED    BIT(0)
#define EDX_NEXT_RIP  BIT(3)
#define ASIDS_NEEDED  2u

static uint8_t host_save[CPU_MAX][PAGE_BYTES] __aligned_to(4096);
static bool next_rip;

const char *svm_check(void)
{
	struct cpuid svm;

	if (!(cpuid(LEAF_EXTENDED, 0).ecx & ECX_SVM)) {
		return "AMD SVM";
	}
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS) {
		return "AMD SVM (the firmware switched it off)";
	}
	svm = cpuid(LEAF_SVM, 0);
	if (!(svm.edx & EDX_NESTED)) {
		return "nested paging";
	}
	if (svm.ebx < ASIDS_NEEDED) {
		return "address space identifiers";
	}
	next_rip = (svm.edx & EDX_NEXT_RIP) != 0;
	return NULL;
}

void svm_enable(void)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, physmap_hpa(host_save[cpu_index()]).addr);
}

bool svm_has_next_rip(void)
{
	return next_rip;
}
