/* SPDX-License-Identifier: MIT */
/*
 * The DMA IOMMU contract's functions for domains, devices, faults and PASID
 * sub-devices; sluice/dma_iommu.h includes this file.
 *
 * Statuses stand in the order checked; IP_n is STATUS_INVALID_PARAMETER_n.
 * NOT_SUPPORTED for want of a domain interface, or on a machine of type x86,
 * comes before any of them but a NULL out-pointer. UNSUCCESSFUL may come of
 * each that ends translations, if an IOMMU does not confirm it in time.
 * Context: thread, unless said otherwise; waits and spins are possible. The
 * caller keeps calls that attach, detach or delete one device apart.
 * Source: contract, sections 3.1, 3.2, 3.6 and 3.7; open questions, section 5.
 */
#pragma once

#include <sluice/dma_iommu_types.h>

/**
 * IOMMU_DOMAIN_CREATE - Create a domain; version 1.
 * @OsManagedPageTable: nonzero: as type Translate; 0: as type Unmanaged
 * @DomainOut:          the domain; written on success alone
 *
 * Return: IP_2 DomainOut is NULL; else as IOMMU_DOMAIN_CREATE_EX.
 * Source: contract 3.1; the types' equivalence 1.4.
 */
typedef NTSTATUS IOMMU_DOMAIN_CREATE(BOOLEAN OsManagedPageTable,
				     PIOMMU_DMA_DOMAIN *DomainOut);

/**
 * IOMMU_DOMAIN_CREATE_EX - Create a domain.
 * @DomainType:             its type
 * @Flags:                  must be 0
 * @LogicalAllocatorConfig: optional; NULL: the caller chooses addresses
 * @ReservedRegions:        optional list, at most 64 regions
 * @DomainOut:              the domain; written on success alone
 *
 * Attaches nothing. Ends with IOMMU_DOMAIN_DELETE.
 * Return:
 *   IP_5                    DomainOut is NULL
 *   IP_1                    DomainType
 *   IP_2                    Flags not 0
 *   IP_3                    allocator: type, width, or not for this type
 *   IP_4                    region list: too long, misaligned, empty, wrapping,
 *                           too wide, contradictory, not for this type
 *   NOT_SUPPORTED           the type is not allowed now
 *   INSUFFICIENT_RESOURCES  no id, quota used up, no memory
 * Source: contract 3.1, Q1, Q3-Q9.
 */
typedef NTSTATUS IOMMU_DOMAIN_CREATE_EX(
	IOMMU_DMA_DOMAIN_TYPE DomainType, IOMMU_DMA_DOMAIN_CREATION_FLAGS Flags,
	PIOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG LogicalAllocatorConfig,
	PIOMMU_DMA_RESERVED_REGION ReservedRegions,
	PIOMMU_DMA_DOMAIN *DomainOut);

/**
 * IOMMU_DOMAIN_DELETE - Delete a domain; leftover mappings go with it.
 * Return: IP_1 no such domain; RESOURCE_IN_USE a device is attached, or a token
 *         of it is not freed.
 * Source: contract 3.1, Q28.
 */
typedef NTSTATUS IOMMU_DOMAIN_DELETE(PIOMMU_DMA_DOMAIN Domain);

/**
 * IOMMU_DOMAIN_CONFIGURE - Give an Unmanaged domain the caller's table.
 * @Domain:        the domain; DMA through it is blocked until this succeeds
 * @Configuration: the table; read during the call only
 *
 * May be repeated while devices are attached: on return the IOMMU walks the new
 * table and holds nothing of the old one.
 * Return:
 *   IP_1           no such domain, or not Unmanaged
 *   NOT_SUPPORTED  arch X64; an IOMMU that cannot walk a caller's table
 *   IP_2           Configuration: NULL, unknown arch, roots, sizes
 *   ACCESS_DENIED  TranslationEnabled is 0 and PassThrough is forbidden now
 * Source: contract 2.9, 3.1, Q27.
 */
typedef NTSTATUS IOMMU_DOMAIN_CONFIGURE(PIOMMU_DMA_DOMAIN Domain,
					PDOMAIN_CONFIGURATION Configuration);

/**
 * IOMMU_FLUSH_DOMAIN - Drop every cached translation of an Unmanaged domain.
 * Context: any; the library takes no lock.
 * Return: IP_1 no such domain, or not Unmanaged.
 * Source: contract 3.6, Q23.
 */
typedef NTSTATUS IOMMU_FLUSH_DOMAIN(PIOMMU_DMA_DOMAIN Domain);

