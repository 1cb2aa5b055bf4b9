// SPDX-License-Identifier: MIT
/*
 * The model's front: what is asked first of every sub-op, who answers each,
 * look-ups of handles, and what a device sees. Contract 1.4, section 5.
 */
#include "dma_model.h"

#include "model_space.h"

#include <string.h>

void model_start(struct model *m)
{
	model_clear(m);
	memset(m, 0, sizeof(*m));
}

void model_clear(struct model *m)
{
	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		if (m->domain[i].is_live) {
			model_space_clear(&m->domain[i]);
			m->domain[i].is_live = false;
		}
	}
	for (unsigned i = 0; i < m->device_count; i++) {
		m->device[i].token = 0;
		m->device[i].domain = 0;
		m->device[i].sequence = 0;
	}
	for (unsigned g = 0; g < MODEL_GUESTS; g++) {
		memset(m->guest[g].pasid, 0, sizeof(m->guest[g].pasid));
	}
}

void model_handle_gone(struct model *m, unsigned guest, uint64_t handle)
{
	m->gone[guest][m->gone_next[guest]++ % MODEL_GONE] = handle;
}

/* Class D: not 0, not another object's, not that of one lately deleted. */
bool model_handle_is_fresh(const struct model *m, uint64_t handle,
			   unsigned guest)
{
	struct model_domain *d;

	for (unsigned i = 0; i < MODEL_GONE; i++) {
		if (m->gone[guest][i] == handle) {
			return false;
		}
	}
	return handle != 0 && model_domain_of(m, guest, handle) == NULL &&
	       model_device_of(m, guest, handle) == NULL &&
	       model_pasid_of(m, guest, handle) == NULL &&
	       model_token_of(m, guest, handle, &d) == NULL;
}

struct model_says model_say(NTSTATUS status)
{
	return (struct model_says){.status = status, .or_status = status};
}

struct model_says model_say_either(NTSTATUS status, NTSTATUS other)
{
	return (struct model_says){.status = status, .or_status = other};
}

/*
 * How many table pages something costs is the format's business, so the model
 * knows a bound alone: within it a refusal is a bug, beyond it either is right.
 */
struct model_says model_short(const struct model_call *c,
			      struct model_says says, uint64_t table_pages)
{
	const struct model_guest *g = &c->m->guest[c->guest];

	says.may_be_short = g->table_pages + table_pages > g->table_page_quota;
	return says;
}

struct model_domain *model_domain_of(const struct model *m, unsigned guest,
				     uint64_t handle)
{
	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		const struct model_domain *d = &m->domain[i];

		if (d->is_live && d->handle == handle && d->guest == guest) {
			return (struct model_domain *)d;
		}
	}
	return NULL;
}

struct model_device *model_device_of(const struct model *m, unsigned guest,
				     uint64_t handle)
{
	for (unsigned i = 0; i < m->device_count; i++) {
		const struct model_device *d = &m->device[i];

		if (d->token != 0 && d->token == handle && d->guest == guest) {
			return (struct model_device *)d;
		}
	}
	return NULL;
}

struct model_range *model_token_of(const struct model *m, unsigned guest,
				   uint64_t handle,
				   struct model_domain **domain)
{
	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		const struct model_domain *d = &m->domain[i];

		for (unsigned j = 0;
		     d->is_live && d->guest == guest && j < d->range_count;
		     j++) {
			if (d->range[j].kind == MODEL_RANGE_TOKEN &&
			    d->range[j].token == handle) {
				*domain = (struct model_domain *)d;
				return (struct model_range *)&d->range[j];
			}
		}
	}
	return NULL;
}

uint32_t model_types(const struct model *m, unsigned guest)
{
	const struct model_guest *g = &m->guest[guest];

	if (!m->has_interface || g->is_x86) {
		return 0;
	}
	return g->allowed_types & m->offered_types;
}

bool model_is_ram(const struct model *m, unsigned guest, uint64_t frame)
{
	const struct model_guest *g = &m->guest[guest];

	return frame >= g->ram_first && frame - g->ram_first < g->ram_count &&
	       g->frame[frame - g->ram_first] != MODEL_NO_FRAME;
}

uint64_t model_frame(uint32_t kind, uint64_t base, const struct model_list *l,
		     uint64_t n)
{
	return kind == SLUICE_MAP_FRAMES ? l->frame[n]
					 : (base >> MODEL_PAGE_SHIFT) + n;
}

bool model_permits(const struct model_call *c, uint32_t permissions)
{
	return permissions != 0 && permissions <= 3 &&
	       (permissions != 2 || !c->m->lacks_write_only);
}

bool model_is_remapping(const struct model_domain *d)
{
	return d != NULL &&
	       (d->type == MODEL_TRANSLATE || d->type == MODEL_TRANSLATE_S1);
}

bool model_describes_memory(const struct model_call *c, uint32_t kind,
			    uint64_t base, uint64_t pages)
{
	if (kind != SLUICE_MAP_CONTIGUOUS && kind != SLUICE_MAP_FRAMES) {
		return false;
	}
	if (pages == 0 || pages > SLUICE_MAP_MAX) {
		return false;
	}
	if (kind == SLUICE_MAP_CONTIGUOUS && (base & MODEL_PAGE_MASK) != 0) {
		return false;
	}
	if (kind == SLUICE_MAP_FRAMES && !c->list->is_readable) {
		return false;
	}
	for (uint64_t i = 0; i < pages; i++) {
		if (!model_is_ram(c->m, c->guest,
				  model_frame(kind, base, c->list, i))) {
			return false;
		}
	}
	return true;
}

