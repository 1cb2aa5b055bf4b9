// SPDX-License-Identifier: MIT
/*
 * Scalable mode of a fake VT-d unit: from a requester to its first-stage table,
 * context entry and PASID entry each from its cache first. Intel VT-d
 * specification, 3.4.3, 6.5.2, 9.2 to 9.6.
 *
 * Harsher than silicon: a PASID entry once read stays until a type 7 names it,
 * and one that was changed meanwhile without ever being absent is a violation:
 * no store reaches the whole of it, so a walk could have met a mixture.
 */
#include "fake_vtd_priv.h"
#include "machine.h"

#include <string.h>

#define REASON_SM_ROOT_ACCESS	   0x38u
#define REASON_SM_ROOT_ABSENT	   0x39u
#define REASON_SM_ROOT_RESERVED	   0x3au
#define REASON_SM_CONTEXT_ACCESS   0x40u
#define REASON_SM_CONTEXT_ABSENT   0x41u
#define REASON_SM_CONTEXT_RESERVED 0x42u
#define REASON_SM_DIR_ACCESS	   0x50u
#define REASON_SM_DIR_ABSENT	   0x51u
#define REASON_SM_PASID_ACCESS	   0x58u
#define REASON_SM_PASID_ABSENT	   0x59u
#define REASON_SM_PASID_RESERVED   0x5au
#define REASON_SM_PASID_INVALID	   0x5bu
#define ADDRESS			   GENMASK(HOST_ADDRESS_BITS - 1, 12)
#define LEVELS			   4u

struct scope {
	uint16_t did;
	uint32_t pasid;
};

static bool any(const struct fake_cache_entry *e, const void *arg)
{
	(void)e;
	(void)arg;
	return true;
}

static bool entry_of_domain(const struct fake_cache_entry *e, const void *arg)
{
	return e->did == ((const struct scope *)arg)->did;
}

static bool entry_of_pasid(const struct fake_cache_entry *e, const void *arg)
{
	const struct scope *s = arg;

	return e->did == s->did && (e->tag & GENMASK(19, 0)) == s->pasid;
}

struct visit {
	struct fake_vtd *unit;
};

static bool is_unchanged(const struct fake_cache_entry *e, const void *arg)
{
	struct fake_vtd *u = ((const struct visit *)arg)->unit;
	uint64_t w[8];

	if (e->present && fake_vtd_fetch(u, e->at, w, sizeof(w), false) &&
	    (w[0] & 1) != 0 &&
	    ((w[1] & 0xffff) != e->did || (w[2] & ADDRESS) != e->value)) {
		fake_vtd_violate(u, "PASID entry at %lx changed while present",
				 (unsigned long)e->at);
	}
	return false;
}

bool fake_vtd_pasid_reserved(const uint64_t d[2])
{
	return (d[0] & (GENMASK(15, 12) | GENMASK(8, 6) | GENMASK(63, 52))) !=
	       0;
}

bool fake_vtd_flush_pasid(struct fake_vtd *u, const uint64_t d[2])
{
	struct scope s = {.did = (uint16_t)field_get(GENMASK(31, 16), d[0]),
			  .pasid = (uint32_t)field_get(GENMASK(51, 32), d[0])};

	if (fake_vtd_pasid_reserved(d) || d[1] != 0) {
		return false;
	}
	fake_cache_drop(&u->pasid, is_unchanged, &(struct visit){u});
	switch (field_get(GENMASK(5, 4), d[0])) {
	case 0:
		fake_cache_drop(&u->pasid, entry_of_domain, &s);
		return true;
	case 1:
		fake_cache_drop(&u->pasid, entry_of_pasid, &s);
		return true;
	case 3:
		fake_cache_drop(&u->pasid, any, NULL);
		u->owes_pasid_flush = false;
		return true;
	default:
		return false;
	}
}

static unsigned fetch_context(struct fake_vtd *u, uint16_t source,
			      uint64_t w[4])
{
	uint64_t half;

	if (u->is_damaged ||
	    !fake_vtd_fetch(u,
			    (u->root & ~PAGE_MASK) + (source >> 8) * 16 +
				    (source & 0x80 ? 8 : 0),
			    &half, sizeof(half), false)) {
		return REASON_SM_ROOT_ACCESS;
	}
	if (!(half & 1)) {
		return REASON_SM_ROOT_ABSENT;
	}
	if (half & (GENMASK(11, 1) | GENMASK(63, HOST_ADDRESS_BITS))) {
		fake_vtd_violate(u, "half of a root entry %016lx",
				 (unsigned long)half);
		return REASON_SM_ROOT_RESERVED;
	}
	if (!fake_vtd_fetch(u, (half & ADDRESS) + (source & 0x7f) * 32, w, 32,
			    false)) {
		return REASON_SM_CONTEXT_ACCESS;
	}
	u->is_quiet = w[0] & ENTRY_FPD;
	if (!(w[0] & 1)) {
		return REASON_SM_CONTEXT_ABSENT;
	}
	/* Device TLBs and page requests are never asked for. */
	if ((w[0] & (GENMASK(11, 2) | GENMASK(63, HOST_ADDRESS_BITS))) ||
	    (w[1] & GENMASK(63, 20)) || w[2] != 0 || w[3] != 0) {
		fake_vtd_violate(u, "context entry %016lx %016lx",
				 (unsigned long)w[0], (unsigned long)w[1]);
		return REASON_SM_CONTEXT_RESERVED;
	}
	return 0;
}

