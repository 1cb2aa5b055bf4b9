/* SPDX-License-Identifier: MIT */
/* The fake clock, for the machine alone; tests use machine.h. */
#pragma once

#include "lib/compiler.h"

/* clock_reset() - Time 0, nothing printed. */
void clock_reset(uint64_t step_ns);