/**
 * IOMMU_FLUSH_DOMAIN_VA_LIST - Drop the translations of some addresses.
 * @Domain:    an Unmanaged domain
 * @LastLevel: nonzero: leaf entries alone need dropping
 * @Number:    elements of the list; 0: nothing is dropped
 * @VaList:    uint64_t[], logical addresses, multiples of 4096
 *
 * Over 512 elements go in parts; a wrong element leaves those before its part
 * dropped, which does no harm.
 * Context: any; the library takes no lock.
 * Return: IP_1 as above; IP_4 VaList is NULL although Number is not 0, or an
 *         element's bits 11..0 are not 0.
 * Source: contract 3.6, Q23, Q24.
 */
typedef NTSTATUS IOMMU_FLUSH_DOMAIN_VA_LIST(PIOMMU_DMA_DOMAIN Domain,
					    BOOLEAN LastLevel, ULONG Number,
					    PVOID VaList);

/**
 * IOMMU_DEVICE_CREATE - Make a token for a device that the caller sees.
 * @DeviceObject: its PCI address
 * @DeviceConfig: optional; a circular list with @DeviceConfig in it, or both
 *                its links NULL. On this architecture one element of type Pasid
 * @DmaDeviceOut: the token; written on success alone
 *
 * The token is the guest's: it outlives the program that made it.
 * Return:
 *   IP_3                    DmaDeviceOut is NULL
 *   IP_1                    DeviceObject is NULL
 *   NOT_FOUND               no such device, or it is not behind an IOMMU
 *   IP_2                    a configuration of another type, several of them,
 *                           or one that no IOMMU can serve
 *   RESOURCE_IN_USE         the device has a token
 *   INSUFFICIENT_RESOURCES  no memory
 * Source: contract 3.2, Q35, Q36.
 */
typedef NTSTATUS
IOMMU_DEVICE_CREATE(PDEVICE_OBJECT DeviceObject,
		    PIOMMU_DEVICE_CREATION_CONFIGURATION DeviceConfig,
		    PIOMMU_DMA_DEVICE *DmaDeviceOut);

/**
 * IOMMU_DEVICE_DELETE - Give a token back.
 * Return: IP_1 no such token; RESOURCE_IN_USE a state-change callback of this
 *         program's is registered, it is attached, or has sub-devices.
 * Source: contract 3.2.
 */
typedef NTSTATUS IOMMU_DEVICE_DELETE(PIOMMU_DMA_DEVICE DmaDevice);

/**
 * IOMMU_DOMAIN_ATTACH_DEVICE - Attach a device by its address; version 1.
 * @Domain:               the domain
 * @PhysicalDeviceObject: its PCI address
 * @InputMappingIdBase:   must be 0 on this architecture
 * @MappingCount:         must be 1 on this architecture
 *
 * Makes the device's token and keeps it, for at most SLUICE_V1_DEVICES_MAX
 * devices, until IOMMU_DOMAIN_DETACH_DEVICE in the same program.
 * Return:
 *   IP_1                    no such domain
 *   IP_2                    PhysicalDeviceObject is NULL
 *   IP_3, IP_4              InputMappingIdBase, MappingCount
 *   NOT_FOUND               no such device, or it is not behind an IOMMU
 *   RESOURCE_IN_USE         it has a token from IOMMU_DEVICE_CREATE
 *   INVALID_PARAMETER       it is attached already
 *   ACCESS_DENIED           the domain's type is forbidden now
 *   INSUFFICIENT_RESOURCES  no memory, or no record
 * Source: contract 3.2.
 */
typedef NTSTATUS IOMMU_DOMAIN_ATTACH_DEVICE(PIOMMU_DMA_DOMAIN Domain,
					    PDEVICE_OBJECT PhysicalDeviceObject,
					    ULONG InputMappingIdBase,
					    ULONG MappingCount);

/**
 * IOMMU_DOMAIN_DETACH_DEVICE - Undo it; version 1.
 * @Domain:               as for attach
 * @PhysicalDeviceObject: as for attach
 * @InputMappingId:       must be 0 on this architecture
 *
 * Its DMA is blocked, its fault reporting ends, its token is deleted.
 * Return: IP_1 no such domain; IP_2 PhysicalDeviceObject is NULL; IP_3
 *         InputMappingId; IP_2 not attached by this program through version 1;
 *         IP_1 attached to another domain.
 * Source: contract 3.2.
 */
typedef NTSTATUS IOMMU_DOMAIN_DETACH_DEVICE(PIOMMU_DMA_DOMAIN Domain,
					    PDEVICE_OBJECT PhysicalDeviceObject,
					    ULONG InputMappingId);

