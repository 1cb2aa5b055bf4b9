/* SPDX-License-Identifier: MIT */
/*
 * What devices reach, tried with a device. An edu has one buffer, which only
 * DMA fills: it is loaded from a page that the model lets it read, and emptied
 * into one that it may write. Each frame carries a word of its own, so that
 * whatever turns up somewhere says where it came from.
 */
#include "lib/edu.h"
#include "lib/hypercall.h"
#include "model_space.h"
#include "oracle_series.h"
#include "replay/replay.h"

#define TRIES	   64u /* pages looked at for one of the wanted kind */
#define WORD_BYTES 8u
#define PAGE_BYTES 4096u

static struct edu edu[MODEL_DEVICES];
static uint64_t round_number;

void replay_dma_start(struct oracle *o)
{
	for (unsigned i = 0; i < o->model.device_count; i++) {
		struct sluice_device_info info = {.scope = SLUICE_SCOPE_OWN,
						  .index = i};

		if (SLUICE_CALL(list_devices, &info) == STATUS_SUCCESS) {
			edu[i].bar = (void *)(uintptr_t)info.bar[0].address;
		}
	}
}

static volatile uint64_t *frame_at(uint64_t address)
{
	return (volatile uint64_t *)(uintptr_t)address;
}

/* Different for each frame and round, and never a device's zeros. */
static uint64_t word_of(uint64_t address)
{
	return oracle_mix(round_number, address);
}

static bool is_ours(uint64_t address)
{
	return address / PAGE_BYTES - REPLAY_FRAME_FIRST < REPLAY_FRAMES;
}

static void write_words(void)
{
	round_number++;
	for (uint64_t i = 0; i < REPLAY_FRAMES; i++) {
		uint64_t at = (REPLAY_FRAME_FIRST + i) * PAGE_BYTES;

		*frame_at(at) = word_of(at);
	}
}

/* A frame other than @but whose word is not its own, or 0. */
static uint64_t changed_frame(uint64_t but)
{
	for (uint64_t i = 0; i < REPLAY_FRAMES; i++) {
		uint64_t at = (REPLAY_FRAME_FIRST + i) * PAGE_BYTES;

		if (at != but && *frame_at(at) != word_of(at)) {
			return at;
		}
	}
	return 0;
}

/* A page that the model lets @d use so (or not), other than that of @but. */
static bool find_page(struct oracle *o, const struct model_device *d,
		      unsigned right, bool wanted, uint64_t but, uint64_t *page)
{
	const struct model_domain *domain =
		model_domain_of(&o->model, d->guest, d->domain);

	for (unsigned n = 0; n < TRIES; n++) {
		uint64_t pages = 1;
		struct model_view view;

		*page = oracle_page(o);
		if (wanted && domain != NULL &&
		    domain->type != MODEL_PASSTHROUGH &&
		    !oracle_mapped(o, domain,
				   oracle_one_in(o->source, 3) ? MODEL_TOKEN
							       : MODEL_PLAIN,
				   page, &pages)) {
			continue;
		}
		if (*page >> (o->model.address_bits - 12) != 0 ||
		    *page >> 8 == MODEL_WINDOW_FIRST >> 8) {
			continue;
		}
		view = model_view(&o->model, d, *page);
		if (((view.permissions & right) != 0) == wanted &&
		    (!wanted ||
		     (is_ours(view.address) && view.address != but))) {
			return true;
		}
	}
	return false;
}

static void carry(struct oracle *o, const struct edu *e,
		  enum edu_direction direction, uint64_t page)
{
	o->probes++;
	if (!edu_copy(e, direction, page * PAGE_BYTES, 0, WORD_BYTES)) {
		oracle_wrong(o, "device is late at %lx",
			     (unsigned long)(page * PAGE_BYTES));
	}
}

/* From one page to another: the word arrives, and nothing else changes. */
static void try_mapped(struct oracle *o, const struct model_device *d,
		       const struct edu *e, uint64_t from, uint64_t to)
{
	uint64_t source = model_view(&o->model, d, from).address;
	uint64_t target = model_view(&o->model, d, to).address;

	write_words();
	carry(o, e, EDU_READS_MEMORY, from);
	carry(o, e, EDU_WRITES_MEMORY, to);
	if (*frame_at(target) != word_of(source)) {
		oracle_wrong(o, "DMA from %lx to %lx has not landed",
			     (unsigned long)from, (unsigned long)to);
	}
	if (changed_frame(target) != 0) {
		oracle_wrong(o, "DMA to %lx hit frame %lx", (unsigned long)to,
			     (unsigned long)changed_frame(target));
	}
}

/* The buffer is full: nothing of it may arrive anywhere. */
static void try_write(struct oracle *o, const struct edu *e, uint64_t page)
{
	write_words();
	carry(o, e, EDU_WRITES_MEMORY, page);
	if (changed_frame(0) != 0) {
		oracle_wrong(o, "DMA to %lx, closed, hit frame %lx",
			     (unsigned long)page,
			     (unsigned long)changed_frame(0));
	}
}

/* No frame's word may come out of the buffer afterwards. */
static void try_read(struct oracle *o, const struct model_device *d,
		     const struct edu *e, uint64_t page, uint64_t to)
{
	uint64_t target = model_view(&o->model, d, to).address;
	uint64_t got;

	write_words();
	carry(o, e, EDU_READS_MEMORY, page);
	carry(o, e, EDU_WRITES_MEMORY, to);
	got = *frame_at(target);
	for (uint64_t i = 0; i < REPLAY_FRAMES; i++) {
		uint64_t at = (REPLAY_FRAME_FIRST + i) * PAGE_BYTES;

		if (got == word_of(at)) {
			oracle_wrong(o, "DMA from %lx, closed, read frame %lx",
				     (unsigned long)page, (unsigned long)at);
		}
	}
}

static void try_device(struct oracle *o, const struct model_device *d,
		       const struct edu *e)
{
	uint64_t from = 0, to = 0, closed = 0;
	bool reads = find_page(o, d, 1, true, 0, &from);
	bool writes =
		reads && find_page(o, d, 2, true,
				   model_view(&o->model, d, from).address, &to);

	if (writes) {
		try_mapped(o, d, e, from, to);
	}
	if (find_page(o, d, 2, false, 0, &closed)) {
		try_write(o, e, closed);
	}
	if (writes && find_page(o, d, 1, false, 0, &closed)) {
		try_read(o, d, e, closed, to);
	}
}

void replay_dma(struct oracle *o)
{
	for (unsigned i = 0; i < o->model.device_count; i++) {
		if (edu[i].bar != NULL) {
			try_device(o, &o->model.device[i], &edu[i]);
		}
	}
}
