// SPDX-License-Identifier: MIT
/*
 * The invalidation queue of a fake VT-d unit: what each descriptor drops, and
 * nothing more. Intel VT-d specification, 6.5.2 (128-bit descriptors).
 */
#include "fake_vtd_priv.h"
#include "machine.h"

#include <string.h>

#define DESC_TYPE   (GENMASK(3, 0) | GENMASK(11, 9))
#define DESC_GLOBAL 1u
#define DESC_DOMAIN 2u
#define DESC_NARROW 3u /* device, or page */

struct span {
	uint16_t did;
	uint16_t source;
	unsigned mask; /* of function bits, context invalidation */
	uint64_t first;
	uint64_t last;
};

uint64_t fake_vtd_queue_bytes(const struct fake_vtd *unit)
{
	return PAGE_BYTES << (unit->iqa & 7);
}

static bool any(const struct fake_cache_entry *e, const void *arg)
{
	(void)e;
	(void)arg;
	return true;
}

static bool of_domain(const struct fake_cache_entry *e, const void *arg)
{
	return e->did == ((const struct span *)arg)->did;
}

/* FM hides one, two or three low function bits but for bit 2 first. */
static bool of_source(const struct fake_cache_entry *e, const void *arg)
{
	static const uint16_t hidden[] = {0, 4, 6, 7};
	const struct span *s = arg;
	uint16_t keep = (uint16_t)~hidden[s->mask];

	return e->did == s->did && (e->tag & keep) == (s->source & keep);
}

/* An IOTLB entry: its page overlaps the span. */
static bool leaf_in(const struct fake_cache_entry *e, const void *arg)
{
	const struct span *s = arg;
	unsigned shift = 12 + 9 * e->level;
	uint64_t first = e->tag << shift;

	return e->did == s->did && first <= s->last &&
	       first + (BIT(shift) - 1) >= s->first;
}

/* A table cached for level n reaches 512 of its pages. */
static bool table_in(const struct fake_cache_entry *e, const void *arg)
{
	const struct span *s = arg;
	unsigned shift = 12 + 9 * (e->level + 1);
	uint64_t first = e->tag << shift;

	return e->did == s->did && first <= s->last &&
	       first + (BIT(shift) - 1) >= s->first;
}

/* Return: false when the descriptor is nonsense. */
static bool flush_context(struct fake_vtd *u, const uint64_t d[2])
{
	struct span s = {.did = (uint16_t)field_get(GENMASK(31, 16), d[0]),
			 .source = (uint16_t)field_get(GENMASK(47, 32), d[0]),
			 .mask = (unsigned)field_get(GENMASK(49, 48), d[0])};

	if ((d[0] & (GENMASK(15, 12) | GENMASK(8, 6) | GENMASK(63, 50))) ||
	    d[1] != 0) {
		return false;
	}
	/* In scalable mode a context entry has no domain id. */
	s.did = fake_vtd_is_scalable(u) ? 0 : s.did;
	u->counts.context_flushes++;
	switch (field_get(GENMASK(5, 4), d[0])) {
	case DESC_GLOBAL:
		fake_cache_drop(&u->context, any, NULL);
		u->owes_context_flush = false;
		return true;
	case DESC_DOMAIN:
		fake_cache_drop(&u->context, of_domain, &s);
		return true;
	case DESC_NARROW:
		fake_cache_drop(&u->context, of_source, &s);
		return true;
	default:
		return false;
	}
}

static bool flush_pages(struct fake_vtd *u, const uint64_t d[2], struct span s)
{
	uint64_t am = field_get(GENMASK(5, 0), d[1]);
	bool leaves_only = d[1] & BIT(6);
	uint64_t bytes = PAGE_BYTES << am;

	s.first = d[1] & ~PAGE_MASK;
	s.last = s.first + (bytes - 1);
	if (u->config.no_psi || am > u->config.mamv ||
	    !is_aligned(s.first, bytes) || s.last >> u->config.width != 0) {
		return false;
	}
	u->counts.page_flushes++;
	fake_cache_drop(&u->iotlb, leaf_in, &s);
	if (!leaves_only) {
		fake_cache_drop(&u->paging, table_in, &s);
	}
	return true;
}

static bool flush_iotlb(struct fake_vtd *u, const uint64_t d[2])
{
	struct span s = {.did = (uint16_t)field_get(GENMASK(31, 16), d[0])};

	if ((d[0] & (GENMASK(15, 12) | BIT(8) | GENMASK(63, 32))) ||
	    (d[1] & GENMASK(11, 7))) {
		return false;
	}
	switch (field_get(GENMASK(5, 4), d[0])) {
	case DESC_GLOBAL:
		u->counts.global_flushes++;
		fake_cache_drop(&u->iotlb, any, NULL);
		fake_cache_drop(&u->paging, any, NULL);
		fake_vtd_forget_first_stage(u);
		u->owes_iotlb_flush = false;
		return true;
	case DESC_DOMAIN:
		u->counts.domain_flushes++;
		fake_cache_drop(&u->iotlb, of_domain, &s);
		fake_cache_drop(&u->paging, of_domain, &s);
		return true;
	case DESC_NARROW:
		return flush_pages(u, d, s);
	default:
		return false;
	}
}

