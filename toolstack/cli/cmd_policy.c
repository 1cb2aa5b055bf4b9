/* SPDX-License-Identifier: MIT */
/*
 * `sluice policy`: what a guest may do with DMA domains, from the control
 * domain. Types may change at any time; quotas before the guest first runs.
 */
#include "output.h"
#include "parse.h"

#include <string.h>

static const struct output_column columns[] = {
	{"GUEST", true},
	{"TYPES", false},
	{"DOMAINS", true},
	{"TABLE_PAGES", true},
};

#define TYPES_TEXT 64

/* Read what was given over what there is. Return: CLI_OK or CLI_USAGE. */
static int policy_read(const struct cli_arguments *arguments,
		       struct sluice_guest_policy *policy)
{
	const char *types = arguments->value[CLI_NUMBER_TYPES];
	const char *domains = arguments->value[CLI_NUMBER_DOMAINS];
	const char *pages = arguments->value[CLI_NUMBER_TABLE_PAGES];
	uint64_t number;

	if (types != NULL && !parse_types(types, &policy->allowed_types)) {
		return cli_usage(types, "no types (translate, passthrough, "
					"unmanaged, translates1, a comma "
					"between; or none)");
	}
	if (domains != NULL) {
		if (!parse_number(domains, &number) || number == 0 ||
		    number > UINT32_MAX) {
			return cli_usage(domains, "no count of domains");
		}
		policy->domain_quota = (uint32_t)number;
	}
	if (pages != NULL) {
		if (!parse_number(pages, &number) || number == 0 ||
		    number > UINT32_MAX) {
			return cli_usage(pages, "no count of pages");
		}
		policy->table_page_quota = (uint32_t)number;
	}
	return CLI_OK;
}

static void types_print(uint32_t mask, char text[TYPES_TEXT])
{
	text[0] = '\0';
	for (uint32_t type = 0; type < DomainTypeMax; type++) {
		if ((mask & 1u << type) != 0) {
			(void)strcat(text, text[0] == '\0' ? "" : ",");
			(void)strcat(text, sluice_type_name(type));
		}
	}
}

static int policy_show(const struct cli_arguments *arguments,
		       const struct sluice_guest_policy *policy)
{
	char types[TYPES_TEXT];
	struct output *out = output_new("policy", columns,
					sizeof(columns) / sizeof(*columns),
					(arguments->options & CLI_JSON) != 0);

	if (out == NULL) {
		return cli_fail_status(STATUS_INSUFFICIENT_RESOURCES, "policy",
				       "free some memory");
	}
	types_print(policy->allowed_types, types);
	output_row(out);
	output_format(out, "%u", policy->guest);
	output_text(out, types[0] == '\0' ? "none" : types);
	output_format(out, "%u", policy->domain_quota);
	output_format(out, "%u", policy->table_page_quota);
	return output_end(out) ? CLI_OK
			       : cli_fail_status(STATUS_UNSUCCESSFUL, "policy",
						 "check where stdout goes");
}

int cmd_policy(const struct cli_arguments *arguments)
{
	const unsigned sets = CLI_TYPES | CLI_DOMAINS | CLI_TABLE_PAGES;
	const char *name = arguments->word[0];
	struct sluice_guest_policy policy = {.guest = 0};
	struct sluice_guest guest;
	struct sluice_error error;

	if (!parse_guest(name)) {
		return cli_usage(name, "no guest's name or id");
	}
	/* Once before the first call, so that bad usage makes none. */
	int code = policy_read(arguments, &policy);

	if (code == CLI_OK) {
		code = cli_connect(arguments);
	}
	if (code != CLI_OK) {
		return code;
	}
	if (!NT_SUCCESS(sluice_guest_find(name, &guest, &error))) {
		return cli_fail(&error);
	}

	NTSTATUS status = sluice_policy_get(guest.id, &policy);

	if (NT_SUCCESS(status) && (arguments->options & sets) == 0) {
		return policy_show(arguments, &policy);
	}
	if (NT_SUCCESS(status)) {
		(void)policy_read(arguments, &policy);
		status = sluice_policy_set(&policy);
	}
	return NT_SUCCESS(status)
		       ? CLI_OK
		       : cli_fail_status(status, name,
					 "run in the control domain; quotas "
					 "change before a guest first runs");
}
