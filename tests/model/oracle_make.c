// SPDX-License-Identifier: MIT
/*
 * Making a call: mostly one that has a chance, aimed with the model's help,
 * with one thing or another wrong in it.
 */
#include "oracle_make.h"

#include "model_space.h"
#include "oracle.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How often each sub-op comes. */
static const struct {
	uint8_t op;
	uint8_t weight;
} weights[] = {
	{SLUICE_OP_create_domain, 10},
	{SLUICE_OP_delete_domain, 5},
	{SLUICE_OP_create_device, 8},
	{SLUICE_OP_delete_device, 3},
	{SLUICE_OP_attach_device, 10},
	{SLUICE_OP_detach_device, 5},
	{SLUICE_OP_map, 30},
	{SLUICE_OP_unmap, 22},
	{SLUICE_OP_query_domain_types, 1},
	{SLUICE_OP_list_devices, 1},
	{SLUICE_OP_list_domains, 2},
	{SLUICE_OP_inventory, 2},
	{SLUICE_OP_guest_policy, 3},
	{SLUICE_OP_allocate_range, 5},
	{SLUICE_OP_free_range, 4},
	{SLUICE_OP_map_identity, 8},
	{SLUICE_OP_unmap_identity, 6},
	{SLUICE_OP_reserve_token, 7},
	{SLUICE_OP_free_token, 4},
	{SLUICE_OP_map_token, 10},
	{SLUICE_OP_unmap_token, 8},
	{SLUICE_OP_configure_domain, 1},
	{SLUICE_OP_flush_domain, 1},
	{SLUICE_OP_flush_list, 1},
	{SLUICE_OP_device_state, 1},
	{SLUICE_OP_create_pasid, 1},
	{SLUICE_OP_delete_pasid, 1},
	{SLUICE_OP_attach_pasid, 1},
	{SLUICE_OP_detach_pasid, 1},
	{SLUICE_OP_query_device, 1},
	{SLUICE_OP_info, 1},
};

static uint8_t pick_op(struct oracle_source *s)
{
	unsigned total = 0;
	uint64_t at;

	for (size_t i = 0; i < COUNT(weights); i++) {
		total += weights[i].weight;
	}
	at = oracle_below(s, total);
	for (size_t i = 0;; i++) {
		if (at < weights[i].weight) {
			return weights[i].op;
		}
		at -= weights[i].weight;
	}
}

uint64_t oracle_handle(const struct oracle *o, struct oracle_ref r)
{
	return o->handle[r.guest][r.kind][r.name];
}

static bool is_live(const struct oracle *o, struct oracle_ref r)
{
	struct model_domain *d;

	switch (r.kind) {
	case ORACLE_DOMAIN:
		return model_domain_of(&o->model, r.guest, oracle_handle(o, r));
	case ORACLE_DEVICE:
		return model_device_of(&o->model, r.guest, oracle_handle(o, r));
	default:
		return model_token_of(&o->model, r.guest, oracle_handle(o, r),
				      &d);
	}
}

/* A name of the wanted kind: mostly live; else stale, foreign, wrong, junk. */
static struct oracle_ref pick_ref(struct oracle *o, unsigned guest,
				  enum oracle_kind kind)
{
	struct oracle_source *s = o->source;
	struct oracle_ref r = {(uint8_t)kind, (uint8_t)guest,
			       (uint8_t)oracle_below(s, ORACLE_NAMES)};

	if (oracle_one_in(s, 24)) {
		switch (oracle_below(s, 4)) {
		case 0:
			r.kind = ORACLE_JUNK;
			r.name = (uint8_t)oracle_below(s, 8);
			return r;
		case 1:
			r.kind = (uint8_t)oracle_below(s, ORACLE_KINDS);
			return r;
		case 2:
			r.guest = (uint8_t)oracle_below(s, MODEL_GUESTS);
			return r;
		default:
			return r; /* stale, perhaps */
		}
	}
	for (unsigned i = 0; i < ORACLE_NAMES && !is_live(o, r); i++) {
		r.name = (uint8_t)((r.name + 1) % ORACLE_NAMES);
	}
	return r;
}

/* A name that stands for nothing live, if there is one. */
uint8_t oracle_free_name(struct oracle *o, unsigned guest,
			 enum oracle_kind kind)
{
	struct oracle_ref r = {(uint8_t)kind, (uint8_t)guest, 0};

	for (; r.name < ORACLE_NAMES; r.name++) {
		if (!is_live(o, r)) {
			return r.name;
		}
	}
	return (uint8_t)oracle_below(o->source, ORACLE_NAMES);
}

const struct model_domain *oracle_domain_of(const struct oracle *o,
					    const struct oracle_call *c)
{
	return c->first.kind == ORACLE_DOMAIN
		       ? model_domain_of(&o->model, c->guest,
					 oracle_handle(o, c->first))
		       : NULL;
}

