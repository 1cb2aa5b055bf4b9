/* SPDX-License-Identifier: MIT */
/*
 * What belongs to another guest cannot be named.
 *
 * This amd64 guest runs beside one that has a DMA domain, a device token and a
 * mapping. The control domain tells it their true names in the arguments:
 *   0 domain handle, 1 device token, 2 PCI address, 3 guest id
 * It uses them in every position of every call, and stale, altered and invented
 * ones as well: each must get the answer of a name that does not exist. Then it
 * sends its own device, attached to its own domain, to the addresses that are
 * mapped in the other's domain and to where the hypervisor lies. The control
 * domain looks at the other guest meanwhile: memory, inventory, heartbeat.
 */
#include "guests/steps.h"
#include "guests/try.h"
#include "lib/edu.h"
#include "lib/report.h"

#include <xen/errno.h>
#include <xen/xen.h>

/* Step numbers: the attempt's group and its place in it. */
#define HANDLE_STEP 100u
#define DEVICE_STEP 200u
#define CALL_STEP   300u
#define DMA_STEP    400u

/* Machine address at which the hypervisor begins. */
#define HYPERVISOR 0x200000u

static struct edu edu;
static uint64_t own_domain, own_device;

/* Use `handle` wherever a domain or a device is asked for. */
static void use_handle(uint64_t handle)
{
	uint64_t types_device = handle;
	struct sluice_domain_types types = {.device = types_device};

	REPORT(HANDLE_STEP, try_delete_domain(handle),
	       STATUS_INVALID_PARAMETER_1, handle);
	REPORT(HANDLE_STEP + 1, try_map(handle, PAGE_TARGET, LOGICAL_TARGET),
	       STATUS_INVALID_PARAMETER_1, handle);
	REPORT(HANDLE_STEP + 2, try_unmap(handle, LOGICAL_TARGET, 1),
	       STATUS_INVALID_PARAMETER_1, handle);
	REPORT(HANDLE_STEP + 3, try_attach(handle, own_device),
	       STATUS_INVALID_PARAMETER_1, handle);
	REPORT(HANDLE_STEP + 4, try_attach(own_domain, handle),
	       STATUS_INVALID_PARAMETER_2, handle);
	REPORT(HANDLE_STEP + 5, try_detach(handle), STATUS_INVALID_PARAMETER_1,
	       handle);
	REPORT(HANDLE_STEP + 6, try_delete_device(handle),
	       STATUS_INVALID_PARAMETER_1, handle);
	REPORT(HANDLE_STEP + 7, SLUICE_CALL(query_domain_types, &types),
	       STATUS_INVALID_PARAMETER_1, handle);
}

static void use_handles(void)
{
	uint64_t stale, accepted = 0;

	use_handle(report.argument[0]);
	use_handle(report.argument[1]);
	use_handle(0);
	use_handle(~UINT64_C(0));
	REPORT(HANDLE_STEP + 8, try_create_domain(DomainTypeTranslate, &stale),
	       STATUS_SUCCESS, stale);
	REPORT(HANDLE_STEP + 9, try_delete_domain(stale), STATUS_SUCCESS, 0);
	use_handle(stale);
	/* A domain is no device, a device no domain. */
	REPORT(HANDLE_STEP + 10, try_delete_domain(own_device),
	       STATUS_INVALID_PARAMETER_1, own_device);
	REPORT(HANDLE_STEP + 11, try_delete_device(own_domain),
	       STATUS_INVALID_PARAMETER_1, own_domain);
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t altered = own_domain ^ UINT64_C(1) << bit;

		accepted += try_delete_domain(altered) !=
			    STATUS_INVALID_PARAMETER_1;
		altered = report.argument[0] ^ UINT64_C(1) << bit;
		accepted += altered != own_domain &&
			    try_delete_domain(altered) !=
				    STATUS_INVALID_PARAMETER_1;
	}
	REPORT(HANDLE_STEP + 12, accepted, 0, 0);
}

static void use_devices(void)
{
	uint64_t device;
	uint32_t found = 0;

	if (report.argument[2] != edu.sbdf) {
		REPORT(DEVICE_STEP,
		       try_create_device((uint32_t)report.argument[2], &device),
		       STATUS_NOT_FOUND, report.argument[2]);
	}
	/* Every function of bus 0, and that no other segment or bus leads on.
	 */
	for (uint32_t devfn = 0; devfn < 256; devfn++) {
		found += devfn != edu.sbdf &&
			 try_create_device(devfn, &device) != STATUS_NOT_FOUND;
	}
	REPORT(DEVICE_STEP + 1, found, 0, 0);
	REPORT(DEVICE_STEP + 2, try_create_device(edu.sbdf | 1u << 16, &device),
	       STATUS_NOT_FOUND, 0);
	REPORT(DEVICE_STEP + 3, try_create_device(edu.sbdf | 1u << 8, &device),
	       STATUS_NOT_FOUND, 0);
	REPORT(DEVICE_STEP + 4, try_create_device(edu.sbdf, &device),
	       STATUS_RESOURCE_IN_USE, 0);
}

