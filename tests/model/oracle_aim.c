// SPDX-License-Identifier: MIT
/*
 * Which objects a call is about: with the model's help one that gives the call
 * a chance. A random handle would be refused nearly always, and then nothing
 * would be tried but the refusal.
 */
#include "model_space.h"
#include "oracle_make.h"

bool oracle_is_live(const struct oracle *o, struct oracle_ref r)
{
	struct model_domain *d;

	switch (r.kind) {
	case ORACLE_DOMAIN:
		return model_domain_of(&o->model, r.guest, oracle_handle(o, r));
	case ORACLE_DEVICE:
		return model_device_of(&o->model, r.guest, oracle_handle(o, r));
	case ORACLE_PASID:
		return model_pasid_of(&o->model, r.guest, oracle_handle(o, r));
	default:
		return model_token_of(&o->model, r.guest, oracle_handle(o, r),
				      &d);
	}
}

static bool has_segment(const struct model_domain *d, uint64_t token)
{
	for (unsigned i = 0; i < MODEL_SEGMENTS; i++) {
		if (d->segment[i].id != 0 && d->segment[i].token == token) {
			return true;
		}
	}
	return false;
}

static bool has_range_taken(const struct model_domain *d)
{
	for (unsigned i = 0; i < d->range_count; i++) {
		if (d->range[i].kind == MODEL_RANGE_TAKEN) {
			return true;
		}
	}
	return false;
}

static bool domain_suits(const struct model_domain *d, unsigned op)
{
	switch (op) {
	case SLUICE_OP_map:
	case SLUICE_OP_reserve_token:
		return model_is_remapping(d);
	case SLUICE_OP_unmap:
		return d->mapped_pages != 0;
	case SLUICE_OP_map_identity:
		return model_is_remapping(d) && !d->has_allocator;
	case SLUICE_OP_unmap_identity:
		return d->mapped_pages != 0 && !d->has_allocator;
	case SLUICE_OP_allocate_range:
		return d->has_allocator;
	case SLUICE_OP_free_range:
		return d->has_allocator && has_range_taken(d);
	case SLUICE_OP_configure_domain:
	case SLUICE_OP_flush_domain:
	case SLUICE_OP_flush_list:
		return d->type == MODEL_UNMANAGED;
	default:
		return true;
	}
}

static bool device_suits(const struct model_device *d, unsigned op)
{
	switch (op) {
	case SLUICE_OP_attach_device:
	case SLUICE_OP_delete_device:
		return d->domain == 0;
	case SLUICE_OP_detach_device:
		return d->domain != 0;
	case SLUICE_OP_create_pasid:
		return d->is_tagged;
	default:
		return true;
	}
}

static bool pasid_suits(const struct model_pasid *p, unsigned op)
{
	return p != NULL && (p->domain != 0) == (op == SLUICE_OP_detach_pasid);
}

/* Has a call about this object a chance to succeed? */
static bool suits(const struct oracle *o, struct oracle_ref r, unsigned op)
{
	uint64_t handle = oracle_handle(o, r);
	struct model_domain *d;

	switch (r.kind) {
	case ORACLE_DOMAIN:
		d = model_domain_of(&o->model, r.guest, handle);
		return d != NULL && domain_suits(d, op);
	case ORACLE_DEVICE:
		return oracle_is_live(o, r) &&
		       device_suits(model_device_of(&o->model, r.guest, handle),
				    op);
	case ORACLE_PASID:
		return pasid_suits(model_pasid_of(&o->model, r.guest, handle),
				   op);
	default:
		return model_token_of(&o->model, r.guest, handle, &d) != NULL &&
		       (op == SLUICE_OP_map_token ||
			has_segment(d, handle) ==
				(op == SLUICE_OP_unmap_token));
	}
}

/* The next name, from @r on, that suits or at least is alive. */
void oracle_aim(const struct oracle *o, struct oracle_ref *r, unsigned op)
{
	if (!oracle_one_in(o->source, 6)) {
		for (unsigned i = 0; i < ORACLE_NAMES; i++) {
			if (suits(o, *r, op)) {
				return;
			}
			r->name = (uint8_t)((r->name + 1) % ORACLE_NAMES);
		}
	}
	for (unsigned i = 0; i < ORACLE_NAMES && !oracle_is_live(o, *r); i++) {
		r->name = (uint8_t)((r->name + 1) % ORACLE_NAMES);
	}
}

bool oracle_has_live(const struct oracle *o, unsigned guest,
		     enum oracle_kind kind)
{
	struct oracle_ref r = {(uint8_t)kind, (uint8_t)guest, 0};

	for (; r.name < ORACLE_NAMES; r.name++) {
		if (oracle_is_live(o, r)) {
			return true;
		}
	}
	return false;
}

bool oracle_has_suitable(const struct oracle *o, unsigned guest,
			 enum oracle_kind kind, unsigned op)
{
	struct oracle_ref r = {(uint8_t)kind, (uint8_t)guest, 0};

	for (; r.name < ORACLE_NAMES; r.name++) {
		if (suits(o, r, op)) {
			return true;
		}
	}
	return false;
}
