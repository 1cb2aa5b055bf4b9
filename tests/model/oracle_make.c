// SPDX-License-Identifier: MIT
/*
 * Making a call: mostly one that has a chance, aimed with the model's help,
 * with one thing or another wrong in it.
 */
#include "oracle_make.h"

#include "model_space.h"
#include "oracle_state.h"

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
	{SLUICE_OP_audit, 1},
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
	case SLUICE_OP_audit:
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

static void make_trouble(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	unsigned fail = o->fail_1_in;

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

static bool has_live(const struct oracle *o, unsigned guest,
		     enum oracle_kind kind)
{
	struct oracle_ref r = {(uint8_t)kind, (uint8_t)guest, 0};

	for (; r.name < ORACLE_NAMES; r.name++) {
		if (is_live(o, r)) {
			return true;
		}
	}
	return false;
}

static bool has_idle_device(const struct oracle *o, unsigned guest, bool token)
{
	for (unsigned i = 0; i < o->model.device_count; i++) {
		const struct model_device *d = &o->model.device[i];

		if (d->guest == guest && d->domain == 0 &&
		    (d->token != 0) == token) {
			return true;
		}
	}
	return false;
}

/* Sooner what makes later calls possible. */
static uint8_t steer(const struct oracle *o, unsigned guest, uint8_t op)
{
	struct oracle_source *s = o->source;
	bool needs_token = op == SLUICE_OP_map_token ||
			   op == SLUICE_OP_unmap_token ||
			   op == SLUICE_OP_free_token;

	if (guest != ORACLE_A && guest != ORACLE_B) {
		return op;
	}
	if (!has_live(o, guest, ORACLE_DOMAIN)) {
		return oracle_one_in(s, 4) ? op : SLUICE_OP_create_domain;
	}
	if (has_idle_device(o, guest, false) && oracle_one_in(s, 3)) {
		return SLUICE_OP_create_device;
	}
	if (has_idle_device(o, guest, true) && oracle_one_in(s, 3)) {
		return SLUICE_OP_attach_device;
	}
	if (needs_token && !has_live(o, guest, ORACLE_TOKEN) &&
	    !oracle_one_in(s, 4)) {
		return SLUICE_OP_reserve_token;
	}
	return op;
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
	c.guest = o->is_alone
			  ? ORACLE_A
			  : callers[oracle_below(o->source, COUNT(callers))];
	c.op = steer(o, c.guest, pick_op(o->source));
	make_refs(o, &c);
	oracle_make_argument(o, &c);
	make_trouble(o, &c);
	if (o->is_alone) {
		c.guest = ORACLE_A; /* Some are aimed at another caller. */
	}
	return c;
}
