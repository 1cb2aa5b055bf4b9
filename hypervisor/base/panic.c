// SPDX-License-Identifier: MIT
/*
 * What a failed CHECK does: say it, once, and stop this machine's work. The
 * other CPUs run into locks or go on serving; a hypervisor that doubts its own
 * state serves nobody, so every CPU that panics halts for good.
 */
#include "arch/cpu.h"
#include "base/log.h"
#include "lib/check.h"
#include "lib/format.h"

#include <stdarg.h>

#define DEBUG_EXIT_PORT 0xf4

static volatile bool panicked;

void panic(const char *fmt, ...)
{
	char text[240];
	va_list args;

	va_start(args, fmt);
	format_args(text, sizeof(text), fmt, args);
	va_end(args);
	if (!panicked) {
		panicked = true;
		log_panic_text("PANIC: ");
		log_panic_text(text);
		log_panic_text("\n");
		/* A port of QEMU's that ends it; nobody listens elsewhere. */
		outb(DEBUG_EXIT_PORT, 0x7f);
	}
	cpu_halt_forever();
	__builtin_unreachable();
}
