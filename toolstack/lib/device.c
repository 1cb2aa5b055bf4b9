/* SPDX-License-Identifier: MIT */
/*
 * The contract's device functions (contract 3.2) but those of version 1 and
 * those that know of callbacks. Freestanding.
 */
#include "carrier.h"
#include "contract.h"

/*
 * A configuration in the ABI's words (contract Q36). Of the types alone PASID
 * is for this architecture, and a type may stand once in the list: so a list of
 * several elements is refused, and need not be walked.
 */
static void
configuration_fill(const IOMMU_DEVICE_CREATION_CONFIGURATION *config,
		   struct sluice_create_device *call)
{
	const LIST_ENTRY *links = &config->NextConfiguration;
	const bool is_single = links->Flink == links->Blink &&
			       (links->Flink == NULL || links->Flink == links);

	if (!is_single ||
	    config->ConfigType != IommuDeviceCreationConfigTypePasid) {
		/* Type None too, whose number is "no configuration" there. */
		call->config_type = IommuDeviceCreationConfigTypeMax;
		return;
	}
	call->config_type = IommuDeviceCreationConfigTypePasid;
	call->pasid_type = (uint32_t)config->Pasid.ConfigType;
	call->suppress_faults = config->Pasid.SuppressPasidFaults != 0;
}

NTSTATUS
contract_create_device(PDEVICE_OBJECT DeviceObject,
		       PIOMMU_DEVICE_CREATION_CONFIGURATION DeviceConfig,
		       PIOMMU_DMA_DEVICE *DmaDeviceOut)
{
	if (DmaDeviceOut == NULL) {
		return STATUS_INVALID_PARAMETER_3;
	}

	if (DeviceObject == NULL) {
		NTSTATUS status = environment_check();

		return NT_SUCCESS(status) ? STATUS_INVALID_PARAMETER_1 : status;
	}

	struct sluice_create_device call = {.sbdf = DeviceObject->Sbdf};

	if (DeviceConfig != NULL) {
		configuration_fill(DeviceConfig, &call);
	}

	NTSTATUS status = SLUICE_CALL(SLUICE_OP_create_device, &call);

	if (NT_SUCCESS(status)) {
		*DmaDeviceOut = pointer_of_handle(call.device);
	}
	return status;
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
