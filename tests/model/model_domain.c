// SPDX-License-Identifier: MIT
/*
 * Domains: creation with its list of regions, deletion, the ids they hold.
 * Contract 3.1, section 5 Q1, Q3-Q10, Q25, Q28.
 */
#include "model_space.h"

#include <string.h>

/* Levels above a leaf table that a new part of the space may need. */
#define TABLES_ABOVE 6u

unsigned model_domains_of(const struct model *m, unsigned guest)
{
	unsigned count = 0;

	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		count += m->domain[i].is_live && m->domain[i].guest == guest;
	}
	return count;
}

bool model_needs_home(const struct model *m, const struct model_domain *d)
{
	return d->type == MODEL_PASSTHROUGH ||
	       (d->type == MODEL_UNMANAGED && m->can_nest);
}

/* PassThrough needs no id of its own; its table may have one, Q25. */
uint32_t model_asids_of(const struct model *m, unsigned guest)
{
	bool passes = false;
	uint32_t count = 0;

	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		const struct model_domain *d = &m->domain[i];

		if (!d->is_live || d->guest != guest) {
			continue;
		}
		/* Behind a caller's table stands the guest's memory as well. */
		passes |= model_needs_home(m, d);
		count += d->type != MODEL_PASSTHROUGH;
	}
	for (unsigned i = 0; i < MODEL_PASIDS; i++) {
		count += m->guest[guest].pasid[i].handle != 0;
	}
	return count + (passes && !m->guest[guest].has_home);
}

uint32_t model_ids_in_use(const struct model *m)
{
	uint32_t used = m->asid_foreign;

	for (unsigned g = 0; g < m->guest_count; g++) {
		used += model_asids_of(m, g);
	}
	return used;
}

static uint32_t asids_free(const struct model *m)
{
	uint32_t used = model_ids_in_use(m);

	return used < m->asid_capacity ? m->asid_capacity - used : 0;
}

static bool region_is_sound(const struct model_call *c, unsigned width,
			    const struct sluice_reserved_region *r)
{
	if ((r->base & MODEL_PAGE_MASK) != 0 || r->pages == 0 ||
	    !model_fits_width(width, r->base, r->pages)) {
		return false;
	}
	for (uint64_t i = 0; r->should_map && i < r->pages; i++) {
		if (!model_is_ram(c->m, c->guest,
				  (r->base >> MODEL_PAGE_SHIFT) + i)) {
			return false;
		}
	}
	return true;
}

static bool regions_are_sound(const struct model_call *c, unsigned width)
{
	const struct sluice_create_domain *a = &c->a->create_domain;
	const struct sluice_reserved_region *r = c->list->region;

	if (a->region_count == 0) {
		return true;
	}
	if (a->region_count > SLUICE_REGIONS_MAX || !c->list->is_readable ||
	    a->type == MODEL_PASSTHROUGH || a->type == MODEL_UNMANAGED) {
		return false;
	}
	for (unsigned i = 0; i < a->region_count; i++) {
		if (!region_is_sound(c, width, &r[i])) {
			return false;
		}
		for (unsigned j = 0; j < i; j++) {
			if (r[i].should_map != r[j].should_map &&
			    model_pages_overlap(r[i].base >> MODEL_PAGE_SHIFT,
						r[i].pages,
						r[j].base >> MODEL_PAGE_SHIFT,
						r[j].pages)) {
				return false;
			}
		}
	}
	return true;
}

static uint64_t tables_for_regions(const struct model_call *c)
{
	const struct sluice_create_domain *a = &c->a->create_domain;
	uint64_t tables = TABLES_ABOVE;

	for (unsigned i = 0; i < a->region_count; i++) {
		if (c->list->region[i].should_map) {
			tables += TABLES_ABOVE + c->list->region[i].pages / 512;
		}
	}
	return tables;
}

struct model_says model_expect_create_domain(const struct model_call *c)
{
	const struct sluice_create_domain *a = &c->a->create_domain;
	const struct model_guest *g = &c->m->guest[c->guest];
	bool buddy = a->allocator_type == 1;
	unsigned width = buddy ? a->allocator_width : c->m->address_bits;
	struct model_says says = model_say(STATUS_SUCCESS);