/**
 * IOMMU_DOMAIN_ATTACH_DEVICE_EX - Let a device's DMA go through a domain.
 *
 * The device must be silent meanwhile.
 * Return:
 *   IP_1                    no such domain
 *   IP_2                    no such token
 *   INVALID_PARAMETER       the device is attached already
 *   ACCESS_DENIED           the domain's type is forbidden now
 *   INSUFFICIENT_RESOURCES  no memory; the IOMMU does not answer
 * Source: contract 3.2, Q30.
 */
typedef NTSTATUS IOMMU_DOMAIN_ATTACH_DEVICE_EX(PIOMMU_DMA_DOMAIN Domain,
					       PIOMMU_DMA_DEVICE DmaDevice);

/**
 * IOMMU_DOMAIN_DETACH_DEVICE_EX - Block a device's DMA again.
 *
 * On return no translation of it is cached and bus-master is off.
 * Return: IP_1 no such token, or not attached.
 * Source: contract 3.2, Q29.
 */
typedef NTSTATUS IOMMU_DOMAIN_DETACH_DEVICE_EX(PIOMMU_DMA_DEVICE DmaDevice);

/**
 * IOMMU_DEVICE_QUERY_DOMAIN_TYPES - Which types may be made and attached now.
 * @DmaDevice:        the token
 * @AvailableDomains: mask of 1 << type; 0 for what is no token; NULL: no effect
 *
 * Cannot fail; a hint only.
 * Source: contract 3.2.
 */
typedef void IOMMU_DEVICE_QUERY_DOMAIN_TYPES(PIOMMU_DMA_DEVICE DmaDevice,
					     PULONG AvailableDomains);

/**
 * IOMMU_INTERFACE_STATE_CHANGE_CALLBACK - The caller's, for a state change.
 * @StateChange: the state now; valid during the call
 * @Context:     as registered
 *
 * Runs inside registration, and inside sluice_poll_events() when the state has
 * changed since. It may query the device's domain types; what registers,
 * unregisters or polls answers UNSUCCESSFUL, and the device cannot be deleted.
 * Source: contract 2.7, 3.2, Q34.
 */
typedef void
IOMMU_INTERFACE_STATE_CHANGE_CALLBACK(PIOMMU_INTERFACE_STATE_CHANGE StateChange,
				      PVOID Context);
typedef IOMMU_INTERFACE_STATE_CHANGE_CALLBACK
	*PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK;

/**
 * IOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK - Hear of a device's state.
 * @StateChangeCallback: called at once, from inside, and on each change
 * @Context:             optional; handed to it
 * @DmaDevice:           the token
 * @StateFields:         .AvailableDomainTypes must be 1, the rest 0
 *
 * A program has at most SLUICE_CALLBACKS_MAX.
 * Return:
 *   UNSUCCESSFUL            called from inside a callback
 *   IP_1                    StateChangeCallback is NULL
 *   IP_3                    no such token
 *   IP_4                    StateFields: NULL, nothing, or unknown fields
 *   UNSUCCESSFUL            the device has a callback
 *   INSUFFICIENT_RESOURCES  no record
 * Source: contract 3.2, Q34.
 */
typedef NTSTATUS IOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK(
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback,
	PVOID Context, PIOMMU_DMA_DEVICE DmaDevice,
	PIOMMU_INTERFACE_STATE_CHANGE_FIELDS StateFields);

/**
 * IOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK - End that.
 *
 * On return the callback does not run and will not.
 * Return: UNSUCCESSFUL not the callback that the device has, or called from
 *         inside a callback.
 * Source: contract 3.2, Q34.
 */
typedef NTSTATUS IOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK(
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback,
	PIOMMU_DMA_DEVICE DmaDevice);

/**
 * IOMMU_QUERY_INPUT_MAPPINGS - A device's stream ids; none on x86.
 * @PhysicalDeviceObject: its PCI address
 * @Buffer:               not written
 * @BufferLength:         bytes; any
 * @ReturnLength:         not written
 *
 * Return: IP_1 PhysicalDeviceObject is NULL; UNSUCCESSFUL, always.
 * Source: contract 3.2.
 */
typedef NTSTATUS IOMMU_QUERY_INPUT_MAPPINGS(PDEVICE_OBJECT PhysicalDeviceObject,
					    PINPUT_MAPPING_ELEMENT Buffer,
					    ULONG BufferLength,
					    PULONG ReturnLength);

