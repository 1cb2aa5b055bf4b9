/* SPDX-License-Identifier: MIT */
/*
 * Carrier of a Linux program: libxencall over /dev/xen/privcmd.
 *
 * The hypervisor walks the caller's page table and does not wait for Linux to
 * page anything in, so the argument and what it points at are copied to
 * libxencall's buffers, which are always present. Buffers belong to one call,
 * and libxencall locks its cache of them, so any thread may call.
 */
#include "carrier.h"
#include "error.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>
#include <xen/errno.h>
#include <xencall.h>
#include <xentoollog.h>

#define PRIVCMD "/dev/xen/privcmd"

static xencall_handle *xencall;
static xentoollog_logger *quiet;

_Static_assert(SLUICE_ARGUMENT_MAX <= SLUICE_PAGE_BYTES,
	       "the argument's buffer is one page");

long sluice_carry_xencall(uint32_t op, void *argument, size_t size)
{
	size_t bytes;
	uint64_t *const pointer = carrier_list(op, argument, &bytes);
	long result = -XEN_ENOMEM;

	if (xencall == NULL) {
		return -XEN_ENOSYS;
	}
	if (size > SLUICE_ARGUMENT_MAX) {
		return -XEN_E2BIG;
	}

	char *buffer = xencall_alloc_buffer_pages(xencall, 1);
	void *list =
		pointer == NULL ? NULL : xencall_alloc_buffer_pages(xencall, 1);

	if (buffer == NULL || (pointer != NULL && list == NULL)) {
		goto free;
	}

	uint64_t callers = 0;

	if (pointer != NULL) {
		callers = *pointer;
		memcpy(list, (const void *)(uintptr_t)callers, bytes);
		*pointer = (uintptr_t)list;
	}
	memcpy(buffer, argument, size);
	if (xencall2(xencall, SLUICE_HYPERCALL, op, (uintptr_t)buffer) < 0) {
		result = -(long)errno;
	} else {
		result = 0;
		memcpy(argument, buffer, size);
	}
	if (pointer != NULL) {
		*pointer = callers;
	}
free:
	if (list != NULL) {
		xencall_free_buffer_pages(xencall, list, 1);
	}
	if (buffer != NULL) {
		xencall_free_buffer_pages(xencall, buffer, 1);
	}
	return result;
}

/* A thread is where its copy of a variable lies. */
static uintptr_t thread_self(void)
{
	static __thread char here;

	return (uintptr_t)&here;
}

static void thread_yield(void)
{
	(void)sched_yield();
}

static const struct sluice_threads linux_threads = {
	.self = thread_self,
	.yield = thread_yield,
};

static NTSTATUS no_interface(struct sluice_error *error, const char *why,
			     const char *what_to_do)
{
	sluice_disconnect();
	return error_set(error, STATUS_NOT_SUPPORTED,
			 "no hypervisor domain interface: %s; %s", why,
			 what_to_do);
}

NTSTATUS sluice_connect(struct sluice_error *error)
{
	struct sluice_info info;

	if (access(PRIVCMD, F_OK) != 0) {
		return no_interface(error, PRIVCMD " does not exist",
				    "boot this machine under Sluice and load "
				    "the module xen-privcmd");
	}
	if (access(PRIVCMD, R_OK | W_OK) != 0) {
		return no_interface(error, "no permission for " PRIVCMD,
				    "run as root");
	}

	/* libxencall's own lines would double ours. */
	quiet = (xentoollog_logger *)xtl_createlogger_stdiostream(
		stderr, XTL_CRITICAL, 0);
	xencall = xencall_open(quiet, 0);
	if (xencall == NULL) {
		return no_interface(error, PRIVCMD " cannot be opened",
				    "boot with xen_privcmd.unrestricted=1");
	}
	sluice_set_carrier(sluice_carry_xencall);
	sluice_set_threads(&linux_threads);

	NTSTATUS status = sluice_info(&info);

	if (status == STATUS_NOT_SUPPORTED) {
		return no_interface(error,
				    "the hypervisor does not know the call",
				    "boot this machine under Sluice");
	}
	if (!NT_SUCCESS(status)) {
		return no_interface(error, sluice_status_text(status),
				    "use a tool of the hypervisor's version");
	}
	if (info.abi_version != SLUICE_ABI_VERSION) {
		return no_interface(error, "its ABI version is another",
				    "use a tool of the hypervisor's version");
	}
	return STATUS_SUCCESS;
}

void sluice_disconnect(void)
{
	sluice_set_carrier(NULL);
	if (xencall != NULL) {
		(void)xencall_close(xencall);
	}
	if (quiet != NULL) {
		xtl_logger_destroy(quiet);
	}
	xencall = NULL;
	quiet = NULL;
}
