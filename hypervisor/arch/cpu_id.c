// SPDX-License-Identifier: MIT
/* Whose stack this is. */
#include "arch/cpu_id.h"

#include "arch/cpu_stack.h"
#include "lib/check.h"

struct cpu_stack cpu_stacks[CPU_MAX];

static struct cpu_stack *own_stack(void)
{
	uintptr_t sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	return (struct cpu_stack *)(sp & ~(uintptr_t)(CPU_STACK_BYTES - 1));
}

unsigned cpu_index(void)
{
	return own_stack()->index;
}

void cpu_stack_check(void)
{
	CHECK(own_stack()->guard == CPU_STACK_GUARD);
}
