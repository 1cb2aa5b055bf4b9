// SPDX-License-Identifier: MIT
/* Making a call that maps, unmaps, or takes parts of the address space. */
#include "model_space.h"
#include "oracle_make.h"
#include "oracle_state.h"

static void make_bounds(struct oracle *o, uint64_t *min, uint64_t *max,
			uint32_t *has)
{
	struct oracle_source *s = o->source;

	if (oracle_one_in(s, 3)) {
		*has = oracle_one_in(s, 24) ? 7 : (uint32_t)oracle_below(s, 4);
		*min = oracle_some(o, oracle_page(o) << MODEL_PAGE_SHIFT);
		*max = oracle_some(o, *min + (oracle_below(s, 64) << 12) +
					      oracle_below(s, 2) * 0xfff);
	}
}

static void make_description(struct oracle *o, struct oracle_call *c,
			     uint32_t *kind, uint64_t *base, uint64_t *pages)
{
	struct oracle_source *s = o->source;

	*kind = 1 + (uint32_t)oracle_below(s, 2);
	*pages = oracle_pages(o);
	if (oracle_one_in(s, 40)) {
		*kind = (uint32_t)oracle_some(o, 0);
	}
	if (*kind == SLUICE_MAP_FRAMES) {
		oracle_list_of_frames(o, c->guest, *pages, &c->list);
	} else {
		*base = oracle_frame(o, c->guest) << MODEL_PAGE_SHIFT;
		*base += oracle_one_in(s, 40) ? 8 : 0;
	}
}

static const struct model_range *
pick_range(struct oracle *o, const struct model_domain *d, unsigned kinds)
{
	unsigned at;

	if (d == NULL || d->range_count == 0) {
		return NULL;
	}
	at = (unsigned)oracle_below(o->source, d->range_count);
	for (unsigned i = 0; i < d->range_count; i++) {
		const struct model_range *r =
			&d->range[(at + i) % d->range_count];

		if ((MODEL_KIND(r->kind) & kinds) != 0) {
			return r;
		}
	}
	return NULL;
}

static void make_map(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_map *a = &c->a.map;
	const struct model_domain *d = oracle_domain_of(o, c);
	const struct model_range *r;

	a->permissions = oracle_permissions(o);
	make_description(o, c, &a->kind, &a->base, &a->pages);
	a->has_logical_address =
		(d == NULL || !d->has_allocator) != oracle_one_in(s, 40);
	a->logical_address = oracle_page(o) << MODEL_PAGE_SHIFT;
	a->logical_address += oracle_one_in(s, 40) ? 8 : 0;
	a->options = oracle_one_in(s, 60) ? 2 : 0;
	make_bounds(o, &a->min, &a->max, &a->has_bounds);
	r = pick_range(o, d, MODEL_KIND(MODEL_RANGE_TAKEN));
	if (r != NULL && oracle_one_in(s, 2)) {
		a->options = SLUICE_MAP_PART;
		a->has_logical_address = 1;
		a->logical_address =
			(r->first +
			 oracle_below(s, r->pages < 32 ? r->pages + 1 : 32))
			<< MODEL_PAGE_SHIFT;
	}
}

/* So many pages that they end where the range does. */
static uint64_t within(const struct model_range *r, uint64_t page,
		       uint64_t pages)
{
	uint64_t left = r == NULL ? pages : r->first + r->pages - page;

	return pages < left ? pages : left;
}

