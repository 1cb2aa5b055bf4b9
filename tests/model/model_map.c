// SPDX-License-Identifier: MIT
/*
 * MapLogicalRangeEx, UnmapLogicalRange and the identity pair. Contract 3.3,
 * 3.4, section 5 Q10, Q14-Q21.
 */
#include "model_space.h"

/* Table pages that 512 pages may need: two leaves, and what is above them. */
#define TABLES_A_CALL 10u

static const struct model_range *range_around(const struct model_domain *d,
					      uint64_t first, uint64_t pages)
{
	for (unsigned i = 0; i < d->range_count; i++) {
		const struct model_range *r = &d->range[i];

		if ((MODEL_KIND(r->kind) & MODEL_KINDS_TAKEN) != 0 &&
		    first >= r->first && pages <= r->pages &&
		    first - r->first <= r->pages - pages) {
			return r;
		}
	}
	return NULL;
}

static bool explicit_is_sound(const struct model_domain *d,
			      const struct sluice_map *a)
{
	uint64_t first = a->logical_address >> MODEL_PAGE_SHIFT;

	if ((a->logical_address & MODEL_PAGE_MASK) != 0 ||
	    !model_fits_width(d->width, a->logical_address, a->pages)) {
		return false;
	}
	return (a->options & SLUICE_MAP_PART) == 0 ||
	       range_around(d, first, a->pages) != NULL;
}

/* Q14: bounds that cannot be met are the caller's; no bounds, a shortage. */
static NTSTATUS choose(const struct model_domain *d, uint64_t pages,
		       uint32_t has, uint64_t min, uint64_t max, uint64_t *at)
{
	uint64_t low = has & SLUICE_HAS_MIN ? min : 0;
	uint64_t high = has & SLUICE_HAS_MAX ? max : UINT64_MAX;

	if (low > high) {
		return STATUS_INVALID_PARAMETER_MIX;
	}
	if (model_choose(d, pages, low, high, at)) {
		return STATUS_SUCCESS;
	}
	return has != 0 ? STATUS_INVALID_PARAMETER_MIX
			: STATUS_INSUFFICIENT_RESOURCES;
}

static struct model_says place(const struct model_call *c,
			       const struct model_domain *d)
{
	const struct sluice_map *a = &c->a->map;
	struct model_says says = model_say(STATUS_SUCCESS);
	bool part = (a->options & SLUICE_MAP_PART) != 0;
	uint64_t first = a->logical_address >> MODEL_PAGE_SHIFT;

	says.logical_address = a->logical_address;
	if (!a->has_logical_address) {
		says.status = choose(d, a->pages, a->has_bounds, a->min, a->max,
				     &says.logical_address);
		says.or_status = says.status;
	} else if (part) {
		for (uint64_t i = 0; i < a->pages; i++) {
			if (model_page_get(d, first + i).owner != MODEL_FREE) {
				return model_say(STATUS_IN_USE);
			}
		}
	} else if (model_is_closed(d, first, a->pages)) {
		return model_say(STATUS_IN_USE);
	}
	return says.status == STATUS_SUCCESS
		       ? model_short(c, says, TABLES_A_CALL)
		       : says;
}

struct model_says model_expect_map(const struct model_call *c)
{
	const struct sluice_map *a = &c->a->map;
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, a->domain);
	bool part = (a->options & SLUICE_MAP_PART) != 0;

	if (!model_is_remapping(d)) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (!model_permits(c, a->permissions)) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (!model_describes_memory(c, a->kind, a->base, a->pages)) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	if ((d->has_allocator && a->has_logical_address && !part) ||
	    (!d->has_allocator && !a->has_logical_address)) {
		return model_say(STATUS_NOT_SUPPORTED);
	}
	if ((a->options & ~SLUICE_MAP_PART) != 0 || a->has_bounds > 3) {
		return model_say(STATUS_INVALID_PARAMETER_4);
	}
	if (a->has_logical_address && !explicit_is_sound(d, a)) {
		return model_say(STATUS_INVALID_PARAMETER_4);
	}
	return place(c, d);
}

