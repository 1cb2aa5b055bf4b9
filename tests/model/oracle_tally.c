// SPDX-License-Identifier: MIT
/* Sums, tables and the demand that no setting is there for show. */
#include "oracle_tally.h"

#include "oracle.h"

#include <stdio.h>
#include <string.h>

/* Calls after which each sub-op that can succeed must have done so. */
#define MANY 50000u

void oracle_tally_take(struct oracle_tally *t, struct oracle *o,
		       unsigned setting)
{
	t->calls += o->calls;
	t->successes += o->successes;
	t->probes += o->probes;
	t->removals += o->removals;
	t->failures += o->failures;
	for (unsigned op = 0; op < ORACLE_OPS_MAX; op++) {
		t->made[setting][op] += o->by_op[op][0];
		t->done[setting][op] += o->by_op[op][1];
		for (unsigned n = 0; n < ORACLE_STATUSES; n++) {
			t->met[op][n] += o->met[op][n];
		}
	}
	o->calls = o->successes = o->probes = o->removals = o->failures = 0;
	memset(o->by_op, 0, sizeof(o->by_op));
	memset(o->met, 0, sizeof(o->met));
}

void oracle_tally_add(struct oracle_tally *sum, const struct oracle_tally *one)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)one;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++) {
		to[i] += from[i];
	}
}

static uint64_t total(const uint64_t counts[ORACLE_OPS_MAX])
{
	uint64_t sum = 0;

	for (unsigned op = 0; op < ORACLE_OPS_MAX; op++) {
		sum += counts[op];
	}
	return sum;
}

/* The sub-op, of those that a setting serves, that succeeded least often. */
static unsigned rarest(const struct oracle_tally *t, unsigned s)
{
	unsigned least = SLUICE_OP_info;

	for (unsigned op = 0; op < ORACLE_OPS_MAX; op++) {
		if (oracle_op_is_made(op) &&
		    oracle_serves(&oracle_settings[s], op) &&
		    t->done[s][op] < t->done[s][least]) {
			least = op;
		}
	}
	return least;
}

static void print_setting(const struct oracle_tally *t, unsigned s, bool ops)
{
	unsigned least = rarest(t, s);

	printf("  %-20s %9llu calls %9llu succeeded, rarest %s %llu\n",
	       oracle_settings[s].name, (unsigned long long)total(t->made[s]),
	       (unsigned long long)total(t->done[s]), oracle_op_name(least),
	       (unsigned long long)t->done[s][least]);
	for (unsigned op = 0; ops && op < ORACLE_OPS_MAX; op++) {
		if (t->made[s][op] != 0) {
			printf("    %-20s %9llu made %9llu succeeded\n",
			       oracle_op_name(op),
			       (unsigned long long)t->made[s][op],
			       (unsigned long long)t->done[s][op]);
		}
	}
}

void oracle_tally_print(const struct oracle_tally *t, bool ops)
{
	for (unsigned s = 0; s < oracle_setting_count; s++) {
		if (total(t->made[s]) != 0) {
			print_setting(t, s, ops);
		}
	}
}

bool oracle_tally_check(const struct oracle_tally *t)
{
	bool good = true;

	for (unsigned s = 0; s < oracle_setting_count; s++) {
		unsigned least = rarest(t, s);

		if (total(t->made[s]) >= MANY && t->done[s][least] == 0) {
			printf("oracle: setting %s serves %s, which never "
			       "succeeded: nothing was tried there\n",
			       oracle_settings[s].name, oracle_op_name(least));
			good = false;
		}
	}
	return good;
}

void oracle_tally_rows(const struct oracle_tally *t, const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL) {
		perror(path);
		return;
	}
	for (unsigned op = 0; op < ORACLE_OPS_MAX; op++) {
		for (unsigned n = 0; n < ORACLE_STATUSES; n++) {
			if (t->met[op][n] != 0) {
				fprintf(f, "%s %s %llu\n", oracle_op_name(op),
					oracle_status_name(n) +
						strlen("STATUS_"),
					(unsigned long long)t->met[op][n]);
			}
		}
	}
	fclose(f);
}