	if (g->is_x86) {
		return model_say(STATUS_NOT_SUPPORTED);
	}
	if (a->type > MODEL_TRANSLATE_S1) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (a->creation_flags != 0) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (a->allocator_type > 1 ||
	    (buddy &&
	     (a->allocator_width < 12 || a->allocator_width > 63 ||
	      a->allocator_width > c->m->address_bits ||
	      a->type == MODEL_PASSTHROUGH || a->type == MODEL_UNMANAGED))) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	if (!regions_are_sound(c, width)) {
		return model_say(STATUS_INVALID_PARAMETER_4);
	}
	if ((model_types(c->m, c->guest) & 1u << a->type) == 0) {
		return model_say(STATUS_NOT_SUPPORTED);
	}
	if (model_domains_of(c->m, c->guest) >= g->domain_quota) {
		return model_say(STATUS_INSUFFICIENT_RESOURCES);
	}
	if (asids_free(c->m) == 0) {
		if (a->type != MODEL_PASSTHROUGH) {
			return model_say(STATUS_INSUFFICIENT_RESOURCES);
		}
		says.may_be_short = true;
		return says;
	}
	return model_short(c, says, tables_for_regions(c));
}

static void add_region(struct model_domain *d,
		       const struct sluice_reserved_region *r)
{
	uint64_t first = r->base >> MODEL_PAGE_SHIFT;
	struct model_range range = {
		.first = first,
		.pages = r->pages,
		.block = r->pages,
		.kind = r->should_map ? MODEL_RANGE_WINDOW : MODEL_RANGE_HOLE,
	};

	model_range_add(d, range);
	for (uint64_t i = 0; r->should_map && i < r->pages; i++) {
		model_page_set(d, first + i,
			       (struct model_page){(uint32_t)(first + i), 3,
						   MODEL_REGION, 0});
	}
}

static struct model_domain *free_domain(struct model *m)
{
	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		if (!m->domain[i].is_live) {
			return &m->domain[i];
		}
	}
	return NULL;
}

const char *model_settle_create_domain(const struct model_done *e)
{
	const struct sluice_create_domain *a = &e->in->create_domain;
	struct model_domain *d = free_domain(e->m);
	uint64_t handle = e->out->create_domain.domain;

	if (d == NULL) {
		return "more domains than the model holds";
	}
	if (!model_handle_is_fresh(e->m, handle, e->guest)) {
		return "handle 0, in use, or of a dead object";
	}
	memset(d, 0, sizeof(*d));
	d->is_live = true;
	d->guest = (uint8_t)e->guest;
	d->handle = handle;
	d->type = a->type;
	d->has_allocator = a->allocator_type == 1;
	d->width = d->has_allocator ? a->allocator_width : e->m->address_bits;
	for (unsigned i = 0; i < a->region_count; i++) {
		add_region(d, &e->list->region[i]);
	}
	return NULL;
}

static bool has_token(const struct model_domain *d)
{
	for (unsigned i = 0; i < d->range_count; i++) {
		if (d->range[i].kind == MODEL_RANGE_TOKEN) {
			return true;
		}
	}
	return false;
}

unsigned model_devices_in(const struct model *m, const struct model_domain *d)
{
	unsigned count = 0;

	for (unsigned i = 0; i < m->device_count; i++) {
		count += m->device[i].guest == d->guest &&
			 m->device[i].domain == d->handle;
	}
	for (unsigned i = 0; i < MODEL_PASIDS; i++) {
		const struct model_pasid *p = &m->guest[d->guest].pasid[i];

		count += p->handle != 0 && p->domain == d->handle;
	}
	return count;
}

struct model_says model_expect_delete_domain(const struct model_call *c)
{
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, c->a->delete_domain.domain);

	if (d == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (model_devices_in(c->m, d) != 0 || has_token(d)) {
		return model_say(STATUS_RESOURCE_IN_USE); /* Q28 */
	}
	return model_say(STATUS_SUCCESS);
}

const char *model_settle_delete_domain(const struct model_done *e)
{
	struct model_domain *d =
		model_domain_of(e->m, e->guest, e->in->delete_domain.domain);

	model_handle_gone(e->m, e->guest, d->handle);
	model_space_clear(d);
	d->is_live = false;
	return NULL;
}
