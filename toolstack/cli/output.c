/* SPDX-License-Identifier: MIT */
/*
 * Tables by libsmartcols. A failure on the way is remembered and told by
 * output_end(), so that a command need not look after each cell.
 */
#include "output.h"

#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct output {
	struct libscols_table *table;
	struct libscols_line *line;
	size_t cell;
	bool json;
	bool failed;
};

/* Longest cell; the longest ours get is a reason in words. */
#define CELL_BYTES 128

struct output *output_new(const char *name, const struct output_column *columns,
			  size_t count, bool json)
{
	struct output *output = calloc(1, sizeof(*output));

	if (output == NULL) {
		return NULL;
	}
	output->json = json;
	output->table = scols_new_table();
	if (output->table == NULL) {
		free(output);
		return NULL;
	}
	(void)scols_table_enable_json(output->table, json);
	(void)scols_table_set_name(output->table, name);
	for (size_t i = 0; i < count; i++) {
		struct libscols_column *column = scols_table_new_column(
			output->table, columns[i].name, 0,
			columns[i].is_number ? SCOLS_FL_RIGHT : 0);

		if (column == NULL ||
		    scols_column_set_json_type(
			    column, columns[i].is_number
					    ? SCOLS_JSON_NUMBER
					    : SCOLS_JSON_STRING) != 0) {
			output->failed = true;
		}
	}
	return output;
}

void output_row(struct output *output)
{
	output->line = scols_table_new_line(output->table, NULL);
	output->cell = 0;
	output->failed |= output->line == NULL;
}

void output_text(struct output *output, const char *text)
{
	const size_t cell = output->cell++;

	if (text == NULL || *text == '\0') {
		/* libsmartcols prints a cell without data as null in JSON. */
		if (output->json) {
			return;
		}
		text = "-";
	}
	if (output->line == NULL ||
	    scols_line_set_data(output->line, cell, text) != 0) {
		output->failed = true;
	}
}

void output_format(struct output *output, const char *format, ...)
{
	char text[CELL_BYTES];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	output_text(output, text);
}

bool output_end(struct output *output)
{
	bool ok = !output->failed && scols_print_table(output->table) == 0;

	ok = fflush(stdout) == 0 && ok;
	scols_unref_table(output->table);
	free(output);
	return ok;
}
