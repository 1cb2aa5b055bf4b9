/* SPDX-License-Identifier: MIT */
/*
 * Ticket locks with a rank; each CPU checks the order as it takes them.
 *
 * The hypervisor runs with interrupts off (GIF or IF clear), so a holder is
 * never interrupted by code that could want the same lock.
 */
#pragma once

#include "base/lock_rank.h"
#include "lib/compiler.h"

struct spinlock {
	uint32_t next;	  /* ticket to hand out; atomic add            */
	uint32_t serving; /* ticket that holds; stored by the holder   */
	enum lock_rank rank;
};

#define SPINLOCK_INIT(lock_rank)                                               \
	{                                                                      \
		.rank = (lock_rank)                                            \
	}

/* spin_lock() - Wait for the lock. Panics when the order is violated. */
void spin_lock(struct spinlock *lock);

/* spin_unlock() - Let the next ticket in. Panics when not held here. */
void spin_unlock(struct spinlock *lock);

/* spin_is_held() - True when this CPU holds a lock of @lock's rank. */
bool spin_is_held(const struct spinlock *lock);
