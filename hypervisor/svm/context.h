/* SPDX-License-Identifier: MIT */
/* A virtual CPU's state as Xen's save record, for the tools. */
#pragma once

#include "guest/guest.h"

struct hvm_hw_cpu;

void context_get(struct guest *guest, struct hvm_hw_cpu *context);

/**
 * context_set() - Take over registers, segments and control registers.
 * Return: 0; -XEN_EBUSY: it has run already; -XEN_EINVAL: paging or long mode
 * on (a guest starts without), a reserved control bit, or virtual-8086 mode.
 */
int context_set(struct guest *guest, const struct hvm_hw_cpu *context);