const char *model_settle_map(const struct model_done *e)
{
	const struct sluice_map *a = &e->in->map;
	struct model_domain *d = model_domain_of(e->m, e->guest, a->domain);
	uint64_t at = e->out->map.logical_address;
	uint64_t first = at >> MODEL_PAGE_SHIFT;

	if (at != e->says->logical_address) {
		return "not the lowest block that is free";
	}
	if (!a->has_logical_address) {
		struct model_range range = {.first = first,
					    .pages = a->pages,
					    .block = model_block(a->pages),
					    .kind = MODEL_RANGE_MAPPED};

		model_range_add(d, range);
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		struct model_page p = {
			.frame = (uint32_t)model_frame(a->kind, a->base,
						       e->list, i),
			.permissions = (uint8_t)a->permissions,
			.owner = MODEL_PLAIN,
		};

		model_page_set(d, first + i, p);
	}
	d->mapped_pages += a->pages;
	return NULL;
}

static bool is_plain(const struct model_domain *d, uint64_t first,
		     uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++) {
		if (model_page_get(d, first + i).owner != MODEL_PLAIN) {
			return false;
		}
	}
	return true;
}

static const struct model_range *range_exactly(const struct model_domain *d,
					       uint64_t address, uint64_t pages)
{
	struct model_range *r = model_range_at(d, address >> MODEL_PAGE_SHIFT,
					       1, MODEL_KINDS_TAKEN);

	return r != NULL && r->first << MODEL_PAGE_SHIFT == address &&
			       r->pages == pages
		       ? r
		       : NULL;
}

/* With an allocator what is unmapped is one range, or named as part of one. */
static bool range_allows(const struct model_domain *d,
			 const struct sluice_unmap *a)
{
	const struct model_range *r;
	uint64_t first = a->logical_address >> MODEL_PAGE_SHIFT;

	if (!d->has_allocator) {
		return true;
	}
	if ((a->options & SLUICE_UNMAP_PART) == 0) {
		return range_exactly(d, a->logical_address, a->pages) != NULL;
	}
	r = range_exactly(d, a->range_base, a->range_pages);
	return r != NULL && range_around(d, first, a->pages) == r;
}

struct model_says model_expect_unmap(const struct model_call *c)
{
	const struct sluice_unmap *a = &c->a->unmap;
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, a->domain);
	unsigned known = SLUICE_UNMAP_PART | SLUICE_UNMAP_CHECK;

	if (!model_is_remapping(d)) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if ((a->logical_address & MODEL_PAGE_MASK) != 0) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (a->pages == 0 || a->pages > SLUICE_MAP_MAX) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	if ((a->options & ~known) != 0 ||
	    !model_fits_width(d->width, a->logical_address, a->pages) ||
	    !is_plain(d, a->logical_address >> MODEL_PAGE_SHIFT, a->pages) ||
	    !range_allows(d, a)) {
		return model_say(STATUS_INVALID_PARAMETER);
	}
	return model_say(STATUS_SUCCESS);
}

static void forget_pages(struct model_domain *d, uint64_t first, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++) {
		model_page_set(d, first + i, (struct model_page){0});
	}
	d->mapped_pages -= pages;
}

const char *model_settle_unmap(const struct model_done *e)
{
	const struct sluice_unmap *a = &e->in->unmap;
	struct model_domain *d = model_domain_of(e->m, e->guest, a->domain);

	if ((a->options & SLUICE_UNMAP_CHECK) != 0) {
		return NULL;
	}
	forget_pages(d, a->logical_address >> MODEL_PAGE_SHIFT, a->pages);
	if (d->has_allocator && (a->options & SLUICE_UNMAP_PART) == 0) {
		model_range_remove(d, (struct model_range *)range_exactly(
					      d, a->logical_address, a->pages));
	}
	return NULL;
}

/* ---- identity ---- */

static bool names_twice(const struct model_call *c,
			const struct sluice_identity *a, uint64_t n)
{
	for (uint64_t i = 0; a->kind == SLUICE_MAP_FRAMES && i < n; i++) {
		if (c->list->frame[i] == c->list->frame[n]) {
			return true;
		}
	}
	return false;
}

static bool fits_every_frame(const struct model_call *c,
			     const struct model_domain *d,
			     const struct sluice_identity *a)
{
	for (uint64_t i = 0; i < a->pages; i++) {
		uint64_t frame = model_frame(a->kind, a->base, c->list, i);

		if (!model_fits_width(d->width, frame << MODEL_PAGE_SHIFT, 1)) {
			return false;
		}
	}
	return true;
}

/* Whether foreign memory is "well-formed" in a call that does nothing is open.
 */
