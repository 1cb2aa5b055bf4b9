/* SPDX-License-Identifier: MIT */
/*
 * `sluice domain list` and `show`: DMA domains of one guest, of all, and one.
 */
#include "command.h"
#include "output.h"
#include "parse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct output_column columns[] = {
	{"GUEST", true},	{"DOMAIN", false},     {"TYPE", false},
	{"ID", true},		{"DEVICES", true},     {"REGIONS", true},
	{"MAPPED_PAGES", true}, {"TABLE_PAGES", true}, {"BITS", true},
	{"ADDRESSES", false},
};

/* All but the addresses of the devices, which `show` has. */
#define COLUMNS_OF_LIST (sizeof(columns) / sizeof(*columns) - 1)

static void put_domain(struct output *out,
		       const struct sluice_domain_info *domain, uint32_t guest)
{
	output_row(out);
	output_format(out, "%u", guest);
	output_format(out, "0x%" PRIx64, domain->domain);
	output_text(out, sluice_type_name(domain->type));
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

	if (args->value[CLI_NUMBER_GUEST] != NULL) {
		status = sluice_guest_find(args->value[CLI_NUMBER_GUEST],
					   &guest, error);
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
	const char *guest = arguments->value[CLI_NUMBER_GUEST];

	if (guest != NULL && !parse_guest(guest)) {
		return cli_usage(guest, "no guest's name or id");
	}

	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	struct output *out = output_new("domains", columns, COLUMNS_OF_LIST,
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

/* Most that `show` prints of its devices' addresses. */
#define ADDRESSES_BYTES 120

/* The addresses of the devices of a domain; "..." where there are more. */
static void addresses_print(uint64_t domain, char text[ADDRESSES_BYTES])
{
	struct sluice_device_info device;
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t index = 0;
	     NT_SUCCESS(sluice_device_at(SLUICE_SCOPE_OWN, index, &device));
	     index++) {
		char address[SLUICE_ADDRESS_TEXT];

		if (device.domain != domain) {
			continue;
		}
		sluice_address_print(device.sbdf, address);
		if (used + strlen(address) + sizeof(",...") > ADDRESSES_BYTES) {
			(void)strcpy(text + used, ",...");
			return;
		}
		used += (size_t)snprintf(text + used, ADDRESSES_BYTES - used,
					 "%s%s", used == 0 ? "" : ",", address);
	}
}

/* The caller's domain of a handle. */
static NTSTATUS domain_find(uint64_t handle, struct sluice_domain_info *out)
{
	NTSTATUS status = STATUS_SUCCESS;

	for (uint32_t index = 0; NT_SUCCESS(status); index++) {
		status = sluice_domain_at(SLUICE_GUEST_SELF, index, out);
		if (NT_SUCCESS(status) && out->domain == handle) {
			break;
		}
	}
	return status;
}

int cmd_domain_show(const struct cli_arguments *arguments)
{
	const char *handle = arguments->word[0];
	char addresses[ADDRESSES_BYTES];
	struct sluice_domain_info domain;
	struct sluice_info info;
	uint64_t number;

	if (!parse_number(handle, &number) || number == 0) {
		return cli_usage(handle, "no handle of a domain");
	}

	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	NTSTATUS status = sluice_info(&info);

	if (NT_SUCCESS(status)) {
		status = domain_find(number, &domain);
	}
	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, handle,
				       "give a handle that `sluice domain "
				       "create` printed");
	}

	struct output *out = output_new("domain", columns,
					sizeof(columns) / sizeof(*columns),
					(arguments->options & CLI_JSON) != 0);

	if (out == NULL) {
		return cli_fail_status(STATUS_INSUFFICIENT_RESOURCES, handle,
				       "free some memory");
	}
	addresses_print(number, addresses);
	put_domain(out, &domain, info.guest);
	output_text(out, addresses);
	return output_end(out) ? CLI_OK
			       : cli_fail_status(STATUS_UNSUCCESSFUL, handle,
						 "check where stdout goes");
}
