// SPDX-License-Identifier: MIT
/*
 * The command buffer of a fake AMD IOMMU: what each command drops, and nothing
 * more. AMD IOMMU specification, "Command Buffer".
 */
#include "fake_amdvi_priv.h"
#include "lib/addr.h"
#include "machine.h"

#define COMMAND_BYTES UINT64_C(16)

struct span {
	uint16_t did;
	uint16_t source;
	uint64_t first;
	uint64_t last;
};

static bool any(const struct fake_cache_entry *e, const void *arg)
{
	(void)e;
	(void)arg;
	return true;
}

static bool of_source(const struct fake_cache_entry *e, const void *arg)
{
	return e->tag == ((const struct span *)arg)->source;
}

static bool in_span(const struct span *s, uint64_t first, unsigned shift)
{
	return first <= s->last && first + (BIT(shift) - 1) >= s->first;
}

/* A translation: its page overlaps the span, whoever's it is. */
static bool leaf_in(const struct fake_cache_entry *e, const void *arg)
{
	const struct span *s = arg;
	unsigned shift = 12 + 9 * e->level;

	return e->did == s->did &&
	       in_span(s, (e->tag & (BIT(PAGE_TAG_BITS) - 1)) << shift, shift);
}

/* A table cached for level n reaches 512 of its pages. */
static bool table_in(const struct fake_cache_entry *e, const void *arg)
{
	const struct span *s = arg;
	unsigned shift = 12 + 9 * (e->level + 1);

	return e->did == s->did && in_span(s, e->tag << shift, shift);
}

/* Each returns false when the command is nonsense. */
static bool flush_device(struct fake_amdvi *u, const uint64_t c[2])
{
	struct span s = {.source = (uint16_t)c[0]};

	if ((c[0] & GENMASK(59, 16)) || c[1] != 0) {
		return false;
	}
	u->counts.context_flushes++;
	fake_cache_drop(&u->dte, of_source, &s);
	fake_amdvi_forget_device(u, s.source);
	return true;
}

/* The lowest clear bit from 12 on tells the size. */
static void sized_span(uint64_t word, struct span *s)
{
	unsigned bit = 12;
	uint64_t bytes;

	while (bit < 63 && (word & BIT(bit))) {
		bit++;
	}
	if (bit == 63) {
		s->first = 0;
		s->last = UINT64_MAX;
		return;
	}
	bytes = BIT(bit + 1);
	s->first = word & ~(bytes - 1);
	s->last = s->first + (bytes - 1);
}

static bool flush_pages(struct fake_amdvi *u, const uint64_t c[2])
{
	struct span s = {.did = (uint16_t)(c[0] >> 32)};

	/* No PASID without guest translation. */
	if ((c[0] & (GENMASK(59, 48) | GENMASK(31, 0))) ||
	    (c[1] & GENMASK(11, 2))) {
		return false;
	}
	s.first = c[1] & ~PAGE_MASK;
	s.last = s.first + PAGE_MASK;
	if (c[1] & BIT(0)) {
		sized_span(c[1], &s);
	}
	if (s.first == 0 && s.last == UINT64_MAX) {
		u->counts.domain_flushes++;
	} else {
		u->counts.page_flushes++;
	}
	fake_cache_drop(&u->iotlb, leaf_in, &s);
	if (c[1] & BIT(1)) {
		fake_cache_drop(&u->paging, table_in, &s);
	}
	return true;
}

static bool flush_all(struct fake_amdvi *u, const uint64_t c[2])
{
	if (u->config.no_ia || (c[0] & GENMASK(59, 0)) || c[1] != 0) {
		return false;
	}
	u->counts.global_flushes++;
	fake_cache_drop(&u->dte, any, NULL);
	fake_cache_drop(&u->iotlb, any, NULL);
	fake_cache_drop(&u->paging, any, NULL);
	fake_amdvi_forget_interrupts(u);
	return true;
}

static bool answer_wait(struct fake_amdvi *u, const uint64_t c[2])
{
	uint64_t at = c[0] & GENMASK(51, 3);
	uint64_t *to = machine_ram(at, sizeof(*to));

	/* Interrupts at completion are never asked for. */
	if ((c[0] & (GENMASK(59, 52) | BIT(1))) || !(c[0] & BIT(0))) {
		return false;
	}
	u->counts.waits++;
	if (to == NULL || machine_page_is_freed(at)) {
		fake_amdvi_violate(u, "wait stores to %lx, %s",
				   (unsigned long)at,
				   to == NULL ? "no RAM" : "a freed page");
		return true;
	}
	__atomic_store_n(to, c[1], __ATOMIC_RELEASE);
	return true;
}

static bool execute(struct fake_amdvi *u, const uint64_t c[2])
{
	switch (c[0] >> 60) {
	case 1:
		return answer_wait(u, c);
	case 2:
		return flush_device(u, c);
	case 3:
		return flush_pages(u, c);
	case 5:
		return fake_amdvi_flush_interrupts(u, c);
	case 8:
		return flush_all(u, c);
	default:
		return false;
	}
}

static void call_between(struct fake_amdvi *u)
{
	if (u->between != NULL) {
		u->is_between = true;
		u->between(u->between_arg);
		u->is_between = false;
	}
}

/* The head stays at the command that is refused. */
static void halt(struct fake_amdvi *u, uint64_t at)
{
	fake_amdvi_log(u, E_BAD_COMMAND, 0, at);
	u->cmd_halted = true;
}

static uint64_t at_of(const struct fake_amdvi *u, unsigned n)
{
	uint64_t offset = u->cmd_head + n * COMMAND_BYTES;

	return (u->cmdbuf & GENMASK(51, 12)) +
	       (offset & (fake_amdvi_ring_bytes(u->cmdbuf) - 1));
}

/* How many are taken up at once, the last first: up to the next wait. */
static unsigned batch(struct fake_amdvi *u)
{
	uint64_t bytes = (u->cmd_tail - u->cmd_head) &
			 (fake_amdvi_ring_bytes(u->cmdbuf) - 1);
	unsigned n = 0;
	uint64_t low;

	while (u->reorder && u->error_in == 0 && n < bytes / COMMAND_BYTES &&
	       fake_amdvi_fetch(u, at_of(u, n), &low, sizeof(low), true) &&
	       low >> 60 != 1) {
		n++;
	}
	return n != 0 ? n : 1;
}

/* Return: false when the buffer has stopped. */
static bool take(struct fake_amdvi *unit, uint64_t at)
{
	uint64_t c[2];

	call_between(unit);
	if (!fake_amdvi_fetch(unit, at, c, sizeof(c), true)) {
		unit->cmd_halted = true;
		return false;
	}
	unit->counts.descriptors++;
	if (unit->error_in != 0 && --unit->error_in == 0) {
		halt(unit, at);
		return false;
	}
	if (!execute(unit, c)) {
		fake_amdvi_violate(unit, "command %016lx %016lx",
				   (unsigned long)c[0], (unsigned long)c[1]);
		halt(unit, at);
		return false;
	}
	return true;
}

void fake_amdvi_commands_run(struct fake_amdvi *unit)
{
	while (fake_amdvi_runs(unit, C_CMDBUF) && !unit->hold &&
	       unit->cmd_head != unit->cmd_tail) {
		unsigned count = batch(unit);

		for (unsigned n = count; n-- > 0;) {
			if (!take(unit, at_of(unit, n))) {
				return;
			}
		}
		unit->cmd_head = (unit->cmd_head + count * COMMAND_BYTES) &
				 (fake_amdvi_ring_bytes(unit->cmdbuf) - 1);
	}
}
