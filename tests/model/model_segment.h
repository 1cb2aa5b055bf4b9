/* SPDX-License-Identifier: MIT */
/* The mapped parts of tokens: looked up and made, in a plain array. */
#pragma once

#include "model_types.h"

/* A segment owns its pages until the last of them is unmapped. */
static inline bool in_segment(const struct model_domain *d, uint64_t token,
			      uint64_t offset, uint64_t pages)
{
	for (unsigned i = 0; i < MODEL_SEGMENTS; i++) {
		const struct model_segment *s = &d->segment[i];

		if (s->id != 0 && s->token == token &&
		    offset < s->offset + s->pages &&
		    s->offset < offset + pages) {
			return true;
		}
	}
	return false;
}

static inline struct model_segment *new_segment(struct model_domain *d)
{
	for (unsigned i = 0; i < MODEL_SEGMENTS; i++) {
		if (d->segment[i].id == 0) {
			d->segment[i].id = ++d->next_segment;
			return &d->segment[i];
		}
	}
	return NULL;
}
