/* SPDX-License-Identifier: MIT */
/*
 * Version 1 of the contract names devices by PDO (contract 3.2). Freestanding.
 *
 * Attach makes the device's token and keeps it in a record of a fixed pool;
 * detach deletes it. The caller keeps calls for one device apart (contract
 * 1.7), so a record that was found stays.
 */
#include "carrier.h"
#include "contract.h"
#include "events.h"
#include "slot.h"

struct attachment {
	uint64_t token;	 /* handle */
	uint64_t domain; /* handle; 0: not attached */
	uint32_t sbdf;
	uint32_t slot;
};

static struct attachment pool[SLUICE_V1_DEVICES_MAX];

static struct attachment *attachment_find(uint32_t sbdf)
{
	for (size_t i = 0; i < SLUICE_V1_DEVICES_MAX; i++) {
		if (slot_get(&pool[i].slot) == SLOT_LIVE &&
		    pool[i].sbdf == sbdf) {
			return &pool[i];
		}
	}
	return NULL;
}

static struct attachment *attachment_take(void)
{
	for (size_t i = 0; i < SLUICE_V1_DEVICES_MAX; i++) {
		if (slot_move(&pool[i].slot, SLOT_FREE, SLOT_TAKEN)) {
			return &pool[i];
		}
	}
	return NULL;
}

static NTSTATUS device_attach(uint64_t domain, uint64_t token)
{
	struct sluice_attach_device call = {
		.domain = domain,
		.device = token,
	};

	return SLUICE_CALL(SLUICE_OP_attach_device, &call);
}

static NTSTATUS device_call(uint32_t op, uint64_t token)
{
	struct sluice_device_ref call = {.device = token};

	return SLUICE_CALL(op, &call);
}

/* Attach no device: refused for it, unless the domain is refused first. */
static NTSTATUS domain_check(uint64_t domain)
{
	NTSTATUS status = device_attach(domain, 0);

	return status == STATUS_INVALID_PARAMETER_2 ? STATUS_SUCCESS : status;
}

/* A new token in a new record. */
static NTSTATUS attachment_new(uint32_t sbdf, struct attachment **out)
{
	struct sluice_create_device call = {.sbdf = sbdf};
	NTSTATUS status = SLUICE_CALL(SLUICE_OP_create_device, &call);

	if (!NT_SUCCESS(status)) {
		return status;
	}

	struct attachment *attachment = attachment_take();

	if (attachment == NULL) {
		(void)device_call(SLUICE_OP_delete_device, call.device);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	attachment->token = call.device;
	attachment->domain = 0;
	attachment->sbdf = sbdf;
	slot_set(&attachment->slot, SLOT_LIVE);
	*out = attachment;
	return STATUS_SUCCESS;
}

/* Delete the token; a refused one stays for the next attach. */
static void attachment_end(struct attachment *attachment)
{
	NTSTATUS status =
		device_call(SLUICE_OP_delete_device, attachment->token);

	if (NT_SUCCESS(status) || status == STATUS_INVALID_PARAMETER_1) {
		slot_set(&attachment->slot, SLOT_FREE);
	}
}

NTSTATUS contract_attach_device(PIOMMU_DMA_DOMAIN Domain,
				PDEVICE_OBJECT PhysicalDeviceObject,
				ULONG InputMappingIdBase, ULONG MappingCount)
{
	const uint64_t domain = handle_of_pointer(Domain);
	NTSTATUS status = domain_check(domain);

	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (PhysicalDeviceObject == NULL) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (InputMappingIdBase != 0) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (MappingCount != 1) {
		return STATUS_INVALID_PARAMETER_4;
	}

	struct attachment *attachment =
		attachment_find(PhysicalDeviceObject->Sbdf);

	if (attachment != NULL) {
		status = device_attach(domain, attachment->token);
		if (status != STATUS_INVALID_PARAMETER_2) {
			attachment->domain = NT_SUCCESS(status)
						     ? domain
						     : attachment->domain;
			return status;
		}
		/* The device left this guest, and its token with it. */
		slot_set(&attachment->slot, SLOT_FREE);
	}
	status = attachment_new(PhysicalDeviceObject->Sbdf, &attachment);
	if (!NT_SUCCESS(status)) {
		return status;
	}
	status = device_attach(domain, attachment->token);
	if (NT_SUCCESS(status)) {
		attachment->domain = domain;
	} else {
		attachment_end(attachment);
	}
	return status;
}

NTSTATUS contract_detach_device(PIOMMU_DMA_DOMAIN Domain,
				PDEVICE_OBJECT PhysicalDeviceObject,
				ULONG InputMappingId)
{
	const uint64_t domain = handle_of_pointer(Domain);
	NTSTATUS status = domain_check(domain);

	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (PhysicalDeviceObject == NULL) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (InputMappingId != 0) {
		return STATUS_INVALID_PARAMETER_3;
	}

	struct attachment *attachment =
		attachment_find(PhysicalDeviceObject->Sbdf);

	if (attachment == NULL || attachment->domain == 0) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (attachment->domain != domain) {
		return STATUS_INVALID_PARAMETER_1;
	}
	status = device_call(SLUICE_OP_detach_device, attachment->token);
	if (!NT_SUCCESS(status) && status != STATUS_INVALID_PARAMETER_1) {
		return status;
	}
	faults_forget(attachment->sbdf);
	attachment->domain = 0;
	attachment_end(attachment);
	return NT_SUCCESS(status) ? status : STATUS_INVALID_PARAMETER_2;
}

NTSTATUS contract_query_input_mappings(PDEVICE_OBJECT PhysicalDeviceObject,
				       PINPUT_MAPPING_ELEMENT Buffer,
				       ULONG BufferLength, PULONG ReturnLength)
{
	NTSTATUS status = environment_check();

	/* No device of this architecture has input mappings, of no size. */
	(void)Buffer;
	(void)BufferLength;
	(void)ReturnLength;
	if (!NT_SUCCESS(status)) {
		return status;
	}
	return PhysicalDeviceObject == NULL ? STATUS_INVALID_PARAMETER_1
					    : STATUS_UNSUCCESSFUL;
}
