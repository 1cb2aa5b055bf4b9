/* SPDX-License-Identifier: MIT */
/*
 * The contract's domain functions (contract 3.1). Freestanding.
 *
 * The hypervisor makes the checks, in the contract's order. What it cannot see
 * is flattened so that it still answers in that order: a list too long, or
 * without an end, goes out as a count that it refuses.
 */
#include "carrier.h"
#include "contract.h"

/*
 * Copy at most SLUICE_REGIONS_MAX regions. Return: their count, or one more
 * than the most if the list goes on: a bounded walk, also of a circular list.
 */
static uint32_t
regions_flatten(const IOMMU_DMA_RESERVED_REGION *list,
		struct sluice_reserved_region flat[SLUICE_REGIONS_MAX])
{
	uint32_t count = 0;

	for (; list != NULL; list = list->RegionNext) {
		if (count == SLUICE_REGIONS_MAX) {
			return count + 1;
		}
		flat[count++] = (struct sluice_reserved_region){
			.base = list->Base,
			.pages = list->NumberOfPages,
			.should_map = list->ShouldMap != 0,
		};
	}
	return count;
}

NTSTATUS contract_create_domain_ex(
	IOMMU_DMA_DOMAIN_TYPE DomainType, IOMMU_DMA_DOMAIN_CREATION_FLAGS Flags,
	PIOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG LogicalAllocatorConfig,
	PIOMMU_DMA_RESERVED_REGION ReservedRegions,
	PIOMMU_DMA_DOMAIN *DomainOut)
{
	struct sluice_reserved_region regions[SLUICE_REGIONS_MAX];

	if (DomainOut == NULL) {
		return STATUS_INVALID_PARAMETER_5;
	}

	struct sluice_create_domain call = {
		.type = (uint32_t)DomainType,
		.creation_flags = Flags.AsUlonglong,
		.region_count = regions_flatten(ReservedRegions, regions),
	};

	if (call.region_count != 0) {
		call.regions = (uintptr_t)regions;
	}
	if (LogicalAllocatorConfig != NULL) {
		call.allocator_type =
			(uint32_t)LogicalAllocatorConfig->LogicalAllocatorType;
		call.allocator_width =
			LogicalAllocatorConfig->BuddyAllocatorConfig
				.AddressWidth;
	}

	NTSTATUS status = SLUICE_CALL(SLUICE_OP_create_domain, &call);

	if (NT_SUCCESS(status)) {
		*DomainOut = pointer_of_handle(call.domain);
	}
	return status;
}

NTSTATUS contract_create_domain(BOOLEAN OsManagedPageTable,
				PIOMMU_DMA_DOMAIN *DomainOut)
{
	const IOMMU_DMA_DOMAIN_CREATION_FLAGS none = {.AsUlonglong = 0};

	if (DomainOut == NULL) {
		return STATUS_INVALID_PARAMETER_2;
	}
	return contract_create_domain_ex(
		OsManagedPageTable ? DomainTypeTranslate : DomainTypeUnmanaged,
		none, NULL, NULL, DomainOut);
}

NTSTATUS contract_delete_domain(PIOMMU_DMA_DOMAIN Domain)
{
	struct sluice_domain_ref call = {.domain = handle_of_pointer(Domain)};

	return SLUICE_CALL(SLUICE_OP_delete_domain, &call);
}

NTSTATUS contract_configure_domain(PIOMMU_DMA_DOMAIN Domain,
				   PDOMAIN_CONFIGURATION Configuration)
{
	struct sluice_configure call = {
		.domain = handle_of_pointer(Domain),
		.arch = DomainConfigurationInvalid,
	};

	/* A NULL goes out as an unknown architecture: the same argument. */
	if (Configuration != NULL) {
		call.arch = (uint32_t)Configuration->Type;
	}
	if (call.arch == DomainConfigurationArm64) {
		const DOMAIN_CONFIGURATION_ARM64 *arm = &Configuration->Arm64;

		call.ttbr0 = (uint64_t)arm->Ttbr0;
		call.ttbr1 = (uint64_t)arm->Ttbr1;
		call.mair0 = arm->Mair0;
		call.mair1 = arm->Mair1;
		call.input_size0 = arm->InputSize0;
		call.input_size1 = arm->InputSize1;
		call.coherent_walks = arm->CoherentTableWalks != 0;
		call.translation_enabled = arm->TranslationEnabled != 0;
	}
	return SLUICE_CALL(SLUICE_OP_configure_domain, &call);
}

NTSTATUS contract_flush_domain(PIOMMU_DMA_DOMAIN Domain)
{
	struct sluice_domain_ref call = {.domain = handle_of_pointer(Domain)};

	return SLUICE_CALL(SLUICE_OP_flush_domain, &call);
}

NTSTATUS contract_flush_domain_va_list(PIOMMU_DMA_DOMAIN Domain,
				       BOOLEAN LastLevel, ULONG Number,
				       PVOID VaList)
{
	const uint64_t *list = VaList;
	ULONG done = 0;
	NTSTATUS status;

	/* At least one call, which tells whether the domain may be flushed. */
	do {
		struct sluice_flush_list call = {
			.domain = handle_of_pointer(Domain),
			.last_level = LastLevel != 0,
		};

		if (list != NULL && done < Number) {
			call.addresses = (uintptr_t)(list + done);
			call.count = Number - done < SLUICE_FLUSH_MAX
					     ? Number - done
					     : SLUICE_FLUSH_MAX;
		}
		status = SLUICE_CALL(SLUICE_OP_flush_list, &call);
		done += call.count;
	} while (NT_SUCCESS(status) && list != NULL && done < Number);

	if (NT_SUCCESS(status) && done < Number) {
		return STATUS_INVALID_PARAMETER_4;
	}
	return status;
}
