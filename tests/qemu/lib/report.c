/* SPDX-License-Identifier: MIT */
/*
 * Report page and life of a bare guest; works in 32 and in 64 bits.
 *
 * A wait has a deadline, so that a test whose control domain died ends as
 * REPORT_LATE and frees its CPU.
 */
#include "lib/report.h"

#include "lib/hypercall.h"
#include "lib/trap.h"

#include <xen/sched.h>
#include <xen/xen.h>

#define WAIT_TICKS (120 * CLOCK_SECOND)

/* entry.S calls it with a stack and the final mode. */
_Noreturn void guest_start(void);

void report_beat(void)
{
	report.heartbeat++;
}

void report_step(uint32_t id, uint32_t line, int32_t value, int32_t wanted,
		 uint64_t aux)
{
	uint32_t count = report.step_count;
	bool right = value == wanted || wanted == REPORT_ANY ||
		     (wanted == REPORT_NEGATIVE && value < 0);

	if (!right) {
		report.wrong++;
	}
	if (count == REPORT_STEPS_MAX) {
		report.wrong++;
		return;
	}
	report.step[count].id = id;
	report.step[count].line = line;
	report.step[count].value = value;
	report.step[count].wanted = wanted;
	report.step[count].aux = aux;
	/* The reader trusts what lies below the count. */
	__asm__ volatile("" ::: "memory");
	report.step_count = count + 1;
}

void report_wait(uint32_t stage)
{
	uint64_t begin = clock_ticks();

	report.waiting = stage;
	while (report.go < stage) {
		if (clock_ticks() - begin > WAIT_TICKS) {
			report_end(REPORT_LATE);
		}
		report_beat();
		__asm__ volatile("pause");
	}
	report.waiting = 0;
}

_Noreturn void report_end(uint32_t done)
{
	struct sched_shutdown reason = {SHUTDOWN_poweroff};

	report.done = done;
	/* On a bare machine the instruction is an invalid opcode. */
	if (sluice_is_there()) {
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &reason);
	}
	/* A 32-bit guest has no hypercalls: it waits to be destroyed. */
	for (;;) {
		__asm__ volatile("cli; hlt");
	}
}

static void report_clear(void)
{
	volatile uint64_t *word = (volatile uint64_t *)&report;

	for (unsigned i = 0; i < sizeof(report) / sizeof(*word); i++) {
		word[i] = 0;
	}
}

_Noreturn void guest_start(void)
{
	report_clear();
	trap_start();
	report.magic = REPORT_MAGIC;
	REPORT(REPORT_STEP_SLUICE, sluice_is_there(), true, 0);
	if (sluice_is_there()) {
		guest_main();
	}
	report_end(REPORT_DONE);
}
