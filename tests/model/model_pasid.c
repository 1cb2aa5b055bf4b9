// SPDX-License-Identifier: MIT
/*
 * Sub-devices: one device under several PASIDs, each with a domain of its own.
 * Contract 3.7, section 5 Q25.
 */
#include "model_space.h"

bool model_may_attach(const struct model *m, unsigned guest,
		      const struct model_domain *d)
{
	uint32_t types = model_types(m, guest);

	if (d->type == MODEL_UNMANAGED && d->is_configured && d->is_bypassed &&
	    (types & 1u << MODEL_PASSTHROUGH) == 0) {
		return false;
	}
	return (types & 1u << d->type) != 0;
}

static struct model_pasid *unused(const struct model *m, unsigned guest)
{
	for (unsigned i = 0; i < MODEL_PASIDS; i++) {
		if (m->guest[guest].pasid[i].handle == 0) {
			return (struct model_pasid *)&m->guest[guest].pasid[i];
		}
	}
	return NULL;
}

struct model_says model_expect_create_pasid(const struct model_call *c)
{
	const struct model_device *d =
		model_device_of(c->m, c->guest, c->a->create_pasid.device);

	if (d == NULL || !d->is_tagged) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (unused(c->m, c->guest) == NULL) {
		return model_say(STATUS_INSUFFICIENT_RESOURCES);
	}
	/* Which number is free is not published, only how many are taken. */
	return model_ids_in_use(c->m) + 1 < c->m->pasid_count
		       ? model_say(STATUS_SUCCESS)
		       : model_say_either(STATUS_SUCCESS, STATUS_NONE_MAPPED);
}

const char *model_settle_create_pasid(const struct model_done *e)
{
	const struct sluice_create_pasid *o = &e->out->create_pasid;
	const struct model_device *d =
		model_device_of(e->m, e->guest, o->device);

	if (!model_handle_is_fresh(e->m, o->pasid, e->guest)) {
		return "handle 0 or in use";
	}
	if (o->asid == 0 || o->asid >= e->m->pasid_count) {
		return "a number that is no PASID";
	}
	for (unsigned g = 0; g < e->m->guest_count; g++) {
		for (unsigned i = 0; i < MODEL_PASIDS; i++) {
			const struct model_pasid *p = &e->m->guest[g].pasid[i];

			if (p->handle != 0 && p->number == o->asid) {
				return "a number that is another's";
			}
		}
	}
	*unused(e->m, e->guest) = (struct model_pasid){
		.handle = o->pasid,
		.device = o->device,
		.sbdf = d->sbdf,
		.number = o->asid,
	};
	return NULL;
}

struct model_says model_expect_delete_pasid(const struct model_call *c)
{
	const struct model_pasid *p =
		model_pasid_of(c->m, c->guest, c->a->delete_pasid.pasid);

	if (p == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	return model_say(p->domain != 0 ? STATUS_RESOURCE_IN_USE
					: STATUS_SUCCESS);
}

const char *model_settle_delete_pasid(const struct model_done *e)
{
	uint64_t handle = e->in->delete_pasid.pasid;

	*model_pasid_of(e->m, e->guest, handle) =
		(struct model_pasid){.handle = 0};
	model_handle_gone(e->m, e->guest, handle);
	return NULL;
}

struct model_says model_expect_attach_pasid(const struct model_call *c)
{
	const struct sluice_attach_pasid *a = &c->a->attach_pasid;
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, a->domain);
	const struct model_pasid *p = model_pasid_of(c->m, c->guest, a->pasid);

	if (d == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (p == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (p->domain != 0) {
		return model_say(STATUS_UNSUCCESSFUL);
	}
	return model_say(model_may_attach(c->m, c->guest, d)
				 ? STATUS_SUCCESS
				 : STATUS_ACCESS_DENIED);
}

const char *model_settle_attach_pasid(const struct model_done *e)
{
	const struct sluice_attach_pasid *a = &e->in->attach_pasid;

	model_pasid_of(e->m, e->guest, a->pasid)->domain = a->domain;
	return NULL;
}

struct model_says model_expect_detach_pasid(const struct model_call *c)
{
	const struct model_pasid *p =
		model_pasid_of(c->m, c->guest, c->a->detach_pasid.pasid);

	return model_say(p == NULL || p->domain == 0
				 ? STATUS_INVALID_PARAMETER_1
				 : STATUS_SUCCESS);
}

const char *model_settle_detach_pasid(const struct model_done *e)
{
	model_pasid_of(e->m, e->guest, e->in->detach_pasid.pasid)->domain = 0;
	return NULL;
}
