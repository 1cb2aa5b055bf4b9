// SPDX-License-Identifier: MIT
/*
 * MSRs that exit: a few of the control domain's, nearly all of a guest's. What
 * is not answered here raises #GP, as an absent register does.
 */
#include "arch/cpu.h"
#include "arch/msr.h"
#include "svm/icr.h"
#include "svm/vcpu.h"
#include "vpci/vpci.h"

#define MSR_BYTES	  2u
#define MSR_XEN_HYPERCALL 0x40000000u
#define EFER_GUEST	  (BIT(0) | EFER_LME | EFER_LMA | EFER_NXE | BIT(14))
/* A guest's local APIC is in x2APIC mode for good. */
#define LAPIC_BASE                                                             \
	(UINT64_C(0xfee00000) | APIC_BASE_EN | APIC_BASE_EXTD | APIC_BASE_BSP)
#define EFER_WRITABLE (EFER_GUEST & ~EFER_LMA)

static bool is_lapic(const struct vcpu *vcpu, uint32_t msr)
{
	return !vcpu->guest->is_control && msr >= MSR_X2APIC_FIRST &&
	       msr <= MSR_X2APIC_LAST;
}

/* Return: false = #GP. */
static bool read_msr(struct vcpu *vcpu, uint32_t msr, uint64_t *value)
{
	if (is_lapic(vcpu, msr)) {
		return lapic_read(vpci_lapic(vcpu->guest), msr, value);
	}
	switch (msr) {
	case MSR_APIC_BASE:
		*value = LAPIC_BASE;
		return !vcpu->guest->is_control;
	case MSR_EFER:
		*value = vcpu->vmcb->efer & ~EFER_SVME;
		return true;
	case MSR_VM_CR:
		/* SVM is locked off, as by firmware that does not want it. */
		*value = VM_CR_SVMDIS;
		return vcpu->guest->is_control;
	case MSR_PAT:
		*value = vcpu->vmcb->g_pat;
		return true;
	case MSR_XEN_HYPERCALL:
		*value = 0;
		return vcpu->guest->is_control;
	default:
		return false;
	}
}

static bool write_efer(struct vcpu *vcpu, uint64_t value)
{
	struct vmcb *vmcb = vcpu->vmcb;

	if (value & ~EFER_GUEST) {
		return false;
	}
	/* Changing LME under paging is #GP on hardware as well. */
	if ((vmcb->cr0 & CR0_PG) && ((value ^ vmcb->efer) & EFER_LME)) {
		return false;
	}
	vmcb->efer =
		(value & EFER_WRITABLE) | (vmcb->efer & EFER_LMA) | EFER_SVME;
	return true;
}

/* What may be written as long as it changes nothing. */
static bool is_unchanged(uint32_t msr, uint64_t value)
{
	return value == rdmsr(msr);
}

static bool is_memory_msr(uint32_t msr)
{
	switch (msr) {
	case MSR_SMBASE:
	case MSR_SMM_ADDR:
	case MSR_SMM_MASK:
	case MSR_SYSCFG:
	case MSR_HWCR:
	case MSR_TOP_MEM:
	case MSR_TOP_MEM2:
	case MSR_MTRR_DEFAULT:
		return true;
	default:
		return (msr >= MSR_MTRR_BASE0 && msr < MSR_MTRR_BASE0 + 16) ||
		       (msr >= MSR_MTRR_FIX64K && msr <= MSR_MTRR_FIX4K_LAST) ||
		       (msr >= MSR_IORR0 && msr < MSR_IORR0 + 4);
	}
}

/* Nested paging gives a guest its own; the host's stays as it is. */
static bool write_pat(struct vcpu *vcpu, uint64_t value)
{
	for (unsigned i = 0; i < 64; i += 8) {
		uint64_t type = value >> i & 0xff;

		if (type > 7 || type == 2 || type == 3) {
			return false;
		}
	}
	vcpu->vmcb->g_pat = value;
	return true;
}

static bool write_msr(struct vcpu *vcpu, uint32_t msr, uint64_t value)
{
	if (is_lapic(vcpu, msr)) {
		return lapic_write(vpci_lapic(vcpu->guest), msr, value);
	}
	switch (msr) {
	case MSR_EFER:
		return write_efer(vcpu, value);
	case MSR_PAT:
		return write_pat(vcpu, value);
	case MSR_APIC_BASE:
		return vcpu->guest->is_control ? is_unchanged(msr, value)
					       : value == LAPIC_BASE;
	case MSR_X2APIC_ICR:
		return vcpu->guest->is_control && icr_filter(vcpu, value);
	default:
		return vcpu->guest->is_control && is_memory_msr(msr) &&
		       is_unchanged(msr, value);
	}
}

void exit_msr(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	uint32_t msr = (uint32_t)vcpu->regs.rcx;
	uint64_t value;
	bool ok;

	if (vmcb->exit_info1 & 1) {
		value = (uint32_t)vmcb->rax | vcpu->regs.rdx << 32;
		ok = write_msr(vcpu, msr, value);
	} else {
		ok = read_msr(vcpu, msr, &value);
		if (ok) {
			vmcb->rax = (uint32_t)value;
			vcpu->regs.rdx = value >> 32;
		}
	}
	if (ok) {
		vcpu_skip(vcpu, MSR_BYTES);
	} else {
		vcpu_inject(vcpu, VECTOR_GP, true, 0);
	}
}