/**
 * IOMMU_SET_DEVICE_FAULT_REPORTING - Hear of a device's faults; version 1.
 * @PhysicalDeviceObject: its PCI address; the device must be attached to enable
 * @InputMappingIdBase:   must be 0 on this architecture
 * @Enable:               nonzero: report to @FaultConfig, in place of an
 *                        earlier one; 0: end
 * @FaultConfig:          read when enabling; the handler must not be NULL
 *
 * Faults from now on reach the handler inside sluice_poll_events(), which it
 * must not call. At most SLUICE_FAULT_HANDLERS_MAX devices.
 * Return:
 *   IP_1                    PhysicalDeviceObject is NULL
 *   IP_2                    InputMappingIdBase
 *   IP_4                    FaultConfig, when enabling
 *   NOT_FOUND               enabling: no such device
 *   IP_1                    enabling: it is not attached
 *   INSUFFICIENT_RESOURCES  no record
 * Source: contract 2.10, 3.2.
 */
typedef NTSTATUS
IOMMU_SET_DEVICE_FAULT_REPORTING(PDEVICE_OBJECT PhysicalDeviceObject,
				 ULONG InputMappingIdBase, BOOLEAN Enable,
				 PDEVICE_FAULT_CONFIGURATION FaultConfig);

/**
 * IOMMU_SET_DEVICE_FAULT_REPORTING_EX - Published as never implemented.
 *
 * sluice_own_faults() is the way to a guest's faults.
 * Return: STATUS_NOT_IMPLEMENTED, always.
 * Source: contract 3.2, Q44.
 */
typedef NTSTATUS
IOMMU_SET_DEVICE_FAULT_REPORTING_EX(PIOMMU_DMA_DEVICE DmaDevice,
				    ULONG InputMappingIdBase, BOOLEAN Enable,
				    PDEVICE_FAULT_CONFIGURATION FaultConfig);

/**
 * IOMMU_PASID_DEVICE_CREATE - Make a sub-device with a PASID of its own.
 * @DmaDevice:      a token made with PasidConfigTypePasidTaggedDma
 * @PasidDeviceOut: the sub-device; written on success alone
 * @AsidOut:        the PASID; written on success alone
 *
 * Return:
 *   IP_2, IP_3              PasidDeviceOut, AsidOut is NULL
 *   IP_1                    no such token, or not one for tagged DMA
 *   INSUFFICIENT_RESOURCES  no memory
 *   NONE_MAPPED             no PASID is left
 * Source: contract 3.7.
 */
typedef NTSTATUS
IOMMU_PASID_DEVICE_CREATE(PIOMMU_DMA_DEVICE DmaDevice,
			  PIOMMU_DMA_PASID_DEVICE *PasidDeviceOut,
			  PULONG AsidOut);

/**
 * IOMMU_PASID_DEVICE_DELETE - Give a sub-device and its PASID back.
 * Return: IP_1 no such sub-device; RESOURCE_IN_USE attached.
 * Source: contract 3.7.
 */
typedef NTSTATUS IOMMU_PASID_DEVICE_DELETE(PIOMMU_DMA_PASID_DEVICE PasidDevice);

/**
 * IOMMU_DOMAIN_ATTACH_PASID_DEVICE - Let its DMA go through a domain.
 * Return:
 *   IP_1                    no such domain, or not of a type for sub-devices
 *   IP_2                    no such sub-device
 *   UNSUCCESSFUL            attached already
 *   ACCESS_DENIED           the type is forbidden now
 *   INSUFFICIENT_RESOURCES  no memory
 * Source: contract 3.7.
 */
typedef NTSTATUS
IOMMU_DOMAIN_ATTACH_PASID_DEVICE(PIOMMU_DMA_DOMAIN Domain,
				 PIOMMU_DMA_PASID_DEVICE PasidDevice);

/**
 * IOMMU_DOMAIN_DETACH_PASID_DEVICE - Block its DMA again.
 * Return: IP_1 no such sub-device, or not attached.
 * Source: contract 3.7.
 */
typedef NTSTATUS
IOMMU_DOMAIN_DETACH_PASID_DEVICE(PIOMMU_DMA_PASID_DEVICE PasidDevice);

/**
 * IOMMU_DEVICE_QUERY_INFORMATION - How a token was configured.
 * @DmaDevice:    the token
 * @Size:         bytes of @Buffer, at least 3
 * @BytesWritten: 3; written on success alone
 * @Buffer:       written on success alone
 *
 * Return: IP_3, IP_4 BytesWritten, Buffer is NULL; IP_1 no such token;
 *         BUFFER_TOO_SMALL Size below 3.
 * Source: contract 2.8, 3.7.
 */
typedef NTSTATUS
IOMMU_DEVICE_QUERY_INFORMATION(PIOMMU_DMA_DEVICE DmaDevice, ULONG Size,
			       PULONG BytesWritten,
			       PIOMMU_DMA_DEVICE_INFORMATION Buffer);
