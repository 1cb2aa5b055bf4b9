// SPDX-License-Identifier: MIT
/* What the lists and counts of a guest must say. Contract 3.1; sluice/dma.h. */
#include "model_space.h"

/* The table that a guest's PassThrough domains share is charged to nobody. */
#define PASSTHROUGH 8u

/* Which guest an argument names, or -1. */
static int guest_named(const struct model_call *c, uint32_t id)
{
	if (id == SLUICE_GUEST_SELF) {
		return (int)c->guest;
	}
	for (unsigned i = 0; i < c->m->guest_count; i++) {
		if (c->m->guest[i].id == id) {
			return (int)i;
		}
	}
	return -1;
}

static struct model_says expect_about_guest(const struct model_call *c,
					    uint32_t id)
{
	int named = guest_named(c, id);

	if (named != (int)c->guest && !c->m->guest[c->guest].is_control) {
		return model_say(STATUS_ACCESS_DENIED);
	}
	return model_say(named < 0 ? STATUS_NOT_FOUND : STATUS_SUCCESS);
}

struct model_says model_expect_list_domains(const struct model_call *c)
{
	const struct sluice_domain_info *a = &c->a->list_domains;
	struct model_says says = expect_about_guest(c, a->guest);

	if (says.status == STATUS_SUCCESS &&
	    a->index >= model_domains_of(c->m,
					 (unsigned)guest_named(c, a->guest))) {
		return model_say(STATUS_NOT_FOUND);
	}
	return says;
}

const char *model_settle_list_domains(const struct model_done *e)
{
	const struct model_call c = {e->m, e->guest, e->in, e->list};
	const struct sluice_domain_info *o = &e->out->list_domains;
	unsigned guest = (unsigned)guest_named(&c, o->guest);
	const struct model_domain *d = model_domain_of(e->m, guest, o->domain);

	if (d == NULL) {
		return "lists a domain that is not live";
	}
	if (o->type != d->type ||
	    o->device_count != model_devices_in(e->m, d)) {
		return "lists another type or device count";
	}
	if (o->mapped_pages != d->mapped_pages) {
		return "lists another count of mapped pages";
	}
	if (o->address_bits != d->width && model_is_remapping(d)) {
		return "lists another width";
	}
	if (!e->m->guest[e->guest].is_control && o->asid != 0) {
		return "shows an id to a guest";
	}
	return NULL;
}

struct model_says model_expect_inventory(const struct model_call *c)
{
	return expect_about_guest(c, c->a->inventory.guest);
}

static bool passes(const struct model *m, unsigned guest)
{
	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		if (m->domain[i].is_live && m->domain[i].guest == guest &&
		    model_needs_home(m, &m->domain[i])) {
			return true;
		}
	}
	return false;
}

static const char *compare_inventory(const struct model *m, unsigned guest,
				     const struct sluice_inventory *o)
{
	uint32_t assigned = 0, tokens = 0, attached = 0;
	uint64_t mapped = 0;

	for (unsigned i = 0; i < m->device_count; i++) {
		const struct model_device *d = &m->device[i];

		assigned += d->guest == guest;
		tokens += d->guest == guest && d->token != 0;
		attached += d->guest == guest && d->domain != 0;
	}
	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		if (m->domain[i].is_live && m->domain[i].guest == guest) {
			mapped += m->domain[i].mapped_pages;
		}
	}
	if (o->domain_count != model_domains_of(m, guest)) {
		return "counts other domains";
	}
	if (o->device_count != tokens) {
		return "counts other device tokens";
	}
	if (m->guest[guest].is_control) {
		/* Its own devices at home are no part of the model. */
		return o->mapped_pages == mapped ? NULL
						 : "counts other mapped pages";
	}
	if (o->attached_count != attached || o->assigned_count != assigned) {
		return "counts other attached or assigned devices";
	}
	if (o->mapped_pages != mapped) {
		return "counts other mapped pages";
	}
	if (o->asid_count != model_asids_of(m, guest)) {
		return "counts other ids";
	}
	if (o->table_pages > m->guest[guest].table_page_quota +
				     (passes(m, guest) ? PASSTHROUGH : 0)) {
		return "has more table pages than its quota";
	}
	return NULL;
}

const char *model_settle_inventory(const struct model_done *e)
{
	const struct model_call c = {e->m, e->guest, e->in, e->list};
	unsigned guest = (unsigned)guest_named(&c, e->in->inventory.guest);

	e->m->guest[guest].table_pages = e->out->inventory.table_pages;
	return compare_inventory(e->m, guest, &e->out->inventory);
}
