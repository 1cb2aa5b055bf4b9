// SPDX-License-Identifier: MIT
/*
 * Pins: a bit in the entry that points to a table, which keeps pt_clear() from
 * dropping that table when it is empty. Hardware ignores the bit, and so does
 * every other operation here: an address comes out of address_mask alone.
 */
#include "pt/walk.h"

/* Set or clear (@pin = 0) the bit in every non-leaf entry over the range. */
static void pin_range(struct pt *pt, uint64_t start, uint64_t pages,
		      uint64_t pin)
{
	struct pt_walk w;

	pt_walk_start(&w, pt, start, pages);
	while (w.pages_left != 0) {
		uint64_t was = pt_walk_entry(&w);
		uint64_t entry = (was & ~pt->format->table_pin) | pin;

		CHECK(was != 0 && !pt_entry_is_leaf(pt->format, was, w.level));
		if (entry != was) {
			pt_step_store(&w.step[w.level], entry);
		}
		/* Tables of level 0 hold leaves, which have no pin. */
		if (w.level > 1) {
			pt_walk_descend(&w);
		} else {
			pt_walk_advance(&w, 1, pt_leave_clean);
		}
	}
}

void pt_pin(struct pt *pt, uint64_t start, uint64_t pages)
{
	pin_range(pt, start, pages, pt->format->table_pin);
}

void pt_unpin(struct pt *pt, uint64_t start, uint64_t pages)
{
	pin_range(pt, start, pages, 0);
}
