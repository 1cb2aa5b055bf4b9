// SPDX-License-Identifier: MIT
/*
 * The order check keeps, per CPU, a small stack of the locks held. It costs a
 * few instructions a lock and turns every inversion into a stop at its cause.
 */
#include "base/spinlock.h"

#include "arch/barrier.h"
#include "arch/cpu_id.h"
#include "lib/check.h"

#define HELD_MAX 12u

struct held {
	const struct spinlock *lock[HELD_MAX];
	unsigned count;
};

/* Written by its own CPU alone. */
static struct held held[CPU_MAX];

static void check_order(const struct held *h, const struct spinlock *lock)
{
	const struct spinlock *last;

	if (h->count == 0) {
		return;
	}
	last = h->lock[h->count - 1];
	if (last->rank < lock->rank ||
	    (last->rank == lock->rank && last < lock)) {
		return;
	}
	panic("lock of rank %d taken while one of rank %d is held",
	      (int)lock->rank, (int)last->rank);
}

void spin_lock(struct spinlock *lock)
{
	struct held *h = &held[cpu_index()];
	uint32_t ticket;

	CHECK(lock->rank != LOCK_NONE && h->count < HELD_MAX);
	check_order(h, lock);
	ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket) {
		cpu_relax();
	}
	h->lock[h->count++] = lock;
}

void spin_unlock(struct spinlock *lock)
{
	struct held *h = &held[cpu_index()];
	unsigned i = h->count;

	while (i > 0 && h->lock[i - 1] != lock) {
		i--;
	}
	CHECK(i > 0);
	for (; i < h->count; i++) {
		h->lock[i - 1] = h->lock[i];
	}
	h->count--;
	/* Only the holder writes it, so a plain increment is enough. */
	__atomic_store_n(&lock->serving, lock->serving + 1, __ATOMIC_RELEASE);
}

bool spin_is_held(const struct spinlock *lock)
{
	const struct held *h = &held[cpu_index()];

	for (unsigned i = 0; i < h->count; i++) {
		if (h->lock[i] == lock) {
			return true;
		}
	}
	return false;
}
