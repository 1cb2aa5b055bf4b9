/* SPDX-License-Identifier: MIT */
/* The local APIC in x2APIC mode: everything is an MSR. APM vol. 2, 16.9-16.11.
 */
#pragma once

#include "lib/bits.h"

/* Host vectors. A wake-up carries no message: the receiver looks around. */
#define VECTOR_WAKE	0xf0u
#define VECTOR_FAULT	0xf1u /* a unit has blocked something */
#define VECTOR_SPURIOUS 0xffu

/* ICR fields. */
#define ICR_VECTOR	GENMASK(7, 0)
#define ICR_MODE	GENMASK(10, 8)
#define ICR_MODE_FIXED	0u
#define ICR_MODE_LOWEST 1u
#define ICR_MODE_SMI	2u
#define ICR_MODE_NMI	4u
#define ICR_MODE_INIT	5u
#define ICR_MODE_SIPI	6u
#define ICR_LOGICAL	BIT(11)
#define ICR_ASSERT	BIT(14)
#define ICR_SHORTHAND	GENMASK(19, 18)
#define ICR_TO_LISTED	0u
#define ICR_TO_SELF	1u
#define ICR_TO_ALL	2u
#define ICR_TO_OTHERS	3u
#define ICR_DESTINATION GENMASK(63, 32)

/* apic_start() - Switch this CPU's APIC to x2APIC mode and accept interrupts.
 */
void apic_start(void);

/* apic_is_supported() - True when the CPU has x2APIC. */
bool apic_is_supported(void);

uint32_t apic_id(void);

/* apic_send() - Write the interrupt command register. */
void apic_send(uint32_t destination, uint64_t command);

/*
 * apic_on_interrupt - Told of each interrupt that this CPU takes as host, but
 * for wake-ups; with interrupts off. Set by svm/. NULL = dropped.
 */
extern void (*apic_on_interrupt)(uint8_t vector);

/* apic_eoi() - End of the interrupt in service. */
void apic_eoi(void);
