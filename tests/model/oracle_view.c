// SPDX-License-Identifier: MIT
/*
 * What devices reach, compared with what the model says they must: a few pages
 * after each call, all pages of interest at the end of a sequence. The unit
 * never evicts, so each look warms it for the next missing flush.
 */
#include "machine.h"
#include "model_space.h"
#include "oracle.h"

#define LOOKS_MAX 6u

static void probe_one(struct oracle *o, const struct model_device *d,
		      uint32_t pasid, uint64_t page, bool write,
		      struct model_view view)
{
	uint64_t iova = page << MODEL_PAGE_SHIFT;
	uint64_t hpa = 0;
	enum fake_dma seen =
		oracle_translate(o, d->sbdf, pasid, iova, write, &hpa);
	bool wanted = (view.permissions & (write ? 2u : 1u)) != 0;

	o->probes++;
	if (seen == FAKE_DMA_OK && machine_page_is_freed(hpa)) {
		oracle_wrong(o,
			     "device %x reaches page %lx, given back, at "
			     "%lx",
			     d->sbdf, (unsigned long)hpa, (unsigned long)iova);
	} else if (seen == FAKE_DMA_OK && (!wanted || hpa != view.address)) {
		oracle_wrong(o, "device %x %s %lx: reaches %lx, must %s %lx",
			     d->sbdf, write ? "writes" : "reads",
			     (unsigned long)iova, (unsigned long)hpa,
			     wanted ? "reach" : "fault, model has",
			     (unsigned long)view.address);
	} else if (seen != FAKE_DMA_OK && wanted) {
		oracle_wrong(o, "device %x %s %lx: faults, must reach %lx",
			     d->sbdf, write ? "writes" : "reads",
			     (unsigned long)iova, (unsigned long)view.address);
	}
}

void oracle_probe(struct oracle *o, const struct model_device *d, uint64_t page)
{
	struct model_view view;

	if (page >> (64 - MODEL_PAGE_SHIFT) != 0 ||
	    (page >= MODEL_WINDOW_FIRST &&
	     page < MODEL_WINDOW_FIRST + MODEL_WINDOW_PAGES)) {
		return;
	}
	view = model_view(&o->model, d, page);
	probe_one(o, d, FAKE_NEST_UNTAGGED, page, false, view);
	probe_one(o, d, FAKE_NEST_UNTAGGED, page, true, view);
	for (unsigned i = 0; o->model.pasid_count != 0 && i < MODEL_PASIDS;
	     i++) {
		const struct model_pasid *p =
			&o->model.guest[d->guest].pasid[i];

		if (p->handle != 0 && p->sbdf == d->sbdf) {
			view = model_view_of(&o->model, d->guest, p->domain,
					     page);
			probe_one(o, d, p->number, page, false, view);
			probe_one(o, d, p->number, page, true, view);
		}
	}
}

static void probe_all_devices(struct oracle *o, unsigned guest, uint64_t page)
{
	for (unsigned i = 0; i < o->model.device_count; i++) {
		if (o->model.device[i].guest == guest) {
			oracle_probe(o, &o->model.device[i], page);
		}
	}
}

static void look_around(struct oracle *o, unsigned guest, uint64_t first,
			uint64_t pages)
{
	if (pages == 0 || pages > SLUICE_MAP_MAX) {
		pages = 1;
	}
	probe_all_devices(o, guest, first);
	probe_all_devices(o, guest, first + pages);
	if (first > 0) {
		probe_all_devices(o, guest, first - 1);
	}
	if (pages > 1) {
		probe_all_devices(o, guest, first + pages - 1);
		probe_all_devices(o, guest, first + (o->calls * 7919 % pages));
	}
}

