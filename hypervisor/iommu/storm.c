// SPDX-License-Identifier: MIT
/*
 * A window a requester. When more requesters fault than there are windows the
 * one longest untouched gives its own up, so a few that storm are still seen.
 */
#include "iommu/storm.h"

#include "lib/string.h"

struct window {
	uint32_t sbdf;
	uint32_t count; /* 0 = unused */
	bool is_told;	/* its caller knows that it is a storm */
	uint64_t begin;
	uint64_t touched;
};

static struct window windows[STORM_SOURCES];

static struct window *find(uint32_t sbdf)
{
	for (unsigned i = 0; i < STORM_SOURCES; i++) {
		if (windows[i].count != 0 && windows[i].sbdf == sbdf) {
			return &windows[i];
		}
	}
	return NULL;
}

static struct window *window_of(uint32_t sbdf)
{
	struct window *oldest = &windows[0];
	struct window *w = find(sbdf);

	if (w != NULL) {
		return w;
	}
	for (unsigned i = 1; i < STORM_SOURCES; i++) {
		if (windows[i].touched < oldest->touched) {
			oldest = &windows[i];
		}
	}
	*oldest = (struct window){.sbdf = sbdf};
	return oldest;
}

bool storm_note(uint32_t sbdf, uint64_t now)
{
	struct window *w = window_of(sbdf);

	if (w->count == 0 || now - w->begin >= STORM_WINDOW_NS) {
		w->begin = now;
		w->count = 0;
		w->is_told = false;
	}
	w->touched = now;
	w->count++;
	if (w->count < STORM_BURST || w->is_told) {
		return false;
	}
	w->is_told = true;
	return true;
}

void storm_heard(uint32_t sbdf)
{
	struct window *w = find(sbdf);

	if (w != NULL) {
		w->is_told = false;
	}
}

void storm_reset(void)
{
	memset(windows, 0, sizeof(windows));
}
