/* SPDX-License-Identifier: MIT */
/* Virtual CPUs that only remember whether they run. */
#pragma once

#include "guest/cpu_ops.h"

/* Each guest has a CPU of its own, the machine's APIC id of which is odd. */
#define FAKE_APIC_ID(guest) (2u * (guest)->slot + 1)

/* fake_cpu_start() - Forget all and take guest_cpu_ops. Four CPUs. */
void fake_cpu_start(void);
bool fake_cpu_runs(const struct guest *guest);
