/* SPDX-License-Identifier: MIT */
/*
 * `sluice device audit`: the IOMMUs' tables as they lie in memory, against the
 * hypervisor's records. A row a PCI segment, a line of error a wrong entry.
 */
#include "command.h"
#include "output.h"

#include <stdio.h>

#define SEGMENTS    0x10000u
#define SEGMENT_IDS 0x10000u

static const struct output_column columns[] = {
	{"SEGMENT", false}, {"IDS", true},	  {"BLOCKED", true},
	{"ATTACHED", true}, {"INTERRUPTS", true}, {"UNCOVERED", true},
	{"WRONG", true},
};

/* Of one segment. */
struct audit_counts {
	uint32_t open;
	uint32_t heard;
	uint32_t uncovered;
	uint32_t wrong;
};

/* The segments that have a device, and 0: a bit each. */
struct audit_segments {
	uint8_t bits[SEGMENTS / 8];
};

static void note_segment(struct audit_segments *segments, uint32_t sbdf)
{
	uint32_t segment = sbdf >> 16;

	segments->bits[segment / 8] |= (uint8_t)(1u << segment % 8);
}

static bool has_segment(const struct audit_segments *segments, uint32_t segment)
{
	return (segments->bits[segment / 8] & 1u << segment % 8) != 0;
}

static NTSTATUS find_segments(struct audit_segments *segments)
{
	struct sluice_device_info device;
	NTSTATUS status = STATUS_SUCCESS;

	note_segment(segments, 0);
	for (uint32_t index = 0; NT_SUCCESS(status); index++) {
		status = sluice_device_at(SLUICE_SCOPE_MACHINE, index, &device);
		if (NT_SUCCESS(status)) {
			note_segment(segments, device.sbdf);
		}
	}
	return status == STATUS_NOT_FOUND ? STATUS_SUCCESS : status;
}

static void tell_wrong(const struct sluice_audit *part)
{
	for (uint32_t n = 0; n < part->wrong_count; n++) {
		bool is_open = (part->wrong_open & 1u << n) != 0;
		bool is_interrupt = (part->wrong_interrupts & 1u << n) != 0;
		char address[SLUICE_ADDRESS_TEXT];

		sluice_address_print(part->wrong[n], address);
		(void)fprintf(stderr,
			      "sluice: device audit: %s of %s is %s by its "
			      "IOMMU, but the records say the reverse; restart "
			      "the machine\n",
			      is_interrupt ? "an interrupt" : "DMA", address,
			      is_open ? "let through" : "blocked");
	}
}

static NTSTATUS audit_segment(uint32_t segment, struct audit_counts *counts)
{
	struct sluice_audit part;

	for (uint32_t id = 0; id < SEGMENT_IDS; id += part.checked) {
		NTSTATUS status = sluice_audit(segment << 16 | id, &part);

		if (!NT_SUCCESS(status)) {
			return status;
		}
		if (part.checked == 0) {
			return STATUS_UNSUCCESSFUL;
		}
		counts->open += part.open;
		counts->heard += part.heard;
		counts->uncovered += part.uncovered;
		counts->wrong += part.wrong_count;
		tell_wrong(&part);
	}
	return STATUS_SUCCESS;
}

static void put_segment(struct output *out, uint32_t segment,
			const struct audit_counts *counts)
{
	output_row(out);
	output_format(out, "%04x", segment);
	output_format(out, "%u", SEGMENT_IDS);
	output_format(out, "%u",
		      SEGMENT_IDS - counts->open - counts->uncovered);
	output_format(out, "%u", counts->open);
	output_format(out, "%u", counts->heard);
	output_format(out, "%u", counts->uncovered);
	output_format(out, "%u", counts->wrong);
}

static NTSTATUS audit(struct output *out, uint32_t *wrong)
{
	static struct audit_segments segments;
	NTSTATUS status = find_segments(&segments);

	for (uint32_t n = 0; n < SEGMENTS && NT_SUCCESS(status); n++) {
		struct audit_counts counts = {0};

		if (!has_segment(&segments, n)) {
			continue;
		}
		status = audit_segment(n, &counts);
		if (NT_SUCCESS(status)) {
			put_segment(out, n, &counts);
			*wrong += counts.wrong;
		}
	}
	return status;
}

int cmd_device_audit(const struct cli_arguments *arguments)
{
	int code = cli_connect(arguments);
	uint32_t wrong = 0;
	struct output *out;
	NTSTATUS status;

	if (code != CLI_OK) {
		return code;
	}
	out = output_new("segments", columns,
			 sizeof(columns) / sizeof(*columns),
			 (arguments->options & CLI_JSON) != 0);
	if (out == NULL) {
		return cli_fail_status(STATUS_INSUFFICIENT_RESOURCES,
				       "device audit", "free some memory");
	}
	status = audit(out, &wrong);
	if (!output_end(out)) {
		return cli_fail_status(STATUS_UNSUCCESSFUL, "device audit",
				       "check where stdout goes");
	}
	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, "device audit",
				       "run in the control domain of a machine "
				       "with an IOMMU");
	}
	return wrong == 0 ? CLI_OK : CLI_FAILED;
}
