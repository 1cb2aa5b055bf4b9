/* SPDX-License-Identifier: MIT */
/*
 * `sluice attach` and `detach`: a device of the guest in which the command
 * runs, and its token, which attach makes and detach deletes.
 */
#include "parse.h"
#include "token_file.h"

/* What a command line names. */
struct target {
	DMA_IOMMU_INTERFACE_EX dma;
	DEVICE_OBJECT pdo;
	PIOMMU_DMA_DEVICE device; /* token, or NULL */
};

/* The token that an earlier attach made, if it still is one. */
static PIOMMU_DMA_DEVICE token_find(uint32_t sbdf)
{
	struct sluice_device_state state = {.device = 0};

	if (!token_file_read(sbdf, &state.device)) {
		return NULL;
	}

	const uint64_t handle = state.device;
	NTSTATUS status =
		sluice_call(SLUICE_OP_device_state, &state, sizeof(state));

	return NT_SUCCESS(status) ? (PIOMMU_DMA_DEVICE)(uintptr_t)handle : NULL;
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

static void token_delete(struct target *target)
{
	if (NT_SUCCESS(target->dma.V3.DeleteDevice(target->device))) {
		token_file_remove(target->pdo.Sbdf);
	}
}

/* Make the token and keep its handle before anything depends on it. */
static int token_create(struct target *target, const char *address)
{
	NTSTATUS status = target->dma.V3.CreateDevice(&target->pdo, NULL,
						      &target->device);

	if (status == STATUS_RESOURCE_IN_USE) {
		return cli_fail_status(status, address,
				       "another program made its token; delete "
				       "it there");
	}
	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, address,
				       "see `sluice device list`");
	}
	if (!token_file_write(target->pdo.Sbdf, (uintptr_t)target->device)) {
		(void)target->dma.V3.DeleteDevice(target->device);
		return cli_fail_status(STATUS_UNSUCCESSFUL, address,
				       "its token cannot be kept in "
				       "/run/sluice; run as root");
	}
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
	const bool is_new = code == CLI_OK && target.device == NULL;

	if (is_new) {
		code = token_create(&target, address);
	}
	if (code != CLI_OK) {
		return code;
	}

	NTSTATUS status = target.dma.V3.AttachDeviceEx(domain, target.device);

	if (NT_SUCCESS(status)) {
		return CLI_OK;
	}
	if (is_new) {
		token_delete(&target);
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
		token_file_remove(target.pdo.Sbdf);
		return cli_fail_status(STATUS_NOT_FOUND, address,
				       "it has no token of `sluice attach`");
	}

	NTSTATUS status = target.dma.V3.DetachDeviceEx(target.device);

	/* A token that is not attached, after a crash: delete it alone. */
	if (NT_SUCCESS(status) || status == STATUS_INVALID_PARAMETER_1) {
		status = target.dma.V3.DeleteDevice(target.device);
	}
	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, address, "see `sluice log`");
	}
	token_file_remove(target.pdo.Sbdf);
	return CLI_OK;
}
