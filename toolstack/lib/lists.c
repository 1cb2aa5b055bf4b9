/* SPDX-License-Identifier: MIT */
/*
 * Thin wrappers over the sub-ops that only report or set policy (fill the [in]
 * fields, call), and two questions that they answer. Freestanding.
 */
#include "carrier.h"

NTSTATUS sluice_info(struct sluice_info *out)
{
	*out = (struct sluice_info){0};
	return SLUICE_CALL(SLUICE_OP_info, out);
}

NTSTATUS sluice_platform(struct sluice_platform *out)
{
	*out = (struct sluice_platform){0};
	return SLUICE_CALL(SLUICE_OP_platform, out);
}

NTSTATUS sluice_audit(uint32_t first, struct sluice_audit *out)
{
	*out = (struct sluice_audit){.first = first};
	return SLUICE_CALL(SLUICE_OP_audit, out);
}

NTSTATUS sluice_device_at(uint32_t scope, uint32_t index,
			  struct sluice_device_info *out)
{
	*out = (struct sluice_device_info){.scope = scope, .index = index};
	return SLUICE_CALL(SLUICE_OP_list_devices, out);
}

NTSTATUS sluice_domain_at(uint32_t guest, uint32_t index,
			  struct sluice_domain_info *out)
{
	*out = (struct sluice_domain_info){.guest = guest, .index = index};
	return SLUICE_CALL(SLUICE_OP_list_domains, out);
}

NTSTATUS sluice_inventory(uint32_t guest, struct sluice_inventory *out)
{
	*out = (struct sluice_inventory){.guest = guest};
	return SLUICE_CALL(SLUICE_OP_inventory, out);
}

NTSTATUS sluice_policy_get(uint16_t guest, struct sluice_guest_policy *out)
{
	*out = (struct sluice_guest_policy){.guest = guest};
	return SLUICE_CALL(SLUICE_OP_guest_policy, out);
}

NTSTATUS sluice_policy_set(struct sluice_guest_policy *policy)
{
	policy->operation = SLUICE_POLICY_SET;
	policy->reserved = 0;
	return SLUICE_CALL(SLUICE_OP_guest_policy, policy);
}

NTSTATUS sluice_faults(uint64_t sequence, struct sluice_read_faults *out)
{
	*out = (struct sluice_read_faults){.sequence = sequence};
	return SLUICE_CALL(SLUICE_OP_read_faults, out);
}

NTSTATUS sluice_own_faults(uint64_t sequence, struct sluice_read_faults *out)
{
	*out = (struct sluice_read_faults){.sequence = sequence};
	return SLUICE_CALL(SLUICE_OP_read_own_faults, out);
}

NTSTATUS sluice_log(uint64_t offset, struct sluice_read_log *out)
{
	*out = (struct sluice_read_log){.offset = offset};
	return SLUICE_CALL(SLUICE_OP_read_log, out);
}

NTSTATUS environment_check(void)
{
	struct sluice_info info;
	NTSTATUS status = sluice_info(&info);

	if (NT_SUCCESS(status) &&
	    (info.no_interface != SLUICE_INTERFACE_PRESENT ||
	     info.machine == SLUICE_MACHINE_I386)) {
		return STATUS_NOT_SUPPORTED;
	}
	return status;
}

NTSTATUS own_device_find(uint32_t sbdf, struct sluice_device_info *out)
{
	NTSTATUS status = STATUS_SUCCESS;

	for (uint32_t index = 0; NT_SUCCESS(status); index++) {
		status = sluice_device_at(SLUICE_SCOPE_OWN, index, out);
		if (NT_SUCCESS(status) && out->sbdf == sbdf) {
			break;
		}
	}
	return status;
}