static struct model_says on_passthrough(const struct model_call *c,
					const struct sluice_identity *a,
					NTSTATUS refusal)
{
	bool shaped = (a->kind == SLUICE_MAP_CONTIGUOUS ||
		       a->kind == SLUICE_MAP_FRAMES) &&
		      a->pages != 0 && a->pages <= SLUICE_MAP_MAX;

	if (model_describes_memory(c, a->kind, a->base, a->pages)) {
		return model_say(STATUS_SUCCESS);
	}
	if (shaped && a->kind == SLUICE_MAP_CONTIGUOUS) {
		uint64_t first = a->base >> MODEL_PAGE_SHIFT;

		shaped = (a->base & MODEL_PAGE_MASK) == 0 &&
			 a->pages <= (UINT64_C(1) << 52) - first;
	}
	return shaped ? model_say_either(refusal, STATUS_SUCCESS)
		      : model_say(refusal);
}

struct model_says model_expect_map_identity(const struct model_call *c)
{
	const struct sluice_identity *a = &c->a->map_identity;
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, a->domain);

	if (d == NULL || d->type == MODEL_UNMANAGED) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (!model_permits(c, a->permissions)) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (a->options != 0) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	if (d->type == MODEL_PASSTHROUGH) {
		return on_passthrough(c, a, STATUS_INVALID_PARAMETER_3);
	}
	if (!model_describes_memory(c, a->kind, a->base, a->pages) ||
	    (!d->has_allocator && !fits_every_frame(c, d, a))) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	if (d->has_allocator) {
		return fits_every_frame(c, d, a)
			       ? model_say(STATUS_NOT_SUPPORTED)
			       : model_say_either(STATUS_INVALID_PARAMETER_3,
						  STATUS_NOT_SUPPORTED);
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		uint64_t frame = model_frame(a->kind, a->base, c->list, i);

		if (model_is_closed(d, frame, 1) || names_twice(c, a, i)) {
			return model_say(STATUS_IN_USE);
		}
	}
	return model_short(c, model_say(STATUS_SUCCESS),
			   TABLES_A_CALL * a->pages);
}

const char *model_settle_map_identity(const struct model_done *e)
{
	const struct sluice_identity *a = &e->in->map_identity;
	struct model_domain *d = model_domain_of(e->m, e->guest, a->domain);

	if (d->type == MODEL_PASSTHROUGH) {
		return NULL;
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		uint64_t frame = model_frame(a->kind, a->base, e->list, i);

		model_page_set(d, frame,
			       (struct model_page){(uint32_t)frame,
						   (uint8_t)a->permissions,
						   MODEL_PLAIN, 0});
	}
	d->mapped_pages += a->pages;
	return NULL;
}

struct model_says model_expect_unmap_identity(const struct model_call *c)
{
	const struct sluice_identity *a = &c->a->unmap_identity;
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, a->domain);

	if (d == NULL || d->type == MODEL_UNMANAGED) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (a->permissions != 0 || (a->options & ~SLUICE_UNMAP_CHECK) != 0) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (d->type == MODEL_PASSTHROUGH) {
		return on_passthrough(c, a, STATUS_INVALID_PARAMETER_2);
	}
	if (!model_describes_memory(c, a->kind, a->base, a->pages)) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (d->has_allocator) {
		return model_say(STATUS_NOT_SUPPORTED);
	}
	for (uint64_t i = 0; i < a->pages; i++) {
		uint64_t frame = model_frame(a->kind, a->base, c->list, i);
		struct model_page p = model_page_get(d, frame);

		if (p.owner != MODEL_PLAIN || p.frame != frame ||
		    names_twice(c, a, i)) {
			return model_say(STATUS_INVALID_PARAMETER);
		}
	}
	return model_say(STATUS_SUCCESS);
}

const char *model_settle_unmap_identity(const struct model_done *e)
{
	const struct sluice_identity *a = &e->in->unmap_identity;
	struct model_domain *d = model_domain_of(e->m, e->guest, a->domain);

	if ((a->options & SLUICE_UNMAP_CHECK) != 0) {
		return NULL;
	}
	for (uint64_t i = 0; d->type != MODEL_PASSTHROUGH && i < a->pages;
	     i++) {
		forget_pages(d, model_frame(a->kind, a->base, e->list, i), 1);
	}
	return NULL;
}
