/* SPDX-License-Identifier: MIT */
/*
 * Command lines: options out, then noun, verb, argument.
 */
#include "parse.h"

#include <string.h>

/* Most words that are no options: noun, verb, arguments, one too many. */
#define WORDS_MAX (CLI_WORDS_MAX + 3)

const struct cli_option_row cli_option_rows[CLI_OPTION_COUNT] = {
#define OPTION_ROW(name, text, value) {text, value, CLI_##name},
	CLI_OPTIONS(OPTION_ROW)
#undef OPTION_ROW
};

/* A command line, options taken out. */
struct split {
	const char *word[WORDS_MAX];
	unsigned count;
	bool help, version;
	struct cli_arguments arguments;
};

static struct parse wrong(const char *word, const char *why)
{
	return (struct parse){.result = PARSE_WRONG, .wrong = word, .why = why};
}

static const struct cli_option_row *option_find(const char *text)
{
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		if (strcmp(cli_option_rows[i].text, text) == 0) {
			return &cli_option_rows[i];
		}
	}
	return NULL;
}

/* One option of the table. Return: words used up, 0 if it is wrong. */
static int split_row(const struct cli_option_row *row, const char *value,
		     struct cli_arguments *arguments, const char **why)
{
	const bool repeats = row->bit == CLI_RESERVE;

	if (!repeats && (arguments->options & row->bit) != 0) {
		*why = "given twice";
		return 0;
	}
	arguments->options |= row->bit;
	if (row->value == NULL) {
		return 1;
	}
	if (value == NULL) {
		*why = "needs a value";
		return 0;
	}
	if (repeats) {
		if (arguments->reserve_count == CLI_RESERVE_MAX) {
			*why = "given too often";
			return 0;
		}
		arguments->reserve[arguments->reserve_count++] = value;
	}
	arguments->value[row - cli_option_rows] = value;
	return 2;
}

/* One word that begins with '-'. Return: words used up, 0 if it is wrong. */
static int split_option(char *const *words, struct split *split,
			const char **why)
{
	const struct cli_option_row *row = option_find(words[0]);

	if (strcmp(words[0], "--help") == 0) {
		split->help = true;
	} else if (strcmp(words[0], "--version") == 0) {
		split->version = true;
	} else if (strcmp(words[0], "--trace") == 0) {
		split->arguments.trace = true;
	} else if (row == NULL) {
		*why = "unknown option";
		return 0;
	} else {
		return split_row(row, words[1], &split->arguments, why);
	}
	return 1;
}

/* Return: the word that is wrong, with *why, or NULL. */
static const char *split_words(char *const *words, struct split *split,
			       const char **why)
{
	bool options_ended = false;

	while (*words != NULL) {
		int used = 1;

		if (!options_ended && strcmp(*words, "--") == 0) {
			options_ended = true;
		} else if (!options_ended && (*words)[0] == '-') {
			used = split_option(words, split, why);
		} else if (split->count == WORDS_MAX) {
			*why = "one word too many";
			used = 0;
		} else {
			split->word[split->count++] = *words;
		}
		if (used == 0) {
			return *words;
		}
		words += used;
	}
	return NULL;
}

static const struct cli_command *noun_find(const struct cli_command *commands,
					   const char *noun)
{
	for (; commands->noun != NULL; commands++) {
		if (strcmp(commands->noun, noun) == 0) {
			return commands;
		}
	}
	return NULL;
}

static const struct cli_command *verb_find(const struct cli_command *first,
					   const char *verb)
{
	const struct cli_command *c = first;

	for (; c->noun != NULL && strcmp(c->noun, first->noun) == 0; c++) {
		if (strcmp(c->verb, verb) == 0) {
			return c;
		}
	}
	return NULL;
}

/* Names in a list with a space between each; the name of @index in *name. */
static unsigned names_count(const char *names, unsigned index,
			    const char **name)
{
	unsigned count = 0;

	while (names != NULL) {
		if (count++ == index) {
			*name = names;
		}
		names = strchr(names, ' ');
		names = names == NULL ? NULL : names + 1;
	}
	return count;
}

static const char *required_missing(unsigned missing)
{
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		if ((missing & cli_option_rows[i].bit) != 0) {
			return cli_option_rows[i].text;
		}
	}
	return NULL;
}

/* Options and arguments against what the command takes. */
static struct parse parse_rest(const struct cli_command *command,
			       struct split *split, unsigned next)
{
	struct parse p = {.result = PARSE_COMMAND, .command = command};
	const unsigned rest = split->count - next;
	const char *missing = NULL;
	const unsigned wanted = names_count(command->arguments, rest, &missing);

	if (split->help) {
		p.result = PARSE_HELP;
		return p;
	}
	if ((split->arguments.options & ~command->options) != 0) {
		return wrong(command->verb != NULL ? command->verb
						   : command->noun,
			     "it does not take that option");
	}
	if (rest < wanted) {
		return wrong(missing, "is missing");
	}
	if (rest > wanted) {
		return wrong(split->word[split->count - 1],
			     "one word too many");
	}
	missing =
		required_missing(command->required & ~split->arguments.options);
	if (missing != NULL) {
		return wrong(missing, "is missing");
	}
	p.arguments = split->arguments;
	for (unsigned i = 0; i < rest; i++) {
		p.arguments.word[i] = split->word[next + i];
	}
	return p;
}

struct parse parse_command_line(const struct cli_command *commands,
				char *const *words)
{
	struct split split = {.count = 0};
	const char *why = NULL;
	const char *word = split_words(words, &split, &why);

	if (word != NULL) {
		return wrong(word, why);
	}
	if (split.version) {
		return (struct parse){.result = PARSE_VERSION};
	}
	if (split.count == 0) {
		return split.help ? (struct parse){.result = PARSE_HELP_ALL}
				  : wrong(NULL, "no command");
	}

	const struct cli_command *command = noun_find(commands, split.word[0]);

	if (command == NULL) {
		return wrong(split.word[0], "unknown command");
	}
	if (command->verb == NULL) {
		return parse_rest(command, &split, 1);
	}
	if (split.count == 1) {
		return split.help ? (struct parse){.result = PARSE_HELP_NOUN,
						   .command = command}
				  : wrong(split.word[0], "needs a verb");
	}
	command = verb_find(command, split.word[1]);
	if (command == NULL) {
		return wrong(split.word[1], "unknown verb");
	}
	return parse_rest(command, &split, 2);
}

bool parse_guest(const char *text)
{
	const size_t length = strlen(text);

	return sluice_name_is_valid(text) ||
	       (length >= 1 && length <= 5 &&
		strspn(text, "0123456789") == length);
}
