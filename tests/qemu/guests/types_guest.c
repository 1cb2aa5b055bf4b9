/* SPDX-License-Identifier: MIT */
/*
 * A domain type that policy or machine forbids is NOT_SUPPORTED, and the
 * refusal leaves nothing behind.
 *
 * This amd64 guest asks for every domain type and reports the answers; what is
 * right depends on its file: on the types allowed, on a machine type of x86, on
 * a machine without an IOMMU. So it judges nothing: the control domain compares
 * the steps with the policy that it set, and the inventory while the guest
 * waits. Whatever was created is deleted at the end.
 */
#include "guests/steps.h"
#include "lib/hypercall.h"
#include "lib/report.h"

#include <sluice/dma_iommu_types.h>

void guest_main(void)
{
	struct sluice_info info = {.abi_version = 0};
	uint64_t domain[DomainTypeMax];
	NTSTATUS status;

	status = SLUICE_CALL(info, &info);
	REPORT(STEP_INFO_TYPES, status, STATUS_SUCCESS, info.available_types);
	for (uint32_t type = 0; type < DomainTypeMax; type++) {
		struct sluice_create_domain call = {.type = type};

		status = SLUICE_CALL(create_domain, &call);
		domain[type] = call.domain;
		REPORT(STEP_TYPE_FIRST + type, status, REPORT_ANY, call.domain);
	}
	report_wait(1);
	for (uint32_t type = 0; type < DomainTypeMax; type++) {
		struct sluice_domain_ref call = {.domain = domain[type]};

		if (call.domain != 0) {
			REPORT(STEP_DELETE, SLUICE_CALL(delete_domain, &call),
			       STATUS_SUCCESS, call.domain);
		}
	}
	report_wait(2);
}
