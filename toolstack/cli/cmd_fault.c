/* SPDX-License-Identifier: MIT */
/*
 * `sluice faults` and `sluice log`: what the hypervisor has recorded.
 */
#include "command.h"
#include "output.h"

#include <inttypes.h>
#include <stdio.h>

static const struct output_column columns[] = {
	{"SEQUENCE", true}, {"TIME_NS", true}, {"DEVICE", false},
	{"GUEST", true},    {"ACCESS", false}, {"ADDRESS", false},
	{"KIND", false},    {"REASON", false}, {"UNIT", true},
};

static const char *kind_name(uint32_t kind)
{
	switch (kind) {
	case SLUICE_FAULT_UNSUPPORTED:
		return "unsupported";
	case SLUICE_FAULT_ADDRESS_SIZE:
		return "address-size";
	case SLUICE_FAULT_EXTERNAL:
		return "external";
	case SLUICE_FAULT_PERMISSION:
		return "permission";
	case SLUICE_FAULT_TRANSLATION:
		return "translation";
	case SLUICE_FAULT_INTERRUPT:
		return "interrupt";
	default:
		return "unknown";
	}
}

static void put_fault(struct output *out, const struct sluice_fault *fault)
{
	char address[SLUICE_ADDRESS_TEXT];

	sluice_address_print(fault->sbdf, address);
	output_row(out);
	output_format(out, "%" PRIu64, fault->sequence);
	output_format(out, "%" PRIu64, fault->time_ns);
	output_text(out, address);
	if (fault->guest == SLUICE_GUEST_NONE) {
		output_text(out, NULL);
	} else {
		output_format(out, "%u", fault->guest);
	}
	output_text(out, fault->is_write ? "write" : "read");
	output_format(out, "0x%" PRIx64, fault->address);
	output_text(out, kind_name(fault->kind));
	output_format(out, "0x%02x", fault->reason);
	output_format(out, "%u", fault->unit);
}

int cmd_faults(const struct cli_arguments *arguments)
{
	struct sluice_read_faults page = {.sequence = 0};
	NTSTATUS status;
	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	struct output *out = output_new("faults", columns,
					sizeof(columns) / sizeof(*columns),
					(arguments->options & CLI_JSON) != 0);

	if (out == NULL) {
		return cli_fail_status(STATUS_INSUFFICIENT_RESOURCES, "faults",
				       "free some memory");
	}
	do {
		status = sluice_faults(page.sequence, &page);
		for (uint32_t i = 0; NT_SUCCESS(status) && i < page.count &&
				     i < SLUICE_FAULTS_MAX;
		     i++) {
			put_fault(out, &page.fault[i]);
		}
	} while (NT_SUCCESS(status) && page.count != 0);

	bool printed = output_end(out);

	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, "faults",
				       "run in the control domain");
	}
	if (page.dropped != 0) {
		(void)fprintf(stderr,
			      "sluice: faults: %" PRIu64 " were lost, since "
			      "they came faster than they were kept; read them "
			      "more often\n",
			      page.dropped);
	}
	if (page.storms != 0) {
		(void)fprintf(stderr,
			      "sluice: faults: %" PRIu32 " times a device "
			      "faulted too fast and was silenced until it is "
			      "attached anew; see `sluice log`\n",
			      page.storms);
	}
	return printed ? CLI_OK
		       : cli_fail_status(STATUS_UNSUCCESSFUL, "faults",
					 "check where stdout goes");
}

int cmd_log(const struct cli_arguments *arguments)
{
	struct sluice_read_log part = {.offset = 0};
	NTSTATUS status;
	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}
	do {
		status = sluice_log(part.offset, &part);
		if (NT_SUCCESS(status) && part.length > SLUICE_LOG_BYTES) {
			status = STATUS_UNSUCCESSFUL;
		}
		if (NT_SUCCESS(status)) {
			(void)fwrite(part.text, 1, part.length, stdout);
		}
	} while (NT_SUCCESS(status) && part.length != 0);

	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, "log",
				       "run in the control domain");
	}
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		return cli_fail_status(STATUS_UNSUCCESSFUL, "log",
				       "check where stdout goes");
	}
	return CLI_OK;
}
