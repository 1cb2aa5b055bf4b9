// SPDX-License-Identifier: MIT
/* One handler for all vectors: the one in service is the one that came. */
#include "lib/interrupt.h"

#include "lib/report.h"
#include "lib/segments.h"
#include "lib/trap.h"

#define X2APIC_EOI   0x80bu
#define X2APIC_SVR   0x80fu
#define X2APIC_ISR   0x810u
#define SVR_ENABLE   0x1ffu
#define FIRST_VECTOR 32u
#define VECTOR_WORDS 8u

struct frame;

static volatile uint32_t counts[256];
static volatile uint32_t total;

static uint32_t in_service(void)
{
	for (uint32_t n = VECTOR_WORDS; n-- > 0;) {
		uint32_t word = (uint32_t)msr_read(X2APIC_ISR + n);

		if (word != 0) {
			return n * 32 + 31 - (uint32_t)__builtin_clz(word);
		}
	}
	return 0;
}

__attribute__((interrupt)) static void taken(struct frame *frame)
{
	(void)frame;
	counts[in_service()]++;
	total++;
	msr_write(X2APIC_EOI, 0);
}

void interrupt_start(void)
{
	for (uint32_t vector = FIRST_VECTOR; vector < 256; vector++) {
		if (vector != VECTOR_RING3_RETURN) {
			trap_gate(vector, (uintptr_t)taken);
		}
	}
	msr_write(X2APIC_SVR, SVR_ENABLE);
	__asm__ volatile("sti");
}

uint32_t interrupt_count(uint8_t vector)
{
	return counts[vector];
}

uint32_t interrupt_total(void)
{
	return total;
}

bool interrupt_within(uint8_t vector, uint32_t count, uint64_t ticks)
{
	uint64_t begin = clock_ticks();

	while (counts[vector] < count) {
		if (clock_ticks() - begin > ticks) {
			return false;
		}
		report_beat();
		__asm__ volatile("pause");
	}
	return true;
}

void interrupt_halt(void)
{
	uint32_t before = total;

	/* STI holds interrupts back for one instruction: none is missed. */
	__asm__ volatile("cli");
	while (total == before) {
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	}
	__asm__ volatile("sti");
}
