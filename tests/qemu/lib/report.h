/* SPDX-License-Identifier: MIT */
/*
 * The guest's side of the report page, and the order of a guest's life:
 * entry.S -> guest_start() -> guest_main() -> shutdown.
 */
#pragma once

#include "lib/report_page.h"

#include <stdbool.h>

/* The page itself; volatile, because the control domain writes it too. */
extern volatile struct report_page report;

/* guest_main() - What one guest does; each guest defines it. */
void guest_main(void);

/* report_step() - Note what was seen; through REPORT(), which adds the line. */
void report_step(uint32_t id, uint32_t line, int32_t value, int32_t wanted,
		 uint64_t aux);

#define REPORT(id, value, wanted, aux)                                         \
	do {                                                                   \
		int32_t report_value = (int32_t)(value);                       \
                                                                               \
		/* `aux` is often what the call in `value` has filled in. */   \
		report_step((id), __LINE__, report_value, (int32_t)(wanted),   \
			    (uint64_t)(aux));                                  \
	} while (0)

/* report_beat() - Show that the guest is alive. */
void report_beat(void);

/* report_wait() - Stop before a stage (1, 2, ...) until it may be entered. */
void report_wait(uint32_t stage);

/* report_end() - Say how it ended, then shut down; does not return. */
_Noreturn void report_end(uint32_t done);

/* clock_ticks() - Time stamp counter. */
static inline uint64_t clock_ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* At 1 GHz, the emulated machine's rate; silicon is a few times faster. */
#define CLOCK_SECOND UINT64_C(1000000000)