static unsigned fetch_pasid(struct fake_vtd *u, uint64_t directory,
			    uint32_t pasid, uint64_t w[8], uint64_t *at)
{
	uint64_t table;

	if (!fake_vtd_fetch(u, directory + (pasid >> 6) * 8, &table,
			    sizeof(table), false)) {
		return REASON_SM_DIR_ACCESS;
	}
	if (!(table & 1)) {
		return REASON_SM_DIR_ABSENT;
	}
	*at = (table & ADDRESS) + (pasid & 63) * 64;
	if (!fake_vtd_fetch(u, *at, w, 64, false)) {
		return REASON_SM_PASID_ACCESS;
	}
	return w[0] & 1 ? 0 : REASON_SM_PASID_ABSENT;
}

/* Judge a present entry. Return: fault reason, 0 = sound. */
static unsigned check_pasid(struct fake_vtd *u, const uint64_t w[8])
{
	uint64_t did = w[1] & 0xffff;
	unsigned reason = 0;

	if (field_get(GENMASK(8, 6), w[0]) != 1 ||
	    field_get(GENMASK(4, 2), w[0]) != LEVELS - 2 ||
	    (w[2] & GENMASK(3, 2)) != 0) {
		reason = REASON_SM_PASID_INVALID;
	} else if ((w[0] & ~(GENMASK(8, 6) | GENMASK(4, 2) | 1)) != 0 ||
		   (w[1] & ~(GENMASK(15, 0) | BIT(23))) != 0 || did == 0 ||
		   did >> (4 + 2 * u->config.nd) != 0 ||
		   ((w[1] & BIT(23)) && !u->config.walks_snoop) ||
		   (w[2] & ~ADDRESS) != 0 ||
		   (w[3] | w[4] | w[5] | w[6] | w[7]) != 0) {
		reason = REASON_SM_PASID_RESERVED;
	}
	if (reason != 0) {
		fake_vtd_violate(u, "PASID entry %016lx %016lx %016lx",
				 (unsigned long)w[0], (unsigned long)w[1],
				 (unsigned long)w[2]);
	}
	return reason;
}

/* In caching mode absence is cached too, with domain id 0. */
static unsigned absent(struct fake_vtd *u, struct fake_cache *cache,
		       uint64_t tag, unsigned reason)
{
	if (u->config.caching_mode) {
		fake_cache_add(cache, (struct fake_cache_entry){
					      .tag = tag,
					      .is_quiet = u->is_quiet,
					      .extra = reason});
	}
	return reason;
}

/* Context entries carry no domain id in this mode. */
static unsigned find_context(struct fake_vtd *u, uint16_t source,
			     struct fake_cache_entry **found)
{
	uint64_t w[4];
	unsigned reason;

	*found = fake_cache_find(&u->context, -1, 0, source);
	if (*found != NULL) {
		u->is_quiet = (*found)->is_quiet;
		return (*found)->present ? 0 : (*found)->extra;
	}
	reason = fetch_context(u, source, w);
	if (reason != 0) {
		return absent(u, &u->context, source, reason);
	}
	fake_cache_add(&u->context,
		       (struct fake_cache_entry){.present = true,
						 .is_quiet = u->is_quiet,
						 .tag = source,
						 .value = w[0] & ADDRESS,
						 .extra = (uint32_t)w[1]});
	*found = fake_cache_find(&u->context, -1, 0, source);
	return 0;
}

unsigned fake_vtd_find_stage(struct fake_vtd *u, uint16_t source,
			     struct fake_stage *stage)
{
	struct fake_cache_entry *context, *e;
	unsigned reason = find_context(u, source, &context);
	uint64_t w[8], tag, at;

	if (reason != 0) {
		return reason;
	}
	tag = (uint64_t)source << 20 | context->extra;
	e = fake_cache_find(&u->pasid, -1, 0, tag);
	if (e == NULL) {
		reason = fetch_pasid(u, context->value, context->extra, w, &at);
		if (reason != 0) {
			return absent(u, &u->pasid, tag, reason);
		}
		reason = check_pasid(u, w);
		if (reason != 0) {
			return reason;
		}
		fake_cache_add(&u->pasid,
			       (struct fake_cache_entry){
				       .did = (uint16_t)w[1],
				       .present = true,
				       .tag = tag,
				       .value = w[2] & ADDRESS,
				       .extra = (w[1] & BIT(23)) != 0,
				       .at = at});
		e = fake_cache_find(&u->pasid, -1, 0, tag);
	}
	if (!e->present) {
		return e->extra;
	}
	*stage =
		(struct fake_stage){e->did, context->extra, e->value, e->extra};
	return 0;
}
