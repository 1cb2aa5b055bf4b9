/* SPDX-License-Identifier: MIT */
/* Which CPU runs this code. */
#pragma once

#include "lib/compiler.h"

#define CPU_MAX 16u

/* cpu_index() - 0 for the boot CPU, then in start order, below CPU_MAX. */
unsigned cpu_index(void);
