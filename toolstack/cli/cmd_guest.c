/* SPDX-License-Identifier: MIT */
/*
 * `sluice guest`: create, list, destroy, unpause.
 */
#include "output.h"
#include "parse.h"

#include <inttypes.h>
#include <stdio.h>

/* The first six always; the rest with --counts. */
static const struct output_column columns[] = {
	{"ID", true},		{"NAME", false},       {"STATE", false},
	{"CPUS", true},		{"MEMORY_MIB", true},  {"MACHINE", false},
	{"DOMAINS", true},	{"TOKENS", true},      {"ATTACHED", true},
	{"MAPPED_PAGES", true}, {"TABLE_PAGES", true},
};

#define COLUMNS_PLAIN 6u

static const char *machine_name(uint16_t id)
{
	struct sluice_guest_policy policy;

	if (!NT_SUCCESS(sluice_policy_get(id, &policy))) {
		return NULL;
	}
	switch (policy.machine) {
	case SLUICE_MACHINE_AMD64:
		return "amd64";
	case SLUICE_MACHINE_I386:
		return "x86";
	case SLUICE_MACHINE_ARM64:
		return "arm64";
	default:
		return "unknown";
	}
}

static void put_state(struct output *out, const struct sluice_guest *guest)
{
	switch (guest->state) {
	case SLUICE_GUEST_RUNNING:
		output_text(out, "running");
		break;
	case SLUICE_GUEST_PAUSED:
		output_text(out, "paused");
		break;
	case SLUICE_GUEST_SHUTDOWN:
		output_format(out, "shutdown(%u)", guest->reason);
		break;
	case SLUICE_GUEST_CRASHED:
		output_format(out, "crashed(%u)", guest->reason);
		break;
	case SLUICE_GUEST_DYING:
		output_text(out, "dying");
		break;
	}
}

static void put_counts(struct output *out, uint16_t id)
{
	struct sluice_inventory count;

	/* A guest that went meanwhile holds nothing that could be told. */
	if (!NT_SUCCESS(sluice_inventory(id, &count))) {
		for (size_t i = COLUMNS_PLAIN;
		     i < sizeof(columns) / sizeof(*columns); i++) {
			output_text(out, NULL);
		}
		return;
	}
	output_format(out, "%u", count.domain_count);
	output_format(out, "%u", count.device_count);
	output_format(out, "%u", count.attached_count);
	output_format(out, "%" PRIu64, count.mapped_pages);
	output_format(out, "%" PRIu64, count.table_pages);
}

static void put_guest(struct output *out, const struct sluice_guest *guest,
		      bool counts)
{
	output_row(out);
	output_format(out, "%u", guest->id);
	output_text(out, guest->name);
	put_state(out, guest);
	output_format(out, "%u", guest->vcpu_count);
	output_format(out, "%" PRIu64, guest->memory_bytes >> 20);
	output_text(out, machine_name(guest->id));
	if (counts) {
		put_counts(out, guest->id);
	}
}

int cmd_guest_list(const struct cli_arguments *arguments)
{
	const bool counts = (arguments->options & CLI_COUNTS) != 0;
	struct sluice_guest guest;
	struct sluice_error error;
	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	struct output *out = output_new(
		"guests", columns,
		counts ? sizeof(columns) / sizeof(*columns) : COLUMNS_PLAIN,
		(arguments->options & CLI_JSON) != 0);

	if (out == NULL) {
		return cli_fail_status(STATUS_INSUFFICIENT_RESOURCES,
				       "guest list", "free some memory");
	}

	NTSTATUS status = sluice_guest_next(0, &guest, &error);

	while (NT_SUCCESS(status)) {
		put_guest(out, &guest, counts);
		status = sluice_guest_next(guest.id + 1u, &guest, &error);
	}

	bool printed = output_end(out);

	if (status != STATUS_NOT_FOUND) {
		return cli_fail(&error);
	}
	return printed ? CLI_OK
		       : cli_fail_status(STATUS_UNSUCCESSFUL, "guest list",
					 "check where stdout goes");
}

int cmd_guest_create(const struct cli_arguments *arguments)
{
	struct sluice_guest_config config;
	struct sluice_error error;
	uint16_t id;
	NTSTATUS status =
		sluice_guest_config_read(arguments->word[0], &config, &error);

	/* A file with a mistake in it is bad usage, found before any call. */
	if (!NT_SUCCESS(status)) {
		(void)cli_fail(&error);
		return status == STATUS_INVALID_PARAMETER ? CLI_USAGE
							  : CLI_FAILED;
	}

	int code = cli_connect(arguments);

	if (code == CLI_OK) {
		status = sluice_guest_create(
			&config, (arguments->options & CLI_PAUSED) != 0, &id,
			&error);
		if (NT_SUCCESS(status)) {
			(void)printf("%u\n", id);
		} else {
			code = cli_fail(&error);
		}
	}
	sluice_guest_config_free(&config);
	return code;
}

static int guest_do(const struct cli_arguments *arguments,
		    NTSTATUS (*act)(uint16_t, struct sluice_error *))
{
	struct sluice_guest guest;
	struct sluice_error error;

	if (!parse_guest(arguments->word[0])) {
		return cli_usage(arguments->word[0], "no guest's name or id");
	}

	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	NTSTATUS status = sluice_guest_find(arguments->word[0], &guest, &error);

	if (NT_SUCCESS(status)) {
		status = act(guest.id, &error);
	}
	return NT_SUCCESS(status) ? CLI_OK : cli_fail(&error);
}

int cmd_guest_destroy(const struct cli_arguments *arguments)
{
	return guest_do(arguments, sluice_guest_destroy);
}

int cmd_guest_unpause(const struct cli_arguments *arguments)
{
	return guest_do(arguments, sluice_guest_unpause);
}
