// SPDX-License-Identifier: MIT
/*
 * Sequences: made, replayed, shrunk. Each attempt to shrink runs in a child,
 * so that a call that panics or trips a sanitizer can be shrunk as well.
 */
#include "machine.h"
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A command that failed leaves a unit in doubt: only safety is asked now. */
static void end_of_unit(struct oracle *o)
{
	oracle_look_safe(o);
	if (fake_unit_violation(machine_unit(0)) != NULL) {
		oracle_wrong(o, "unit: %s",
			     fake_unit_violation(machine_unit(0)));
	}
}

unsigned oracle_sequence(struct oracle *o, struct oracle_call *calls,
			 unsigned count, volatile unsigned *made)
{
	unsigned n = 0;
	unsigned command = o->setting->command_1_in;
	unsigned bad = command != 0 && oracle_one_in(o->source, command)
			       ? (unsigned)oracle_below(o->source, count)
			       : count;

	while (n < count && o->wrong[0] == '\0' && !o->is_over) {
		o->is_ending = n >= count / 2;
		calls[n] = oracle_make(o);
		if (n >= bad && calls[n].inject == ORACLE_NO_FAILURE) {
			calls[n].inject = ORACLE_FAIL_COMMAND;
			calls[n].inject_at =
				(uint8_t)(1 + oracle_below(o->source, 3));
		}
		*made = ++n;
		oracle_run(o, &calls[n - 1]);
	}
	o->is_ending = false;
	if (o->is_over) {
		end_of_unit(o);
	} else if (o->wrong[0] == '\0') {
		oracle_look_all(o);
		oracle_clean(o);
	}
	return n;
}

bool oracle_replay(struct oracle *o, const struct oracle_setting *setting,
		   const struct oracle_call *calls, unsigned count)
{
	o->wrong[0] = '\0';
	o->is_thorough = true;
	oracle_boot(o, setting);
	for (unsigned i = 0; i < count && o->wrong[0] == '\0' && !o->is_over;
	     i++) {
		oracle_run(o, &calls[i]);
	}
	if (o->is_over) {
		end_of_unit(o);
	} else if (o->wrong[0] == '\0') {
		oracle_look_all(o);
		oracle_clean(o);
	}
	if (o->wrong[0] == '\0') {
		oracle_shutdown(o);
	}
	return o->wrong[0] == '\0';
}

/* Does it still go wrong, in whatever way? */
static bool goes_wrong(const struct oracle_setting *setting,
		       const struct oracle_call *calls, unsigned count)
{
	static struct oracle o;
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL) {
			_exit(1);
		}
		_exit(oracle_replay(&o, setting, calls, count) ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && status != 0;
}

unsigned oracle_shrink(const struct oracle_setting *setting,
		       struct oracle_call *calls, unsigned count)
{
	static struct oracle_call fewer[ORACLE_CALLS_MAX];

	if (!goes_wrong(setting, calls, count)) {
		return 0; /* It needs what came before. */
	}
	for (unsigned step = (count + 1) / 2; step > 0; step /= 2) {
		unsigned at = 0;

		while (at + step <= count) {
			unsigned left = count - step;

			memcpy(fewer, calls, at * sizeof(*calls));
			memcpy(&fewer[at], &calls[at + step],
			       (left - at) * sizeof(*calls));
			if (goes_wrong(setting, fewer, left)) {
				memcpy(calls, fewer, left * sizeof(*calls));
				count = left;
			} else {
				at += step;
			}
		}
	}
	return count;
}
