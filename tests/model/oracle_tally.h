/* SPDX-License-Identifier: MIT */
/* What was done: calls, answers and removals, by setting and sub-op. */
#pragma once

#include "oracle_state.h"

#define ORACLE_SETTINGS_MAX 24u
#define ORACLE_OPS_MAX	    64u

struct oracle_tally {
	uint64_t calls;
	uint64_t successes;
	uint64_t probes;
	uint64_t sequences;
	/* Events after which a device must no longer reach something. */
	uint64_t removals;
	uint64_t failures; /* injected ones that were met */
	uint64_t made[ORACLE_SETTINGS_MAX][ORACLE_OPS_MAX];
	uint64_t done[ORACLE_SETTINGS_MAX][ORACLE_OPS_MAX]; /* successes */
	uint64_t met[ORACLE_OPS_MAX][ORACLE_STATUSES];	    /* agreed answers */
};

/* oracle_tally_take() - Move what @o counted, on a setting, to @t. */
void oracle_tally_take(struct oracle_tally *t, struct oracle *o,
		       unsigned setting);

void oracle_tally_add(struct oracle_tally *sum, const struct oracle_tally *one);

/* oracle_tally_print() - A line for each setting, @ops: for each sub-op too. */
void oracle_tally_print(const struct oracle_tally *t, bool ops);

/**
 * oracle_tally_check() - Did every setting that was used do what it serves?
 * Return: false, and a line, when a sub-op never succeeded in many calls.
 */
bool oracle_tally_check(const struct oracle_tally *t);

/* oracle_tally_rows() - Sub-op, status, how often both sides agreed. */
void oracle_tally_rows(const struct oracle_tally *t, const char *path);
