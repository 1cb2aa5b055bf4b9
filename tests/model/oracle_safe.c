// SPDX-License-Identifier: MIT
/*
 * What must hold at any moment, before a call has ended and after a unit has
 * failed: a device reaches its owner's memory or nothing.
 */
#include "machine.h"
#include "model_space.h"
#include "oracle.h"

static bool is_frame_of(const struct model_guest *g, uint64_t hpa)
{
	for (uint64_t i = 0; i < g->ram_count; i++) {
		if (g->frame[i] == (hpa & ~MODEL_PAGE_MASK)) {
			return true;
		}
	}
	return false;
}

static void probe_safe(struct oracle *o, const struct model_device *d,
		       uint64_t page, const char *when)
{
	uint64_t hpa = 0;

	if (page >> 12 == MODEL_WINDOW_FIRST >> 12) {
		return;
	}
	if (oracle_translate(o, d->sbdf, FAKE_NEST_UNTAGGED, page << 12, true,
			     &hpa) == FAKE_DMA_OK &&
	    (machine_page_is_freed(hpa) ||
	     !is_frame_of(&o->model.guest[d->guest], hpa))) {
		oracle_wrong(o, "%s device %x reaches %lx", when, d->sbdf,
			     (unsigned long)hpa);
	}
}

void oracle_look_safe(struct oracle *o)
{
	for (unsigned i = 0; i < o->model.device_count; i++) {
		for (uint64_t page = 0; page < 700; page += 1 + page / 64) {
			probe_safe(o, &o->model.device[i], page,
				   "after a failed command");
		}
	}
}

void oracle_hammer(void *oracle)
{
	struct oracle *o = oracle;

	for (unsigned i = 0; i < o->model.device_count; i++) {
		probe_safe(o, &o->model.device[i], o->last_page,
			   "during a call");
	}
}

/* The id is the control domain's to see. 0 = none or not found. */
static uint32_t asid_of(struct oracle *o, unsigned guest, uint64_t domain)
{
	struct sluice_domain_info a = {.guest = o->model.guest[guest].id};

	for (; a.index < MODEL_DOMAINS; a.index++) {
		a.header.size = 0;
		if (fake_guest_status(o->guest[ORACLE_CONTROL],
				      SLUICE_OP_list_domains, &a,
				      sizeof(a)) != STATUS_SUCCESS) {
			return 0;
		}
		if (a.domain == domain) {
			return a.asid;
		}
	}
	return 0;
}

static void look_into_unit(struct oracle *o, const struct model_device *d,
			   const struct model_domain *left)
{
	uint64_t domain = left->handle;
	uint32_t asid;

	if (left->type == MODEL_PASSTHROUGH) {
		return; /* Guests' PassThrough domains share an id. */
	}
	for (unsigned i = 0; i < o->model.device_count; i++) {
		if (o->model.device[i].guest == d->guest &&
		    o->model.device[i].domain == domain) {
			return;
		}
	}
	for (unsigned i = 0; i < MODEL_PASIDS; i++) {
		if (o->model.guest[d->guest].pasid[i].domain == domain) {
			return;
		}
	}
	asid = asid_of(o, d->guest, domain);
	if (asid != 0 && (oracle_nests(o->setting)
				  ? fake_nest_cached((uint16_t)asid)
				  : fake_unit_cached(machine_unit(0),
						     (uint16_t)asid)) != 0) {
		oracle_wrong(o, "id %u is still cached after a detach", asid);
	}
}

void oracle_look_cached(struct oracle *o, const struct model_device *d,
			uint64_t domain)
{
	const struct model_domain *left =
		model_domain_of(&o->model, d->guest, domain);
	unsigned step;

	if (left == NULL) {
		return;
	}
	look_into_unit(o, d, left);
	for (unsigned n = 0; n < left->chunk_count; n++) {
		const struct model_chunk *c = left->chunk[n];

		step = 1 + (unsigned)(o->calls % 7);
		for (unsigned i = 0; i < MODEL_CHUNK_PAGES; i += step) {
			if (c->page[i].owner != MODEL_FREE) {
				oracle_probe(o, d,
					     c->number * MODEL_CHUNK_PAGES + i);
			}
		}
	}
}
