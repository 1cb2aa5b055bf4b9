/* SPDX-License-Identifier: MIT */
/*
 * One line of text about a failure. Control characters become '?', since a
 * guest's file or a path may hold any byte and the line goes to a terminal.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

NTSTATUS error_set(struct sluice_error *error, NTSTATUS status,
		   const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	for (char *c = error->text; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			*c = '?';
		}
	}
	return status;
}
