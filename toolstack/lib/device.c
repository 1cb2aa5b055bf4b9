/* SPDX-License-Identifier: MIT */
/*
 * The contract's device functions (contract 3.2). Freestanding.
 */
#include "carrier.h"
#include "contract.h"

NTSTATUS
contract_create_device(PDEVICE_OBJECT DeviceObject,
		       PIOMMU_DEVICE_CREATION_CONFIGURATION DeviceConfig,
		       PIOMMU_DMA_DEVICE *DmaDeviceOut)
{
	if (DmaDeviceOut == NULL) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (DeviceObject == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}

	struct sluice_create_device call = {.sbdf = DeviceObject->Sbdf};

	/*
	 * On x86 any configuration is refused, also one of type None, whose
	 * number the ABI uses for "no configuration" (contract Q36).
	 */
	if (DeviceConfig != NULL) {
		call.config_type = (uint32_t)DeviceConfig->ConfigType;
		if (call.config_type == IommuDeviceCreationConfigTypeNone) {
			call.config_type = IommuDeviceCreationConfigTypeMax;
		}
	}

	NTSTATUS status = SLUICE_CALL(SLUICE_OP_create_device, &call);

	if (NT_SUCCESS(status)) {
		*DmaDeviceOut = pointer_of_handle(call.device);
	}
	return status;
}

NTSTATUS contract_delete_device(PIOMMU_DMA_DEVICE DmaDevice)
{
	struct sluice_device_ref call = {
		.device = handle_of_pointer(DmaDevice),
	};

	return SLUICE_CALL(SLUICE_OP_delete_device, &call);
}

NTSTATUS contract_attach_device_ex(PIOMMU_DMA_DOMAIN Domain,
				   PIOMMU_DMA_DEVICE DmaDevice)
{
	struct sluice_attach_device call = {
		.domain = handle_of_pointer(Domain),
		.device = handle_of_pointer(DmaDevice),
	};

	return SLUICE_CALL(SLUICE_OP_attach_device, &call);
}

NTSTATUS contract_detach_device_ex(PIOMMU_DMA_DEVICE DmaDevice)
{
	struct sluice_device_ref call = {
		.device = handle_of_pointer(DmaDevice),
	};

	return SLUICE_CALL(SLUICE_OP_detach_device, &call);
}

void contract_query_domain_types(PIOMMU_DMA_DEVICE DmaDevice,
				 PULONG AvailableDomains)
{
	struct sluice_domain_types call = {
		.device = handle_of_pointer(DmaDevice),
	};

	if (AvailableDomains == NULL) {
		return;
	}
	/* It cannot fail by contract: what is no device has no types. */
	NTSTATUS status = SLUICE_CALL(SLUICE_OP_query_domain_types, &call);

	*AvailableDomains = NT_SUCCESS(status) ? call.types : 0;
}
