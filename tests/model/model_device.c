// SPDX-License-Identifier: MIT
/*
 * Devices, policy and what follows from both. Contract 3.2, section 5 Q27-Q36.
 */
#include "model_space.h"

#define KNOWN_TYPES 0xfu

/* Contract 2.3. */
#define CONFIG_PASID 3u
#define PASID_TAGGED 1u

static struct model_device *device_at(const struct model_call *c, uint32_t sbdf)
{
	for (unsigned i = 0; i < c->m->device_count; i++) {
		if (c->m->device[i].guest == c->guest &&
		    c->m->device[i].guest_sbdf == sbdf) {
			return (struct model_device *)&c->m->device[i];
		}
	}
	return NULL;
}

struct model_says model_expect_create_device(const struct model_call *c)
{
	const struct sluice_create_device *a = &c->a->create_device;
	const struct model_device *d = device_at(c, a->sbdf);

	if (d == NULL) {
		return model_say(STATUS_NOT_FOUND);
	}
	if (a->config_type != 0 &&
	    (a->config_type != CONFIG_PASID || c->m->pasid_count == 0 ||
	     a->pasid_type > PASID_TAGGED || a->suppress_faults > 1)) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (d->token != 0) {
		return model_say(STATUS_RESOURCE_IN_USE);
	}
	return model_say(STATUS_SUCCESS);
}

const char *model_settle_create_device(const struct model_done *e)
{
	const struct model_call c = {e->m, e->guest, e->in, e->list};
	struct model_device *d = device_at(&c, e->in->create_device.sbdf);
	uint64_t handle = e->out->create_device.device;

	if (!model_handle_is_fresh(e->m, handle, e->guest)) {
		return "handle 0 or in use";
	}
	d->token = handle;
	d->domain = 0;
	d->sequence = 0;
	d->has_pasids = e->in->create_device.config_type == CONFIG_PASID;
	d->is_tagged = d->has_pasids &&
		       e->in->create_device.pasid_type == PASID_TAGGED;
	d->is_quiet = d->has_pasids && e->in->create_device.suppress_faults;
	return NULL;
}

static bool has_pasid(const struct model *m, const struct model_device *d)
{
	for (unsigned i = 0; i < MODEL_PASIDS; i++) {
		const struct model_pasid *p = &m->guest[d->guest].pasid[i];

		if (p->handle != 0 && p->device == d->token) {
			return true;
		}
	}
	return false;
}

struct model_says model_expect_delete_device(const struct model_call *c)
{
	const struct model_device *d =
		model_device_of(c->m, c->guest, c->a->delete_device.device);

	if (d == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	return model_say(d->domain != 0 || has_pasid(c->m, d)
				 ? STATUS_RESOURCE_IN_USE
				 : STATUS_SUCCESS);
}

const char *model_settle_delete_device(const struct model_done *e)
{
	uint64_t handle = e->in->delete_device.device;

	model_handle_gone(e->m, e->guest, handle);
	model_device_of(e->m, e->guest, handle)->token = 0;
	return NULL;
}

struct model_says model_expect_attach_device(const struct model_call *c)
{
	const struct sluice_attach_device *a = &c->a->attach_device;
	const struct model_domain *d =
		model_domain_of(c->m, c->guest, a->domain);
	const struct model_device *device =
		model_device_of(c->m, c->guest, a->device);

	if (d == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (device == NULL) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (device->domain != 0) {
		return model_say(STATUS_INVALID_PARAMETER); /* Q30 */
	}
	return model_say(model_may_attach(c->m, c->guest, d)
				 ? STATUS_SUCCESS
				 : STATUS_ACCESS_DENIED);
}

const char *model_settle_attach_device(const struct model_done *e)
{
	const struct sluice_attach_device *a = &e->in->attach_device;

	model_device_of(e->m, e->guest, a->device)->domain = a->domain;
	return NULL;
}

struct model_says model_expect_detach_device(const struct model_call *c)
{
	const struct model_device *d =
		model_device_of(c->m, c->guest, c->a->detach_device.device);

	return model_say(d == NULL || d->domain == 0
				 ? STATUS_INVALID_PARAMETER_1
				 : STATUS_SUCCESS);
}

const char *model_settle_detach_device(const struct model_done *e)
{
	model_device_of(e->m, e->guest, e->in->detach_device.device)->domain =
		0;
	return NULL;
}

static struct model_says expect_token(const struct model_call *c,
				      uint64_t device)
{
	return model_say(model_device_of(c->m, c->guest, device) != NULL
				 ? STATUS_SUCCESS
				 : STATUS_INVALID_PARAMETER_1);
}

struct model_says model_expect_query_domain_types(const struct model_call *c)
{
	return expect_token(c, c->a->query_domain_types.device);
}

const char *model_settle_query_domain_types(const struct model_done *e)
{
	return e->out->query_domain_types.types == model_types(e->m, e->guest)
		       ? NULL
		       : "other types than may be created and attached";
}

struct model_says model_expect_device_state(const struct model_call *c)
{
	return expect_token(c, c->a->device_state.device);
}

const char *model_settle_device_state(const struct model_done *e)
{
	const struct sluice_device_state *o = &e->out->device_state;
	struct model_device *d = model_device_of(e->m, e->guest, o->device);

	if (o->types != model_types(e->m, e->guest)) {
		return "other types than may be created and attached";
	}
	if (o->sequence == 0 || o->sequence < d->sequence) {
		return "the sequence went back";
	}
	if (d->sequence != 0 && o->types != d->types &&
	    o->sequence == d->sequence) {
		return "types changed, the sequence did not";
	}
	d->sequence = o->sequence;
	d->types = o->types;
	return NULL;
}

struct model_says model_expect_query_device(const struct model_call *c)
{
	return expect_token(c, c->a->query_device.device);
}

const char *model_settle_query_device(const struct model_done *e)
{
	const struct sluice_query_device *o = &e->out->query_device;
	const struct model_device *d =
		model_device_of(e->m, e->guest, o->device);

	return o->default_pasid != d->has_pasids ||
			       o->tagged_dma != d->is_tagged ||
			       o->faults_suppressed != d->is_quiet
		       ? "tells another configuration"
		       : NULL;
}

static struct model_guest *guest_by_id(const struct model *m, uint16_t id)
{
	for (unsigned i = 0; i < m->guest_count; i++) {
		if (m->guest[i].id == id) {
			return (struct model_guest *)&m->guest[i];
		}
	}
	return NULL;
}

/* Every guest of the model runs already, so machine and quotas are frozen. */
struct model_says model_expect_guest_policy(const struct model_call *c)
{
	const struct sluice_guest_policy *a = &c->a->guest_policy;
	const struct model_guest *g = guest_by_id(c->m, a->guest);
	uint16_t machine;

