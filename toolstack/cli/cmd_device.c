/* SPDX-License-Identifier: MIT */
/*
 * `sluice device`: the machine's PCI devices and who has them.
 */
#include "command.h"
#include "output.h"

static const struct output_column columns[] = {
	{"ADDRESS", false},  {"VENDOR", false},	    {"DEVICE", false},
	{"CLASS", false},    {"OWNER", false},	    {"IOMMU", false},
	{"ATTACHED", false}, {"ASSIGNABLE", false}, {"RESET", false},
	{"STATE", false},    {"INTERRUPTS", false}, {"GROUP", false},
	{"REGIONS", true},   {"REASON", false},
};

/* In the order of enum sluice_reset_way, sluice_reset_state. */
static const char *const ways[] = {"none", "flr", "af-flr", "bus"};
static const char *const states[] = {"in-use", "clean", "resetting", "as-left"};

static void put_name(struct output *out, const char *const *names, size_t count,
		     uint8_t number)
{
	output_text(out, number < count ? names[number] : "unknown");
}

/* Why a device can go to no guest, or "". */
static const char *reason_of(const struct sluice_device_info *device,
			     const struct sluice_info *info)
{
	if (device->is_assignable) {
		return "";
	}
	return device->unfit == SLUICE_UNFIT_NO_UNIT &&
			       info->no_interface != SLUICE_INTERFACE_PRESENT
		       ? sluice_no_interface_text(info->no_interface)
		       : sluice_unfit_text(device->unfit);
}

static void put_device(struct output *out, const struct sluice_info *info,
		       const struct sluice_device_info *device)
{
	char address[SLUICE_ADDRESS_TEXT];

	sluice_address_print(device->sbdf, address);
	output_row(out);
	output_text(out, address);
	output_format(out, "%04x", device->vendor);
	output_format(out, "%04x", device->device);
	output_format(out, "%06x", device->class_code);
	if (device->owner == SLUICE_GUEST_NONE) {
		output_text(out, "nobody");
	} else {
		output_format(out, "%u", device->owner);
	}
	output_text(out, device->has_unit ? "yes" : "no");
	output_text(out, device->is_attached ? "yes" : "no");
	output_text(out, device->is_assignable ? "yes" : "no");
	put_name(out, ways, sizeof(ways) / sizeof(*ways), device->reset_way);
	put_name(out, states, sizeof(states) / sizeof(*states),
		 device->reset_state);
	output_text(out, device->is_remapped ? "remapped" : "unsafe");
	if (device->group == 0) {
		output_text(out, "");
	} else {
		output_format(out, "%u", device->group);
	}
	output_format(out, "%u", device->region_count);
	output_text(out, reason_of(device, info));
}

int cmd_device_list(const struct cli_arguments *arguments)
{
	struct sluice_device_info device;
	struct sluice_info info;
	NTSTATUS status;
	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	struct output *out = output_new("devices", columns,
					sizeof(columns) / sizeof(*columns),
					(arguments->options & CLI_JSON) != 0);

	if (out == NULL) {
		return cli_fail_status(STATUS_INSUFFICIENT_RESOURCES,
				       "device list", "free some memory");
	}
	status = sluice_info(&info);
	for (uint32_t index = 0; NT_SUCCESS(status); index++) {
		status = sluice_device_at(SLUICE_SCOPE_MACHINE, index, &device);
		if (NT_SUCCESS(status)) {
			put_device(out, &info, &device);
		}
	}

	bool printed = output_end(out);

	if (status != STATUS_NOT_FOUND) {
		return cli_fail_status(status, "device list",
				       "run in the control domain");
	}
	return printed ? CLI_OK
		       : cli_fail_status(STATUS_UNSUCCESSFUL, "device list",
					 "check where stdout goes");
}

static int device_do(const struct cli_arguments *arguments,
		     NTSTATUS (*act)(uint32_t, struct sluice_error *))
{
	struct sluice_error error;
	uint32_t sbdf;

	if (!sluice_address_parse(arguments->word[0], &sbdf)) {
		return cli_usage(arguments->word[0],
				 "no PCI address (BB:DD.F or SSSS:BB:DD.F)");
	}

	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	NTSTATUS status = act(sbdf, &error);

	return NT_SUCCESS(status) ? CLI_OK : cli_fail(&error);
}

int cmd_device_assign(const struct cli_arguments *arguments)
{
	return device_do(arguments, sluice_device_assign);
}

int cmd_device_release(const struct cli_arguments *arguments)
{
	return device_do(arguments, sluice_device_release);
}
