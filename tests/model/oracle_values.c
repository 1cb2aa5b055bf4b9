// SPDX-License-Identifier: MIT
/* Values that bugs like: edges of tables, windows, widths, memory, limits. */
#include "model_space.h"
#include "oracle_state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* xorshift64 of a seed; or bytes of a fuzzer, and zeros when they end. */
uint64_t oracle_below(struct oracle_source *s, uint64_t limit)
{
	uint64_t value = 0;

	if (!s->is_bytes) {
		s->state ^= s->state << 13;
		s->state ^= s->state >> 7;
		s->state ^= s->state << 17;
		return (s->state >> 11) % limit;
	}
	for (uint64_t span = 1; span < limit && s->left > 0; span <<= 8) {
		value = value << 8 | *s->bytes++;
		s->left--;
		if (span > UINT64_MAX >> 8) {
			break;
		}
	}
	return value % limit;
}

bool oracle_one_in(struct oracle_source *s, unsigned n)
{
	return oracle_below(s, n) == n - 1;
}

static const uint64_t odd_values[] = {
	0,
	1,
	2,
	7,
	511,
	512,
	4095,
	4096,
	4097,
	0x7fffffff,
	0xffffffff,
	0x100000000,
	UINT64_MAX,
	INT64_MAX,
	UINT64_MAX << 12,
	1ull << 52,
	1ull << 51,
	1ull << 61,
	(1ull << 51) + 1,
	0x8000,
};

uint64_t oracle_some(struct oracle *o, uint64_t usual)
{
	if (!oracle_one_in(o->source, 12)) {
		return usual;
	}
	return odd_values[oracle_below(o->source, COUNT(odd_values))];
}

static const uint64_t edge_pages[] = {
	0,	 1,	  511,		 512,	    513,	   1023,
	1024,	 0xfedff, 0xfee00,	 0xfeeff,   0xfef00,	   0xfed80,
	0x3ffff, 0x40000, (1 << 27) - 1, (1 << 27), (1 << 27) - 2, 0x3fe00,
};

uint64_t oracle_page(struct oracle *o)
{
	struct oracle_source *s = o->source;
	uint64_t top = UINT64_C(1) << (o->model.address_bits - 12);

	switch (oracle_below(s, 16)) {
	case 0:
	case 1:
		return edge_pages[oracle_below(s, COUNT(edge_pages))];
	case 2:
		return top - 1 - oracle_below(s, 4);
	case 3:
		return oracle_one_in(s, 4) ? top : 0x200 + oracle_below(s, 4);
	case 4:
		return oracle_one_in(s, 8) ? (UINT64_C(1) << 52) - 1
					   : 0x400 - oracle_below(s, 4);
	case 5:
		return 0x10 * oracle_below(s, 8);
	default:
		return oracle_below(s, 64);
	}
}

uint64_t oracle_pages(struct oracle *o)
{
	static const uint64_t odd[] = {0,	   513,	       512,
				       511,	   1024,       UINT64_MAX,
				       1ull << 52, 1ull << 51, 1ull << 61,
				       1ull << 20, 256,	       64};
	struct oracle_source *s = o->source;

	switch (oracle_below(s, 16)) {
	case 0:
		return oracle_one_in(s, 3) ? odd[oracle_below(s, COUNT(odd))]
					   : 2;
	case 1:
		return oracle_one_in(s, 6) ? 512 : 3;
	case 2:
		return 4;
	case 3:
		return 1 + oracle_below(s, 20);
	case 4:
	case 5:
		return 2;
	default:
		return 1;
	}
}

uint64_t oracle_frame(struct oracle *o, unsigned guest)
{
	const struct model_guest *g = &o->model.guest[guest];
	struct oracle_source *s = o->source;

	switch (oracle_below(s, 24)) {
	case 0:
		return g->ram_first + g->ram_count - oracle_below(s, 3);
	case 1:
		return g->ram_first + 600 - oracle_below(s, 3);
	case 2:
		return oracle_one_in(s, 4) ? oracle_some(o, UINT64_MAX)
					   : g->ram_first + 620;
	case 3:
		return g->ram_first;
	case 4:
		return g->ram_first + 512 - oracle_below(s, 2);
	default:
		return g->ram_first + 16 + oracle_below(s, 64);
	}
}

uint32_t oracle_permissions(struct oracle *o)
{
	switch (oracle_below(o->source, 24)) {
	case 0:
		return 0;
	case 1:
		return oracle_one_in(o->source, 2) ? 4 : 0x80000001u;
	case 2:
	case 3:
	case 4:
		return 2;
	case 5:
	case 6:
	case 7:
		return 1;
	default:
		return 3;
	}
}

/* A chunk of the domain, from a random one on, that has such a page. */
static const struct model_chunk *pick_chunk(struct oracle *o,
					    const struct model_domain *d,
					    enum model_owner owner,
					    unsigned *at)
{
	unsigned first = (unsigned)oracle_below(o->source, d->chunk_count);
	unsigned page = (unsigned)oracle_below(o->source, MODEL_CHUNK_PAGES);

	for (unsigned n = 0; n < d->chunk_count; n++) {
		const struct model_chunk *c =
			d->chunk[(first + n) % d->chunk_count];

		for (unsigned i = 0; i < MODEL_CHUNK_PAGES; i++) {
			*at = (page + i) % MODEL_CHUNK_PAGES;
			if (c->page[*at].owner == owner) {
				return c;
			}
		}
	}
	return NULL;
}

bool oracle_mapped(struct oracle *o, const struct model_domain *d,
		   enum model_owner owner, uint64_t *page, uint64_t *pages)
{
	const struct model_chunk *chunk;
	unsigned at, n = 1;

	if (d == NULL || d->mapped_pages == 0) {
		return false;
	}
	chunk = pick_chunk(o, d, owner, &at);
	if (chunk == NULL) {
		return false;
	}
	while (at + n < MODEL_CHUNK_PAGES && n < 8 &&
	       chunk->page[at + n].owner == owner) {
		n++;
	}
	*page = chunk->number * MODEL_CHUNK_PAGES + at;
	*pages = o->is_ending && !oracle_one_in(o->source, 4)
			 ? 1
			 : 1 + oracle_below(o->source, n);
	return true;
}

void oracle_list_of_frames(struct oracle *o, unsigned guest, uint64_t count,
			   struct oracle_list *list)
{
	struct oracle_source *s = o->source;

	list->count =
		(uint16_t)(count > SLUICE_MAP_MAX ? SLUICE_MAP_MAX : count);
	list->base = oracle_frame(o, guest);
	list->stride = (int64_t)oracle_below(s, 4) - 1;
	list->odd_at = UINT16_MAX;
	if (list->count > 0 && oracle_one_in(s, 4)) {
		list->odd_at = (uint16_t)oracle_below(s, list->count);
		list->odd = oracle_frame(o, guest);
	}
	list->at = ORACLE_LIST_GOOD;
	if (oracle_one_in(s, 8)) {
		list->at = (uint8_t)oracle_below(s, ORACLE_LIST_EDGE + 1);
	}
}
