// SPDX-License-Identifier: MIT
/*
 * Runs the suites of suites.h. Words on the command line pick suites by name;
 * CK_FORK=no runs all in one process (for a debugger), a process a test is the
 * default, so that one test's machine cannot reach the next.
 */
#include "machine.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
#define UNIT_ROW(name) {#name, name##_suite},
	UNIT_SUITES(UNIT_ROW)
#undef UNIT_ROW
};

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

int main(int argc, char **argv)
{
	SRunner *runner = srunner_create(NULL);
	unsigned added = 0;
	int failed;

	machine_on_failure = fail_test;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (is_wanted(suites[i].name, argc, argv)) {
			srunner_add_suite(runner, suites[i].make());
			added++;
		}
	}
	if (added == 0) {
		fprintf(stderr, "no suite of that name\n");
		srunner_free(runner);
		return EXIT_FAILURE;
	}
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
