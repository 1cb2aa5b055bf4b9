// SPDX-License-Identifier: MIT
/* A VMCB at reset: what every guest exits on, and a flat 32-bit start. */
#include "arch/cpu.h"
#include "arch/msr.h"
#include "lib/string.h"
#include "svm/permissions.h"
#include "svm/vmcb_init.h"

#define FIRST_ASID	1u
#define ATTR_CODE32	0xc9bu
#define ATTR_DATA32	0xc93u
#define ATTR_LDT	0x082u
#define ATTR_TSS32_BUSY 0x08bu
#define SELECTOR_CODE32 0x10u /* what Linux's boot protocol names */
#define SELECTOR_DATA32 0x18u
#define RFLAGS_RESERVED BIT(1)
#define DR6_RESET	0xffff0ff0u
#define DR7_RESET	0x400u
#define TSS_LIMIT	0x67u

static const struct vmcb_segment flat_data = {SELECTOR_DATA32, ATTR_DATA32,
					      0xffffffff, 0};

static void set_intercepts(struct vmcb *vmcb, bool is_control)
{
	/*
	 * A guest can make the delivery of either raise itself again, and its
	 * CPU would never come out (CVE-2015-5307, CVE-2015-8104).
	 */
	vmcb->intercept_exceptions = BIT(VECTOR_DB) | BIT(VECTOR_AC);
	vmcb->intercept1 = (uint32_t)(INTERCEPT_CPUID | INTERCEPT_INVD |
				      INTERCEPT_INVLPGA | INTERCEPT_IOIO |
				      INTERCEPT_MSR | INTERCEPT_SHUTDOWN);
	if (!is_control) {
		/* Its CPU's interrupts are the hypervisor's: how it is stopped.
		 */
		vmcb->intercept1 |= INTERCEPT_INTR | INTERCEPT_NMI;
		vmcb->vintr = VINTR_MASKING;
	}
	vmcb->intercept2 = INTERCEPT_VMRUN | INTERCEPT_VMMCALL |
			   INTERCEPT_VMLOAD | INTERCEPT_VMSAVE |
			   INTERCEPT_STGI | INTERCEPT_CLGI | INTERCEPT_SKINIT;
}

void vmcb_init(struct vmcb *vmcb, const struct guest *guest)
{
	memset(vmcb, 0, sizeof(*vmcb));
	set_intercepts(vmcb, guest->is_control);
	vmcb->iopm_base = permissions_io(guest->is_control).addr;
	vmcb->msrpm_base = permissions_msr(guest->is_control).addr;
	/* Each guest has its own CPU: one ASID a CPU is enough. */
	vmcb->asid = FIRST_ASID;
	vmcb->tlb_control = TLB_CONTROL_FLUSH_ALL;
	vmcb->np_enable = 1;
	vmcb->n_cr3 = guest->p2m.pt.root.addr;
	vmcb->cs = (struct vmcb_segment){SELECTOR_CODE32, ATTR_CODE32,
					 0xffffffff, 0};
	vmcb->ss = vmcb->ds = vmcb->es = vmcb->fs = vmcb->gs = flat_data;
	vmcb->ldtr.attributes = ATTR_LDT;
	vmcb->tr = (struct vmcb_segment){0, ATTR_TSS32_BUSY, TSS_LIMIT, 0};
	vmcb->efer = EFER_SVME;
	vmcb->cr0 = CR0_PE | CR0_ET;
	vmcb->dr6 = DR6_RESET;
	vmcb->dr7 = DR7_RESET;
	vmcb->rflags = RFLAGS_RESERVED;
	vmcb->g_pat = MSR_PAT_RESET;
}
