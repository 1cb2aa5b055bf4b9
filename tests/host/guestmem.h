/* SPDX-License-Identifier: MIT */
/*
 * The watch over guest memory: class G, a byte fetched twice in one hypercall.
 *
 * fake_guest_call() opens and closes the window. Reads of pages registered as
 * a guest's page tables are exempt, as a walker may read them again.
 */
#pragma once

#include "lib/addr.h"

void guestmem_begin(void);
void guestmem_end(void);

/* guestmem_exempt() - @page is a guest's page table from now on. */
void guestmem_exempt(hpa_t page, bool exempt);

/* guestmem_double_reads() - Bytes read twice since boot, over all calls. */
unsigned guestmem_double_reads(void);
void guestmem_forgive(void);

/**
 * guestmem_change_after_read() - A hostile second vCPU: once a read has taken
 * any of the bytes at @at, they become @bytes (at most 64). One shot.
 */
void guestmem_change_after_read(hpa_t at, const void *bytes, size_t count);

/* guestmem_reads, guestmem_writes - Accesses since boot. */
uint64_t guestmem_reads(void);
uint64_t guestmem_writes(void);

void guestmem_reset(void);
