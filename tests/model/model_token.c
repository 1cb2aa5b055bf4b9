// SPDX-License-Identifier: MIT
/*
 * The allocator's own calls and tokens. Contract 2.4, 2.6, 3.5, section 5 Q13,
 * Q14, Q17, Q37, Q38; sluice/dma_map.h.
 */
#include "model_segment.h"
#include "model_space.h"

#define TABLES_ABOVE 10u

static struct model_says choose(const struct model_domain *d, uint64_t pages,
				uint32_t has, uint64_t min, uint64_t max)
{
	uint64_t low = has & SLUICE_HAS_MIN ? min : 0;
	uint64_t high = has & SLUICE_HAS_MAX ? max : UINT64_MAX;
	struct model_says says = model_say(STATUS_SUCCESS);

	if (low <= high &&
	    model_choose(d, pages, low, high, &says.logical_address)) {
		return says;
	}
	return model_say(has != 0 ? STATUS_INVALID_PARAMETER_MIX
				  : STATUS_INSUFFICIENT_RESOURCES);
}

struct model_says model_expect_allocate_range(const struct model_call *c)
{
	const struct sluice_allocate_range *a = &c->a->allocate_range;
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, a->domain);

	if (!model_is_remapping(d)) {
		return d == NULL ? model_say(STATUS_INVALID_PARAMETER_1)
				 : model_say_either(STATUS_NOT_SUPPORTED,
						    STATUS_INVALID_PARAMETER_1);
	}
	if (!d->has_allocator) {
		return model_say(STATUS_NOT_SUPPORTED);
	}
	if (a->pages == 0 || a->pages > UINT64_C(1) << 51) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	if (a->has_bounds > 3) {
		return model_say(STATUS_INVALID_PARAMETER_4);
	}
	return choose(d, a->pages, a->has_bounds, a->min, a->max);
}

const char *model_settle_allocate_range(const struct model_done *e)
{
	const struct sluice_allocate_range *a = &e->in->allocate_range;
	uint64_t at = e->out->allocate_range.logical_address;
	struct model_range range = {.first = at >> MODEL_PAGE_SHIFT,
				    .pages = a->pages,
				    .block = model_block(a->pages),
				    .kind = MODEL_RANGE_TAKEN};

	if (at != e->says->logical_address) {
		return "not the lowest block that is free";
	}
	model_range_add(model_domain_of(e->m, e->guest, a->domain), range);
	return NULL;
}

static struct model_range *taken_exactly(const struct model_domain *d,
					 uint64_t address, uint64_t pages)
{
	struct model_range *r = model_range_at(d, address >> MODEL_PAGE_SHIFT,
					       1, MODEL_KINDS_TAKEN);

	return r != NULL && r->first << MODEL_PAGE_SHIFT == address &&
			       r->pages == pages
		       ? r
		       : NULL;
}

static bool is_empty(const struct model_domain *d, const struct model_range *r)
{
	for (unsigned i = 0; i < d->chunk_count; i++) {
		for (unsigned j = 0; j < MODEL_CHUNK_PAGES; j++) {
			uint64_t page =
				d->chunk[i]->number * MODEL_CHUNK_PAGES + j;

			if (d->chunk[i]->page[j].owner != MODEL_FREE &&
			    page >= r->first && page - r->first < r->pages) {
				return false;
			}
		}
	}
	return true;
}

struct model_says model_expect_free_range(const struct model_call *c)
{
	const struct sluice_range_ref *a = &c->a->free_range;
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, a->domain);
	const struct model_range *r;

	if (!model_is_remapping(d)) {
		return d == NULL ? model_say(STATUS_INVALID_PARAMETER_1)
				 : model_say_either(STATUS_NOT_SUPPORTED,
						    STATUS_INVALID_PARAMETER_1);
	}
	if (!d->has_allocator) {
		return model_say(STATUS_NOT_SUPPORTED);
	}
	r = taken_exactly(d, a->logical_address, a->pages);
	if (r == NULL) {
		return model_say(STATUS_INVALID_PARAMETER);
	}
	return model_say(is_empty(d, r) ? STATUS_SUCCESS
					: STATUS_RESOURCE_IN_USE);
}

const char *model_settle_free_range(const struct model_done *e)
{
	const struct sluice_range_ref *a = &e->in->free_range;
	struct model_domain *d = model_domain_of(e->m, e->guest, a->domain);

	model_range_remove(d, taken_exactly(d, a->logical_address, a->pages));
	return NULL;
}

