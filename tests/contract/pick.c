// SPDX-License-Identifier: MIT
/*
 * Stands between the unit tests and Check in a woven build: says which test
 * begins, and lets ROW_TEST, "suite:test", pick one of them.
 */
#include "switch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void __real_tcase_fn_start(const char *name, const char *file, int line);
void __wrap_tcase_fn_start(const char *name, const char *file, int line);
void __real__tcase_add_test(TCase *tcase, const TTest *test, int signal,
			    int exit_value, int start, int end);
void __wrap__tcase_add_test(TCase *tcase, const TTest *test, int signal,
			    int exit_value, int start, int end);

void __wrap_tcase_fn_start(const char *name, const char *file, int line)
{
	row_test(file, name);
	__real_tcase_fn_start(name, file, line);
}

void __wrap__tcase_add_test(TCase *tcase, const TTest *test, int signal,
			    int exit_value, int start, int end)
{
	const char *wanted = getenv("ROW_TEST");

	if (wanted == NULL || strcmp(wanted, test->name) == 0) {
		__real__tcase_add_test(tcase, test, signal, exit_value, start,
				       end);
	}
}
