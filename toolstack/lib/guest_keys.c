/* SPDX-License-Identifier: MIT */
/*
 * A scan for keys beside libxlutil's parser, which has checked the syntax.
 *
 * A statement is KEY = VALUE and ends at a newline or a semicolon outside
 * quotes and brackets. Source: Xen 4.17, tools/libs/util/libxlu_cfg_l.l.
 */
#include "guest_keys.h"

#include <ctype.h>
#include <string.h>

static const struct {
	const char *name;
	bool must;
} keys[] = {
#define KEY_ROW(key, must) {#key, must},
	GUEST_KEYS(KEY_ROW)
#undef KEY_ROW
};

/* Where the scan is. */
struct cursor {
	const char *at;
	unsigned line;
};

static void cursor_step(struct cursor *c)
{
	if (*c->at == '\n') {
		c->line++;
	}
	c->at++;
}

static void skip_comment(struct cursor *c)
{
	while (*c->at != '\0' && *c->at != '\n') {
		cursor_step(c);
	}
}

/* From the opening quote to behind the closing one. */
static void skip_string(struct cursor *c)
{
	const char quote = *c->at;

	cursor_step(c);
	while (*c->at != '\0' && *c->at != quote) {
		if (*c->at == '\\' && c->at[1] != '\0') {
			cursor_step(c);
		}
		cursor_step(c);
	}
	if (*c->at != '\0') {
		cursor_step(c);
	}
}

/* To the first character of a statement, or to the end. */
static void skip_to_statement(struct cursor *c)
{
	while (*c->at == ';' || isspace((unsigned char)*c->at) ||
	       *c->at == '#') {
		if (*c->at == '#') {
			skip_comment(c);
		} else {
			cursor_step(c);
		}
	}
}

/* To the end of a statement, over strings, lists and comments. */
static void skip_statement(struct cursor *c)
{
	unsigned depth = 0;

	while (*c->at != '\0') {
		const char now = *c->at;

		if (now == '\'' || now == '"') {
			skip_string(c);
			continue;
		}
		if (now == '#') {
			skip_comment(c);
			continue;
		}
		if (depth == 0 && (now == '\n' || now == ';')) {
			return;
		}
		if (now == '[') {
			depth++;
		} else if (now == ']' && depth != 0) {
			depth--;
		}
		cursor_step(c);
	}
}

static int key_find(const char *name, size_t length)
{
	for (int i = 0; i < GUEST_KEY_COUNT; i++) {
		if (strlen(keys[i].name) == length &&
		    memcmp(keys[i].name, name, length) == 0) {
			return i;
		}
	}
	return -1;
}

/* One statement, whose first character the cursor is at. */
static NTSTATUS scan_statement(const char *label, struct cursor *c,
			       struct guest_key_lines *lines,
			       struct sluice_error *error)
{
	const char *name = c->at;
	const unsigned line = c->line;
	int length = 0;

	while (isalnum((unsigned char)*c->at) || *c->at == '_') {
		cursor_step(c);
		length++;
	}
	while (*c->at == ' ' || *c->at == '\t') {
		cursor_step(c);
	}

	int key = key_find(name, (size_t)length);

	if (key < 0) {
		return error_set(error, STATUS_INVALID_PARAMETER,
				 "%s:%u: unknown key \"%.*s\"; sluice(1) lists "
				 "the keys",
				 label, line, length, name);
	}
	if (*c->at == '+') {
		return error_set(error, STATUS_INVALID_PARAMETER,
				 "%s:%u: \"%s\" is added to; set it once, with "
				 "=",
				 label, line, keys[key].name);
	}
	if (lines->line[key] != 0) {
		return error_set(error, STATUS_INVALID_PARAMETER,
				 "%s:%u: \"%s\" is set on line %u already; "
				 "keep one of them",
				 label, line, keys[key].name, lines->line[key]);
	}
	lines->line[key] = line;
	skip_statement(c);
	return STATUS_SUCCESS;
}

NTSTATUS guest_keys_scan(const char *label, const char *text,
			 struct guest_key_lines *lines,
			 struct sluice_error *error)
{
	struct cursor c = {.at = text, .line = 1};

	*lines = (struct guest_key_lines){0};
	for (skip_to_statement(&c); *c.at != '\0'; skip_to_statement(&c)) {
		NTSTATUS status = scan_statement(label, &c, lines, error);

		if (!NT_SUCCESS(status)) {
			return status;
		}
	}
	for (int i = 0; i < GUEST_KEY_COUNT; i++) {
		if (keys[i].must && lines->line[i] == 0) {
			return error_set(error, STATUS_INVALID_PARAMETER,
					 "%s: \"%s\" is not set; it must be",
					 label, keys[i].name);
		}
	}
	return STATUS_SUCCESS;
}
