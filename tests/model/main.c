// SPDX-License-Identifier: MIT
/*
 * oracle --calls N --seed S [--setting NAME] [--workers W] [--length L]
 *        [--rows FILE]
 * oracle --guest SEQUENCES --seed S [--setting NAME]: replay_guest's, in QEMU
 *
 * Runs sequences in W processes until N calls are made. A sequence that goes
 * wrong is kept in shared memory, so it outlives its process; it is replayed on
 * a fresh machine, shrunk, printed, and the program fails.
 */
#include "machine.h"
#include "oracle.h"
#include "oracle_series.h"
#include "oracle_tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX 16u
#define PER_BOOT    120u /* sequences on one machine */
#define PER_RENEW   40u	 /* sequences before the guests are made anew */

struct shared {
	struct oracle_call calls[ORACLE_CALLS_MAX];
	unsigned made;
	unsigned setting;
	uint64_t seed; /* of the sequence */
	struct oracle_tally tally;
	char wrong[256];
};

static struct options {
	uint64_t calls;
	uint64_t seed;
	int setting; /* -1 = all in turn */
	unsigned workers;
	unsigned length;
	const char *rows; /* where to write what was met */
	uint64_t guest;	  /* sequences of one guest alone; 0 = not */
} options = {1000000, 1, -1, 2, 30, NULL, 0};

static struct shared *shared[WORKERS_MAX];

static void publish(struct shared *s, struct oracle *o)
{
	oracle_tally_take(&s->tally, o, s->setting);
	memcpy(s->wrong, o->wrong, sizeof(s->wrong));
}

static bool run_machine(struct oracle *o, struct shared *s, uint64_t seed,
			uint64_t goal)
{
	struct oracle_source source = {.state = 0};

	o->source = &source;
	oracle_boot(o, &oracle_settings[s->setting]);
	for (unsigned i = 0;
	     i < PER_BOOT && s->tally.calls < goal && !o->is_over; i++) {
		unsigned length = options.length;

		if (i != 0 && i % PER_RENEW == 0 && !o->setting->has_no_unit) {
			oracle_renew(o);
		}
		s->seed = source.state = oracle_mix(seed, i);
		if (oracle_one_in(&source, 40)) {
			length = ORACLE_CALLS_MAX;
		}
		s->made = 0;
		oracle_sequence(o, s->calls, length, &s->made);
		s->tally.sequences++;
		publish(s, o);
		if (o->wrong[0] != '\0') {
			return false;
		}
	}
	oracle_shutdown(o);
	return true;
}

