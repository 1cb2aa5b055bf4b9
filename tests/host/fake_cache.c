// SPDX-License-Identifier: MIT
/* A hash of lists; see fake_cache.h. */
#include "fake_cache.h"

#include <stdlib.h>

/* The domain id is not hashed: the context cache looks up without it. */
static unsigned bucket_of(unsigned level, uint64_t tag)
{
	uint64_t h = (tag ^ (uint64_t)level << 56) * 0x9e3779b97f4a7c15u;

	return (unsigned)(h >> 40) % FAKE_CACHE_BUCKETS;
}

struct fake_cache_entry *fake_cache_find(const struct fake_cache *cache,
					 int did, unsigned level, uint64_t tag)
{
	struct fake_cache_entry *e = cache->bucket[bucket_of(level, tag)];

	for (; e != NULL; e = e->next) {
		if (e->level == level && e->tag == tag &&
		    (did < 0 || e->did == did)) {
			return e;
		}
	}
	return NULL;
}

void fake_cache_add(struct fake_cache *cache, struct fake_cache_entry entry)
{
	unsigned b = bucket_of(entry.level, entry.tag);
	struct fake_cache_entry *e = malloc(sizeof(*e));

	if (e == NULL) {
		abort();
	}
	*e = entry;
	e->next = cache->bucket[b];
	cache->bucket[b] = e;
}

void fake_cache_drop(struct fake_cache *cache,
		     bool (*match)(const struct fake_cache_entry *entry,
				   const void *arg),
		     const void *arg)
{
	for (unsigned b = 0; b < FAKE_CACHE_BUCKETS; b++) {
		struct fake_cache_entry **link = &cache->bucket[b];

		while (*link != NULL) {
			struct fake_cache_entry *e = *link;

			if (match(e, arg)) {
				*link = e->next;
				free(e);
			} else {
				link = &e->next;
			}
		}
	}
}

unsigned fake_cache_count(const struct fake_cache *cache, uint16_t did)
{
	unsigned count = 0;

	for (unsigned b = 0; b < FAKE_CACHE_BUCKETS; b++) {
		for (const struct fake_cache_entry *e = cache->bucket[b];
		     e != NULL; e = e->next) {
			count += e->did == did;
		}
	}
	return count;
}
