/* SPDX-License-Identifier: MIT */
/*
 * The `sluice` command: the table of commands, help, and how they fail.
 */
#include "parse.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct cli_command commands[] = {
	{"info", NULL, NULL, CLI_JSON, 0,
	 "show the hypervisor, the machine and the domain interface", cmd_info},
	{"guest", "create", "FILE", CLI_PAUSED, 0,
	 "create a guest from its file and start it", cmd_guest_create},
	{"guest", "list", NULL, CLI_JSON | CLI_COUNTS, 0,
	 "list guests; --counts: what each holds", cmd_guest_list},
	{"guest", "destroy", "NAME|ID", 0, 0,
	 "end a guest at once", cmd_guest_destroy},
	{"guest", "unpause", "NAME|ID", 0, 0,
	 "let a paused guest run", cmd_guest_unpause},
	{"device", "list", NULL, CLI_JSON, 0,
	 "list the machine's PCI devices", cmd_device_list},
	{"device", "audit", NULL, CLI_JSON, 0,
	 "compare the IOMMUs' tables with the records", cmd_device_audit},
	{"device", "assign", "ADDRESS", 0, 0,
	 "take a device from the control domain, for guests", cmd_device_assign},
	{"device", "release", "ADDRESS", 0, 0,
	 "give it back to the control domain", cmd_device_release},
	{"domain", "list", NULL, CLI_JSON | CLI_GUEST, 0,
	 "list DMA domains, of one guest or of all", cmd_domain_list},
	{"domain", "show", "HANDLE", CLI_JSON, 0,
	 "show a DMA domain of this guest and its devices", cmd_domain_show},
	{"domain", "create", NULL, CLI_TYPE | CLI_BUDDY | CLI_RESERVE, 0,
	 "create a DMA domain for this guest; print its handle", cmd_domain_create},
	{"domain", "delete", "HANDLE", 0, 0,
	 "delete it and what it maps", cmd_domain_delete},
	{"attach", NULL, "HANDLE ADDRESS", 0, 0,
	 "let a device's DMA go through a DMA domain; make its token", cmd_attach},
	{"detach", NULL, "ADDRESS", 0, 0,
	 "block a device's DMA again; delete its token", cmd_detach},
	{"map", NULL, "HANDLE",
	 CLI_TO | CLI_ANY | CLI_MIN | CLI_MAX | CLI_FROM | CLI_PAGES | CLI_PERM,
	 CLI_FROM | CLI_PAGES | CLI_PERM,
	 "map memory, at an address or --any; print where", cmd_map},
	{"unmap", NULL, "HANDLE LA PAGES", 0, 0,
	 "end mappings", cmd_unmap},
	{"policy", NULL, "NAME|ID",
	 CLI_JSON | CLI_TYPES | CLI_DOMAINS | CLI_TABLE_PAGES,
	 0,
	 "show what a guest may do, or set what is given", cmd_policy},
	{"faults", NULL, NULL, CLI_JSON, 0,
	 "list the DMA accesses that were blocked", cmd_faults},
	{"log", NULL, NULL, 0, 0,
	 "print the hypervisor's log", cmd_log},
	{NULL, NULL, NULL, 0, 0, NULL, NULL},
};
/* clang-format on */

int cli_connect(const struct cli_arguments *arguments)
{
	struct sluice_error error;

	if (!NT_SUCCESS(sluice_connect(&error))) {
		(void)fprintf(stderr, "sluice: %s\n", error.text);
		return CLI_NO_INTERFACE;
	}
	if (arguments->trace) {
		sluice_trace();
	}
	return CLI_OK;
}

int cli_fail(const struct sluice_error *error)
{
	(void)fprintf(stderr, "sluice: %s\n", error->text);
	return CLI_FAILED;
}

int cli_fail_status(NTSTATUS status, const char *what, const char *what_to_do)
{
	(void)fprintf(stderr, "sluice: %s: %s (%s); %s\n", what,
		      sluice_status_text(status), sluice_status_name(status),
		      what_to_do);
	return CLI_FAILED;
}

int cli_usage(const char *what, const char *why)
{
	(void)fprintf(stderr, "sluice: %s%s%s; see `sluice --help`\n",
		      what == NULL ? "" : what, what == NULL ? "" : ": ", why);
	return CLI_USAGE;
}

static void print_synopsis(const struct cli_command *c)
{
	(void)printf("  sluice %s%s%s%s%s", c->noun, c->verb == NULL ? "" : " ",
		     c->verb == NULL ? "" : c->verb,
		     c->arguments == NULL ? "" : " ",
		     c->arguments == NULL ? "" : c->arguments);
	for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
		const struct cli_option_row *row = &cli_option_rows[i];
		const bool optional = (c->required & row->bit) == 0;

		if ((c->options & row->bit) != 0) {
			(void)printf(" %s%s%s%s%s%s", optional ? "[" : "",
				     row->text, row->value == NULL ? "" : " ",
				     row->value == NULL ? "" : row->value,
				     optional ? "]" : "",
				     row->bit == CLI_RESERVE ? "..." : "");
		}
	}
	(void)printf("\n      %s\n", c->help);
}

/* Help of one command, of one noun's, or (NULL) of all. */
static int print_help(const struct cli_command *only, const char *noun)
{
	(void)printf("usage:\n");
	for (const struct cli_command *c = commands; c->noun != NULL; c++) {
		if (only != NULL ? c == only
				 : noun == NULL || strcmp(c->noun, noun) == 0) {
			print_synopsis(c);
		}
	}
	(void)printf("everywhere: --help; --trace prints each hypercall; "
		     "--version\n"
		     "exit codes: 0 done, 1 failed, 2 bad usage, 3 no "
		     "hypervisor domain interface\n"
		     "manual: sluice(1)\n");
	return CLI_OK;
}

int main(int argc, char **argv)
{
	(void)argc;

	const struct parse p = parse_command_line(commands, argv + 1);
	int code = CLI_OK;

	switch (p.result) {
	case PARSE_COMMAND:
		code = p.command->run(&p.arguments);
		sluice_disconnect();
		break;
	case PARSE_HELP:
		code = print_help(p.command, NULL);
		break;
	case PARSE_HELP_NOUN:
		code = print_help(NULL, p.command->noun);
		break;
	case PARSE_HELP_ALL:
		code = print_help(NULL, NULL);
		break;
	case PARSE_VERSION:
		(void)printf("sluice %s, ABI %u\n", SLUICE_VERSION,
			     SLUICE_ABI_VERSION);
		break;
	case PARSE_WRONG:
		code = cli_usage(p.wrong, p.why);
		break;
	}
	return code;
}
