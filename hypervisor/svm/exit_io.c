// SPDX-License-Identifier: MIT
/*
 * Port accesses. The control domain finds nothing where the hypervisor's serial
 * port is; a guest has no ports at all, and touching one ends it.
 * APM vol. 2, 15.10.2.
 */
#include "lib/bits.h"
#include "svm/vcpu.h"

#define IO_STRING  BIT(2)
#define IO_SIZE_8  BIT(4)
#define IO_SIZE_16 BIT(5)

static uint64_t absent(uint64_t rax, uint64_t info)
{
	if (info & IO_SIZE_8) {
		return rax | 0xff;
	}
	if (info & IO_SIZE_16) {
		return rax | 0xffff;
	}
	return 0xffffffff;
}

void exit_io(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	uint64_t info = vmcb->exit_info1;

	if (!vcpu->guest->is_control) {
		vcpu_end(vcpu, "it touched an I/O port, and it has none");
		return;
	}
	if (info & IO_STRING) {
		/* Nobody drives a serial port with string instructions. */
		vcpu_inject(vcpu, VECTOR_GP, true, 0);
		return;
	}
	if (info & IOIO_IN) {
		vmcb->rax = absent(vmcb->rax, info);
	}
	vmcb->rip = vmcb->exit_info2;
	vmcb->interrupt_shadow = 0;
}
