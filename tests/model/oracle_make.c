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
static const struct weight {
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

/* What a sequence ends with, as long as there is something to take away. */
static const struct weight endings[] = {
	{SLUICE_OP_unmap, 48},	     {SLUICE_OP_unmap_identity, 4},
	{SLUICE_OP_unmap_token, 16}, {SLUICE_OP_detach_device, 6},
	{SLUICE_OP_free_token, 3},   {SLUICE_OP_free_range, 3},
	{SLUICE_OP_guest_policy, 2}, {SLUICE_OP_delete_domain, 3},
};

bool oracle_op_is_made(unsigned op)
{
	for (size_t i = 0; i < COUNT(weights); i++) {
		if (weights[i].op == op) {
			return true;
		}
	}
	return false;
}

static uint8_t pick_op(struct oracle_source *s, const struct weight *list,
		       size_t count)
{
	unsigned total = 0;
	uint64_t at;

	for (size_t i = 0; i < count; i++) {
		total += list[i].weight;
	}
	at = oracle_below(s, total);
	for (size_t i = 0;; i++) {
		if (at < list[i].weight) {
			return list[i].op;
		}
		at -= list[i].weight;
	}
}

uint64_t oracle_handle(const struct oracle *o, struct oracle_ref r)
{
	return o->handle[r.guest][r.kind][r.name];
}

/* A name of the wanted kind: mostly live; else stale, foreign, wrong, junk. */
static struct oracle_ref pick_ref(struct oracle *o, unsigned guest,
				  enum oracle_kind kind, unsigned op)
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
	oracle_aim(o, &r, op);
	return r;
}

/* A name that stands for nothing live, if there is one. */
uint8_t oracle_free_name(struct oracle *o, unsigned guest,
			 enum oracle_kind kind)
{
	struct oracle_ref r = {(uint8_t)kind, (uint8_t)guest, 0};

	for (; r.name < ORACLE_NAMES; r.name++) {
		if (!oracle_is_live(o, r)) {
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
		c->first = pick_ref(o, c->guest, ORACLE_DEVICE, c->op);
		return;
	case SLUICE_OP_delete_pasid:
	case SLUICE_OP_detach_pasid:
		c->first = pick_ref(o, c->guest, ORACLE_PASID, c->op);
		return;
	case SLUICE_OP_free_token:
	case SLUICE_OP_map_token:
	case SLUICE_OP_unmap_token:
		c->first = pick_ref(o, c->guest, ORACLE_TOKEN, c->op);
		return;
	case SLUICE_OP_attach_device:
		c->second = pick_ref(o, c->guest, ORACLE_DEVICE, c->op);
		break;
	case SLUICE_OP_attach_pasid:
		c->second = pick_ref(o, c->guest, ORACLE_PASID, c->op);
		break;
	default:
		break;
	}
	c->first = pick_ref(o, c->guest, ORACLE_DOMAIN, c->op);
}

static void make_trouble(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	unsigned fail = o->fail_1_in;
	unsigned copy = o->copy_1_in;

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
	if (copy != 0 && c->transport == ORACLE_PLAIN &&
	    oracle_one_in(s, copy)) {
		c->inject = oracle_one_in(s, 2) ? ORACLE_FAIL_REPLY
						: ORACLE_FAIL_READ;
		c->inject_at = (uint8_t)(1 + oracle_below(s, 3));
	}
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

/* What comes more often where a unit has PASIDs and nests. */
static const uint8_t nesting[] = {
	SLUICE_OP_create_pasid,	    SLUICE_OP_attach_pasid,
	SLUICE_OP_attach_pasid,	    SLUICE_OP_detach_pasid,
	SLUICE_OP_delete_pasid,	    SLUICE_OP_configure_domain,
	SLUICE_OP_configure_domain, SLUICE_OP_flush_domain,
	SLUICE_OP_flush_list,
};

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
	if (o->model.can_nest && oracle_one_in(s, 5)) {
		op = nesting[oracle_below(s, COUNT(nesting))];
	}
	if (!oracle_has_live(o, guest, ORACLE_DOMAIN)) {
		return oracle_one_in(s, 4) ? op : SLUICE_OP_create_domain;
	}
	if (has_idle_device(o, guest, false) && oracle_one_in(s, 3)) {
		return SLUICE_OP_create_device;
	}
	if (has_idle_device(o, guest, true) && oracle_one_in(s, 3)) {
		return SLUICE_OP_attach_device;
	}
	if (needs_token && !oracle_has_live(o, guest, ORACLE_TOKEN) &&
	    !oracle_one_in(s, 4)) {
		return SLUICE_OP_reserve_token;
	}
	if ((op == SLUICE_OP_unmap || op == SLUICE_OP_unmap_identity) &&
	    !oracle_has_suitable(o, guest, ORACLE_DOMAIN, op)) {
		return SLUICE_OP_map;
	}
	if (op == SLUICE_OP_unmap_token &&
	    !oracle_has_suitable(o, guest, ORACLE_TOKEN, op)) {
		return SLUICE_OP_map_token;
	}
	if (op == SLUICE_OP_free_range &&
	    !oracle_has_suitable(o, guest, ORACLE_DOMAIN, op)) {
		return SLUICE_OP_allocate_range;
	}
	return op;
}

/* Something that has a chance, of the guest or of the other one. */
static void take_away(struct oracle *o, struct oracle_call *c)
{
	uint8_t op = pick_op(o->source, endings, COUNT(endings));
	enum oracle_kind kind = ORACLE_DOMAIN;
	uint8_t guest = c->guest == ORACLE_B ? ORACLE_B : ORACLE_A;

	if (op == SLUICE_OP_detach_device) {
		kind = ORACLE_DEVICE;
	} else if (op == SLUICE_OP_unmap_token || op == SLUICE_OP_free_token) {
		kind = ORACLE_TOKEN;
	}
	for (unsigned turn = 0; turn < 2; turn++) {
		if (oracle_has_suitable(o, guest, kind, op)) {
			c->guest = guest;
			c->op = op;
			return;
		}
		guest = guest == ORACLE_A ? ORACLE_B : ORACLE_A;
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
	c.guest = o->is_alone
			  ? ORACLE_A
			  : callers[oracle_below(o->source, COUNT(callers))];
	c.op = pick_op(o->source, weights, COUNT(weights));
	c.op = steer(o, c.guest, c.op);
	if (o->is_ending) {
		take_away(o, &c);
	}
	make_refs(o, &c);
	oracle_make_argument(o, &c);
	make_trouble(o, &c);
	if (o->is_alone) {
		c.guest = ORACLE_A; /* Some are aimed at another caller. */
	}
	return c;
}