/* A few pages of a device, wherever its domain has some. */
static void look_somewhere(struct oracle *o, const struct model_device *d,
			   unsigned looks)
{
	const struct model_domain *domain =
		model_domain_of(&o->model, d->guest, d->domain);

	for (unsigned i = 0; i < looks; i++) {
		uint64_t turn = o->calls + i;
		const struct model_chunk *c;
		unsigned at = (unsigned)(turn * 37 % MODEL_CHUNK_PAGES);

		if (domain == NULL || domain->chunk_count == 0) {
			oracle_probe(o, d,
				     turn * 13 %
					     (o->model.can_nest ? 96 : 640));
			continue;
		}
		c = domain->chunk[turn % domain->chunk_count];
		for (unsigned n = 0;
		     n < MODEL_CHUNK_PAGES && c->page[at].owner == MODEL_FREE;
		     n++) {
			at = (at + 1) % MODEL_CHUNK_PAGES;
		}
		oracle_probe(o, d, c->number * MODEL_CHUNK_PAGES + at);
	}
}

static void look_at_frames(struct oracle *o, const struct oracle_call *c,
			   const union model_argument *a,
			   const uint64_t *frames)
{
	const struct sluice_identity *i = &a->map_identity;

	if (i->kind != SLUICE_MAP_FRAMES) {
		look_around(o, c->guest, i->base >> 12, i->pages);
		return;
	}
	for (unsigned n = 0; n < c->list.count && n < LOOKS_MAX; n++) {
		look_around(o, c->guest, frames[n] & 0xffffff, 1);
	}
}

static void look_at_token(struct oracle *o, const struct oracle_call *c,
			  uint64_t token, uint64_t offset, uint64_t pages)
{
	struct model_domain *d;
	const struct model_range *r =
		model_token_of(&o->model, c->guest, token, &d);

	if (r != NULL) {
		look_around(o, c->guest, r->first + (offset >> 12), pages);
	}
}

void oracle_look(struct oracle *o, const struct oracle_call *c,
		 const union model_argument *a, const uint64_t *frames)
{
	if (o->setting->has_no_unit) {
		return;
	}
	switch (c->op) {
	case SLUICE_OP_map:
		look_around(o, c->guest, a->map.logical_address >> 12,
			    a->map.pages);
		return;
	case SLUICE_OP_unmap:
		look_around(o, c->guest, a->unmap.logical_address >> 12,
			    a->unmap.pages);
		return;
	case SLUICE_OP_map_identity:
	case SLUICE_OP_unmap_identity:
		look_at_frames(o, c, a, frames);
		return;
	case SLUICE_OP_map_token:
		look_at_token(o, c, a->map_token.token, a->map_token.offset,
			      a->map_token.pages);
		return;
	case SLUICE_OP_unmap_token:
		look_at_token(o, c, a->unmap_token.token, a->unmap_token.offset,
			      a->unmap_token.pages);
		return;
	case SLUICE_OP_attach_device:
	case SLUICE_OP_detach_device:
	case SLUICE_OP_attach_pasid:
	case SLUICE_OP_detach_pasid:
	case SLUICE_OP_configure_domain:
	case SLUICE_OP_guest_policy:
		for (unsigned i = 0; i < o->model.device_count; i++) {
			look_somewhere(o, &o->model.device[i], LOOKS_MAX);
		}
		return;
	default:
		look_somewhere(
			o, &o->model.device[o->calls % o->model.device_count],
			1);
		return;
	}
}

static void look_at_chunk(struct oracle *o, const struct model_device *d,
			  const struct model_chunk *c)
{
	bool was_mapped = false;

	for (unsigned i = 0; i < MODEL_CHUNK_PAGES; i++) {
		bool is_mapped = c->page[i].owner != MODEL_FREE;

		/* Mapped ones, their neighbours, and some of the rest. */
		if (is_mapped || was_mapped || i % 64 == o->calls % 64) {
			oracle_probe(o, d, c->number * MODEL_CHUNK_PAGES + i);
		}
		was_mapped = is_mapped;
	}
}

void oracle_look_all(struct oracle *o)
{
	for (unsigned i = 0; i < o->model.device_count; i++) {
		const struct model_device *d = &o->model.device[i];
		const struct model_domain *domain =
			model_domain_of(&o->model, d->guest, d->domain);

		if (domain == NULL || o->setting->has_no_unit) {
			continue;
		}
		for (unsigned n = 0; n < domain->chunk_count; n++) {
			look_at_chunk(o, d, domain->chunk[n]);
		}
	}
}
