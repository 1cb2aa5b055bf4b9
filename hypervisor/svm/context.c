// SPDX-License-Identifier: MIT
/*
 * Xen's struct hvm_hw_cpu to VMCB and back. A guest is started in 32-bit
 * protected mode without paging (PVH), so anything else is refused rather than
 * checked in part.
 */
#include "svm/context.h"

#include "arch/cpu.h"
#include "arch/msr.h"
#include "lib/error.h"
#include "lib/string.h"
#include "svm/vcpu.h"

#include <xen/hvm/save.h>
#include <xen/xen.h>

#define CR0_ALLOWED (CR0_PE | CR0_ET | CR0_NE)
#define RFLAGS_VM   BIT(17)
#define RFLAGS_ONE  BIT(1)

/* Every register with the same name on both sides. */
/* clang-format off */
#define GENERAL_REGISTERS(R)                                                   \
	R(rbx) R(rcx) R(rdx) R(rsi) R(rdi) R(rbp)                              \
	R(r8) R(r9) R(r10) R(r11) R(r12) R(r13) R(r14) R(r15)
/* clang-format on */

#define SEGMENTS(S) S(cs) S(ds) S(es) S(fs) S(gs) S(ss) S(tr)

void context_get(struct guest *guest, struct hvm_hw_cpu *context)
{
	const struct vcpu *vcpu = guest->vcpu;
	const struct vmcb *vmcb = vcpu->vmcb;

	memset(context, 0, sizeof(*context));
#define GET(r) context->r = vcpu->regs.r;
	GENERAL_REGISTERS(GET)
#undef GET
	context->rax = vmcb->rax;
	context->rsp = vmcb->rsp;
	context->rip = vmcb->rip;
	context->rflags = vmcb->rflags;
	context->cr0 = vmcb->cr0;
	context->cr2 = vmcb->cr2;
	context->cr3 = vmcb->cr3;
	context->cr4 = vmcb->cr4;
	context->dr6 = vmcb->dr6;
	context->dr7 = vmcb->dr7;
	context->msr_efer = vmcb->efer & ~EFER_SVME;
#define GET(s)                                                                 \
	context->s##_sel = vmcb->s.selector;                                   \
	context->s##_limit = vmcb->s.limit;                                    \
	context->s##_base = vmcb->s.base;                                      \
	context->s##_arbytes = vmcb->s.attributes;
	SEGMENTS(GET)
#undef GET
}

static bool is_startable(const struct hvm_hw_cpu *c)
{
	return (c->cr0 & CR0_PE) && !(c->cr0 & ~CR0_ALLOWED) && c->cr4 == 0 &&
	       c->msr_efer == 0 && !(c->rflags & RFLAGS_VM) &&
	       c->rip <= UINT32_MAX;
}

/* Xen's record and the VMCB share the 12-bit form. */
static uint16_t attributes(uint32_t arbytes)
{
	return (uint16_t)(arbytes & 0xfff);
}

int context_set(struct guest *guest, const struct hvm_hw_cpu *context)
{
	struct vcpu *vcpu = guest->vcpu;
	struct vmcb *vmcb = vcpu->vmcb;

	/* What VMLOAD loads is in the hardware once it ran. */
	if (guest->has_run) {
		return -XEN_EBUSY;
	}
	if (!is_startable(context)) {
		return -XEN_EINVAL;
	}
#define SET(r) vcpu->regs.r = context->r;
	GENERAL_REGISTERS(SET)
#undef SET
	vmcb->rax = context->rax;
	vmcb->rsp = context->rsp;
	vmcb->rip = context->rip;
	vmcb->rflags = context->rflags | RFLAGS_ONE;
	vmcb->cr0 = context->cr0 | CR0_ET;
#define SET(s)                                                                 \
	vmcb->s = (struct vmcb_segment){                                       \
		(uint16_t)context->s##_sel, attributes(context->s##_arbytes),  \
		context->s##_limit, context->s##_base};
	SEGMENTS(SET)
#undef SET
	/* VMRUN takes the privilege level from SS; keep both consistent. */
	vmcb->cpl = 0;
	vmcb->ss.attributes &= (uint16_t)~GENMASK(6, 5);
	return 0;
}
