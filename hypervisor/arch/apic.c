// SPDX-License-Identifier: MIT
/* x2APIC by MSR. */
#include "arch/apic.h"

#include "arch/barrier.h"
#include "arch/cpu.h"
#include "arch/msr.h"

#define CPUID1_ECX_X2APIC BIT(21)
#define SVR_ENABLE	  BIT(8)
/* Vectors 0..31 are never delivered: a device could forge an "exception". */
#define TPR_NO_EXCEPTIONS 0x10u

void (*apic_on_interrupt)(uint8_t vector);

bool apic_is_supported(void)
{
	return (cpuid(1, 0).ecx & CPUID1_ECX_X2APIC) != 0;
}

void apic_start(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	wrmsr(MSR_APIC_BASE, base | APIC_BASE_EN);
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_EN | APIC_BASE_EXTD);
	wrmsr(MSR_X2APIC_TPR, TPR_NO_EXCEPTIONS);
	wrmsr(MSR_X2APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
}

uint32_t apic_id(void)
{
	return (uint32_t)rdmsr(MSR_X2APIC_ID);
}

void apic_send(uint32_t destination, uint64_t command)
{
	/* An x2APIC write is not ordered after earlier stores by itself. */
	barrier_full();
	wrmsr(MSR_X2APIC_ICR,
	      field_prep(ICR_DESTINATION, destination) | command);
}

void apic_eoi(void)
{
	wrmsr(MSR_X2APIC_EOI, 0);
}
