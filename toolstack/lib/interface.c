/* SPDX-License-Identifier: MIT */
/*
 * The tables of the contract (contract, section 1), one constant a version.
 *
 * Freestanding. A table is handed out without a hypervisor as well; then its
 * functions answer NOT_SUPPORTED.
 */
#include "contract.h"

/* The slots that have one function in every version. */
#define SLOTS_OF_ALL                                                           \
	.DeleteDomain = contract_delete_domain,                                \
	.FlushDomain = contract_flush_domain,                                  \
	.FlushDomainByVaList = contract_flush_domain_va_list,                  \
	.QueryInputMappings = contract_query_input_mappings,                   \
	.UnmapLogicalRange = contract_unmap_logical_range,                     \
	.ConfigureDomain = contract_configure_domain

/* clang-format off */
#define SLOTS_OF_V1                                                            \
	SLOTS_OF_ALL,                                                          \
	.CreateDomain = contract_create_domain,                                \
	.AttachDevice = contract_attach_device,                                 \
	.DetachDevice = contract_detach_device,                                 \
	.MapLogicalRange = contract_map_logical_range,                          \
	.MapIdentityRange = contract_map_identity_range,                        \
	.UnmapIdentityRange = contract_unmap_identity_range,                    \
	.SetDeviceFaultReporting = contract_set_fault_reporting

#define SLOTS_OF_V2                                                            \
	SLOTS_OF_ALL,                                                          \
	.CreateDomainEx = contract_create_domain_ex,                           \
	.AttachDeviceEx = contract_attach_device_ex,                           \
	.DetachDeviceEx = contract_detach_device_ex,                           \
	.MapLogicalRangeEx = contract_map_logical_range_ex,                    \
	.MapIdentityRangeEx = contract_map_identity_range_ex,                   \
	.UnmapIdentityRangeEx = contract_unmap_identity_range_ex,               \
	.SetDeviceFaultReportingEx = contract_set_fault_reporting_ex,           \
	.QueryAvailableDomainTypes = contract_query_domain_types,              \
	.RegisterInterfaceStateChangeCallback = contract_register_callback,     \
	.UnregisterInterfaceStateChangeCallback = contract_unregister_callback, \
	.ReserveLogicalAddressRange = contract_reserve_range,                   \
	.FreeReservedLogicalAddressRange = contract_free_reserved_range,        \
	.MapReservedLogicalRange = contract_map_reserved_range,                 \
	.UnmapReservedLogicalRange = contract_unmap_reserved_range,             \
	.CreateDevice = contract_create_device,                                \
	.DeleteDevice = contract_delete_device
/* clang-format on */

static const DMA_IOMMU_INTERFACE_V1 table_v1 = {SLOTS_OF_V1};
static const DMA_IOMMU_INTERFACE_V2 table_v2 = {SLOTS_OF_V2};
static const DMA_IOMMU_INTERFACE_V3 table_v3 = {
	SLOTS_OF_V2,
	.CreatePasidDevice = contract_create_pasid_device,
	.DeletePasidDevice = contract_delete_pasid_device,
	.AttachPasidDevice = contract_attach_pasid_device,
	.DetachPasidDevice = contract_detach_pasid_device,
	.QueryDeviceInfo = contract_query_device_info,
};

static const DMA_IOMMU_INTERFACE table_legacy = {
	.Version = DMA_IOMMU_INTERFACE_VERSION_1,
	SLOTS_OF_V1,
};

NTSTATUS IoGetIommuInterface(ULONG Version, PDMA_IOMMU_INTERFACE InterfaceOut)
{
	if (Version != DMA_IOMMU_INTERFACE_VERSION_1) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (InterfaceOut == NULL) {
		return STATUS_INVALID_PARAMETER_2;
	}
	*InterfaceOut = table_legacy;
	return STATUS_SUCCESS;
}

/* Bytes of a table of one version, Size and Version included. */
#define EX_BYTES(version)                                                      \
	(offsetof(DMA_IOMMU_INTERFACE_EX, version) +                           \
	 sizeof(((DMA_IOMMU_INTERFACE_EX *)NULL)->version))

NTSTATUS IoGetIommuInterfaceEx(ULONG Version, ULONGLONG Flags,
			       PDMA_IOMMU_INTERFACE_EX InterfaceOut)
{
	if (Version < DMA_IOMMU_INTERFACE_EX_VERSION_MIN ||
	    Version > DMA_IOMMU_INTERFACE_EX_VERSION_MAX) {
		return STATUS_INVALID_PARAMETER_1;
	}
	/* Not _2: contract 1.1 has _3 on record, and nothing against it. */
	if (Flags != 0 || InterfaceOut == NULL) {
		return STATUS_INVALID_PARAMETER_3;
	}

	/* An older caller holds a smaller structure: write no byte beyond. */
	switch (Version) {
	case DMA_IOMMU_INTERFACE_EX_VERSION_1:
		InterfaceOut->Size = EX_BYTES(V1);
		InterfaceOut->V1 = table_v1;
		break;
	case DMA_IOMMU_INTERFACE_EX_VERSION_2:
		InterfaceOut->Size = EX_BYTES(V2);
		InterfaceOut->V2 = table_v2;
		break;
	default:
		InterfaceOut->Size = EX_BYTES(V3);
		InterfaceOut->V3 = table_v3;
		break;
	}
	InterfaceOut->Version = Version;
	return STATUS_SUCCESS;
}
