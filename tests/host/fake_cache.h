/* SPDX-License-Identifier: MIT */
/* A cache that grows for ever: entries leave by invalidation alone. */
#pragma once

#include "lib/compiler.h"

#define FAKE_CACHE_BUCKETS 512u

struct fake_cache_entry {
	struct fake_cache_entry *next;
	uint16_t did;
	uint8_t level;
	bool present;  /* false = a cached absence (caching mode) */
	bool is_quiet; /* of a requester's entry: no faults are recorded */
	uint64_t tag;
	uint64_t value;
	unsigned extra;
	uint64_t at; /* where a PASID entry was read */
};

struct fake_cache {
	struct fake_cache_entry *bucket[FAKE_CACHE_BUCKETS];
};

/* fake_cache_find() - @did is compared unless it is -1. */
struct fake_cache_entry *fake_cache_find(const struct fake_cache *cache,
					 int did, unsigned level, uint64_t tag);

/* fake_cache_add() - Copy @entry in; nothing with its key is there yet. */
void fake_cache_add(struct fake_cache *cache, struct fake_cache_entry entry);

/* fake_cache_drop() - Remove every entry for which @match says true. */
void fake_cache_drop(struct fake_cache *cache,
		     bool (*match)(const struct fake_cache_entry *entry,
				   const void *arg),
		     const void *arg);

unsigned fake_cache_count(const struct fake_cache *cache, uint16_t did);