/* ---- tokens ---- */

struct model_says model_expect_reserve_token(const struct model_call *c)
{
	const struct sluice_reserve_token *a = &c->a->reserve_token;
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, a->domain);
	uint64_t pages = a->bytes >> MODEL_PAGE_SHIFT;
	struct model_says says = model_say(STATUS_SUCCESS);

	if (!model_is_remapping(d)) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (a->bytes == 0 || (a->bytes & MODEL_PAGE_MASK) != 0) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (d->has_allocator == (a->has_logical_address != 0)) {
		return model_say(STATUS_NOT_SUPPORTED);
	}
	if (a->has_bounds > 3 ||
	    (a->has_logical_address &&
	     ((a->logical_address & MODEL_PAGE_MASK) != 0 ||
	      !model_fits_width(d->width, a->logical_address, pages)))) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	says.logical_address = a->logical_address;
	if (d->has_allocator) {
		says = choose(d, pages, a->has_bounds, a->min, a->max);
	} else if (model_is_closed(d, a->logical_address >> MODEL_PAGE_SHIFT,
				   pages)) {
		return model_say(STATUS_IN_USE);
	}
	if (says.status != STATUS_SUCCESS) {
		return says;
	}
	if (pages / 512 > c->m->guest[c->guest].table_page_quota) {
		return model_say(STATUS_INSUFFICIENT_RESOURCES);
	}
	return model_short(c, says, TABLES_ABOVE + pages / 512);
}

const char *model_settle_reserve_token(const struct model_done *e)
{
	const struct sluice_reserve_token *a = &e->in->reserve_token;
	const struct sluice_reserve_token *o = &e->out->reserve_token;
	struct model_domain *d = model_domain_of(e->m, e->guest, a->domain);
	uint64_t pages = a->bytes >> MODEL_PAGE_SHIFT;
	struct model_range range = {
		.first = o->logical_address >> MODEL_PAGE_SHIFT,
		.pages = pages,
		.block = d->has_allocator ? model_block(pages) : pages,
		.token = o->token,
		.kind = MODEL_RANGE_TOKEN,
	};

	if (o->logical_address != e->says->logical_address) {
		return "not the lowest block that is free";
	}
	if (!model_handle_is_fresh(e->m, o->token, e->guest)) {
		return "handle 0 or in use";
	}
	model_range_add(d, range);
	return NULL;
}

struct model_says model_expect_free_token(const struct model_call *c)
{
	struct model_domain *d;
	const struct model_range *r =
		model_token_of(c->m, c->guest, c->a->free_token.token, &d);

	if (r == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	return model_say(is_empty(d, r) ? STATUS_SUCCESS
					: STATUS_RESOURCE_IN_USE);
}

const char *model_settle_free_token(const struct model_done *e)
{
	struct model_domain *d;
	struct model_range *r =
		model_token_of(e->m, e->guest, e->in->free_token.token, &d);

	model_handle_gone(e->m, e->guest, r->token);
	model_range_remove(d, r);
	return NULL;
}

struct model_says model_expect_map_token(const struct model_call *c)
{
	const struct sluice_map_token *a = &c->a->map_token;
	uint64_t offset = a->offset >> MODEL_PAGE_SHIFT;
	struct model_domain *d;
	const struct model_range *r =
		model_token_of(c->m, c->guest, a->token, &d);

