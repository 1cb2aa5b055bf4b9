/* SPDX-License-Identifier: MIT */
/*
 * Members of the tables that are not built in this release: each answers
 * STATUS_NOT_IMPLEMENTED and touches nothing. SetDeviceFaultReportingEx does
 * so for ever, as published. Freestanding.
 */
#include "contract.h"

NTSTATUS unbuilt_configure_domain(PIOMMU_DMA_DOMAIN Domain,
				  PDOMAIN_CONFIGURATION Configuration)
{
	(void)Domain;
	(void)Configuration;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_attach_device(PIOMMU_DMA_DOMAIN Domain,
			       PDEVICE_OBJECT PhysicalDeviceObject,
			       ULONG InputMappingIdBase, ULONG MappingCount)
{
	(void)Domain;
	(void)PhysicalDeviceObject;
	(void)InputMappingIdBase;
	(void)MappingCount;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_detach_device(PIOMMU_DMA_DOMAIN Domain,
			       PDEVICE_OBJECT PhysicalDeviceObject,
			       ULONG InputMappingId)
{
	(void)Domain;
	(void)PhysicalDeviceObject;
	(void)InputMappingId;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_register_callback(
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback,
	PVOID Context, PIOMMU_DMA_DEVICE DmaDevice,
	PIOMMU_INTERFACE_STATE_CHANGE_FIELDS StateFields)
{
	(void)StateChangeCallback;
	(void)Context;
	(void)DmaDevice;
	(void)StateFields;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_unregister_callback(
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback,
	PIOMMU_DMA_DEVICE DmaDevice)
{
	(void)StateChangeCallback;
	(void)DmaDevice;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_query_input_mappings(PDEVICE_OBJECT PhysicalDeviceObject,
				      PINPUT_MAPPING_ELEMENT Buffer,
				      ULONG BufferLength, PULONG ReturnLength)
{
	(void)PhysicalDeviceObject;
	(void)Buffer;
	(void)BufferLength;
	(void)ReturnLength;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_set_fault_reporting(PDEVICE_OBJECT PhysicalDeviceObject,
				     ULONG InputMappingIdBase, BOOLEAN Enable,
				     PDEVICE_FAULT_CONFIGURATION FaultConfig)
{
	(void)PhysicalDeviceObject;
	(void)InputMappingIdBase;
	(void)Enable;
	(void)FaultConfig;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_set_fault_reporting_ex(PIOMMU_DMA_DEVICE DmaDevice,
					ULONG InputMappingIdBase,
					BOOLEAN Enable,
					PDEVICE_FAULT_CONFIGURATION FaultConfig)
{
	(void)DmaDevice;
	(void)InputMappingIdBase;
	(void)Enable;
	(void)FaultConfig;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_map_logical_range(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
				   PMDL Mdl, ULONGLONG LogicalAddress)
{
	(void)Domain;
	(void)Permissions;
	(void)Mdl;
	(void)LogicalAddress;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_map_identity_range(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
				    PMDL Mdl)
{
	(void)Domain;
	(void)Permissions;
	(void)Mdl;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_unmap_identity_range(PIOMMU_DMA_DOMAIN Domain, PMDL Mdl)
{
	(void)Domain;
	(void)Mdl;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS
unbuilt_map_identity_range_ex(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
			      PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap)
{
	(void)Domain;
	(void)Permissions;
	(void)PhysicalAddressToMap;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_unmap_identity_range_ex(
	PIOMMU_DMA_DOMAIN Domain,
	PIOMMU_MAP_PHYSICAL_ADDRESS MappedPhysicalAddress)
{
	(void)Domain;
	(void)MappedPhysicalAddress;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS
unbuilt_reserve_range(PIOMMU_DMA_DOMAIN Domain, SIZE_T Size,
		      PIOMMU_DMA_LOGICAL_ADDRESS ExplicitLogicalAddress,
		      PIOMMU_DMA_LOGICAL_ADDRESS MinLogicalAddress,
		      PIOMMU_DMA_LOGICAL_ADDRESS MaxLogicalAddress,
		      PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN *LogicalAddressToken)
{
	(void)Domain;
	(void)Size;
	(void)ExplicitLogicalAddress;
	(void)MinLogicalAddress;
	(void)MaxLogicalAddress;
	(void)LogicalAddressToken;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_free_reserved_range(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken)
{
	(void)LogicalAddressToken;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_map_reserved_range(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken, SIZE_T Offset,
	ULONG Permissions, PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap,
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment)
{
	(void)LogicalAddressToken;
	(void)Offset;
	(void)Permissions;
	(void)PhysicalAddressToMap;
	(void)MappedSegment;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_unmap_reserved_range(
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment)
{
	(void)MappedSegment;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_flush_domain(PIOMMU_DMA_DOMAIN Domain)
{
	(void)Domain;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_flush_domain_va_list(PIOMMU_DMA_DOMAIN Domain,
				      BOOLEAN LastLevel, ULONG Number,
				      PVOID VaList)
{
	(void)Domain;
	(void)LastLevel;
	(void)Number;
	(void)VaList;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_create_pasid_device(PIOMMU_DMA_DEVICE DmaDevice,
				     PIOMMU_DMA_PASID_DEVICE *PasidDeviceOut,
				     PULONG AsidOut)
{
	(void)DmaDevice;
	(void)PasidDeviceOut;
	(void)AsidOut;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_delete_pasid_device(PIOMMU_DMA_PASID_DEVICE PasidDevice)
{
	(void)PasidDevice;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_attach_pasid_device(PIOMMU_DMA_DOMAIN Domain,
				     PIOMMU_DMA_PASID_DEVICE PasidDevice)
{
	(void)Domain;
	(void)PasidDevice;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_detach_pasid_device(PIOMMU_DMA_PASID_DEVICE PasidDevice)
{
	(void)PasidDevice;
	return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS unbuilt_query_device_info(PIOMMU_DMA_DEVICE DmaDevice, ULONG Size,
				   PULONG BytesWritten,
				   PIOMMU_DMA_DEVICE_INFORMATION Buffer)
{
	(void)DmaDevice;
	(void)Size;
	(void)BytesWritten;
	(void)Buffer;
	return STATUS_NOT_IMPLEMENTED;
}
