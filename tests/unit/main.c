// SPDX-License-Identifier: MIT
/*
 * Runs the suites of suites.h, a suite at a time in as many processes as there
 * are CPUs; what one prints comes out in one piece, the sum at the end. Words
 * on the command line pick suites by name. A process a test is the default, so
 * that one test's machine cannot reach the next; CK_FORK=no runs all in one
 * process (for a debugger), UNIT_JOBS=N in N.
 */
#include "machine.h"
#include "suites.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 16

static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
#define UNIT_ROW(name) {#name, name##_suite},
	UNIT_SUITES(UNIT_ROW)
#undef UNIT_ROW
};

#define SUITE_COUNT ((int)(sizeof(suites) / sizeof(suites[0])))

/* What the processes share. */
static struct totals {
	atomic_int next; /* suite to run */
	atomic_int run;
	atomic_int failed;
} * totals;

static void fail_test(const char *text)
{
	ck_abort_msg("%s", text);
}

static bool is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0) {
			return true;
		}
	}
	return argc < 2;
}

static int count_wanted(int argc, char **argv)
{
	int count = 0;

	for (int i = 0; i < SUITE_COUNT; i++) {
		count += is_wanted(suites[i].name, argc, argv);
	}
	return count;
}

static void run_suite(int n)
{
	SRunner *runner = srunner_create(suites[n].make());

	srunner_run_all(runner, CK_ENV);
	totals->run += srunner_ntests_run(runner);
	totals->failed += srunner_ntests_failed(runner);
	srunner_free(runner);
}

/* What is printed meanwhile, by its tests' processes too, in one write. */
static void run_suite_apart(int n, int out)
{
	FILE *text = tmpfile();
	static char bytes[1 << 16];
	size_t got;

	if (text == NULL || dup2(fileno(text), STDOUT_FILENO) < 0) {
		perror("tests/unit: output");
		exit(EXIT_FAILURE);
	}
	run_suite(n);
	fflush(stdout);
	rewind(text);
	/* One that prints more than fits is cut by other suites' output. */
	while ((got = fread(bytes, 1, sizeof(bytes), text)) != 0) {
		if (write(out, bytes, got) < 0) {
			exit(EXIT_FAILURE);
		}
	}
	fclose(text);
}

static void work(int argc, char **argv, bool is_apart)
{
	int out = is_apart ? dup(STDOUT_FILENO) : STDOUT_FILENO;
	int n;

	while ((n = totals->next++) < SUITE_COUNT) {
		if (!is_wanted(suites[n].name, argc, argv)) {
			continue;
		}
		if (is_apart) {
			run_suite_apart(n, out);
		} else {
			run_suite(n);
		}
	}
}

/* False when a process ended in any other way than by its own end. */
static bool work_in(int jobs, int argc, char **argv)
{
	bool is_good = true;
	int status;

	for (int i = 0; i < jobs; i++) {
		pid_t child = fork();

		if (child == 0) {
			work(argc, argv, true);
			_exit(EXIT_SUCCESS);
		}
		is_good = is_good && child > 0;
	}
	while (wait(&status) > 0) {
		is_good = is_good && status == 0;
	}
	return is_good;
}

static int jobs_for(int wanted)
{
	const char *fork_by = getenv("CK_FORK");
	const char *text = getenv("UNIT_JOBS");
	long jobs = text != NULL ? atol(text) : sysconf(_SC_NPROCESSORS_ONLN);

	if (fork_by != NULL && strcmp(fork_by, "no") == 0) {
		return 1;
	}
	jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs;
	return jobs < wanted ? (int)jobs : wanted;
}

int main(int argc, char **argv)
{
	int wanted = count_wanted(argc, argv);
	int jobs = jobs_for(wanted);
	bool is_good = true;

	machine_on_failure = fail_test;
	if (wanted == 0) {
		fprintf(stderr, "no suite of that name\n");
		return EXIT_FAILURE;
	}
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (totals == MAP_FAILED) {
		perror("tests/unit: shared memory");
		return EXIT_FAILURE;
	}
	if (jobs == 1) {
		work(argc, argv, false);
	} else {
		is_good = work_in(jobs, argc, argv);
	}
	printf("%d suites, %d checks, %d failures%s\n", wanted, totals->run,
	       totals->failed, is_good ? "" : ", a process ended early");
	return is_good && totals->failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