static void make_regions(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_create_domain *a = &c->a.create_domain;

	a->region_count = 1 + (uint32_t)oracle_below(s, ORACLE_REGIONS_MAX);
	c->list.at = ORACLE_LIST_GOOD;
	c->list.count = (uint16_t)a->region_count;
	for (unsigned i = 0; i < a->region_count; i++) {
		struct sluice_reserved_region *r = &c->list.region[i];

		r->should_map = (uint8_t)oracle_below(s, 2);
		r->base = (r->should_map ? oracle_frame(o, c->guest)
					 : oracle_page(o))
			  << MODEL_PAGE_SHIFT;
		r->base += oracle_one_in(s, 24) ? oracle_some(o, 8) : 0;
		r->pages = oracle_one_in(s, 8) ? oracle_some(o, 0x100)
					       : 1 + oracle_below(s, 4);
	}
	if (oracle_one_in(s, 16)) {
		c->list.at = (uint8_t)oracle_below(s, ORACLE_LIST_EDGE + 1);
	}
	if (oracle_one_in(s, 40)) {
		a->region_count = SLUICE_REGIONS_MAX + 1;
	}
}

static void make_create_domain(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_create_domain *a = &c->a.create_domain;

	c->name = oracle_free_name(o, c->guest, ORACLE_DOMAIN);
	a->type = oracle_one_in(s, 3) ? (uint32_t)oracle_below(s, 5) : 0;
	a->creation_flags = oracle_one_in(s, 50) ? oracle_some(o, 1) : 0;
	if (oracle_one_in(s, 2) && (a->type == 0 || oracle_one_in(s, 8))) {
		static const uint8_t widths[] = {32, 39, 48, 12, 13, 20,
						 11, 63, 64, 40, 49, 22};

		a->allocator_type = oracle_one_in(s, 30) ? 2 : 1;
		a->allocator_width =
			oracle_one_in(s, 2) ? 32 : widths[oracle_below(s, 12)];
	}
	if (oracle_one_in(s, 4) && (a->type == 0 || oracle_one_in(s, 8))) {
		make_regions(o, c);
	}
}

static void make_create_device(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_create_device *a = &c->a.create_device;
	unsigned n = (unsigned)oracle_below(s, MODEL_DEVICES);

	c->name = oracle_free_name(o, c->guest, ORACLE_DEVICE);
	a->sbdf = 0x18;
	for (unsigned i = 0; i < o->model.device_count; i++) {
		const struct model_device *d =
			&o->model.device[(n + i) % o->model.device_count];

		if (d->guest == c->guest) {
			a->sbdf = d->guest_sbdf;
		}
	}
	a->sbdf += oracle_one_in(s, 30) ? 8 : 0;
	if (oracle_one_in(s, 20)) {
		a->config_type = 1 + (uint32_t)oracle_below(s, 4);
		a->pasid_type = (uint32_t)oracle_below(s, 3);
	}
}

static void make_policy(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_guest_policy *a = &c->a.guest_policy;
	unsigned n = ORACLE_A + (unsigned)oracle_below(s, 3);
	const struct model_guest *g = &o->model.guest[n];

	c->guest = oracle_one_in(s, 12) ? c->guest : ORACLE_CONTROL;
	a->operation = oracle_one_in(s, 20) ? 2 : !oracle_one_in(s, 4);
	a->guest = oracle_one_in(s, 20) ? 999 : g->id;
	a->machine = g->is_x86 ? SLUICE_MACHINE_I386 : SLUICE_MACHINE_AMD64;
	a->allowed_types = (uint32_t)oracle_below(s, 8) | 8;
	a->allowed_types |= oracle_one_in(s, 20) ? 16 : 0;
	if (oracle_one_in(s, 2)) {
		/* PassThrough comes and goes; the rest stays useful. */
		a->allowed_types = 0xd | (uint32_t)oracle_below(s, 2) << 1;
	}
	a->domain_quota = g->domain_quota + oracle_one_in(s, 20);
	a->table_page_quota = oracle_one_in(s, 20) ? 0 : g->table_page_quota;
	a->machine += oracle_one_in(s, 30) ? 1 : 0;
}

static void make_list(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;

	if (c->op == SLUICE_OP_list_devices) {
		c->a.list_devices.scope = (uint32_t)oracle_below(s, 3);
		c->a.list_devices.index = (uint32_t)oracle_below(s, 3);
		return;
	}
	c->guest = oracle_one_in(s, 6) ? ORACLE_CONTROL : c->guest;
	c->a.list_domains.guest =
		oracle_one_in(s, 4)
			? o->model.guest[oracle_below(s, MODEL_GUESTS)].id
			: SLUICE_GUEST_SELF;
	if (oracle_one_in(s, 20)) {
		c->a.list_domains.guest = 1234;
	}
	if (c->op == SLUICE_OP_list_domains) {
		c->a.list_domains.index = (uint32_t)oracle_below(s, 4);
	}
}

