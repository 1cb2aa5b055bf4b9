/* SPDX-License-Identifier: MIT */
/* The TSC as a clock, and deadlines for every hardware wait. */
#pragma once

#include "lib/compiler.h"

/* time_init() - Measure the TSC's rate against the PIT. */
void time_init(void);

/* time_now_ns() - Nanoseconds since time_init(); never goes back. */
uint64_t time_now_ns(void);

struct deadline {
	uint64_t at_ns;
};

static inline struct deadline deadline_in_ns(uint64_t ns)
{
	return (struct deadline){time_now_ns() + ns};
}

static inline bool deadline_passed(struct deadline d)
{
	return time_now_ns() >= d.at_ns;
}
