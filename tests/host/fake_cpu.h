/* SPDX-License-Identifier: MIT */
/* Virtual CPUs that only remember whether they run. */
#pragma once

#include "guest/cpu_ops.h"

/* fake_cpu_start() - Forget all and take guest_cpu_ops. Four CPUs. */
void fake_cpu_start(void);
bool fake_cpu_runs(const struct guest *guest);
