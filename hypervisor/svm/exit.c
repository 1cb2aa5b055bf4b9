// SPDX-License-Identifier: MIT
/*
 * From exit code to handler. A code without a row ends the guest, not the
 * machine.
 */
#include "arch/cpu.h"
#include "arch/msr.h"
#include "guest/cpu_ops.h"
#include "hypercall/hypercall.h"
#include "svm/emulate.h"
#include "svm/svm.h"
#include "svm/vcpu.h"

#define VMMCALL_BYTES 3u
#define INVD_BYTES    2u

/* Instruction length: the hardware's word where it has one, else the table's.
 */
static unsigned length_of(const struct vcpu *vcpu, unsigned known)
{
	uint64_t length = vcpu->vmcb->next_rip - vcpu->vmcb->rip;

	return svm_has_next_rip() && length != 0 && length <= 15
		       ? (unsigned)length
		       : known;
}

static bool is_64bit(const struct vmcb *vmcb)
{
	return (vmcb->efer & EFER_LMA) && (vmcb->cs.attributes & SEGMENT_LONG);
}

struct guest_caller vcpu_caller(const struct vcpu *vcpu)
{
	const struct vmcb *vmcb = vcpu->vmcb;

	return (struct guest_caller){
		.guest = vcpu->guest,
		.cr0 = vmcb->cr0,
		.cr3 = vmcb->cr3,
		.cr4 = vmcb->cr4,
		.efer = vmcb->efer,
		.is_64bit = is_64bit(vmcb),
		.cpl = vmcb->cpl,
	};
}

static void exit_vmmcall(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	struct vcpu_registers *r = &vcpu->regs;
	struct guest_caller caller = vcpu_caller(vcpu);
	const uint64_t args[HYPERCALL_ARGUMENTS] = {r->rdi, r->rsi, r->rdx,
						    r->r10, r->r8};
	int64_t result = hypercall_dispatch(&caller, vmcb->rax, args);

	/* Not done: the same call again, after what waits for the guest. */
	if (result == HYPERCALL_AGAIN) {
		return;
	}
	/* Upper halves survive into 32-bit modes: give those 32 bits alone. */
	vmcb->rax = caller.is_64bit ? (uint64_t)result : (uint32_t)result;
	vcpu_skip(vcpu, length_of(vcpu, VMMCALL_BYTES));
}

/* What only a hypervisor may do: in a guest the instruction does not exist. */
static void exit_undefined(struct vcpu *vcpu)
{
	vcpu_inject(vcpu, VECTOR_UD, false, 0);
}

static void exit_debug(struct vcpu *vcpu)
{
	vcpu_inject(vcpu, VECTOR_DB, false, 0);
}

static void exit_alignment(struct vcpu *vcpu)
{
	vcpu_inject(vcpu, VECTOR_AC, true, 0);
}

static void exit_invd(struct vcpu *vcpu)
{
	/* Dropping caches could lose other guests' data; write-back is safe. */
	vcpu_skip(vcpu, length_of(vcpu, INVD_BYTES));
}

static void exit_host_interrupt(struct vcpu *vcpu)
{
	/* Taken by the host already, right after the exit. */
	(void)vcpu;
}

static void exit_cr8_write(struct vcpu *vcpu)
{
	const char *why = emulate_cr8_write(vcpu);

	if (why != NULL) {
		vcpu_end(vcpu, why);
	}
}

static void exit_shutdown(struct vcpu *vcpu)
{
	vcpu_end(vcpu, "triple fault");
}

struct exit_row {
	uint32_t code;
	void (*handle)(struct vcpu *vcpu);
};

static const struct exit_row rows[] = {
	{VMEXIT_CPUID, exit_cpuid},
	{VMEXIT_CR8_WRITE, exit_cr8_write},
	{VMEXIT_EXCEPTION0 + VECTOR_DB, exit_debug},
	{VMEXIT_EXCEPTION0 + VECTOR_AC, exit_alignment},
	{VMEXIT_MSR, exit_msr},
	{VMEXIT_IOIO, exit_io},
	{VMEXIT_NPF, exit_npf},
	{VMEXIT_VMMCALL, exit_vmmcall},
	{VMEXIT_INTR, exit_host_interrupt},
	{VMEXIT_NMI, exit_host_interrupt},
	{VMEXIT_INVD, exit_invd},
	{VMEXIT_INVLPGA, exit_undefined},
	{VMEXIT_VMRUN, exit_undefined},
	{VMEXIT_VMLOAD, exit_undefined},
	{VMEXIT_VMSAVE, exit_undefined},
	{VMEXIT_STGI, exit_undefined},
	{VMEXIT_CLGI, exit_undefined},
	{VMEXIT_SKINIT, exit_undefined},
	{VMEXIT_SHUTDOWN, exit_shutdown},
};

void exit_handle(struct vcpu *vcpu)
{
	uint32_t code = (uint32_t)vcpu->vmcb->exit_code;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (rows[i].code == code) {
			rows[i].handle(vcpu);
			return;
		}
	}
	vcpu_end(vcpu, code == VMEXIT_INVALID ? "a state the CPU refuses"
					      : "an exit nobody asked for");
}
