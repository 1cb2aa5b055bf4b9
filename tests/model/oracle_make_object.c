// SPDX-License-Identifier: MIT
/* Making a call about domains, devices and policy. */
#include "model_space.h"
#include "oracle_make.h"
#include "oracle_state.h"

#include <string.h>

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

	uint32_t usual = o->model.offered_types & 1u << MODEL_TRANSLATE
				 ? MODEL_TRANSLATE
				 : MODEL_TRANSLATE_S1;

	c->name = oracle_free_name(o, c->guest, ORACLE_DOMAIN);
	a->type = oracle_one_in(s, 3) ? (uint32_t)oracle_below(s, 5) : usual;
	a->creation_flags = oracle_one_in(s, 50) ? oracle_some(o, 1) : 0;
	if (oracle_one_in(s, 2) && (a->type == usual || oracle_one_in(s, 8))) {
		static const uint8_t widths[] = {32, 39, 48, 12, 13, 20,
						 11, 63, 64, 40, 49, 22};

		a->allocator_type = oracle_one_in(s, 30) ? 2 : 1;
		a->allocator_width =
			oracle_one_in(s, 2) ? 32 : widths[oracle_below(s, 12)];
	}
	if (oracle_one_in(s, 4) && (a->type == usual || oracle_one_in(s, 8))) {
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
	if (o->model.pasid_count != 0 && !oracle_one_in(s, 4)) {
		a->config_type = 3; /* PASIDs */
		a->pasid_type = !oracle_one_in(s, 6);
		a->suppress_faults = (uint8_t)oracle_below(s, 2);
	} else if (oracle_one_in(s, 20)) {
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
	a->allowed_types = (uint32_t)oracle_below(s, 16);
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

static void make_audit(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_audit *a = &c->a.audit;

	c->guest = oracle_one_in(s, 4) ? c->guest : ORACLE_CONTROL;
	a->first = (uint32_t)oracle_below(s, 3) * 0x300;
	a->first += oracle_one_in(s, 4) ? 0xfd00 : 0;
}

static void make_configure(struct oracle *o, struct oracle_call *c)
{
	struct oracle_source *s = o->source;
	struct sluice_configure *a = &c->a.configure;
	const struct model_guest *g = &o->model.guest[c->guest];

	if (o->model.can_nest && g->arm[0].root != 0) {
		a->arch = oracle_one_in(s, 20)
				  ? 1 + (uint32_t)oracle_below(s, 2)
				  : 0;
		a->ttbr0 = g->arm[oracle_below(s, MODEL_ARM_TABLES)].root << 12;
		a->ttbr0 += oracle_one_in(s, 20) ? 8 : 0;
		a->ttbr0 = oracle_one_in(s, 20) ? 610ull << 12 : a->ttbr0;
		a->input_size0 = oracle_one_in(s, 20) ? 24 : 39;
		a->translation_enabled = !oracle_one_in(s, 4);
		a->coherent_walks = oracle_one_in(s, 20) ? 2 : 1;
		a->ttbr1 = oracle_one_in(s, 20) ? 4096 : 0;
		return;
	}
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

void oracle_make_argument(struct oracle *o, struct oracle_call *c)
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
	case SLUICE_OP_audit:
		make_audit(o, c);
		return;
	case SLUICE_OP_configure_domain:
		make_configure(o, c);
		return;
	case SLUICE_OP_flush_list:
		make_flush_list(o, c);
		return;
	case SLUICE_OP_create_pasid:
		c->name = oracle_free_name(o, c->guest, ORACLE_PASID);
		return;
	default:
		oracle_make_space(o, c);
	}
}
