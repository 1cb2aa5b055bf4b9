// SPDX-License-Identifier: MIT
/*
 * A bitmap of free ids under two levels of summary, so that finding the lowest
 * free one costs three bit scans whatever the occupancy. Guarded by one lock.
 *
 *   top      1 word     bit i: some bit of middle[i] is set
 *   middle   16 words   bit j: some bit of the leaf word below is set
 *   leaf     1024 words bit k: the id is free
 */
#include "dma/asid.h"

#include "base/spinlock.h"
#include "dma/dma.h"
#include "lib/bits.h"
#include "lib/check.h"

#define ASID_MAX     65536u
#define WORD_BITS    64u
#define LEAF_WORDS   (ASID_MAX / WORD_BITS)
#define MIDDLE_WORDS (LEAF_WORDS / WORD_BITS)

/* Apart from the pool, so that the pool stays in .bss. */
static struct spinlock pool_lock = SPINLOCK_INIT(LOCK_ASID);

/* Protected by pool_lock. */
static struct {
	struct dma_asid_counts counts;
	uint64_t top;
	uint64_t middle[MIDDLE_WORDS];
	uint64_t leaf[LEAF_WORDS];
} pool;

static unsigned lowest_bit(uint64_t word)
{
	return (unsigned)__builtin_ctzll(word);
}

static void mark_free(uint32_t id)
{
	uint32_t leaf = id / WORD_BITS;

	pool.leaf[leaf] |= BIT(id % WORD_BITS);
	pool.middle[leaf / WORD_BITS] |= BIT(leaf % WORD_BITS);
	pool.top |= BIT(leaf / WORD_BITS);
}

static void mark_used(uint32_t id)
{
	uint32_t leaf = id / WORD_BITS;

	pool.leaf[leaf] &= ~BIT(id % WORD_BITS);
	if (pool.leaf[leaf] != 0) {
		return;
	}
	pool.middle[leaf / WORD_BITS] &= ~BIT(leaf % WORD_BITS);
	if (pool.middle[leaf / WORD_BITS] == 0) {
		pool.top &= ~BIT(leaf / WORD_BITS);
	}
}

static bool is_free(uint32_t id)
{
	return (pool.leaf[id / WORD_BITS] & BIT(id % WORD_BITS)) != 0;
}

void dma_asid_start(uint32_t count)
{
	uint32_t usable = count < ASID_MAX ? count : ASID_MAX;

	spin_lock(&pool_lock);
	pool.top = 0;
	for (uint32_t i = 0; i < MIDDLE_WORDS; i++) {
		pool.middle[i] = 0;
	}
	for (uint32_t i = 0; i < LEAF_WORDS; i++) {
		pool.leaf[i] = 0;
	}
	/*
	 * Id 0 stays out: VT-d reserves it where CAP.CM is set, and an entry
	 * cleared by mistake then names no domain of ours.
	 */
	for (uint32_t id = ASID_NONE + 1; id < usable; id++) {
		mark_free(id);
	}
	pool.counts = (struct dma_asid_counts){
		.capacity = usable == 0 ? 0 : usable - 1,
	};
	spin_unlock(&pool_lock);
}

uint16_t dma_asid_alloc(void)
{
	uint32_t id = ASID_NONE;

	spin_lock(&pool_lock);
	if (pool.top != 0) {
		uint32_t middle = lowest_bit(pool.top);
		uint32_t leaf =
			middle * WORD_BITS + lowest_bit(pool.middle[middle]);

		id = leaf * WORD_BITS + lowest_bit(pool.leaf[leaf]);
		mark_used(id);
		pool.counts.in_use++;
	}
	spin_unlock(&pool_lock);
	return (uint16_t)id;
}

void dma_asid_free(uint16_t asid)
{
	spin_lock(&pool_lock);
	CHECK(asid != ASID_NONE && asid <= pool.counts.capacity);
	CHECK(!is_free(asid));
	mark_free(asid);
	pool.counts.in_use--;
	spin_unlock(&pool_lock);
}

/* dma_asid_counts() - For `sluice info` and leak tests. */
struct dma_asid_counts dma_asid_counts(void)
{
	struct dma_asid_counts counts;

	spin_lock(&pool_lock);
	counts = pool.counts;
	spin_unlock(&pool_lock);
	return counts;
}
