/* SPDX-License-Identifier: MIT */
/* Fill a VMCB for a guest that starts. */
#pragma once

#include "guest/guest.h"
#include "svm/vmcb.h"

/**
 * vmcb_init() - Flat 32-bit protected mode, paging off, nested paging on.
 * @guest: gives the nested table and the role; rip and registers stay 0
 */
void vmcb_init(struct vmcb *vmcb, const struct guest *guest);
