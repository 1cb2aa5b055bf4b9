/* SPDX-License-Identifier: MIT */
/*
 * What woven files call: every check of the service and of the library asks
 * here for its answer, and every function that a caller of the contract calls
 * says when it begins and what it answers. tests/contract/weave puts the calls
 * in; the sources know nothing of them.
 */
#pragma once

#include <stdbool.h>

/*
 * row_term() - What a check answers: @value, unless ROW_OFF in the environment
 * holds it at another answer inside the call that runs.
 * @number: the check's, as the weaver counts
 */
bool row_term(unsigned number, bool value);

/*
 * row_enter() - A call begins.
 * @name:   the function
 * @sub_op: the gate's number, where that is the function
 */
void row_enter(const char *name, unsigned sub_op);

/* row_leave() - It ends with @status, which is returned. */
long row_leave(long status);

/* row_test() - Which test runs from now on: "suite:test". */
void row_test(const char *file, const char *name);
