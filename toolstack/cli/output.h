/* SPDX-License-Identifier: MIT */
/*
 * Tables: one description printed as text or as JSON (libsmartcols).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct output_column {
	const char *name; /* header; in JSON the key, in lower case       */
	bool is_number;	  /* right-aligned; in JSON a number, else string */
};

struct output;

/**
 * output_new() - Start a table.
 * @name:    key of the rows in JSON
 * @columns: @count of them
 * @json:    print JSON
 *
 * Return: the table, or NULL without memory.
 */
struct output *output_new(const char *name, const struct output_column *columns,
			  size_t count, bool json);

/* output_row() - Start a row; cells follow from the first column on. */
void output_row(struct output *output);

/* output_text() - Put the next cell; copied. NULL and "": "-"; JSON null. */
void output_text(struct output *output, const char *text);

/* output_format() - Put the next cell from printf's format. */
__attribute__((format(printf, 2, 3))) void
output_format(struct output *output, const char *format, ...);

/**
 * output_end() - Print the table on stdout and release it.
 *
 * Return: false if memory ran out on the way or stdout did not take it.
 */
bool output_end(struct output *output);
