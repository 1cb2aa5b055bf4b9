/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of a guest's devices: taken by the host on the guest's CPU, given
 * to its local APIC before the next entry, injected by priority.
 */
#pragma once

#include "svm/vcpu.h"

/* interrupts_start() - From now on what a guest's CPU takes is remembered. */
void interrupts_start(void);

/* interrupts_forget() - This CPU gets another guest. */
void interrupts_forget(void);

/* Around each VMRUN of a guest, on its CPU. */
void interrupts_enter(struct vcpu *vcpu);
void interrupts_leave(struct vcpu *vcpu);
