/* SPDX-License-Identifier: MIT */
/*
 * The functions that fill the contract's tables, declared by their published
 * function types, so that the compiler compares each with its slot.
 *
 * domain.c, device.c, legacy.c, events.c, fault.c, mapping.c, identity.c,
 * token.c and pasid.c define them, in this order.
 */
#pragma once

#include <sluice/dma_iommu.h>

/* A handle as the ABI has it, and back. On a 32-bit machine, where nothing can
 * be created, the upper half would be lost. */
static inline uint64_t handle_of_pointer(const void *pointer)
{
	return (uintptr_t)pointer;
}

static inline void *pointer_of_handle(uint64_t handle)
{
	return (void *)(uintptr_t)handle;
}

IOMMU_DOMAIN_CREATE contract_create_domain;
IOMMU_DOMAIN_CREATE_EX contract_create_domain_ex;
IOMMU_DOMAIN_DELETE contract_delete_domain;
IOMMU_DOMAIN_CONFIGURE contract_configure_domain;
IOMMU_FLUSH_DOMAIN contract_flush_domain;
IOMMU_FLUSH_DOMAIN_VA_LIST contract_flush_domain_va_list;

IOMMU_DEVICE_CREATE contract_create_device;
IOMMU_DOMAIN_ATTACH_DEVICE_EX contract_attach_device_ex;
IOMMU_DOMAIN_DETACH_DEVICE_EX contract_detach_device_ex;
IOMMU_DEVICE_QUERY_DOMAIN_TYPES contract_query_domain_types;

IOMMU_DOMAIN_ATTACH_DEVICE contract_attach_device;
IOMMU_DOMAIN_DETACH_DEVICE contract_detach_device;
IOMMU_QUERY_INPUT_MAPPINGS contract_query_input_mappings;

IOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK contract_register_callback;
IOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK contract_unregister_callback;
IOMMU_DEVICE_DELETE contract_delete_device;

IOMMU_SET_DEVICE_FAULT_REPORTING contract_set_fault_reporting;
IOMMU_SET_DEVICE_FAULT_REPORTING_EX contract_set_fault_reporting_ex;

IOMMU_MAP_LOGICAL_RANGE contract_map_logical_range;
IOMMU_MAP_LOGICAL_RANGE_EX contract_map_logical_range_ex;
IOMMU_UNMAP_LOGICAL_RANGE contract_unmap_logical_range;

IOMMU_MAP_IDENTITY_RANGE contract_map_identity_range;
IOMMU_UNMAP_IDENTITY_RANGE contract_unmap_identity_range;
IOMMU_MAP_IDENTITY_RANGE_EX contract_map_identity_range_ex;
IOMMU_UNMAP_IDENTITY_RANGE_EX contract_unmap_identity_range_ex;

IOMMU_RESERVE_LOGICAL_ADDRESS_RANGE contract_reserve_range;
IOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE contract_free_reserved_range;
IOMMU_MAP_RESERVED_LOGICAL_RANGE contract_map_reserved_range;
IOMMU_UNMAP_RESERVED_LOGICAL_RANGE contract_unmap_reserved_range;

IOMMU_PASID_DEVICE_CREATE contract_create_pasid_device;
IOMMU_PASID_DEVICE_DELETE contract_delete_pasid_device;
IOMMU_DOMAIN_ATTACH_PASID_DEVICE contract_attach_pasid_device;
IOMMU_DOMAIN_DETACH_PASID_DEVICE contract_detach_pasid_device;
IOMMU_DEVICE_QUERY_INFORMATION contract_query_device_info;
