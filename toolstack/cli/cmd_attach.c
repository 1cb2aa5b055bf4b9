/* SPDX-License-Identifier: MIT */
/*
 * `sluice attach` and `detach`: a device of the guest in which the command
 * runs, and its token, which attach makes if there is none and detach deletes.
 */
#include "parse.h"

/* What a command line names. */
struct target {
	DMA_IOMMU_INTERFACE_EX dma;
	DEVICE_OBJECT pdo;
	PIOMMU_DMA_DEVICE device; /* token, or NULL */
};

/* The device's token, whoever made it, or NULL. */
static PIOMMU_DMA_DEVICE token_find(uint32_t sbdf)
{
	struct sluice_device_info info;

	for (uint32_t i = 0;
	     NT_SUCCESS(sluice_device_at(SLUICE_SCOPE_OWN, i, &info)); i++) {
		if (info.sbdf == sbdf) {
			return (PIOMMU_DMA_DEVICE)(uintptr_t)info.token;
		}
	}
	return NULL;
}

/* Return: CLI_OK with a hypervisor at the other end, or why not. */
static int target_open(const struct cli_arguments *arguments,
		       const char *address, struct target *target)
{
	if (!sluice_address_parse(address, &target->pdo.Sbdf)) {
		return cli_usage(address,
				 "no PCI address (BB:DD.F or SSSS:BB:DD.F)");
	}

	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}
	(void)IoGetIommuInterfaceEx(3, 0, &target->dma);
	target->device = token_find(target->pdo.Sbdf);
	return CLI_OK;
}

int cmd_attach(const struct cli_arguments *arguments)
{
	const char *address = arguments->word[1];
	PIOMMU_DMA_DOMAIN domain;
	struct target target;

	if (!parse_handle(arguments->word[0], &domain)) {
		return cli_usage(arguments->word[0], "no handle of a domain");
	}

	int code = target_open(arguments, address, &target);

	if (code != CLI_OK) {
		return code;
	}

	const bool is_new = target.device == NULL;
	NTSTATUS status = STATUS_SUCCESS;

	if (is_new) {
		status = target.dma.V3.CreateDevice(&target.pdo, NULL,
						    &target.device);
	}
	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, address,
				       "see `sluice device list`");
	}
	status = target.dma.V3.AttachDeviceEx(domain, target.device);
	if (NT_SUCCESS(status)) {
		return CLI_OK;
	}
	if (is_new) {
		(void)target.dma.V3.DeleteDevice(target.device);
	}
	return cli_fail_status(status, address,
			       "check the handle, and that the device is not "
			       "attached; see `sluice domain show`");
}

int cmd_detach(const struct cli_arguments *arguments)
{
	const char *address = arguments->word[0];
	struct target target;
	int code = target_open(arguments, address, &target);

	if (code != CLI_OK) {
		return code;
	}
	if (target.device == NULL) {
		return cli_fail_status(STATUS_NOT_FOUND, address,
				       "it has no token, so it is attached to "
				       "nothing");
	}

	NTSTATUS status = target.dma.V3.DetachDeviceEx(target.device);

	/* A token that is not attached, after a crash: delete it alone. */
	if (NT_SUCCESS(status) || status == STATUS_INVALID_PARAMETER_1) {
		status = target.dma.V3.DeleteDevice(target.device);
	}
	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, address, "see `sluice log`");
	}
	return CLI_OK;
}
