/* SPDX-License-Identifier: MIT */
/*
 * A guest's local APIC, in x2APIC mode from reset on: it takes fixed, edge
 * interrupts of the guest's own devices and of the guest itself, and hands them
 * out by priority. No timer, no local vectors, no other CPU to talk to.
 * APM vol. 2, 16.6 (priorities) and 16.11 (x2APIC).
 */
#pragma once

#include "lib/bits.h"

#define LAPIC_VECTORS	   256u
#define LAPIC_FIRST_VECTOR 16u /* below: illegal */

/* Ids of a guest's one CPU: its own, and in logical destinations. */
#define LAPIC_ID      0u
#define LAPIC_LOGICAL 1u

struct lapic {
	uint32_t pending[LAPIC_VECTORS / 32];	 /* IRR */
	uint32_t in_service[LAPIC_VECTORS / 32]; /* ISR */
	uint32_t spurious;			 /* SVR */
	uint8_t task_priority; /* TPR; the CPU's CR8 is its upper half       */
};

void lapic_reset(struct lapic *lapic);

/* lapic_raise() - An interrupt arrives; dropped while the APIC is disabled. */
void lapic_raise(struct lapic *lapic, uint8_t vector);

/**
 * lapic_waiting() - What is next once the task priority allows it.
 * Return: 0: nothing that may interrupt what is in service.
 */
uint8_t lapic_waiting(const struct lapic *lapic);

/* lapic_next() - What is to be delivered now, or 0. */
uint8_t lapic_next(const struct lapic *lapic);

/* lapic_deliver() - The CPU has taken @vector: pending -> in service. */
void lapic_deliver(struct lapic *lapic, uint8_t vector);

/* Registers by MSR, 800h to 8ffh. Return: false: #GP, and nothing happened. */
bool lapic_read(const struct lapic *lapic, uint32_t msr, uint64_t *value);
bool lapic_write(struct lapic *lapic, uint32_t msr, uint64_t value);
