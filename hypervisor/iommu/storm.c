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
	uint64_t begin;
	uint64_t touched;
};

static struct window windows[STORM_SOURCES];

static struct window *window_of(uint32_t sbdf)
{
	struct window *oldest = &windows[0];

	for (unsigned i = 0; i < STORM_SOURCES; i++) {
		struct window *w = &windows[i];

		if (w->count != 0 && w->sbdf == sbdf) {
			return w;
		}
		if (w->touched < oldest->touched) {
			oldest = w;
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
	}
	w->touched = now;
	w->count++;
	return w->count == STORM_BURST;
}

void storm_reset(void)
{
	memset(windows, 0, sizeof(windows));
}
