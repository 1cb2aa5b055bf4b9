/* SPDX-License-Identifier: MIT */
/*
 * Command lines and the values on them, strictly: nothing is guessed.
 */
#pragma once

#include "command.h"

/* What a command line asks for. */
enum parse_result {
	PARSE_COMMAND,	 /* run *command with *arguments                 */
	PARSE_HELP,	 /* help of *command                             */
	PARSE_HELP_NOUN, /* help of the commands of (*command)->noun     */
	PARSE_HELP_ALL,	 /* help of everything                           */
	PARSE_VERSION,	 /* the version                                  */
	PARSE_WRONG,	 /* bad usage; *wrong and *why say what          */
};

/* What came out of it. */
struct parse {
	enum parse_result result;
	const struct cli_command *command;
	struct cli_arguments arguments;
	const char *wrong; /* the word that is wrong, or NULL */
	const char *why;
};

/**
 * parse_command_line() - Read the words after the program's name.
 * @commands: table; ends with a row whose noun is NULL; one noun's rows
 *            stand together
 * @words:    the words; end with NULL
 *
 * Options may stand anywhere; "--" ends them. An unknown word, a missing one
 * and one too many are wrong: no word is shortened or ignored.
 */
struct parse parse_command_line(const struct cli_command *commands,
				char *const *words);

/* parse_guest() - True if text can name a guest: a name, or a decimal id. */
bool parse_guest(const char *text);
