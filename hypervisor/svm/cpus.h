/* SPDX-License-Identifier: MIT */
/*
 * The machine's CPUs: which are up, which guest each one runs. CPU 0 is the
 * control domain's. Handing out is done by the control domain's calls alone,
 * so under the guest-list lock.
 */
#pragma once

#include "svm/vcpu.h"

/* cpus_start() - Start the CPUs of the MADT; hide them from the table. */
void cpus_start(void);

/* cpus_enter() - A further CPU sets itself up, on its own stack. */
void cpus_enter(void);

uint32_t cpus_count(void);
uint32_t cpus_free_count(void);

/* cpus_take() - Give @vcpu a CPU. Return: false when none is free. */
bool cpus_take(struct vcpu *vcpu, unsigned *cpu);
void cpus_release(unsigned cpu);

/* cpus_guest() - The virtual CPU that @cpu is to run, or NULL. */
struct vcpu *cpus_guest(unsigned cpu);

/*
 * cpus_set_active() - This CPU may be in a guest, or is out of every one. The
 * CPU's word, not the guest's: who waits for it knows that the CPU is gone.
 */
void cpus_set_active(unsigned cpu, bool is_active);
bool cpus_is_active(unsigned cpu);

/* cpus_wake_hard() - By NMI, which nothing that a guest's device sent masks. */
void cpus_wake_hard(unsigned cpu);

/* cpus_wake() - Make @cpu look around: leave a guest or end its sleep. */
void cpus_wake(unsigned cpu);
