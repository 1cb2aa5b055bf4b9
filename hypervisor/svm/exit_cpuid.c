// SPDX-License-Identifier: MIT
/*
 * What a guest learns about its CPU. Policy first: bits taken away from what
 * the hardware says, then the leaves that are ours. The control domain sees
 * Xen's leaves, so that its kernel and the tools find their calls; a guest sees
 * ours alone, so that an ordinary kernel boots in it as on a bare machine.
 * Xen public headers: arch-x86/cpuid.h; APM vol. 3, appendix E.
 */
#include "arch/cpu.h"
#include "dma/dma.h"
#include "svm/vcpu.h"
#include "vpci/lapic.h"

#include <sluice/abi.h>
#include <xen/arch-x86/cpuid.h>

#define CPUID_BYTES	 2u
#define HYPERVISOR_FIRST 0x40000000u
#define HYPERVISOR_LAST	 0x4000ffffu
#define XEN_BASE	 0x40000000u
#define XEN_LAST_LEAF	 (XEN_BASE + 5)
#define XEN_VERSION	 0x00040011u /* 4.17 */
#define HYPERCALL_MSR	 0x40000000u

#define LEAF1_EBX_APIC_ID  GENMASK(31, 24)
#define LEAF1_ECX_MONITOR  BIT(3)
#define LEAF1_ECX_DEADLINE BIT(24)
#define LEAF1_ECX_OSXSAVE  BIT(27)
#define LEAF1_ECX_GUEST	   BIT(31)
#define LEAF1_EDX_MTRR	   BIT(12)
#define EXT1_ECX_SVM	   BIT(2)
#define LEAF_EXT1	   0x80000001u
#define LEAF_SVM	   0x8000000au

static struct cpuid xen_leaf(uint32_t leaf)
{
	switch (leaf - XEN_BASE) {
	case 0:
		return (struct cpuid){XEN_LAST_LEAF, XEN_CPUID_SIGNATURE_EBX,
				      XEN_CPUID_SIGNATURE_ECX,
				      XEN_CPUID_SIGNATURE_EDX};
	case 1:
		return (struct cpuid){XEN_VERSION, 0, 0, 0};
	case 2:
		return (struct cpuid){1, HYPERCALL_MSR, 0, 0};
	default:
		return (struct cpuid){0, 0, 0, 0};
	}
}

static struct cpuid own_leaf(uint32_t leaf)
{
	bool present = dma_no_interface() == SLUICE_INTERFACE_PRESENT;

	switch (leaf - SLUICE_CPUID_BASE) {
	case 0:
		return (struct cpuid){SLUICE_CPUID_BASE + 1, SLUICE_CPUID_EBX,
				      SLUICE_CPUID_ECX, SLUICE_CPUID_EDX};
	case 1:
		return (struct cpuid){SLUICE_ABI_VERSION, SLUICE_HYPERCALL,
				      present ? SLUICE_FEATURE_DMA_DOMAINS : 0,
				      0};
	default:
		return (struct cpuid){0, 0, 0, 0};
	}
}

/* The hypervisor's range; everything of an outer hypervisor is hidden. */
static struct cpuid hypervisor_leaf(const struct vcpu *vcpu, uint32_t leaf)
{
	if (leaf - SLUICE_CPUID_BASE < 0x100) {
		return own_leaf(leaf);
	}
	if (vcpu->guest->is_control && leaf - XEN_BASE < 0x100) {
		return xen_leaf(leaf);
	}
	return (struct cpuid){0, 0, 0, 0};
}

static struct cpuid filter(const struct vcpu *vcpu, uint32_t leaf,
			   struct cpuid r)
{
	switch (leaf) {
	case 1:
		r.ecx |= (uint32_t)LEAF1_ECX_GUEST;
		/* The hardware shows the host's CR4 here; show the guest's. */
		r.ecx &= ~(uint32_t)LEAF1_ECX_OSXSAVE;
		if (vcpu->vmcb->cr4 & CR4_OSXSAVE) {
			r.ecx |= (uint32_t)LEAF1_ECX_OSXSAVE;
		}
		if (!vcpu->guest->is_control) {
			r.ecx &= ~(uint32_t)(LEAF1_ECX_DEADLINE |
					     LEAF1_ECX_MONITOR);
			r.edx &= ~(uint32_t)LEAF1_EDX_MTRR;
			/* Its one CPU has id 0 in its own local APIC. */
			r.ebx = (r.ebx & (uint32_t)~LEAF1_EBX_APIC_ID) |
				(uint32_t)field_prep(LEAF1_EBX_APIC_ID,
						     LAPIC_ID);
		}
		break;
	case LEAF_EXT1:
		r.ecx &= ~(uint32_t)EXT1_ECX_SVM;
		break;
	case LEAF_SVM:
		r = (struct cpuid){0, 0, 0, 0};
		break;
	default:
		break;
	}
	return r;
}

void exit_cpuid(struct vcpu *vcpu)
{
	uint32_t leaf = (uint32_t)vcpu->vmcb->rax;
	struct cpuid r;

	if (leaf >= HYPERVISOR_FIRST && leaf <= HYPERVISOR_LAST) {
		r = hypervisor_leaf(vcpu, leaf);
	} else {
		r = filter(vcpu, leaf, cpuid(leaf, (uint32_t)vcpu->regs.rcx));
	}
	vcpu->vmcb->rax = r.eax;
	vcpu->regs.rbx = r.ebx;
	vcpu->regs.rcx = r.ecx;
	vcpu->regs.rdx = r.edx;
	vcpu_skip(vcpu, CPUID_BYTES);
}
