/* SPDX-License-Identifier: MIT */
/*
 * The state of one record of a fixed pool. A record is taken, and given back,
 * by whoever changes its state first, so that no lock is needed: the functions
 * that use one may run where nothing may wait.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* States; SLOT_FREE is that of zeroed storage. */
enum slot_state {
	SLOT_FREE = 0,
	SLOT_TAKEN = 1,	  /* being filled               */
	SLOT_LIVE = 2,	  /* filled: others may read it */
	SLOT_LEAVING = 3, /* being given back           */
};

/* slot_get() - The state; what was written before slot_set() is visible. */
static inline uint32_t slot_get(const uint32_t *slot)
{
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

/* slot_set() - Set the state of a record that is the caller's alone. */
static inline void slot_set(uint32_t *slot, uint32_t state)
{
	__atomic_store_n(slot, state, __ATOMIC_RELEASE);
}

/* slot_move() - From one state to another. Return: false: it was not there. */
static inline bool slot_move(uint32_t *slot, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(slot, &from, to, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