	if ((a->operation & ~SLUICE_POLICY_SET) != 0) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (g == NULL) {
		return model_say(STATUS_NOT_FOUND);
	}
	if (a->operation == 0) {
		return model_say(STATUS_SUCCESS);
	}
	machine = g->is_x86 ? SLUICE_MACHINE_I386 : SLUICE_MACHINE_AMD64;
	if (a->machine != SLUICE_MACHINE_I386 &&
	    a->machine != SLUICE_MACHINE_AMD64) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if ((a->allowed_types & ~KNOWN_TYPES) != 0) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	if (a->domain_quota == 0 || a->table_page_quota == 0) {
		return model_say(STATUS_INVALID_PARAMETER_4);
	}
	if (a->machine != machine || a->domain_quota != g->domain_quota ||
	    a->table_page_quota != g->table_page_quota) {
		/* The machine's ceiling is not published: both are right. */
		return model_say_either(STATUS_ACCESS_DENIED,
					STATUS_INVALID_PARAMETER_4);
	}
	return model_say(STATUS_SUCCESS);
}

const char *model_settle_guest_policy(const struct model_done *e)
{
	const struct sluice_guest_policy *o = &e->out->guest_policy;
	struct model_guest *g = guest_by_id(e->m, e->in->guest_policy.guest);

	if (e->in->guest_policy.operation == SLUICE_POLICY_SET) {
		g->allowed_types = e->in->guest_policy.allowed_types;
		return NULL;
	}
	if (o->allowed_types != g->allowed_types ||
	    o->domain_quota != g->domain_quota ||
	    o->table_page_quota != g->table_page_quota ||
	    o->machine !=
		    (g->is_x86 ? SLUICE_MACHINE_I386 : SLUICE_MACHINE_AMD64)) {
		return "reads another policy than was set";
	}
	return NULL;
}

static unsigned devices_of(const struct model_call *c)
{
	unsigned count = 0;

	for (unsigned i = 0; i < c->m->device_count; i++) {
		count += c->m->device[i].guest == c->guest;
	}
	return count;
}

struct model_says model_expect_list_devices(const struct model_call *c)
{
	const struct sluice_device_info *a = &c->a->list_devices;

	if (a->scope > SLUICE_SCOPE_MACHINE) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (c->m->guest[c->guest].is_control) {
		/* Its machine is wider than the model's. */
		return model_say_either(STATUS_SUCCESS, STATUS_NOT_FOUND);
	}
	if (a->scope == SLUICE_SCOPE_MACHINE) {
		return model_say(STATUS_ACCESS_DENIED);
	}
	return model_say(a->index < devices_of(c) ? STATUS_SUCCESS
						  : STATUS_NOT_FOUND);
}

const char *model_settle_list_devices(const struct model_done *e)
{
	const struct model_call c = {e->m, e->guest, e->in, e->list};
	const struct sluice_device_info *o = &e->out->list_devices;
	const struct model_device *d = device_at(&c, o->sbdf);

	if (e->m->guest[e->guest].is_control) {
		return NULL;
	}
	if (d == NULL || o->owner != e->m->guest[e->guest].id) {
		return "lists a device that is not the caller's";
	}
	if (o->is_attached != (d->domain != 0) || o->domain != d->domain) {
		return "lists another attachment";
	}
	if (o->token != d->token) {
		return "lists another token";
	}
	return NULL;
}

struct model_says model_expect_audit(const struct model_call *c)
{
	(void)c;
	return model_say(STATUS_SUCCESS);
}

/* Devices that DMA must go through for, of those in [first, + count). */
static uint32_t passing(const struct model *m, uint32_t first, uint32_t count)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < m->device_count; i++) {
		const struct model_device *d = &m->device[i];
		const struct model_domain *domain =
			model_domain_of(m, d->guest, d->domain);

		if (d->sbdf - first >= count || domain == NULL ||
		    domain->type == MODEL_UNMANAGED) {
			continue;
		}
		n += domain->type != MODEL_PASSTHROUGH ||
		     (model_types(m, d->guest) & 1u << MODEL_PASSTHROUGH) != 0;
	}
	return n;
}

/* The control domain's own devices are open beside the guests'. */
const char *model_settle_audit(const struct model_done *e)
{
	const struct sluice_audit *a = &e->out->audit;
	uint32_t left = 0x10000 - (a->first & 0xffff);
	uint32_t count = left < SLUICE_AUDIT_IDS ? left : SLUICE_AUDIT_IDS;

	if (a->wrong_count != 0 || a->checked != count) {
		return "audit finds a wrong entry, or ends early";
	}
	return a->open < passing(e->m, a->first, count)
		       ? "audit counts too few open entries"
		       : NULL;
}
