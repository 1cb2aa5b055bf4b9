/* SPDX-License-Identifier: MIT */
/*
 * Failing allocations and copies from and to a guest: the linker sends every
 * page_alloc(), copy_from_guest() and copy_to_guest() here first
 * (-Wl,--wrap=...).
 *
 *   for (unsigned n = 1;; n++) {
 *           fail_at(n);
 *           result = the_call();
 *           if (!fail_hit()) { break; }   the n-th allocation never came
 *           ... refused, and nothing changed ...
 *   }
 *   fail_off();
 */
#pragma once

#include "lib/compiler.h"

/* fail_at() - The n-th page_alloc() from now (1 = next) finds no page. */
void fail_at(unsigned n);
/* fail_from() - The n-th and every later one. */
void fail_from(unsigned n);
void fail_off(void);
/* fail_hit() - True when an allocation was refused since fail_at(). */
bool fail_hit(void);
/* fail_allocations() - Calls of page_alloc() since fail_at() or fail_off(). */
unsigned fail_allocations(void);

/* fail_reply_at() - The n-th copy to a guest from now (1 = next) fails. */
void fail_reply_at(unsigned n);
/* fail_read_at() - The n-th copy from a guest, or that and every later one. */
void fail_read_at(unsigned n, bool and_later);
/* fail_reply_from() - The n-th copy to a guest and every later one. */
void fail_reply_from(unsigned n);
/* fail_copy_hit() - True when a copy was refused since the last of these. */
bool fail_copy_hit(void);
void fail_copies_off(void);

/* fail_reset() - For the next machine. */
void fail_reset(void);
