/* SPDX-License-Identifier: MIT */
/*
 * The library's carrier in one process: from libsluice straight to the gate.
 *
 *   carrier_inproc_use(guest);
 *   sluice_set_carrier(sluice_carry_inproc);
 */
#pragma once

#include "fake_guest.h"

#include <sluice/sluice.h>

/* carrier_inproc_use() - The guest for which the library calls from now on. */
void carrier_inproc_use(struct fake_guest *guest);

/* sluice_carry_inproc() - A sluice_carry_fn; lists are copied to the guest. */
sluice_carry_fn sluice_carry_inproc;
