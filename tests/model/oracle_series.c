// SPDX-License-Identifier: MIT
/*
 * Sequences by seed for a guest that makes every call. Where the model leaves
 * no choice the answers are the same on every machine of the same width, and so
 * is their digest.
 */
#include "oracle_series.h"

#define LONG_1_IN 40u /* sequences */

uint64_t oracle_mix(uint64_t a, uint64_t b)
{
	uint64_t x = (a + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u + b;

	x = (x ^ x >> 30) * 0x94d049bb133111ebu;
	x ^= x >> 31;
	return x != 0 ? x : 1;
}

static void make_one(struct oracle *o, struct oracle_series *s)
{
	struct oracle_source source = {.state = s->sequence};
	unsigned length = ORACLE_SERIES_LENGTH;

	o->source = &source;
	if (oracle_one_in(&source, LONG_1_IN)) {
		length = ORACLE_CALLS_MAX;
	}
	for (s->made = 0; s->made < length && o->wrong[0] == '\0'; s->made++) {
		struct oracle_call call;

		o->is_ending = s->made >= length / 3 * 2;
		call = oracle_make(o);

		oracle_run(o, &call);
	}
	if (o->wrong[0] == '\0') {
		oracle_look_all(o);
		oracle_clean(o);
	}
	o->source = NULL;
}

bool oracle_series_run(struct oracle *o, struct oracle_series *s)
{
	while (o->calls < s->calls &&
	       (s->count_max == 0 || s->count < s->count_max) &&
	       (s->is_late == NULL || !s->is_late())) {
		s->sequence = oracle_mix(s->seed, s->count);
		make_one(o, s);
		if (o->wrong[0] != '\0') {
			return false;
		}
		s->count++;
		if (s->count <= ORACLE_SERIES_CHECKED) {
			s->checked = s->count;
			s->digest = o->digest;
		}
	}
	return true;
}
