/* SPDX-License-Identifier: MIT */
/*
 * An x86 guest gets no DMA domain: CreateDomainEx is NOT_SUPPORTED and nothing
 * has changed.
 *
 * This guest runs in 32-bit protected mode. It asks three ways: through the
 * 32-bit build of libsluice, by the bare instruction in the register convention
 * of Xen's 32-bit callers, and in that of the 64-bit ones. The hypervisor must
 * refuse by the caller's mode alone, without reading the argument: the status
 * field keeps what the guest has put there, and no handle appears. That nothing
 * was created, the control domain reads from the inventory while the guest
 * waits.
 */
#include "guests/steps.h"
#include "lib/hypercall.h"
#include "lib/report.h"

#include <sluice/sluice.h>
#include <xen/errno.h>

static struct sluice_create_domain fresh_call(void)
{
	return (struct sluice_create_domain){
		.header = {.size = sizeof(struct sluice_create_domain),
			   .status = NOT_CARRIED},
		.type = DomainTypeTranslate,
	};
}

static void through_library(void)
{
	IOMMU_DMA_DOMAIN_CREATION_FLAGS none = {.AsUlonglong = 0};
	DMA_IOMMU_INTERFACE_EX io;
	PIOMMU_DMA_DOMAIN domain = NULL;
	NTSTATUS status;

	sluice_set_carrier(sluice_carry_vmmcall);
	status =
		IoGetIommuInterfaceEx(DMA_IOMMU_INTERFACE_EX_VERSION_2, 0, &io);
	REPORT(STEP_INTERFACE, status, STATUS_SUCCESS, io.Size);
	status = io.V2.CreateDomainEx(DomainTypeTranslate, none, NULL, NULL,
				      &domain);
	REPORT(STEP_CREATE, status, STATUS_NOT_SUPPORTED, (uintptr_t)domain);
}

static void by_instruction(void)
{
	struct sluice_create_domain call __attribute__((aligned(8)));
	long code;

	call = fresh_call();
	code = hypercall_raw(SLUICE_OP_create_domain, &call);
	REPORT(STEP_CREATE + 1, code, -XEN_EOPNOTSUPP, call.domain);
	REPORT(STEP_CREATE + 2, call.header.status, NOT_CARRIED, 0);

	call = fresh_call();
	__asm__ volatile("vmmcall"
			 : "=a"(code)
			 : "a"(SLUICE_HYPERCALL), "D"(SLUICE_OP_create_domain),
			   "S"(&call)
			 : "memory");
	REPORT(STEP_CREATE + 3, code, -XEN_EOPNOTSUPP, call.domain);
	REPORT(STEP_CREATE + 4, call.header.status, NOT_CARRIED, 0);
}

void guest_main(void)
{
	report_wait(1);
	through_library();
	by_instruction();
	report_wait(2);
}
