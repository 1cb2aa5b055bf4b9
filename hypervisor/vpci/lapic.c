// SPDX-License-Identifier: MIT
/*
 * The registers as a table: what is not in it raises #GP, as an absent one
 * does. Belongs to the guest's own CPU; no lock. APM vol. 2, 16.6 and 16.11.
 */
#include "vpci/lapic.h"

#include "lib/string.h"

/* x2APIC registers, by MSR. */
enum lapic_register {
	LAPIC_REG_ID = 0x802,	   /* RO */
	LAPIC_REG_VERSION = 0x803, /* RO */
	LAPIC_REG_TPR = 0x808,	   /* RW 7:0 */
	LAPIC_REG_PPR = 0x80a,	   /* RO */
	LAPIC_REG_EOI = 0x80b,	   /* WO, 0 */
	LAPIC_REG_LDR = 0x80d,	   /* RO */
	LAPIC_REG_SVR = 0x80f,	   /* RW 8:0 */
	LAPIC_REG_ISR = 0x810,	   /* RO, eight */
	LAPIC_REG_TMR = 0x818,	   /* RO, eight: all edge */
	LAPIC_REG_IRR = 0x820,	   /* RO, eight */
	LAPIC_REG_ESR = 0x828,	   /* RW, 0 */
	LAPIC_REG_SELF = 0x83f,	   /* WO 7:0 */
};

#define VERSION	   0x14u /* an integrated APIC, one local vector */
#define SVR_ENABLE BIT(8)
#define SVR_RESET  0xffu
#define SVR_KNOWN  0x1ffu
#define PRIORITY   0xf0u
#define WORDS	   (LAPIC_VECTORS / 32)

void lapic_reset(struct lapic *lapic)
{
	memset(lapic, 0, sizeof(*lapic));
	lapic->spurious = SVR_RESET;
}

static uint8_t highest(const uint32_t *words)
{
	for (unsigned n = WORDS; n-- > 0;) {
		if (words[n] != 0) {
			return (uint8_t)(n * 32 + 31 -
					 (unsigned)__builtin_clz(words[n]));
		}
	}
	return 0;
}

static void set(uint32_t *words, uint8_t vector)
{
	words[vector / 32] |= 1u << (vector % 32);
}

static void clear(uint32_t *words, uint8_t vector)
{
	words[vector / 32] &= ~(1u << (vector % 32));
}

void lapic_raise(struct lapic *lapic, uint8_t vector)
{
	if ((lapic->spurious & SVR_ENABLE) != 0 &&
	    vector >= LAPIC_FIRST_VECTOR) {
		set(lapic->pending, vector);
	}
}

uint8_t lapic_waiting(const struct lapic *lapic)
{
	uint8_t next = highest(lapic->pending);
	uint8_t serving = highest(lapic->in_service);

	return (next & PRIORITY) > (serving & PRIORITY) ? next : 0;
}

uint8_t lapic_next(const struct lapic *lapic)
{
	uint8_t next = lapic_waiting(lapic);

	return (next & PRIORITY) > (lapic->task_priority & PRIORITY) ? next : 0;
}

void lapic_deliver(struct lapic *lapic, uint8_t vector)
{
	clear(lapic->pending, vector);
	set(lapic->in_service, vector);
}

static uint8_t processor_priority(const struct lapic *lapic)
{
	uint8_t serving = highest(lapic->in_service) & PRIORITY;

	return (lapic->task_priority & PRIORITY) >= serving
		       ? lapic->task_priority
		       : serving;
}

bool lapic_read(const struct lapic *lapic, uint32_t msr, uint64_t *value)
{
	switch (msr) {
	case LAPIC_REG_ID:
		*value = LAPIC_ID;
		return true;
	case LAPIC_REG_VERSION:
		*value = VERSION;
		return true;
	case LAPIC_REG_TPR:
		*value = lapic->task_priority;
		return true;
	case LAPIC_REG_PPR:
		*value = processor_priority(lapic);
		return true;
	case LAPIC_REG_LDR:
		*value = LAPIC_LOGICAL;
		return true;
	case LAPIC_REG_SVR:
		*value = lapic->spurious;
		return true;
	case LAPIC_REG_ISR ... LAPIC_REG_ISR + WORDS - 1:
		*value = lapic->in_service[msr - LAPIC_REG_ISR];
		return true;
	case LAPIC_REG_IRR ... LAPIC_REG_IRR + WORDS - 1:
		*value = lapic->pending[msr - LAPIC_REG_IRR];
		return true;
	case LAPIC_REG_TMR ... LAPIC_REG_TMR + WORDS - 1:
	case LAPIC_REG_ESR:
		*value = 0;
		return true;
	default:
		return false;
	}
}

static void end_of_interrupt(struct lapic *lapic)
{
	uint8_t serving = highest(lapic->in_service);

	if (serving != 0) {
		clear(lapic->in_service, serving);
	}
}

bool lapic_write(struct lapic *lapic, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case LAPIC_REG_TPR:
		if (value > UINT8_MAX) {
			return false;
		}
		lapic->task_priority = (uint8_t)value;
		return true;
	case LAPIC_REG_EOI:
		if (value != 0) {
			return false;
		}
		end_of_interrupt(lapic);
		return true;
	case LAPIC_REG_SVR:
		if (value & ~(uint64_t)SVR_KNOWN) {
			return false;
		}
		lapic->spurious = (uint32_t)value;
		return true;
	case LAPIC_REG_ESR:
		return value == 0;
	case LAPIC_REG_SELF:
		if (value > UINT8_MAX) {
			return false;
		}
		lapic_raise(lapic, (uint8_t)value);
		return true;
	default:
		return false;
	}
}
