/* SPDX-License-Identifier: MIT */
/*
 * A guest's virtual CPU: its VMCB, its registers, and the run loop.
 *
 * Pinned: a virtual CPU runs on one CPU from its first run to its end, so FPU,
 * debug registers and what VMLOAD loads stay in the hardware. The control
 * domain's CPU keeps host interrupts off for ever (they are the guest's); other
 * guests' CPUs take a host interrupt as an exit, which is how they are stopped.
 */
#pragma once

#include "guest/guest.h"
#include "guest/linear.h"
#include "svm/vmcb.h"

/* Registers that VMRUN leaves alone, in the order that vmrun.S expects. */
struct vcpu_registers {
	uint64_t rbx, rcx, rdx, rsi, rdi, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
};

struct vcpu {
	/* Fixed at creation. */
	struct guest *guest;
	struct vmcb *vmcb;
	hpa_t vmcb_page;

	/* The running CPU's own. */
	struct vcpu_registers regs;
	bool is_loaded;	 /* VMLOAD and the FPU reset have been done */
	uint8_t offered; /* vector that this entry may inject, 0 = none */

	/* Atomic: written by others, obeyed at the next exit. */
	uint32_t run_wanted;
	uint32_t flush_wanted;
};

/* vcpu_start() - Register the operations that the tools' calls need. */
void vcpu_start(void);

/* vcpu_create() - A virtual CPU at reset for @guest. Return: 0, -XEN_ENOMEM. */
int vcpu_create(struct guest *guest) __must_check;

/* vcpu_run_control() - Enter the control domain on this CPU; never returns. */
void vcpu_run_control(struct vcpu *vcpu) __noreturn;

/* vcpu_cpu_main() - What every further CPU does: wait for a guest, run it. */
void vcpu_cpu_main(void) __noreturn;

/* vcpu_skip() - Step over the instruction that was intercepted. */
void vcpu_skip(struct vcpu *vcpu, unsigned bytes);

/* vcpu_inject() - Raise an exception in the guest at its next entry. */
void vcpu_inject(struct vcpu *vcpu, unsigned vector, bool has_error,
		 uint32_t error);

/* vcpu_end() - End a guest for a fault, with a line that says which. */
void vcpu_end(struct vcpu *vcpu, const char *why);

/* vcpu_caller() - The guest's mode and tables at this exit. */
struct guest_caller vcpu_caller(const struct vcpu *vcpu);

/* exit_handle() - Answer one #VMEXIT: svm/exit.c. */
void exit_handle(struct vcpu *vcpu);
void exit_cpuid(struct vcpu *vcpu);
void exit_msr(struct vcpu *vcpu);
void exit_io(struct vcpu *vcpu);
void exit_npf(struct vcpu *vcpu);

/* vmrun() - svm/vmrun.S. */
void vmrun(hpa_t vmcb, struct vcpu_registers *regs, uint64_t take_interrupts);
void vmload(hpa_t vmcb);
