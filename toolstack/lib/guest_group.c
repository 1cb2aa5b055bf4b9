/* SPDX-License-Identifier: MIT */
/*
 * Whole groups or nothing: the hypervisor would refuse the first device of a
 * part, and could not say in words which devices are missing.
 */
#include "guest_group.h"

#include <stdio.h>

/* Addresses that a message names; more are counted. */
#define NAMED_MAX 8u
#define LIST_TEXT (NAMED_MAX * (SLUICE_ADDRESS_TEXT + 2))

static bool is_wanted(const struct sluice_guest_config *config, uint32_t sbdf)
{
	for (uint32_t i = 0; i < config->device_count; i++) {
		if (config->device[i].sbdf == sbdf) {
			return true;
		}
	}
	return false;
}

/* Members of a group that a file does not name. Return: how many. */
static unsigned list_missing(const struct sluice_guest_config *config,
			     uint32_t group, char text[LIST_TEXT])
{
	struct sluice_device_info device;
	char address[SLUICE_ADDRESS_TEXT];
	unsigned count = 0;
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0;
	     NT_SUCCESS(sluice_device_at(SLUICE_SCOPE_MACHINE, i, &device));
	     i++) {
		if (device.group != group || is_wanted(config, device.sbdf)) {
			continue;
		}
		if (count++ < NAMED_MAX) {
			sluice_address_print(device.sbdf, address);
			used += (size_t)snprintf(text + used, LIST_TEXT - used,
						 "%s%s", used == 0 ? "" : ", ",
						 address);
		}
	}
	return count;
}

NTSTATUS guest_group_check(const struct sluice_guest_config *config,
			   struct sluice_error *error)
{
	for (uint32_t i = 0; i < config->device_count; i++) {
		struct sluice_device_info device;
		char address[SLUICE_ADDRESS_TEXT];
		char missing[LIST_TEXT];
		unsigned count = 0;
		NTSTATUS status = sluice_device_find(config->device[i].sbdf,
						     &device, error);

		if (!NT_SUCCESS(status)) {
			return status;
		}
		if (device.group != 0) {
			count = list_missing(config, device.group, missing);
		}
		if (count == 0) {
			continue;
		}
		sluice_address_print(device.sbdf, address);
		return error_set(error, STATUS_ACCESS_DENIED,
				 "device %s: it shares a requester id with "
				 "%s%s: give all of them to this guest",
				 address, missing,
				 count > NAMED_MAX ? " and others" : "");
	}
	return STATUS_SUCCESS;
}
