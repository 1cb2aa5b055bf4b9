/* SPDX-License-Identifier: MIT */
/*
 * The user-space build's guest memory: reports a second read of a byte within
 * one hypercall and may change bytes behind a read (tests/host/guestmem.h).
 */
#pragma once

#include "arch/physmap.h"
#include "lib/string.h"

void guestmem_read(void *to, hpa_t from, size_t bytes);
void guestmem_write(hpa_t to, const void *from, size_t bytes);
