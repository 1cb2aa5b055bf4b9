// SPDX-License-Identifier: MIT
/*
 * Port accesses. The control domain finds nothing where the hypervisor's serial
 * port is. A guest has the ports of PCI configuration and no others, and
 * touching any of those ends it. APM vol. 2, 15.10.2.
 */
#include "lib/bits.h"
#include "svm/vcpu.h"
#include "vpci/vpci.h"

#define IO_STRING BIT(2)
#define IO_SIZE	  GENMASK(6, 4) /* one bit of 8, 16, 32: bytes */
#define IO_PORT	  GENMASK(31, 16)

static unsigned bytes_of(uint64_t info)
{
	return (unsigned)field_get(IO_SIZE, info);
}

/* 32 bits clear the upper half of rax, fewer leave the rest as it was. */
static void set_rax(struct vmcb *vmcb, uint32_t value)
{
	unsigned bytes = bytes_of(vmcb->exit_info1);

	if (bytes == 4) {
		vmcb->rax = value;
	} else {
		uint64_t mask = GENMASK(8 * bytes - 1, 0);

		vmcb->rax = (vmcb->rax & ~mask) | (value & mask);
	}
}

static bool guest_port(struct vcpu *vcpu, uint32_t *value)
{
	uint64_t info = vcpu->vmcb->exit_info1;

	return !(info & IO_STRING) &&
	       vpci_port(vcpu->guest, (uint16_t)field_get(IO_PORT, info),
			 bytes_of(info), !(info & IOIO_IN), value);
}

void exit_io(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	uint32_t value = (uint32_t)vmcb->rax;

	if (vcpu->guest->is_control) {
		if (vmcb->exit_info1 & IO_STRING) {
			/* Nobody drives a serial port like that. */
			vcpu_inject(vcpu, VECTOR_GP, true, 0);
			return;
		}
		value = UINT32_MAX;
	} else if (!guest_port(vcpu, &value)) {
		vcpu_end(vcpu, "it touched an I/O port that it does not have");
		return;
	}
	if (vmcb->exit_info1 & IOIO_IN) {
		set_rax(vmcb, value);
	}
	vmcb->rip = vmcb->exit_info2;
	vmcb->interrupt_shadow = 0;
}
