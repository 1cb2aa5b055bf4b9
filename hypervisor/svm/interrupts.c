// SPDX-License-Identifier: MIT
/*
 * What arrives is noted per CPU, since its guest may be paused meanwhile, and
 * moves to the guest's local APIC on the CPU itself: no lock. APM vol. 2, 15.21
 * (V_IRQ, V_TPR), 15.20 (interrupted deliveries).
 */
#include "svm/interrupts.h"

#include "arch/apic.h"
#include "arch/cpu_id.h"
#include "lib/string.h"
#include "vpci/vpci.h"

#define WORDS (LAPIC_VECTORS / 32)

/* Written and read by the CPU itself, where its interrupts are off. */
static uint32_t arrived[CPU_MAX][WORDS];

static void note(uint8_t vector)
{
	arrived[cpu_index()][vector / 32] |= 1u << (vector % 32);
}

void interrupts_start(void)
{
	apic_on_interrupt = note;
}

void interrupts_forget(void)
{
	memset(arrived[cpu_index()], 0, sizeof(arrived[0]));
}

static void hand_over(const struct guest *guest)
{
	uint32_t *words = arrived[cpu_index()];

	for (unsigned n = 0; n < WORDS; n++) {
		uint32_t word = words[n];

		words[n] = 0;
		for (; word != 0; word &= word - 1) {
			unsigned bit = (unsigned)__builtin_ctz(word);

			vpci_arrived(guest, (uint8_t)(n * 32 + bit));
		}
	}
}

/*
 * Priorities are compared here, and the CPU is told to ignore its own idea of
 * them: then a change of CR8 has to be seen while anything waits. QEMU's CPU
 * lets through what is of CR8's own class, and QEMU dies of an assertion when
 * CR8 is written under a pending virtual interrupt.
 */
void interrupts_enter(struct vcpu *vcpu)
{
	struct lapic *lapic = vpci_lapic(vcpu->guest);
	struct vmcb *vmcb = vcpu->vmcb;
	uint64_t vintr = VINTR_MASKING | VINTR_IGNORE;
	uint8_t next;

	hand_over(vcpu->guest);
	next = lapic_next(lapic);
	vintr |= field_prep(VINTR_TPR, lapic->task_priority >> 4);
	if (next != 0) {
		vintr |= VINTR_PENDING | field_prep(VINTR_PRIORITY, next >> 4) |
			 field_prep(VINTR_VECTOR, next);
	}
	vmcb->vintr = vintr;
	vmcb->intercept_cr =
		lapic_waiting(lapic) != 0 ? INTERCEPT_CR8_WRITE : 0;
	vcpu->offered = next;
}

/* The vector was taken, and then something else came up before its handler. */
static bool was_interrupted(const struct vmcb *vmcb)
{
	return (vmcb->exit_int_info & EVENT_VALID) != 0 &&
	       field_get(EVENT_TYPE, vmcb->exit_int_info) == EVENT_INTERRUPT;
}

void interrupts_leave(struct vcpu *vcpu)
{
	struct lapic *lapic = vpci_lapic(vcpu->guest);
	const struct vmcb *vmcb = vcpu->vmcb;
	uint8_t class = (uint8_t)field_get(VINTR_TPR, vmcb->vintr);

	/* CR8 has no exit; it knows the upper half alone. */
	if (lapic->task_priority >> 4 != class) {
		lapic->task_priority = (uint8_t)(class << 4);
	}
	if (vcpu->offered != 0 && !(vmcb->vintr & VINTR_PENDING) &&
	    !was_interrupted(vmcb)) {
		lapic_deliver(lapic, vcpu->offered);
	}
	vcpu->offered = 0;
}
