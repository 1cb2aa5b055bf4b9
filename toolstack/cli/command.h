/* SPDX-License-Identifier: MIT */
/*
 * What a command of `sluice` is: words, options, help, a function.
 */
#pragma once

#include <sluice/sluice.h>

/* Exit codes; sluice(1) lists them. */
enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,	      /* the operation failed                       */
	CLI_USAGE = 2,	      /* bad usage; no hypercall was issued         */
	CLI_NO_INTERFACE = 3, /* there is no hypervisor domain interface    */
};

/* clang-format off */
/* Options: name, text, name of its value or NULL. */
#define CLI_OPTIONS(OPTION)                                                    \
	OPTION(JSON, "--json", NULL)                                           \
	OPTION(PAUSED, "--paused", NULL)                                       \
	OPTION(COUNTS, "--counts", NULL)                                       \
	OPTION(GUEST, "--guest", "NAME|ID")                                    \
	OPTION(TYPE, "--type", "TYPE")                                         \
	OPTION(BUDDY, "--buddy", "WIDTH")                                      \
	OPTION(RESERVE, "--reserve", "BASE,PAGES,map|hole")                    \
	OPTION(TO, "--to", "LA")                                               \
	OPTION(ANY, "--any", NULL)                                             \
	OPTION(MIN, "--min", "LA")                                             \
	OPTION(MAX, "--max", "LA")                                             \
	OPTION(FROM, "--from", "GPA")                                          \
	OPTION(PAGES, "--pages", "N")                                          \
	OPTION(PERM, "--perm", "r|w|rw")                                       \
	OPTION(TYPES, "--types", "TYPE,...|none")                              \
	OPTION(DOMAINS, "--domains", "N")                                      \
	OPTION(TABLE_PAGES, "--table-pages", "N")
/* clang-format on */

enum cli_option_number {
#define CLI_NUMBER(name, text, value) CLI_NUMBER_##name,
	CLI_OPTIONS(CLI_NUMBER)
#undef CLI_NUMBER
		CLI_OPTION_COUNT,
};

/* Options that a command may take, as a mask. */
enum cli_option {
#define CLI_BIT(name, text, value) CLI_##name = 1 << CLI_NUMBER_##name,
	CLI_OPTIONS(CLI_BIT)
#undef CLI_BIT
};

#define CLI_WORDS_MAX	3u		   /* arguments of one command   */
#define CLI_RESERVE_MAX SLUICE_REGIONS_MAX /* --reserve may be repeated */

/* A command line, parsed. */
struct cli_arguments {
	unsigned options;		     /* mask of enum cli_option     */
	const char *value[CLI_OPTION_COUNT]; /* by number; NULL: not given  */
	const char *reserve[CLI_RESERVE_MAX];
	unsigned reserve_count;
	const char *word[CLI_WORDS_MAX]; /* the arguments, as many as named */
	bool trace;			 /* --trace                         */
};

struct cli_command {
	const char *noun;
	const char *verb;      /* or NULL: the noun is the command          */
	const char *arguments; /* their names, a space between; NULL: none  */
	unsigned options;      /* mask of enum cli_option                   */
	unsigned required;     /* of these, those that must be given        */
	const char *help;      /* one line                                  */
	int (*run)(const struct cli_arguments *arguments);
};

/* The commands; each returns an enum cli_exit. */
int cmd_info(const struct cli_arguments *arguments);
int cmd_log(const struct cli_arguments *arguments);
int cmd_faults(const struct cli_arguments *arguments);
int cmd_guest_create(const struct cli_arguments *arguments);
int cmd_guest_list(const struct cli_arguments *arguments);
int cmd_guest_destroy(const struct cli_arguments *arguments);
int cmd_guest_unpause(const struct cli_arguments *arguments);
int cmd_device_list(const struct cli_arguments *arguments);
int cmd_device_audit(const struct cli_arguments *arguments);
int cmd_device_assign(const struct cli_arguments *arguments);
int cmd_device_release(const struct cli_arguments *arguments);
int cmd_domain_list(const struct cli_arguments *arguments);
int cmd_domain_show(const struct cli_arguments *arguments);
int cmd_domain_create(const struct cli_arguments *arguments);
int cmd_domain_delete(const struct cli_arguments *arguments);
int cmd_attach(const struct cli_arguments *arguments);
int cmd_detach(const struct cli_arguments *arguments);
int cmd_map(const struct cli_arguments *arguments);
int cmd_unmap(const struct cli_arguments *arguments);
int cmd_policy(const struct cli_arguments *arguments);

/**
 * cli_connect() - Reach the hypervisor; call it after checking arguments.
 *
 * Return: CLI_OK; CLI_NO_INTERFACE, and the reason stands on stderr.
 */
int cli_connect(const struct cli_arguments *arguments);

/* cli_fail() - Print an error's line; return CLI_FAILED. */
int cli_fail(const struct sluice_error *error);

/* cli_fail_status() - As above: "WHAT: status in words; WHAT_TO_DO". */
int cli_fail_status(NTSTATUS status, const char *what, const char *what_to_do);

/* cli_usage() - Print "WHAT: WHY; see `sluice --help`"; return CLI_USAGE. */
int cli_usage(const char *what, const char *why);
