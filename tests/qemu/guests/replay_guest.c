/* SPDX-License-Identifier: MIT */
/*
 * The gate answers typed random calls as the model of the contract says.
 *
 * The generator and the model of tests/model are compiled into this guest. It
 * draws sequences from a seed, makes each call by VMMCALL, and compares status,
 * [out] fields, untouched bytes and live counts with the model. After some
 * sequences its devices are sent to pages that the model names: DMA must land,
 * or must not. A divergence stops it and leaves seed, call and words in the
 * report page; `build/host/oracle --guest` makes the same sequences, and a
 * digest of the first ones' answers is compared with its own.
 *
 * Arguments, before stage 1: 0 seed, 1 calls to make, 2 sequences between two
 * that end with DMA (0: none), 3 milliseconds after which no new one begins.
 */
#include "guests/steps.h"
#include "lib/hypercall.h"
#include "lib/report.h"
#include "oracle_series.h"
#include "replay/replay.h"

static struct oracle oracle;
static uint64_t begin, ticks;

static bool is_late(void)
{
	return clock_ticks() - begin > ticks;
}

static void tell(const struct oracle_series *s)
{
	uint64_t passed = clock_ticks() - begin;

	for (unsigned i = 0; i < REPORT_TEXT - 1; i++) {
		report.text[i] = oracle.wrong[i];
	}
	REPORT(STEP_REPLAY_CALLS, oracle.wrong[0] == '\0', true, oracle.calls);
	REPORT(STEP_REPLAY_SUCCESSES, oracle.successes > 0, true,
	       oracle.successes);
	REPORT(STEP_REPLAY_SEQUENCE, s->made, REPORT_ANY, s->sequence);
	REPORT(STEP_REPLAY_DIGEST, true, true, s->digest);
	REPORT(STEP_REPLAY_CHECKED, s->checked > 0, true, s->checked);
	REPORT(STEP_REPLAY_PROBES, true, true, oracle.probes);
	REPORT(STEP_REPLAY_TIME, true, true, passed / (CLOCK_SECOND / 1000));
}

void guest_main(void)
{
	struct oracle_series s = {.is_late = is_late};

	report_wait(1);
	s.seed = report.argument[0];
	s.calls = report.argument[1];
	ticks = report.argument[3] * (CLOCK_SECOND / 1000);
	if (!replay_start(&oracle, report.argument[2])) {
		report.text[0] = '?';
		return;
	}
	begin = clock_ticks();
	oracle_series_run(&oracle, &s);
	tell(&s);
	report_wait(2);
}
