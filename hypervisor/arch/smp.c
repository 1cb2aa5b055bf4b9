// SPDX-License-Identifier: MIT
/*
 * INIT, then start-up IPIs to a page of low memory that holds ap_entry.S. The
 * page is the control domain's later; it is only borrowed during start-up.
 * APM vol. 2, 15.27.
 */
#include "arch/smp.h"

#include "arch/apic.h"
#include "arch/barrier.h"
#include "arch/cpu.h"
#include "arch/cpu_stack.h"
#include "arch/physmap.h"
#include "arch/time.h"
#include "lib/check.h"
#include "lib/string.h"

#define TRAMPOLINE    0x8000u
#define MS	      UINT64_C(1000000)
#define START_TIMEOUT (200 * MS)

extern const uint8_t ap_entry[], ap_entry_end[];

/* The loader-time map, in which low memory can be executed. */
extern const uint8_t boot_pml4[];

/* Read by ap_entry.S on its way up. */
uint64_t ap_first_cr3;
uint64_t ap_cr3;
uint64_t ap_stack_top;
void (*ap_main)(void);
volatile uint32_t ap_is_up;

static void wait_ns(uint64_t ns)
{
	struct deadline d = deadline_in_ns(ns);

	while (!deadline_passed(d)) {
		cpu_relax();
	}
}

static void send_start(uint32_t apic_id)
{
	apic_send(apic_id, field_prep(ICR_MODE, ICR_MODE_SIPI) | ICR_ASSERT |
				   (TRAMPOLINE >> 12));
}

bool smp_start(unsigned index, uint32_t id, void (*main)(void))
{
	struct cpu_stack *stack = &cpu_stacks[index];
	struct deadline d;

	memcpy(physmap_ptr(to_hpa(TRAMPOLINE)), ap_entry,
	       (size_t)(ap_entry_end - ap_entry));
	stack->index = index;
	stack->apic_id = id;
	stack->guard = CPU_STACK_GUARD;
	ap_first_cr3 = physmap_hpa(boot_pml4).addr;
	ap_cr3 = read_cr3();
	ap_stack_top = (uintptr_t)(stack + 1);
	ap_main = main;
	ap_is_up = 0;
	barrier_full();
	apic_send(id, field_prep(ICR_MODE, ICR_MODE_INIT) | ICR_ASSERT);
	wait_ns(10 * MS);
	send_start(id);
	d = deadline_in_ns(START_TIMEOUT);
	while (!ap_is_up && !deadline_passed(d)) {
		cpu_relax();
	}
	if (!ap_is_up) {
		/*
		 * Back to waiting for a start-up IPI: a late riser would run
		 * on a stack and a page that are others' by then.
		 */
		apic_send(id, field_prep(ICR_MODE, ICR_MODE_INIT) | ICR_ASSERT);
		wait_ns(10 * MS);
		CHECK(!ap_is_up);
	}
	return ap_is_up != 0;
}
