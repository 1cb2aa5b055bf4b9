/* SPDX-License-Identifier: MIT */
/*
 * `sluice domain`: DMA domains of one guest or of all.
 */
#include "command.h"
#include "output.h"
#include "parse.h"

#include <inttypes.h>

static const struct output_column columns[] = {
	{"GUEST", true},	{"DOMAIN", false},     {"TYPE", false},
	{"ID", true},		{"DEVICES", true},     {"REGIONS", true},
	{"MAPPED_PAGES", true}, {"TABLE_PAGES", true}, {"BITS", true},
};

static const char *type_name(uint32_t type)
{
	switch (type) {
	case DomainTypeTranslate:
		return "translate";
	case DomainTypePassThrough:
		return "passthrough";
	case DomainTypeUnmanaged:
		return "unmanaged";
	case DomainTypeTranslateS1:
		return "translates1";
	default:
		return "unknown";
	}
}

static void put_domain(struct output *out,
		       const struct sluice_domain_info *domain, uint32_t guest)
{
	output_row(out);
	output_format(out, "%u", guest);
	output_format(out, "0x%" PRIx64, domain->domain);
	output_text(out, type_name(domain->type));
	output_format(out, "%u", domain->asid);
	output_format(out, "%u", domain->device_count);
	output_format(out, "%u", domain->region_count);
	output_format(out, "%" PRIu64, domain->mapped_pages);
	output_format(out, "%" PRIu64, domain->table_pages);
	output_format(out, "%u", domain->address_bits);
}

/* Return: SUCCESS once the last was put; a guest that just went has none. */
static NTSTATUS put_guest(struct output *out, uint32_t guest)
{
	struct sluice_domain_info domain;
	NTSTATUS status = STATUS_SUCCESS;

	for (uint32_t index = 0; NT_SUCCESS(status); index++) {
		status = sluice_domain_at(guest, index, &domain);
		if (NT_SUCCESS(status)) {
			put_domain(out, &domain, guest);
		}
	}
	return status == STATUS_NOT_FOUND ? STATUS_SUCCESS : status;
}

static NTSTATUS put_all(struct output *out, const struct cli_arguments *args,
			struct sluice_error *error)
{
	struct sluice_guest guest;
	NTSTATUS status;

	if (args->guest != NULL) {
		status = sluice_guest_find(args->guest, &guest, error);
		return NT_SUCCESS(status) ? put_guest(out, guest.id) : status;
	}
	status = sluice_guest_next(0, &guest, error);
	while (NT_SUCCESS(status)) {
		status = put_guest(out, guest.id);
		if (NT_SUCCESS(status)) {
			status =
				sluice_guest_next(guest.id + 1u, &guest, error);
		}
	}
	return status == STATUS_NOT_FOUND ? STATUS_SUCCESS : status;
}

int cmd_domain_list(const struct cli_arguments *arguments)
{
	struct sluice_error error = {""};

	if (arguments->guest != NULL && !parse_guest(arguments->guest)) {
		return cli_usage(arguments->guest, "no guest's name or id");
	}

	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	struct output *out = output_new("domains", columns,
					sizeof(columns) / sizeof(*columns),
					(arguments->options & CLI_JSON) != 0);

	if (out == NULL) {
		return cli_fail_status(STATUS_INSUFFICIENT_RESOURCES,
				       "domain list", "free some memory");
	}

	NTSTATUS status = put_all(out, arguments, &error);
	bool printed = output_end(out);

	if (!NT_SUCCESS(status)) {
		return error.text[0] != '\0'
			       ? cli_fail(&error)
			       : cli_fail_status(status, "domain list",
						 "run in the control domain");
	}
	return printed ? CLI_OK
		       : cli_fail_status(STATUS_UNSUCCESSFUL, "domain list",
					 "check where stdout goes");
}