static bool answer_wait(struct fake_vtd *u, const uint64_t d[2])
{
	bool interrupts = d[0] & BIT(4);
	bool stores = d[0] & BIT(5);
	uint32_t status = (uint32_t)(d[0] >> 32);
	void *to;

	if ((!interrupts && !stores) || (d[0] & (GENMASK(31, 12) | BIT(8))) ||
	    (d[1] & 3)) {
		return false;
	}
	u->counts.waits++;
	if (interrupts) {
		u->ics |= 1;
	}
	if (!stores) {
		return true;
	}
	to = machine_ram(d[1], sizeof(status));
	if (to == NULL || machine_page_is_freed(d[1])) {
		fake_vtd_violate(u, "wait status stored to %lx, %s",
				 (unsigned long)d[1],
				 to == NULL ? "no RAM" : "a freed page");
		return true;
	}
	__atomic_store_n((uint32_t *)to, status, __ATOMIC_RELEASE);
	return true;
}

static bool execute(struct fake_vtd *u, const uint64_t d[2])
{
	switch (d[0] & DESC_TYPE) {
	case 1:
		return flush_context(u, d);
	case 2:
		return flush_iotlb(u, d);
	case 4:
		return fake_vtd_flush_interrupts(u, d);
	case 5:
		return answer_wait(u, d);
	case 6:
		return fake_vtd_flush_first_stage(u, d);
	case 7:
		return u->config.scalable && fake_vtd_flush_pasid(u, d);
	default:
		return false;
	}
}

static void call_between(struct fake_vtd *u)
{
	if (u->between != NULL) {
		u->is_between = true;
		u->between(u->between_arg);
		u->is_between = false;
	}
}

static uint64_t at_of(const struct fake_vtd *u, unsigned n)
{
	uint64_t offset = u->iqh + (uint64_t)n * fake_vtd_descriptor_bytes(u);

	return (u->iqa & ~PAGE_MASK) + (offset & (fake_vtd_queue_bytes(u) - 1));
}

/* How many are taken up at once, the last first: up to the next wait. */
static unsigned batch(struct fake_vtd *u)
{
	uint64_t bytes = (u->iqt - u->iqh) & (fake_vtd_queue_bytes(u) - 1);
	unsigned count = (unsigned)(bytes / fake_vtd_descriptor_bytes(u));
	unsigned n = 0;
	uint64_t low;

	while (u->reorder && u->error_in == 0 && n < count &&
	       fake_vtd_fetch(u, at_of(u, n), &low, sizeof(low), true) &&
	       (low & DESC_TYPE) != 5) {
		n++;
	}
	return n != 0 ? n : 1;
}

/* Return: false when the queue has stopped. */
static bool take(struct fake_vtd *unit, uint64_t at)
{
	uint64_t d[4] = {0};

	call_between(unit);
	if (!fake_vtd_fetch(unit, at, d, fake_vtd_descriptor_bytes(unit),
			    true)) {
		unit->fsts |= (uint32_t)FSTS_IQE;
		return false;
	}
	unit->counts.descriptors++;
	if (unit->error_in != 0 && --unit->error_in == 0) {
		unit->fsts |= (uint32_t)FSTS_IQE;
		return false;
	}
	if ((d[2] | d[3]) != 0 || !execute(unit, d)) {
		fake_vtd_violate(unit, "descriptor %016lx %016lx",
				 (unsigned long)d[0], (unsigned long)d[1]);
		unit->fsts |= (uint32_t)FSTS_IQE;
		return false;
	}
	return true;
}

void fake_vtd_queue_run(struct fake_vtd *unit)
{
	while ((unit->gsts & GCMD_QIE) && !(unit->fsts & FSTS_IQE) &&
	       !unit->hold && unit->iqh != unit->iqt) {
		unsigned count = batch(unit);

		for (unsigned n = count; n-- > 0;) {
			if (!take(unit, at_of(unit, n))) {
				return;
			}
		}
		unit->iqh =
			(unit->iqh + count * fake_vtd_descriptor_bytes(unit)) &
			(fake_vtd_queue_bytes(unit) - 1);
	}
}

void fake_vtd_write_tail(struct fake_vtd *u, uint64_t value)
{
	uint64_t bytes = fake_vtd_queue_bytes(u);

	if ((value & ~GENMASK(18, 4)) ||
	    value % fake_vtd_descriptor_bytes(u) != 0 || value >= bytes) {
		fake_vtd_violate(u, "tail %lx of a queue of %lx bytes",
				 (unsigned long)value, (unsigned long)bytes);
		u->fsts |= (uint32_t)FSTS_IQE;
		return;
	}
	if (u->gsts & GCMD_QIE) {
		uint64_t posted = (value - u->iqt) & (bytes - 1);
		uint64_t waiting = (u->iqt - u->iqh) & (bytes - 1);

		if (posted + waiting >= bytes) {
			fake_vtd_violate(u, "tail %lx overtakes head %lx",
					 (unsigned long)value,
					 (unsigned long)u->iqh);
		}
	} else if (value != 0) {
		fake_vtd_violate(u, "tail written with the queue off");
	}
	u->iqt = value;
	u->queue_due_ns = machine_clock_now() + u->delay_ns;
	fake_vtd_tick(u);
}