static void use_calls(void)
{
	uint32_t other = (uint32_t)report.argument[3];
	struct sluice_device_info machine = {.scope = SLUICE_SCOPE_MACHINE};
	struct sluice_device_info scope = {.scope = 2};
	struct sluice_domain_info domains = {.guest = other};
	struct sluice_inventory inventory = {.guest = other};
	static const struct {
		uint32_t op, bytes;
	} control[] = {
		{SLUICE_OP_guest_policy, sizeof(struct sluice_guest_policy)},
		{SLUICE_OP_read_faults, sizeof(struct sluice_read_faults)},
		{SLUICE_OP_read_log, sizeof(struct sluice_read_log)},
		{SLUICE_OP_platform, sizeof(struct sluice_platform)},
	};
	static uint64_t argument[SLUICE_ARGUMENT_MAX / 8];

	REPORT(CALL_STEP, SLUICE_CALL(list_devices, &machine),
	       STATUS_ACCESS_DENIED, 0);
	REPORT(CALL_STEP + 1, SLUICE_CALL(list_devices, &scope),
	       STATUS_INVALID_PARAMETER_1, 0);
	REPORT(CALL_STEP + 2, SLUICE_CALL(list_domains, &domains),
	       STATUS_ACCESS_DENIED, other);
	REPORT(CALL_STEP + 3, SLUICE_CALL(inventory, &inventory),
	       STATUS_ACCESS_DENIED, other);
	for (uint32_t i = 0; i < 4; i++) {
		argument[0] = control[i].bytes;
		REPORT(CALL_STEP + 4 + i,
		       hypercall_raw(control[i].op, argument), -XEN_EPERM,
		       control[i].op);
	}
	/* Xen's calls of the toolstack: domctl, sysctl, memory_op. */
	REPORT(CALL_STEP + 8, hypercall(__HYPERVISOR_domctl, 0, argument),
	       REPORT_NEGATIVE, 0);
	REPORT(CALL_STEP + 9,
	       hypercall(__HYPERVISOR_domctl, (uintptr_t)argument, argument),
	       REPORT_NEGATIVE, 0);
	REPORT(CALL_STEP + 10,
	       hypercall(__HYPERVISOR_sysctl, (uintptr_t)argument, argument),
	       REPORT_NEGATIVE, 0);
	REPORT(CALL_STEP + 11, hypercall(__HYPERVISOR_memory_op, 23, argument),
	       REPORT_NEGATIVE, 0);
	REPORT(CALL_STEP + 12, hypercall(63, 0, argument), -XEN_ENOSYS, 0);
	REPORT(CALL_STEP + 13, hypercall(~0ul, 0, argument), -XEN_ENOSYS, 0);
}

/* Through our own domain: nothing of the other's, nothing of the machine. */
static void use_dma(void)
{
	static const uint64_t addresses[] = {
		LOGICAL_TARGET,
		LOGICAL_SOURCE,
		PAGE_CANARY,
		0x100000,
	};

	REPORT(DMA_STEP, try_attach(own_domain, own_device), STATUS_SUCCESS, 0);
	for (uint32_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		REPORT(DMA_STEP + 1 + i,
		       edu_copy(&edu, EDU_WRITES_MEMORY, addresses[i], 0,
				COPY_BYTES),
		       true, addresses[i]);
	}
	REPORT(DMA_STEP + 9, try_detach(own_device), STATUS_SUCCESS, 0);
}

void guest_main(void)
{
	int32_t found = edu_find(&edu);

	REPORT(STEP_EDU_FOUND, found, STATUS_SUCCESS, edu.sbdf);
	if (found != STATUS_SUCCESS) {
		return;
	}
	report_wait(1);
	REPORT(STEP_CREATE, try_create_domain(DomainTypeTranslate, &own_domain),
	       STATUS_SUCCESS, own_domain);
	REPORT(STEP_TOKEN, try_create_device(edu.sbdf, &own_device),
	       STATUS_SUCCESS, own_device);
	use_handles();
	use_devices();
	use_calls();
	use_dma();
	REPORT(STEP_DELETE_TOKEN, try_delete_device(own_device), STATUS_SUCCESS,
	       0);
	REPORT(STEP_DELETE, try_delete_domain(own_domain), STATUS_SUCCESS, 0);
	REPORT(STEP_LEFT, try_left(), 0, 0);
	report_wait(2);
}
