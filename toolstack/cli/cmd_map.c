/* SPDX-License-Identifier: MIT */
/*
 * `sluice map` and `unmap`: what the devices of a DMA domain may reach.
 */
#include "parse.h"

#include <inttypes.h>
#include <stdio.h>

/* What `map` was asked for. */
struct wish {
	PIOMMU_DMA_DOMAIN domain;
	uint32_t permissions;
	IOMMU_MAP_PHYSICAL_ADDRESS memory;
	uint64_t to, min, max;
};

/* An option's number, if it was given. Return: false: it is none. */
static bool number_read(const struct cli_arguments *arguments,
			enum cli_option_number option, uint64_t *number)
{
	const char *text = arguments->value[option];

	return text == NULL || parse_number(text, number);
}

/* Return: CLI_OK, or CLI_USAGE with the reason printed. */
static int numbers_read(const struct cli_arguments *arguments,
			struct wish *wish)
{
	static const enum cli_option_number numbers[] = {
		CLI_NUMBER_TO, CLI_NUMBER_MIN, CLI_NUMBER_MAX, CLI_NUMBER_FROM,
		CLI_NUMBER_PAGES};
	uint64_t from = 0, pages = 0;
	uint64_t *const targets[] = {&wish->to, &wish->min, &wish->max, &from,
				     &pages};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!number_read(arguments, numbers[i], targets[i])) {
			return cli_usage(arguments->value[numbers[i]],
					 "no number (decimal, or 0x and "
					 "hexadecimal)");
		}
	}
	if (pages > UINT64_MAX / SLUICE_PAGE_BYTES) {
		return cli_usage(arguments->value[CLI_NUMBER_PAGES],
				 "too many pages");
	}
	wish->memory = (IOMMU_MAP_PHYSICAL_ADDRESS){
		.MapType = MapPhysicalAddressTypeContiguousRange,
		.ContiguousRange = {.Base = (PHYSICAL_ADDRESS)from,
				    .Size = pages * SLUICE_PAGE_BYTES},
	};
	return CLI_OK;
}

static int wish_read(const struct cli_arguments *arguments, struct wish *wish)
{
	const char *permissions = arguments->value[CLI_NUMBER_PERM];
	const unsigned where = arguments->options & (CLI_TO | CLI_ANY);
	const unsigned bounds = arguments->options & (CLI_MIN | CLI_MAX);

	*wish = (struct wish){.to = 0};
	if (!parse_handle(arguments->word[0], &wish->domain)) {
		return cli_usage(arguments->word[0], "no handle of a domain");
	}
	if (where != CLI_TO && where != CLI_ANY) {
		return cli_usage("map", "give one of --to and --any");
	}
	if (where == CLI_TO && bounds != 0) {
		return cli_usage("map", "--min and --max go with --any");
	}
	if (!parse_permissions(permissions, &wish->permissions)) {
		return cli_usage(permissions, "no permission (r, w, rw)");
	}
	return numbers_read(arguments, wish);
}

int cmd_map(const struct cli_arguments *arguments)
{
	DMA_IOMMU_INTERFACE_EX dma;
	struct wish wish;
	uint64_t out = 0;
	int code = wish_read(arguments, &wish);

	if (code == CLI_OK) {
		code = cli_connect(arguments);
	}
	if (code != CLI_OK) {
		return code;
	}

	NTSTATUS status = IoGetIommuInterfaceEx(3, 0, &dma);

	if (NT_SUCCESS(status)) {
		status = dma.V3.MapLogicalRangeEx(
			wish.domain, wish.permissions, &wish.memory,
			arguments->options & CLI_TO ? &wish.to : NULL,
			arguments->options & CLI_MIN ? &wish.min : NULL,
			arguments->options & CLI_MAX ? &wish.max : NULL, &out);
	}
	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, "map",
				       "see sluice(1), DOMAINS AND MEMORY");
	}
	(void)printf("0x%" PRIx64 "\n", out);
	return CLI_OK;
}

int cmd_unmap(const struct cli_arguments *arguments)
{
	DMA_IOMMU_INTERFACE_EX dma;
	PIOMMU_DMA_DOMAIN domain;
	uint64_t logical, pages;

	if (!parse_handle(arguments->word[0], &domain)) {
		return cli_usage(arguments->word[0], "no handle of a domain");
	}
	for (unsigned i = 1; i < 3; i++) {
		if (!parse_number(arguments->word[i],
				  i == 1 ? &logical : &pages)) {
			return cli_usage(arguments->word[i],
					 "no number (decimal, or 0x and "
					 "hexadecimal)");
		}
	}

	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	NTSTATUS status = IoGetIommuInterfaceEx(3, 0, &dma);

	if (NT_SUCCESS(status)) {
		status = dma.V3.UnmapLogicalRange(domain, logical, pages);
	}
	return NT_SUCCESS(status)
		       ? CLI_OK
		       : cli_fail_status(status, "unmap",
					 "name what `sluice map` mapped");
}