struct model_pasid *model_pasid_of(const struct model *m, unsigned guest,
				   uint64_t handle)
{
	const struct model_guest *g = &m->guest[guest];

	for (unsigned i = 0; handle != 0 && i < MODEL_PASIDS; i++) {
		if (g->pasid[i].handle == handle) {
			return (struct model_pasid *)&g->pasid[i];
		}
	}
	return NULL;
}

/* The guest's memory one to one, while the policy lets it: Q27, Q33. */
static struct model_view view_home(const struct model *m, unsigned guest,
				   uint64_t page)
{
	const struct model_guest *g = &m->guest[guest];
	struct model_view view = {0, 0};

	if ((model_types(m, guest) & 1u << MODEL_PASSTHROUGH) != 0 &&
	    model_is_ram(m, guest, page)) {
		view.address = g->frame[page - g->ram_first];
		view.permissions = 3;
	}
	return view;
}

/* A caller's table under the guest's memory. */
static struct model_view
view_nested(const struct model *m, const struct model_domain *d, uint64_t page)
{
	const struct model_guest *g = &m->guest[d->guest];
	const struct model_arm *arm = &g->arm[d->arm];
	struct model_view view = {0, 0};

	if (!d->is_configured) {
		return view;
	}
	if (d->is_bypassed) {
		return view_home(m, d->guest, page);
	}
	if (page < MODEL_ARM_PAGES && arm->page[page].permissions != 0) {
		view.address = g->frame[arm->page[page].frame - g->ram_first];
		view.permissions = arm->page[page].permissions;
	}
	return view;
}

struct model_view model_view_of(const struct model *m, unsigned guest,
				uint64_t domain, uint64_t page)
{
	const struct model_guest *g = &m->guest[guest];
	const struct model_domain *d = model_domain_of(m, guest, domain);
	struct model_view view = {0, 0};
	struct model_page p;

	if (domain == 0 || d == NULL) {
		return view; /* Q29: blocked */
	}
	if (d->type == MODEL_PASSTHROUGH) {
		return view_home(m, guest, page);
	}
	if (d->type == MODEL_UNMANAGED) {
		return view_nested(m, d, page);
	}
	p = model_page_get(d, page);
	if (p.owner != MODEL_FREE) {
		view.address = g->frame[p.frame - g->ram_first];
		view.permissions = p.permissions;
	}
	return view;
}

struct model_view model_view(const struct model *m,
			     const struct model_device *device, uint64_t page)
{
	return model_view_of(m, device->guest, device->domain, page);
}

/* "reserved" and header.flags come before everything, sluice/dma.h. */
static bool has_reserved(unsigned op, const union model_argument *a)
{
	static const uint8_t zero[8];

	if (a->header.flags != 0 || a->header.reserved != 0) {
		return true;
	}
	switch (op) {
	case SLUICE_OP_create_domain:
		return a->create_domain.reserved || a->create_domain.reserved2;
	case SLUICE_OP_create_device:
		return memcmp(a->create_device.reserved, zero, 3) != 0;
	case SLUICE_OP_map:
		return a->map.reserved != 0;
	case SLUICE_OP_unmap:
		return a->unmap.reserved != 0;
	case SLUICE_OP_query_domain_types:
		return a->query_domain_types.reserved != 0;
	case SLUICE_OP_allocate_range:
		return a->allocate_range.reserved != 0;
	case SLUICE_OP_map_identity:
	case SLUICE_OP_unmap_identity:
		return a->map_identity.reserved != 0;
	case SLUICE_OP_map_token:
		return a->map_token.reserved != 0;
	case SLUICE_OP_inventory:
		return a->inventory.reserved || a->inventory.reserved2;
	case SLUICE_OP_guest_policy:
		return a->guest_policy.reserved != 0;
	case SLUICE_OP_configure_domain:
		return a->configure_domain.reserved ||
		       a->configure_domain.reserved2;
	case SLUICE_OP_device_state:
		return a->device_state.reserved != 0;
	case SLUICE_OP_query_device:
		return memcmp(a->query_device.reserved, zero, 5) != 0;
	default:
		return false;
	}
}

/* Answered the same with and without an interface. */
static bool needs_interface(unsigned op)
{
	return op != SLUICE_OP_info && op != SLUICE_OP_list_devices &&
	       op != SLUICE_OP_list_domains && op != SLUICE_OP_inventory &&
	       op != SLUICE_OP_guest_policy;
}

struct model_says model_expect(const struct model *m, unsigned guest,
			       unsigned op, const union model_argument *a,
			       const struct model_list *list)
{
	struct model_call c = {m, guest, a, list};

	if (has_reserved(op, a)) {
		return model_say(STATUS_INVALID_PARAMETER);
	}
	if (!m->has_interface && needs_interface(op)) {
		return model_say(STATUS_NOT_SUPPORTED);
	}
	switch (op) {
#define MODEL_CASE(name)                                                       \
	case SLUICE_OP_##name:                                                 \
		return model_expect_##name(&c);
		MODEL_EXPECTS(MODEL_CASE)
#undef MODEL_CASE
	default:
		return model_say(STATUS_SUCCESS);
	}
}

const char *model_settle(struct model *m, unsigned guest, unsigned op,
			 const struct model_says *says,
			 const union model_argument *before,
			 const union model_argument *after,
			 const struct model_list *list)
{
	struct model_done d = {m, guest, says, before, after, list};

	switch (op) {
#define MODEL_CASE(name)                                                       \
	case SLUICE_OP_##name:                                                 \
		return model_settle_##name(&d);
		MODEL_EXPECTS(MODEL_CASE)
#undef MODEL_CASE
	default:
		return NULL;
	}
}
