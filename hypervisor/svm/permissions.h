/* SPDX-License-Identifier: MIT */
/* Which ports and MSRs a guest touches without an exit. APM vol. 2, 15.10-11.
 */
#pragma once

#include "lib/addr.h"

/* permissions_start() - Fill the maps, once. */
void permissions_start(void);

/* The control domain passes through, but for a few; a guest gets nothing. */
hpa_t permissions_io(bool is_control);
hpa_t permissions_msr(bool is_control);
