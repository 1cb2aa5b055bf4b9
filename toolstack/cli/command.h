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

/* Options that a command may take, as a mask. */
enum cli_option {
	CLI_JSON = 1 << 0,
	CLI_PAUSED = 1 << 1,
	CLI_COUNTS = 1 << 2,
	CLI_GUEST = 1 << 3, /* takes a value */
};

/* A command line, parsed. */
struct cli_arguments {
	unsigned options;     /* mask of enum cli_option             */
	const char *guest;    /* value of --guest, or NULL           */
	const char *argument; /* the one argument, or NULL           */
	bool trace;	      /* --trace                             */
};

struct cli_command {
	const char *noun;
	const char *verb;     /* or NULL: the noun is the command       */
	const char *argument; /* name of its one argument, or NULL      */
	unsigned options;     /* mask of enum cli_option                */
	const char *help;     /* one line                               */
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
int cmd_device_assign(const struct cli_arguments *arguments);
int cmd_device_release(const struct cli_arguments *arguments);
int cmd_domain_list(const struct cli_arguments *arguments);

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
