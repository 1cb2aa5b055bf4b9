// SPDX-License-Identifier: MIT
/* What a failed CHECK, or a misuse of the machine, does to the test. */
#include "lib/check.h"
#include "machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local char text[512];
static _Thread_local jmp_buf back;
static _Thread_local bool is_expected;

static void print_and_abort(const char *why)
{
	fprintf(stderr, "%s\n", why);
	abort();
}

void (*machine_on_failure)(const char *text) = print_and_abort;

static void __noreturn fail(void)
{
	if (is_expected) {
		is_expected = false;
		longjmp(back, 1);
	}
	machine_on_failure(text);
	abort();
}

void machine_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fail();
}

void panic(const char *fmt, ...)
{
	va_list args;
	int n = snprintf(text, sizeof(text), "panic: ");

	va_start(args, fmt);
	vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, args);
	va_end(args);
	fail();
}

bool machine_panics(void (*act)(void *arg), void *arg)
{
	if (setjmp(back) != 0) {
		return true;
	}
	is_expected = true;
	act(arg);
	is_expected = false;
	return false;
}

const char *machine_panic_text(void)
{
	return text;
}
