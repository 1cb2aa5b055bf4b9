/* SPDX-License-Identifier: MIT */
/*
 * Interrupt table and task state of an amd64 guest. trap.S holds the stubs and
 * the ways between modes.
 */
#include "lib/trap.h"

#include "lib/report.h"
#include "lib/segments.h"

#define EXCEPTIONS 32u
#define GATES	   256u
#define GATE_RING0 0x8e00u
#define GATE_RING3 0xee00u

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t attributes;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

struct task_state {
	uint32_t reserved;
	uint64_t rsp0; /* stack of what comes in from ring 3 */
	uint8_t rest[92];
} __attribute__((packed));

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static struct gate gates[GATES];
static struct task_state task = {.rest = {[90] = sizeof(task)}};
static uint8_t trap_stack[4096] __attribute__((aligned(16)));

extern uint64_t guest_gdt[];
extern const uint8_t trap_stubs[], trap_stub_end[], trap_ring3_return[];

/* In trap.S: nonzero while trap_probe() runs a function. */
extern uint64_t trap_probe_sp;
_Noreturn void trap_probe_resume(uint64_t value);

/* From the stubs: an exception, and where. */
void trap_taken(uint64_t vector, uint64_t ip);

static void gate_set(unsigned vector, uintptr_t offset, uint16_t attributes)
{
	gates[vector] = (struct gate){
		.offset_low = (uint16_t)offset,
		.selector = SEGMENT_CODE64,
		.attributes = attributes,
		.offset_middle = (uint16_t)(offset >> 16),
		.offset_high = (uint32_t)((uint64_t)offset >> 32),
	};
}

void trap_gate(unsigned vector, uintptr_t handler)
{
	gate_set(vector, handler, GATE_RING0);
}

void trap_start(void)
{
	uint64_t base = (uintptr_t)&task;
	size_t stub_bytes = (size_t)(trap_stub_end - trap_stubs) / EXCEPTIONS;
	struct table_pointer pointer = {sizeof(gates) - 1, (uintptr_t)gates};

	for (unsigned vector = 0; vector < EXCEPTIONS; vector++) {
		gate_set(vector, (uintptr_t)(trap_stubs + vector * stub_bytes),
			 GATE_RING0);
	}
	gate_set(VECTOR_RING3_RETURN, (uintptr_t)trap_ring3_return, GATE_RING3);
	__asm__ volatile("lidt %0" : : "m"(pointer));

	/* The I/O map's offset lies past the limit: ring 3 has no ports. */
	task.rsp0 = (uintptr_t)(trap_stack + sizeof(trap_stack));
	guest_gdt[SEGMENT_TSS / 8] =
		(sizeof(task) - 1) | (base & 0xffffff) << 16 |
		UINT64_C(0x89) << 40 | (base >> 24 & 0xff) << 56;
	guest_gdt[SEGMENT_TSS / 8 + 1] = base >> 32;
	__asm__ volatile("ltr %w0" : : "r"(SEGMENT_TSS));
}

void trap_taken(uint64_t vector, uint64_t ip)
{
	if (trap_probe_sp != 0) {
		trap_probe_resume(vector + 1);
	}
	report.trap = (uint32_t)vector;
	report.trap_ip = ip;
	report_end(REPORT_TRAPPED);
}
