/* SPDX-License-Identifier: MIT */
/*
 * The contract's PASID sub-devices (contract 3.7). Freestanding.
 */
#include "carrier.h"
#include "contract.h"

NTSTATUS contract_create_pasid_device(PIOMMU_DMA_DEVICE DmaDevice,
				      PIOMMU_DMA_PASID_DEVICE *PasidDeviceOut,
				      PULONG AsidOut)
{
	struct sluice_create_pasid call = {
		.device = handle_of_pointer(DmaDevice),
	};

	if (PasidDeviceOut == NULL) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (AsidOut == NULL) {
		return STATUS_INVALID_PARAMETER_3;
	}

	NTSTATUS status = SLUICE_CALL(SLUICE_OP_create_pasid, &call);

	if (NT_SUCCESS(status)) {
		*PasidDeviceOut = pointer_of_handle(call.pasid);
		*AsidOut = call.asid;
	}
	return status;
}

NTSTATUS contract_delete_pasid_device(PIOMMU_DMA_PASID_DEVICE PasidDevice)
{
	struct sluice_pasid_ref call = {
		.pasid = handle_of_pointer(PasidDevice),
	};

	return SLUICE_CALL(SLUICE_OP_delete_pasid, &call);
}

NTSTATUS contract_attach_pasid_device(PIOMMU_DMA_DOMAIN Domain,
				      PIOMMU_DMA_PASID_DEVICE PasidDevice)
{
	struct sluice_attach_pasid call = {
		.domain = handle_of_pointer(Domain),
		.pasid = handle_of_pointer(PasidDevice),
	};

	return SLUICE_CALL(SLUICE_OP_attach_pasid, &call);
}

NTSTATUS contract_detach_pasid_device(PIOMMU_DMA_PASID_DEVICE PasidDevice)
{
	struct sluice_pasid_ref call = {
		.pasid = handle_of_pointer(PasidDevice),
	};

	return SLUICE_CALL(SLUICE_OP_detach_pasid, &call);
}

NTSTATUS contract_query_device_info(PIOMMU_DMA_DEVICE DmaDevice, ULONG Size,
				    PULONG BytesWritten,
				    PIOMMU_DMA_DEVICE_INFORMATION Buffer)
{
	struct sluice_query_device call = {
		.device = handle_of_pointer(DmaDevice),
	};

	if (BytesWritten == NULL) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (Buffer == NULL) {
		return STATUS_INVALID_PARAMETER_4;
	}

	NTSTATUS status = SLUICE_CALL(SLUICE_OP_query_device, &call);

	if (NT_SUCCESS(status) && Size < sizeof(*Buffer)) {
		return STATUS_BUFFER_TOO_SMALL;
	}
	if (NT_SUCCESS(status)) {
		Buffer->DefaultPasidEnabled = call.default_pasid;
		Buffer->PasidTaggedDmaEnabled = call.tagged_dma;
		Buffer->PasidFaultsSuppressed = call.faults_suppressed;
		*BytesWritten = sizeof(*Buffer);
	}
	return status;
}
