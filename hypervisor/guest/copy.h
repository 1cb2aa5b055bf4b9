/* SPDX-License-Identifier: MIT */
/*
 * Copies between the hypervisor and a caller's linear memory.
 *
 * Each byte is read once. A copy that fails half-way has written what came
 * before; callers probe with copy_check() where all-or-nothing matters.
 */
#pragma once

#include "guest/linear.h"

/* copy_from_guest() - Return: 0, -XEN_EFAULT. @bytes at most 1 MiB. */
int copy_from_guest(const struct guest_caller *caller, void *to,
		    uint64_t linear, size_t bytes) __must_check;

/* copy_to_guest() - Return: 0, -XEN_EFAULT. */
int copy_to_guest(const struct guest_caller *caller, uint64_t linear,
		  const void *from, size_t bytes) __must_check;

/* copy_check() - True if the whole range can be written now. Reads no byte. */
bool copy_check(const struct guest_caller *caller, uint64_t linear,
		size_t bytes);