static int work(unsigned n)
{
	static struct oracle o;
	struct shared *s = shared[n];
	uint64_t goal = options.calls / options.workers;

	for (unsigned boot = 0; s->tally.calls < goal; boot++) {
		s->setting = options.setting >= 0
				     ? (unsigned)options.setting
				     : (boot + n) % oracle_setting_count;
		if (!run_machine(&o, s,
				 oracle_mix(oracle_mix(options.seed, n), boot),
				 goal)) {
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}

static void report(struct shared *s)
{
	const struct oracle_setting *setting = &oracle_settings[s->setting];
	unsigned count;

	printf("DIVERGENCE in setting %s, sequence of seed %#llx, after %u "
	       "calls: %s\n",
	       setting->name, (unsigned long long)s->seed, s->made,
	       s->wrong[0] ? s->wrong : "the process died (see above)");
	count = oracle_shrink(setting, s->calls, s->made);
	if (count == 0) {
		printf("a fresh machine does not show it; the whole "
		       "sequence:\n");
		count = s->made;
	}
	for (unsigned i = 0; i < count; i++) {
		oracle_print(&s->calls[i], i);
	}
	printf("shrunk to %u calls; the last words:\n", count);
	fflush(NULL);
	if (fork() == 0) {
		static struct oracle o;

		oracle_replay(&o, setting, s->calls, count);
		printf("    %s\n", o.wrong);
		fflush(NULL);
		_exit(0);
	}
	wait(NULL);
}

/* Return: false when a setting was used and something never done there. */
static bool summarize(double seconds)
{
	static struct oracle_tally sum;

	for (unsigned i = 0; i < options.workers; i++) {
		oracle_tally_add(&sum, &shared[i]->tally);
	}
	oracle_tally_print(&sum, getenv("ORACLE_OPS") != NULL);
	printf("oracle: %llu calls (%llu succeeded) in %llu sequences, %llu "
	       "probes, %llu removals, %llu failures injected, %.1f s, %.0f "
	       "calls/s\n",
	       (unsigned long long)sum.calls, (unsigned long long)sum.successes,
	       (unsigned long long)sum.sequences,
	       (unsigned long long)sum.probes, (unsigned long long)sum.removals,
	       (unsigned long long)sum.failures, seconds,
	       (double)sum.calls / seconds);
	if (options.rows != NULL) {
		oracle_tally_rows(&sum, options.rows);
	}
	return oracle_tally_check(&sum);
}

static int setting_by_name(const char *name)
{
	for (unsigned i = 0; i < oracle_setting_count; i++) {
		if (strcmp(oracle_settings[i].name, name) == 0) {
			return (int)i;
		}
	}
	fprintf(stderr, "oracle: no setting %s; there are:", name);
	for (unsigned i = 0; i < oracle_setting_count; i++) {
		fprintf(stderr, " %s", oracle_settings[i].name);
	}
	fprintf(stderr, "\n");
	exit(2);
}

static void read_options(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *value = argv[i + 1];

		if (strcmp(argv[i], "--calls") == 0) {
			options.calls = strtoull(value, NULL, 0);
		} else if (strcmp(argv[i], "--seed") == 0) {
			options.seed = strtoull(value, NULL, 0);
		} else if (strcmp(argv[i], "--setting") == 0) {
			options.setting = setting_by_name(value);
		} else if (strcmp(argv[i], "--workers") == 0) {
			options.workers = (unsigned)strtoul(value, NULL, 0);
		} else if (strcmp(argv[i], "--rows") == 0) {
			options.rows = value;
		} else if (strcmp(argv[i], "--guest") == 0) {
			options.guest = strtoull(value, NULL, 0);
		} else if (strcmp(argv[i], "--length") == 0) {
			options.length = (unsigned)strtoul(value, NULL, 0);
		} else {
			fprintf(stderr, "oracle: unknown option %s\n", argv[i]);
			exit(2);
		}
	}
	if (options.workers == 0 || options.workers > WORKERS_MAX ||
	    options.length == 0 || options.length > ORACLE_CALLS_MAX) {
		fprintf(stderr, "oracle: 1..%u workers, 1..%u calls\n",
			WORKERS_MAX, ORACLE_CALLS_MAX);
		exit(2);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	pid_t pid[WORKERS_MAX];
	double start = now();
	int failed = 0, status;

	read_options(argc, argv);
	if (options.guest != 0) {
		return oracle_alone(&oracle_settings[options.setting > 0
							     ? options.setting
							     : 0],
				    options.seed, options.guest)
			       ? EXIT_SUCCESS
			       : EXIT_FAILURE;
	}
	for (unsigned i = 0; i < options.workers; i++) {
		shared[i] =
			mmap(NULL, sizeof(*shared[i]), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (shared[i] == MAP_FAILED) {
			perror("mmap");
			return EXIT_FAILURE;
		}
		pid[i] = fork();
		if (pid[i] == 0) {
			_exit(work(i));
		}
	}
	for (unsigned i = 0; i < options.workers; i++) {
		if (waitpid(pid[i], &status, 0) != pid[i] || status != 0) {
			report(shared[i]);
			failed++;
		}
	}
	return summarize(now() - start) && failed == 0 ? EXIT_SUCCESS
						       : EXIT_FAILURE;
}
