// SPDX-License-Identifier: MIT
/*
 * The series of tests/qemu/guests/replay_guest.c on the fakes: a guest like
 * that one, the same seed, the same calls; the answers must be the same as
 * well.
 */
#include "oracle.h"
#include "oracle_series.h"

#include <stdio.h>

bool oracle_alone(const struct oracle_setting *setting, uint64_t seed,
		  uint64_t count)
{
	static struct oracle o;
	struct oracle_setting alone = *setting;
	struct oracle_series s = {
		.seed = seed, .calls = UINT64_MAX, .count_max = count};
	bool agrees;

	alone.is_alone = true;
	alone.fail_1_in = 0;
	alone.copy_1_in = 0;
	oracle_boot(&o, &alone);
	agrees = oracle_series_run(&o, &s);
	if (agrees) {
		oracle_shutdown(&o);
	} else {
		printf("DIVERGENCE in sequence %llu, after %u calls: %s\n",
		       (unsigned long long)s.count, s.made, o.wrong);
	}
	printf("oracle: seed %llu, %llu calls, digest 0x%llx of %llu "
	       "sequences\n",
	       (unsigned long long)seed, (unsigned long long)o.calls,
	       (unsigned long long)s.digest, (unsigned long long)s.checked);
	return agrees;
}
