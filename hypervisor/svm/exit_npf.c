// SPDX-License-Identifier: MIT
/*
 * Nested page faults. A guest's pages that hold an MSI-X table are emulated;
 * any other address without a page is the guest's error. It ends a guest; the
 * control domain, which could do this by reading a forbidden range through
 * /dev/mem, gets #GP and goes on.
 */
#include "base/log.h"
#include "lib/bits.h"
#include "svm/emulate.h"
#include "svm/vcpu.h"
#include "vpci/vpci.h"

void exit_npf(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	const char *why = "an address outside its memory";
	const char *kind = vmcb->exit_info1 & NPF_IS_WRITE   ? "write"
			   : vmcb->exit_info1 & NPF_IS_FETCH ? "fetch"
							     : "read";

	if (!vcpu->guest->is_control &&
	    vpci_owns(vcpu->guest, to_gpa(vmcb->exit_info2))) {
		why = emulate_access(vcpu);
		if (why == NULL) {
			return;
		}
	}
	log_guest(vcpu->guest->id, "%s at %lx, where it has no memory; rip %lx",
		  kind, vmcb->exit_info2, vmcb->rip);
	if (vcpu->guest->is_control) {
		vcpu_inject(vcpu, VECTOR_GP, true, 0);
		return;
	}
	vcpu_end(vcpu, why);
}