static void make_configure(struct oracle *o, struct oracle_call *c)
{
	struct sluice_configure *a = &c->a.configure;

	a->arch = (uint32_t)oracle_below(o->source, 3);
	a->ttbr0 = oracle_frame(o, c->guest) << 12;
	a->input_size0 = 39;
	a->translation_enabled = (uint8_t)oracle_below(o->source, 2);
}

static void make_flush_list(struct oracle *o, struct oracle_call *c)
{
	struct sluice_flush_list *a = &c->a.flush_list;
	uint64_t count = oracle_below(o->source, 4);

	oracle_list_of_frames(o, c->guest, count, &c->list);
	c->list.base <<= MODEL_PAGE_SHIFT;
	c->list.stride *= (int64_t)SLUICE_PAGE_BYTES;
	a->count = oracle_one_in(o->source, 20) ? 513 : (uint32_t)count;
	a->last_level = (uint32_t)oracle_below(o->source, 2);
	a->last_level += oracle_one_in(o->source, 20) ? 1 : 0;
}

/* What the object fields of a sub-op name. */
static void make_refs(struct oracle *o, struct oracle_call *c)
{
	c->first.kind = ORACLE_NOTHING;
	c->second.kind = ORACLE_NOTHING;
	switch (c->op) {
	case SLUICE_OP_create_domain:
	case SLUICE_OP_create_device:
	case SLUICE_OP_list_devices:
	case SLUICE_OP_list_domains:
	case SLUICE_OP_inventory:
	case SLUICE_OP_guest_policy:
	case SLUICE_OP_info:
		return;
	case SLUICE_OP_delete_device:
	case SLUICE_OP_detach_device:
	case SLUICE_OP_query_domain_types:
	case SLUICE_OP_device_state:
	case SLUICE_OP_query_device:
	case SLUICE_OP_create_pasid:
	case SLUICE_OP_delete_pasid:
	case SLUICE_OP_detach_pasid:
		c->first = pick_ref(o, c->guest, ORACLE_DEVICE);
		return;
	case SLUICE_OP_free_token:
	case SLUICE_OP_map_token:
	case SLUICE_OP_unmap_token:
		c->first = pick_ref(o, c->guest, ORACLE_TOKEN);
		return;
	case SLUICE_OP_attach_device:
	case SLUICE_OP_attach_pasid:
		c->second = pick_ref(o, c->guest, ORACLE_DEVICE);
		break;
	default:
		break;
	}
	c->first = pick_ref(o, c->guest, ORACLE_DOMAIN);
}

static void make_argument(struct oracle *o, struct oracle_call *c)
{
	switch (c->op) {
	case SLUICE_OP_create_domain:
		make_create_domain(o, c);
		return;
	case SLUICE_OP_create_device:
		make_create_device(o, c);
		return;
	case SLUICE_OP_guest_policy:
		make_policy(o, c);
		return;
	case SLUICE_OP_list_devices:
	case SLUICE_OP_list_domains:
	case SLUICE_OP_inventory:
		make_list(o, c);
		return;
	case SLUICE_OP_configure_domain:
		make_configure(o, c);
		return;
	case SLUICE_OP_flush_list:
		make_flush_list(o, c);
		return;
	default:
		oracle_make_space(o, c);
	}
}

static void make_trouble(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	unsigned fail = o->setting->fail_1_in;

	if (oracle_one_in(s, 60)) {
		c->transport = (uint8_t)oracle_below(s, ORACLE_TRANSPORTS);
	}
	if (oracle_one_in(s, 200)) {
		c->a.header.flags = 1;
	} else if (oracle_one_in(s, 200)) {
		c->a.header.reserved = 1;
	}
	if (fail != 0 && oracle_one_in(s, fail)) {
		c->inject = oracle_one_in(s, 3) ? ORACLE_FAIL_ALLOCATIONS
						: ORACLE_FAIL_ALLOCATION;
		c->inject_at = (uint8_t)(1 + oracle_below(s, 5));
	}
}

struct oracle_call oracle_make(struct oracle *o)
{
	static const uint8_t callers[] = {
		ORACLE_A, ORACLE_A, ORACLE_A,	    ORACLE_A,
		ORACLE_A, ORACLE_A, ORACLE_A,	    ORACLE_A,
		ORACLE_B, ORACLE_B, ORACLE_B,	    ORACLE_B,
		ORACLE_B, ORACLE_B, ORACLE_CONTROL, ORACLE_X86};
	struct oracle_call c;

	memset(&c, 0, sizeof(c));
	c.op = pick_op(o->source);
	c.guest = callers[oracle_below(o->source, COUNT(callers))];
	make_refs(o, &c);
	make_argument(o, &c);
	make_trouble(o, &c);
#ifdef ORACLE_PARTIAL
	if (c.op == SLUICE_OP_map || c.op == SLUICE_OP_unmap) {
		if (c.op == SLUICE_OP_map) c.a.map.has_bounds = 0;
		if (c.op == SLUICE_OP_map) c.a.map.options = 0;
		c.a.unmap.options = c.op == SLUICE_OP_unmap ? 0 : c.a.unmap.options;
	}
#endif
	return c;
}