static void make_unmap(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_unmap *a = &c->a.unmap;
	const struct model_domain *d = oracle_domain_of(o, c);
	const struct model_range *r =
		pick_range(o, d, MODEL_KIND(MODEL_RANGE_MAPPED));
	uint64_t page = oracle_page(o);

	a->pages = oracle_pages(o);
	(void)oracle_mapped(o, d, MODEL_PLAIN, &page, &a->pages);
	if (d != NULL && d->has_allocator && !oracle_one_in(s, 6)) {
		bool whole = r != NULL && r->pages <= SLUICE_MAP_MAX &&
			     oracle_one_in(s, 2);

		if (whole) {
			page = r->first;
			a->pages = r->pages;
		}
		r = model_range_at(d, page, 1, MODEL_KINDS_TAKEN);
		if (!whole || oracle_one_in(s, 6)) {
			a->options = SLUICE_UNMAP_PART;
			a->pages = within(r, page, a->pages);
			a->range_base = r == NULL ? 0 : r->first << 12;
			a->range_pages = r == NULL ? 0 : r->pages;
			a->range_pages += oracle_one_in(s, 30);
		}
	}
	a->logical_address = page << MODEL_PAGE_SHIFT;
	a->logical_address += oracle_one_in(s, 50) ? 8 : 0;
	a->pages = oracle_one_in(s, 30) ? oracle_pages(o) : a->pages;
	a->options |= oracle_one_in(s, 12) ? SLUICE_UNMAP_CHECK : 0;
	a->options |= oracle_one_in(s, 60) ? 8 : 0;
}

static void make_identity(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_identity *a = &c->a.identity;
	const struct model_domain *d = oracle_domain_of(o, c);
	uint64_t page, pages;

	make_description(o, c, &a->kind, &a->base, &a->pages);
	a->options = oracle_one_in(s, 60) ? 8 : 0;
	if (c->op == SLUICE_OP_map_identity) {
		a->permissions = oracle_permissions(o);
		return;
	}
	a->permissions = oracle_one_in(s, 40);
	a->options |= oracle_one_in(s, 12) ? SLUICE_UNMAP_CHECK : 0;
	if (oracle_mapped(o, d, MODEL_PLAIN, &page, &pages) &&
	    !oracle_one_in(s, 8)) {
		a->pages = pages;
		a->base = page << MODEL_PAGE_SHIFT;
		c->list.base = page;
		c->list.stride = 1;
		c->list.count = (uint16_t)pages;
		c->list.odd_at = UINT16_MAX;
	}
}

static void make_allocate(struct oracle *o, struct oracle_call *c)
{
	struct sluice_allocate_range *a = &c->a.allocate_range;

	a->pages = oracle_one_in(o->source, 6) ? 700 : oracle_pages(o);
	make_bounds(o, &a->min, &a->max, &a->has_bounds);
}

static void make_free_range(struct oracle *o, struct oracle_call *c)
{
	struct sluice_range_ref *a = &c->a.range_ref;
	const struct model_range *r = pick_range(
		o, oracle_domain_of(o, c),
		oracle_one_in(o->source, 6) ? MODEL_KINDS_TAKEN
					    : MODEL_KIND(MODEL_RANGE_TAKEN));

	a->logical_address = (r == NULL ? oracle_page(o) : r->first) << 12;
	a->pages = r == NULL ? oracle_pages(o) : r->pages;
	a->pages += oracle_one_in(o->source, 16);
	a->logical_address += oracle_one_in(o->source, 16) ? 4096 : 0;
}

static void make_reserve(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_reserve_token *a = &c->a.reserve_token;
	const struct model_domain *d = oracle_domain_of(o, c);

	c->name = oracle_free_name(o, c->guest, ORACLE_TOKEN);
	a->bytes = (oracle_one_in(s, 6) ? 600 : 4 * oracle_pages(o)) << 12;
	a->bytes += oracle_one_in(s, 40) ? 8 : 0;
	a->has_logical_address =
		(d == NULL || !d->has_allocator) != oracle_one_in(s, 30);
	a->logical_address = oracle_page(o) << MODEL_PAGE_SHIFT;
	a->logical_address += oracle_one_in(s, 40) ? 8 : 0;
	make_bounds(o, &a->min, &a->max, &a->has_bounds);
}

static const struct model_range *
token_of(struct oracle *o, const struct oracle_call *c, struct model_domain **d)
{
	return c->first.kind == ORACLE_TOKEN
		       ? model_token_of(&o->model, c->guest,
					oracle_handle(o, c->first), d)
		       : NULL;
}

/*
 * Mostly a whole segment; else the first part of one, or one more part of a
 * segment that was begun, which may be its last.
 */
