// SPDX-License-Identifier: MIT
/*
 * The way back to an empty model after a sequence, by calls that must succeed,
 * and live counts against the model's. Knows no machine.
 */
#include "oracle_state.h"

#include <string.h>

#define PAGE_SHIFT 12u

static void drop_pasids(struct oracle *o, const struct model_device *d)
{
	for (unsigned i = 0; d->token != 0 && i < MODEL_PASIDS; i++) {
		struct model_pasid *p = &o->model.guest[d->guest].pasid[i];
		struct sluice_pasid_ref a = {.pasid = p->handle};
		uint64_t left = p->domain;

		if (p->handle == 0 || p->device != d->token) {
			continue;
		}
		if (left != 0) {
			if (oracle_ask(o, d->guest, SLUICE_OP_detach_pasid, &a,
				       sizeof(a)) != 0) {
				oracle_wrong(o, "clean-up: detach_pasid");
			}
			p->domain = 0;
			o->removals++;
			oracle_look_cached(o, d, left);
		}
		a = (struct sluice_pasid_ref){.pasid = p->handle};
		if (oracle_ask(o, d->guest, SLUICE_OP_delete_pasid, &a,
			       sizeof(a))) {
			oracle_wrong(o, "clean-up: delete_pasid refused");
		}
		p->handle = 0;
	}
}

static void drop_device(struct oracle *o, struct model_device *d)
{
	struct sluice_device_ref a = {.device = d->token};
	uint64_t left = d->domain;

	if (left != 0) {
		if (oracle_ask(o, d->guest, SLUICE_OP_detach_device, &a,
			       sizeof(a))) {
			oracle_wrong(o, "clean-up: detach refused");
		}
		d->domain = 0;
		o->removals++;
		oracle_look_cached(o, d, left);
	}
	drop_pasids(o, d);
	a = (struct sluice_device_ref){.device = d->token};
	if (d->token != 0 && oracle_ask(o, d->guest, SLUICE_OP_delete_device,
					&a, sizeof(a)) != 0) {
		oracle_wrong(o, "clean-up: delete_device refused");
	}
	d->token = 0;
}

static void drop_segments(struct oracle *o, struct model_domain *d,
			  const struct model_range *r)
{
	for (unsigned i = 0; i < MODEL_SEGMENTS; i++) {
		struct model_segment *s = &d->segment[i];

		for (uint64_t p = 0;
		     s->id != 0 && s->token == r->token && p < s->pages; p++) {
			struct sluice_unmap_token a = {
				.token = r->token,
				.segment_offset = s->offset << PAGE_SHIFT,
				.segment_bytes = s->pages << PAGE_SHIFT,
				.offset = (s->offset + p) << PAGE_SHIFT,
				.pages = 1,
			};

			oracle_ask(o, d->guest, SLUICE_OP_unmap_token, &a,
				   sizeof(a));
			o->removals++;
		}
	}
}

static void drop_domain(struct oracle *o, struct model_domain *d)
{
	struct sluice_domain_ref a = {.domain = d->handle};

	for (unsigned i = 0; i < d->range_count; i++) {
		struct sluice_token_ref t = {.token = d->range[i].token};

		if (d->range[i].kind != MODEL_RANGE_TOKEN) {
			continue;
		}
		drop_segments(o, d, &d->range[i]);
		if (oracle_ask(o, d->guest, SLUICE_OP_free_token, &t,
			       sizeof(t))) {
			oracle_wrong(o, "clean-up: free_token: %08x",
				     (unsigned)t.header.status);
		}
	}
	if (oracle_ask(o, d->guest, SLUICE_OP_delete_domain, &a, sizeof(a)) !=
	    0) {
		oracle_wrong(o, "clean-up: delete_domain: %08x",
			     (unsigned)a.header.status);
	}
	o->removals++;
}

static void allow_all(struct oracle *o, unsigned n)
{
	struct model_guest *g = &o->model.guest[n];
	struct sluice_guest_policy a = {
		.operation = SLUICE_POLICY_SET,
		.guest = g->id,
		.machine =
			g->is_x86 ? SLUICE_MACHINE_I386 : SLUICE_MACHINE_AMD64,
		.allowed_types = 0xf,
		.domain_quota = g->domain_quota,
		.table_page_quota = g->table_page_quota,
	};

	if (g->allowed_types != 0xf &&
	    oracle_ask(o, ORACLE_CONTROL, SLUICE_OP_guest_policy, &a,
		       sizeof(a))) {
		oracle_wrong(o, "clean-up: guest_policy refused");
	}
	g->allowed_types = 0xf;
}

void oracle_audit(struct oracle *o, unsigned guest)
{
	union model_argument a = {.inventory = {.guest = SLUICE_GUEST_SELF}};
	union model_argument before = a;
	const char *text;

	if (oracle_ask(o, guest, SLUICE_OP_inventory, &a.inventory,
		       sizeof(a.inventory)) != STATUS_SUCCESS) {
		oracle_wrong(o, "inventory refused");
		return;
	}
	text = model_settle(&o->model, guest, SLUICE_OP_inventory, NULL,
			    &before, &a, NULL);
	if (text != NULL) {
		oracle_wrong(o, "inventory of guest %u %s", guest, text);
	}
}

void oracle_clean(struct oracle *o)
{
	struct sluice_inventory a = {.guest = SLUICE_GUEST_SELF};

	for (unsigned i = 0; i < o->model.device_count; i++) {
		drop_device(o, &o->model.device[i]);
	}
	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		if (o->model.domain[i].is_live) {
			drop_domain(o, &o->model.domain[i]);
		}
	}
	model_clear(&o->model);
	for (unsigned n = 0; n < o->model.guest_count; n++) {
		allow_all(o, n);
		a = (struct sluice_inventory){.guest = SLUICE_GUEST_SELF};
		oracle_ask(o, n, SLUICE_OP_inventory, &a, sizeof(a));
		if (n != ORACLE_CONTROL &&
		    (a.domain_count || a.device_count || a.attached_count ||
		     a.asid_count || a.mapped_pages || a.table_pages)) {
			oracle_wrong(o,
				     "clean-up: guest %u keeps %u ids, %lu "
				     "mapped, %lu table pages",
				     n, a.asid_count,
				     (unsigned long)a.mapped_pages,
				     (unsigned long)a.table_pages);
		}
		o->model.guest[n].table_pages = a.table_pages;
	}
}
