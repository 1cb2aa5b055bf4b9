/* SPDX-License-Identifier: MIT */
/*
 * `sluice domain create` and `delete`: DMA domains of the guest in which the
 * command runs.
 */
#include "parse.h"

#include <inttypes.h>
#include <stdio.h>

/* What `domain create` was asked for. */
struct wish {
	uint32_t type;
	IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG allocator;
	IOMMU_DMA_RESERVED_REGION region[CLI_RESERVE_MAX];
};

/* Return: CLI_OK, or CLI_USAGE with the reason printed. */
static int wish_read(const struct cli_arguments *arguments, struct wish *wish)
{
	const char *type = arguments->value[CLI_NUMBER_TYPE];
	const char *buddy = arguments->value[CLI_NUMBER_BUDDY];
	uint64_t width = 0;

	*wish = (struct wish){.type = DomainTypeTranslate};
	if (type != NULL && !sluice_type_parse(type, &wish->type)) {
		return cli_usage(type, "no type (translate, passthrough, "
				       "unmanaged, translates1)");
	}
	if (buddy != NULL &&
	    (!parse_number(buddy, &width) || width < 12 || width > 63)) {
		return cli_usage(buddy, "no address width (12 to 63 bits)");
	}
	wish->allocator.LogicalAllocatorType =
		buddy == NULL ? IommuDmaLogicalAllocatorNone
			      : IommuDmaLogicalAllocatorBuddy;
	wish->allocator.BuddyAllocatorConfig.AddressWidth = (ULONG)width;
	for (unsigned i = 0; i < arguments->reserve_count; i++) {
		if (!parse_region(arguments->reserve[i], &wish->region[i])) {
			return cli_usage(arguments->reserve[i],
					 "no region (BASE,PAGES,map or "
					 "BASE,PAGES,hole)");
		}
		if (i != 0) {
			wish->region[i - 1].RegionNext = &wish->region[i];
		}
	}
	return CLI_OK;
}

int cmd_domain_create(const struct cli_arguments *arguments)
{
	const IOMMU_DMA_DOMAIN_CREATION_FLAGS no_flags = {.AsUlonglong = 0};
	DMA_IOMMU_INTERFACE_EX dma;
	PIOMMU_DMA_DOMAIN domain;
	struct wish wish;
	int code = wish_read(arguments, &wish);

	if (code == CLI_OK) {
		code = cli_connect(arguments);
	}
	if (code != CLI_OK) {
		return code;
	}

	NTSTATUS status = IoGetIommuInterfaceEx(3, 0, &dma);

	if (NT_SUCCESS(status)) {
		status = dma.V3.CreateDomainEx(
			(IOMMU_DMA_DOMAIN_TYPE)wish.type, no_flags,
			&wish.allocator,
			arguments->reserve_count == 0 ? NULL : wish.region,
			&domain);
	}
	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, "domain create",
				       "see `sluice info` for the types and "
				       "the width, and sluice(1)");
	}
	(void)printf("0x%" PRIxPTR "\n", (uintptr_t)domain);
	return CLI_OK;
}

int cmd_domain_delete(const struct cli_arguments *arguments)
{
	const char *handle = arguments->word[0];
	DMA_IOMMU_INTERFACE_EX dma;
	PIOMMU_DMA_DOMAIN domain;

	if (!parse_handle(handle, &domain)) {
		return cli_usage(handle, "no handle of a domain");
	}

	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	NTSTATUS status = IoGetIommuInterfaceEx(3, 0, &dma);

	if (NT_SUCCESS(status)) {
		status = dma.V3.DeleteDomain(domain);
	}
	return NT_SUCCESS(status)
		       ? CLI_OK
		       : cli_fail_status(status, handle,
					 "detach its devices first; see "
					 "`sluice domain show`");
}