static void make_marks(struct oracle *o, const struct model_domain *d,
		       const struct model_range *r, struct sluice_map_token *a)
{
	struct oracle_source *s = o->source;
	unsigned at = (unsigned)oracle_below(s, MODEL_SEGMENTS);

	a->marks = SLUICE_TOKEN_FIRST | SLUICE_TOKEN_LAST;
	if (oracle_one_in(s, 3)) {
		a->marks = (uint32_t)oracle_below(s, 4);
	}
	for (unsigned i = 0; r != NULL && i < MODEL_SEGMENTS; i++) {
		const struct model_segment *t =
			&d->segment[(at + i) % MODEL_SEGMENTS];

		if (t->id != 0 && t->is_open && t->token == r->token &&
		    !oracle_one_in(s, 3)) {
			a->offset = (t->offset + t->pages) << MODEL_PAGE_SHIFT;
			a->marks = (uint32_t)oracle_below(s, 4);
			return;
		}
	}
}

static void make_map_token(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_map_token *a = &c->a.map_token;
	struct model_domain *d = NULL;
	const struct model_range *r = token_of(o, c, &d);

	a->permissions = oracle_permissions(o);
	make_description(o, c, &a->kind, &a->base, &a->pages);
	a->offset = oracle_below(s, r == NULL	    ? 8
				    : r->pages < 40 ? r->pages + 1
						    : 40)
		    << MODEL_PAGE_SHIFT;
	make_marks(o, d, r, a);
	a->marks |= oracle_one_in(s, 40) ? 4 : 0;
	a->offset += oracle_one_in(s, 40) ? 8 : 0;
	a->offset = oracle_one_in(s, 40) ? oracle_some(o, 0) : a->offset;
}

static void make_unmap_token(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_unmap_token *a = &c->a.unmap_token;
	unsigned at = (unsigned)oracle_below(s, MODEL_SEGMENTS);
	struct model_domain *d = NULL;
	const struct model_range *r = token_of(o, c, &d);
	const struct model_segment *segment = NULL;

	for (unsigned i = 0; r != NULL && i < MODEL_SEGMENTS; i++) {
		const struct model_segment *t =
			&d->segment[(at + i) % MODEL_SEGMENTS];

		if (t->id != 0 && t->token == r->token) {
			segment = t;
		}
	}
	if (segment == NULL) {
		a->segment_bytes = a->pages = 1;
		return;
	}
	a->segment_offset = segment->offset << MODEL_PAGE_SHIFT;
	a->segment_bytes = segment->pages << MODEL_PAGE_SHIFT;
	a->offset = a->segment_offset;
	a->pages = segment->pages;
	if (oracle_one_in(s, 2)) {
		uint64_t skip = oracle_below(s, segment->pages);

		a->offset += skip << MODEL_PAGE_SHIFT;
		a->pages = 1 + oracle_below(s, segment->pages - skip);
	}
	a->pages += oracle_one_in(s, 30);
	a->segment_bytes += oracle_one_in(s, 30) ? 4096 : 0;
	a->segment_offset += oracle_one_in(s, 40) ? 4096 : 0;
	a->offset += oracle_one_in(s, 40) ? 8 : 0;
}

void oracle_make_space(struct oracle *o, struct oracle_call *c)
{
	switch (c->op) {
	case SLUICE_OP_map:
		make_map(o, c);
		return;
	case SLUICE_OP_unmap:
		make_unmap(o, c);
		return;
	case SLUICE_OP_map_identity:
	case SLUICE_OP_unmap_identity:
		make_identity(o, c);
		return;
	case SLUICE_OP_allocate_range:
		make_allocate(o, c);
		return;
	case SLUICE_OP_free_range:
		make_free_range(o, c);
		return;
	case SLUICE_OP_reserve_token:
		make_reserve(o, c);
		return;
	case SLUICE_OP_map_token:
		make_map_token(o, c);
		return;
	case SLUICE_OP_unmap_token:
		make_unmap_token(o, c);
		return;
	default:
		return;
	}
}
