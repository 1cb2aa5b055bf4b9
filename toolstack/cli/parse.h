/* SPDX-License-Identifier: MIT */
/*
 * Command lines and the values on them, strictly: nothing is guessed.
 */
#pragma once

#include "command.h"

/* One option. */
struct cli_option_row {
	const char *text;
	const char *value; /* name of its value, or NULL */
	unsigned bit;	   /* enum cli_option            */
};

/* The options, by number. */
extern const struct cli_option_row cli_option_rows[CLI_OPTION_COUNT];

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

/* parse_number() - Read a number, decimal or 0x hexadecimal, strictly. */
bool parse_number(const char *text, uint64_t *number);

/* parse_handle() - Read a domain's handle: a number that is not 0. */
bool parse_handle(const char *text, PIOMMU_DMA_DOMAIN *domain);

/* parse_types() - Read "TYPE,TYPE" or "none" as a mask of 1 << type. */
bool parse_types(const char *text, uint32_t *mask);

/* parse_permissions() - Read "r", "w" or "rw" as IOMMU_ACCESS_*. */
bool parse_permissions(const char *text, uint32_t *permissions);

/* parse_region() - Read "BASE,PAGES,map" or "BASE,PAGES,hole". */
bool parse_region(const char *text, IOMMU_DMA_RESERVED_REGION *region);