	if (r == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if ((a->offset & MODEL_PAGE_MASK) != 0 || offset >= r->pages) {
		/* At the very end: beyond, or a length that does not fit? */
		return (a->offset & MODEL_PAGE_MASK) == 0 && offset == r->pages
			       ? model_say_either(STATUS_INVALID_PARAMETER_2,
						  STATUS_INVALID_PARAMETER_4)
			       : model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (!model_permits(c, a->permissions)) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	if (!model_describes_memory(c, a->kind, a->base, a->pages) ||
	    a->pages > r->pages - offset || a->marks > 3) {
		return model_say(STATUS_INVALID_PARAMETER_4);
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		if (model_page_get(d, r->first + offset + i).owner !=
		    MODEL_FREE) {
			return model_say(STATUS_RESOURCE_IN_USE);
		}
	}
	if (in_segment(d, a->token, offset, a->pages)) {
		return model_say(STATUS_RESOURCE_IN_USE);
	}
	return model_say(STATUS_SUCCESS); /* It allocates nothing. */
}

/* The segment that a part without FIRST goes on with. */
static struct model_segment *open_segment(struct model_domain *d,
					  uint64_t token, uint64_t offset)
{
	for (unsigned i = 0; i < MODEL_SEGMENTS; i++) {
		struct model_segment *s = &d->segment[i];

		if (s->id != 0 && s->is_open && s->token == token &&
		    s->offset + s->pages == offset) {
			return s;
		}
	}
	return NULL;
}

const char *model_settle_map_token(const struct model_done *e)
{
	const struct sluice_map_token *a = &e->in->map_token;
	uint64_t offset = a->offset >> MODEL_PAGE_SHIFT;
	struct model_domain *d;
	struct model_range *r = model_token_of(e->m, e->guest, a->token, &d);
	struct model_segment *s = NULL;

	if ((a->marks & SLUICE_TOKEN_FIRST) == 0) {
		s = open_segment(d, a->token, offset);
	}
	if (s == NULL) {
		s = new_segment(d);
		if (s == NULL) {
			return "more segments than the model holds";
		}
		s->token = a->token;
		s->offset = offset;
		s->pages = 0;
	}
	s->pages += a->pages;
	s->is_open = (a->marks & SLUICE_TOKEN_LAST) == 0;
	for (uint64_t i = 0; i < a->pages; i++) {
		struct model_page p = {
			.frame = (uint32_t)model_frame(a->kind, a->base,
						       e->list, i),
			.permissions = (uint8_t)a->permissions,
			.owner = MODEL_TOKEN,
			.segment = s->id,
		};

		model_page_set(d, r->first + offset + i, p);
	}
	d->mapped_pages += a->pages;
	return NULL;
}

/* One whose last part has not come is as long as what was mapped of it. */
static struct model_segment *segment_named(struct model_domain *d,
					   const struct sluice_unmap_token *a)
{
	for (unsigned i = 0; i < MODEL_SEGMENTS; i++) {
		struct model_segment *s = &d->segment[i];

		if (s->id != 0 && s->token == a->token &&
		    s->offset << MODEL_PAGE_SHIFT == a->segment_offset &&
		    s->pages << MODEL_PAGE_SHIFT == a->segment_bytes) {
			return s;
		}
	}
	return NULL;
}

struct model_says model_expect_unmap_token(const struct model_call *c)
{
	const struct sluice_unmap_token *a = &c->a->unmap_token;
	uint64_t offset = a->offset >> MODEL_PAGE_SHIFT;
	const struct model_segment *s;
	struct model_domain *d;
	const struct model_range *r =
		model_token_of(c->m, c->guest, a->token, &d);

	if (r == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	s = segment_named(d, a);
	if (s == NULL || (a->offset & MODEL_PAGE_MASK) != 0 || a->pages == 0 ||
	    a->pages > SLUICE_MAP_MAX || offset < s->offset ||
	    offset - s->offset >= s->pages ||
	    a->pages > s->pages - (offset - s->offset)) {
		return model_say(STATUS_INVALID_PARAMETER);
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		if (model_page_get(d, r->first + offset + i).segment != s->id) {
			return model_say(STATUS_INVALID_PARAMETER);
		}
	}
	return model_say(STATUS_SUCCESS);
}

/* A segment lives while one of its pages does. */
static bool segment_is_live(const struct model_domain *d,
			    const struct model_range *r,
			    const struct model_segment *s)
{
	for (uint64_t i = 0; i < s->pages; i++) {
		if (model_page_get(d, r->first + s->offset + i).segment ==
		    s->id) {
			return true;
		}
	}
	return false;
}

const char *model_settle_unmap_token(const struct model_done *e)
{
	const struct sluice_unmap_token *a = &e->in->unmap_token;
	struct model_domain *d;
	struct model_range *r = model_token_of(e->m, e->guest, a->token, &d);
	struct model_segment *s = segment_named(d, a);

	for (uint64_t i = 0; i < a->pages; i++) {
		model_page_set(d,
			       r->first + (a->offset >> MODEL_PAGE_SHIFT) + i,
			       (struct model_page){0});
	}
	d->mapped_pages -= a->pages;
	if (!segment_is_live(d, r, s)) {
		s->id = 0;
	}
	return NULL;
}
