// SPDX-License-Identifier: MIT
/* How a test makes a fake VT-d unit misbehave, and what it asks it after. */
#include "fake_vtd.h"
#include "fake_vtd_priv.h"

void fake_vtd_delay(struct fake_vtd *unit, uint64_t ns)
{
	unit->delay_ns = ns;
}

void fake_vtd_reorder(struct fake_vtd *unit, bool reorder)
{
	unit->reorder = reorder;
}

void fake_vtd_hold(struct fake_vtd *unit, bool hold)
{
	unit->hold = hold;
	fake_vtd_tick(unit);
}

void fake_vtd_queue_error(struct fake_vtd *unit, unsigned n)
{
	unit->error_in = n;
}

void fake_vtd_ignore_commands(struct fake_vtd *unit, bool ignore)
{
	unit->ignore_commands = ignore;
}

void fake_vtd_between(struct fake_vtd *unit, void (*hook)(void *), void *arg)
{
	unit->between = hook;
	unit->between_arg = arg;
}

struct fake_unit_counts fake_vtd_counts(const struct fake_vtd *unit)
{
	return unit->counts;
}

bool fake_vtd_is_translating(const struct fake_vtd *unit)
{
	return unit->gsts & GCMD_TE;
}

const char *fake_vtd_violation(const struct fake_vtd *unit)
{
	return unit->violation[0] != '\0' ? unit->violation : NULL;
}

void fake_vtd_forgive(struct fake_vtd *unit)
{
	unit->violation[0] = '\0';
}

unsigned fake_vtd_cached(const struct fake_vtd *unit, uint16_t did)
{
	return fake_cache_count(&unit->iotlb, did) +
	       fake_cache_count(&unit->paging, did) +
	       fake_cache_count(&unit->fs_iotlb, did) +
	       fake_cache_count(&unit->fs_paging, did);
}
