/* SPDX-License-Identifier: MIT */
/*
 * Fault reporting of version 1: SetDeviceFaultReporting and the delivery that
 * sluice_poll_events() makes (contract 2.10, 3.2). Freestanding.
 *
 * Records are a fixed pool, guarded by events_enter().
 */
#include "carrier.h"
#include "contract.h"
#include "events.h"

/* Pages of SLUICE_FAULTS_MAX that one poll delivers, so that it ends. */
#define PAGES_OF_A_POLL 64u

/* Pages that are passed over to find the newest fault. */
#define PAGES_TO_THE_END 4096u

struct report {
	PIOMMU_DEVICE_FAULT_HANDLER handler; /* NULL: free record */
	PVOID context;
	uint64_t first;	 /* first sequence number that it wants */
	uint64_t domain; /* handle, when it was enabled         */
	uint32_t sbdf;
	BOOLEAN is_stage1;
};

static struct report pool[SLUICE_FAULT_HANDLERS_MAX];
static uint64_t next; /* sequence number to ask for */

static struct report *report_find(uint32_t sbdf)
{
	for (size_t i = 0; i < SLUICE_FAULT_HANDLERS_MAX; i++) {
		if (pool[i].handler != NULL && pool[i].sbdf == sbdf) {
			return &pool[i];
		}
	}
	return NULL;
}

/* The record of a device, or a free one, or NULL. */
static struct report *report_take(uint32_t sbdf)
{
	struct report *report = report_find(sbdf);

	for (size_t i = 0; report == NULL && i < SLUICE_FAULT_HANDLERS_MAX;
	     i++) {
		if (pool[i].handler == NULL) {
			report = &pool[i];
		}
	}
	return report;
}

static bool any_report(void)
{
	for (size_t i = 0; i < SLUICE_FAULT_HANDLERS_MAX; i++) {
		if (pool[i].handler != NULL) {
			return true;
		}
	}
	return false;
}

/* A first-stage table is the hypervisor's S1, or the caller's own. */
static BOOLEAN domain_is_stage1(uint64_t domain)
{
	struct sluice_domain_info info;

	for (uint32_t index = 0;; index++) {
		if (!NT_SUCCESS(sluice_domain_at(SLUICE_GUEST_SELF, index,
						 &info))) {
			return 0;
		}
		if (info.domain == domain) {
			return info.type == DomainTypeTranslateS1 ||
			       info.type == DomainTypeUnmanaged;
		}
	}
}

/* The sequence number after the newest fault. */
static NTSTATUS fault_end(uint64_t *end)
{
	struct sluice_read_faults page = {.sequence = next};
	NTSTATUS status;
	uint32_t pages = 0;

	do {
		status = sluice_own_faults(page.sequence, &page);
	} while (NT_SUCCESS(status) && page.count != 0 &&
		 ++pages < PAGES_TO_THE_END);
	*end = page.sequence;
	return status;
}

static NTSTATUS report_enable(uint32_t sbdf,
			      const DEVICE_FAULT_CONFIGURATION *config)
{
	struct sluice_device_info device;
	NTSTATUS status = own_device_find(sbdf, &device);

	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (!device.is_attached) {
		return STATUS_INVALID_PARAMETER_1;
	}

	const bool is_first = !any_report();
	struct report *report = report_take(sbdf);
	uint64_t end;

	if (report == NULL) {
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	status = fault_end(&end);
	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (is_first) {
		next = end;
	}
	*report = (struct report){
		.handler = config->FaultHandler,
		.context = config->FaultContext,
		.first = end,
		.domain = device.domain,
		.sbdf = sbdf,
		.is_stage1 = domain_is_stage1(device.domain),
	};
	return STATUS_SUCCESS;
}

NTSTATUS contract_set_fault_reporting(PDEVICE_OBJECT PhysicalDeviceObject,
				      ULONG InputMappingIdBase, BOOLEAN Enable,
				      PDEVICE_FAULT_CONFIGURATION FaultConfig)
{
	NTSTATUS status = environment_check();

	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (PhysicalDeviceObject == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (InputMappingIdBase != 0) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (Enable &&
	    (FaultConfig == NULL || FaultConfig->FaultHandler == NULL)) {
		return STATUS_INVALID_PARAMETER_4;
	}
	if (!Enable) {
		faults_forget(PhysicalDeviceObject->Sbdf);
		return STATUS_SUCCESS;
	}

	const bool entered = events_enter();

	status = report_enable(PhysicalDeviceObject->Sbdf, FaultConfig);
	events_leave(entered);
	return status;
}

NTSTATUS
contract_set_fault_reporting_ex(PIOMMU_DMA_DEVICE DmaDevice,
				ULONG InputMappingIdBase, BOOLEAN Enable,
				PDEVICE_FAULT_CONFIGURATION FaultConfig)
{
	/* As published, for ever. */
	(void)DmaDevice;
	(void)InputMappingIdBase;
	(void)Enable;
	(void)FaultConfig;
	return STATUS_NOT_IMPLEMENTED;
}

void faults_forget(uint32_t sbdf)
{
	const bool entered = events_enter();
	struct report *report = report_find(sbdf);

	if (report != NULL) {
		report->handler = NULL;
	}
	events_leave(entered);
}

/* The contract has no name for a dropped interrupt message. */
static FAULT_INFORMATION_X64_TYPE type_of(uint32_t kind)
{
	return kind == SLUICE_FAULT_INTERRUPT
		       ? UnsupportedUpstreamTransaction
		       : (FAULT_INFORMATION_X64_TYPE)kind;
}

/* Return: true if somebody was told. */
static bool fault_deliver(const struct sluice_fault *fault)
{
	struct report *report = report_find(fault->sbdf);

	if (report == NULL || fault->sequence < report->first) {
		return false;
	}

	FAULT_INFORMATION information = {
		.Type = FaultInformationX64,
		.IsStage1 = report->is_stage1,
		.X64 =
			{
				.DomainHandle =
					pointer_of_handle(report->domain),
				.FaultAddress =
					pointer_of_handle(fault->address),
				.Flags = {.FaultAddressValid = 1},
				.Type = type_of(fault->kind),
				.PciSegment = fault->sbdf >> 16,
			},
	};

	report->handler(report->context, &information);
	return true;
}

NTSTATUS faults_deliver(uint32_t *delivered)
{
	struct sluice_read_faults page;
	NTSTATUS status = STATUS_SUCCESS;
	uint32_t pages = 0;

	if (!any_report()) {
		return status;
	}
	do {
		status = sluice_own_faults(next, &page);
		if (!NT_SUCCESS(status)) {
			break;
		}
		next = page.sequence;
		for (uint32_t i = 0; i < page.count && i < SLUICE_FAULTS_MAX;
		     i++) {
			*delivered += fault_deliver(&page.fault[i]) ? 1 : 0;
		}
	} while (page.count != 0 && ++pages < PAGES_OF_A_POLL);
	return status;
}
