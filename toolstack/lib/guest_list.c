/* SPDX-License-Identifier: MIT */
/*
 * Guests that exist: list, find, unpause, destroy. The name is kept in Xen's
 * domain handle (16 bytes, zero padded), so that no second store can differ.
 */
#include "xen_tools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum sluice_guest_state state_of(const xc_dominfo_t *info)
{
	if (info->dying) {
		return SLUICE_GUEST_DYING;
	}
	if (info->shutdown) {
		return info->shutdown_reason == SHUTDOWN_crash
			       ? SLUICE_GUEST_CRASHED
			       : SLUICE_GUEST_SHUTDOWN;
	}
	return info->paused ? SLUICE_GUEST_PAUSED : SLUICE_GUEST_RUNNING;
}

static void guest_fill(const xc_dominfo_t *info, struct sluice_guest *out)
{
	*out = (struct sluice_guest){
		.id = (uint16_t)info->domid,
		.state = state_of(info),
		.reason = info->shutdown ? info->shutdown_reason : 0,
		.vcpu_count = info->max_vcpu_id + 1,
		.memory_bytes = (uint64_t)info->nr_pages * SLUICE_PAGE_BYTES,
	};
	memcpy(out->name, info->handle, sizeof(out->name));
	out->name[sizeof(out->name) - 1] = '\0';
	/* Another tool's handle is a UUID; do not print its bytes. */
	if (!sluice_name_is_valid(out->name)) {
		memset(out->name, 0, sizeof(out->name));
	}
}

NTSTATUS sluice_guest_next(uint32_t first, struct sluice_guest *out,
			   struct sluice_error *error)
{
	struct xen_tools tools;
	xc_dominfo_t info;
	NTSTATUS status = xen_tools_open(&tools, error);

	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (xc_domain_getinfo(tools.control, first, 1, &info) == 1) {
		guest_fill(&info, out);
	} else if (errno == ESRCH) {
		status = error_set(error, STATUS_NOT_FOUND,
				   "guest %u: there is no such guest; see "
				   "`sluice guest list`",
				   first);
	} else {
		status = error_set(error, STATUS_UNSUCCESSFUL,
				   "guest list: the hypervisor refused it: %s; "
				   "see `sluice log`",
				   strerror(errno));
	}
	xen_tools_close(&tools);
	return status;
}

/* A decimal number below Xen's reserved ids, or false. */
static bool id_parse(const char *text, uint32_t *id)
{
	const size_t length = strlen(text);

	if (length == 0 || length > 5 || strspn(text, "0123456789") != length) {
		return false;
	}
	*id = (uint32_t)strtoul(text, NULL, 10);
	return *id < DOMID_FIRST_RESERVED;
}

NTSTATUS sluice_guest_find(const char *name_or_id, struct sluice_guest *out,
			   struct sluice_error *error)
{
	uint32_t id = 0;
	const bool by_id = id_parse(name_or_id, &id);
	NTSTATUS status = sluice_guest_next(id, out, error);

	while (NT_SUCCESS(status)) {
		if (by_id ? out->id == id
			  : strcmp(out->name, name_or_id) == 0) {
			return status;
		}
		if (by_id) {
			status = STATUS_NOT_FOUND;
			break;
		}
		status = sluice_guest_next(out->id + 1u, out, error);
	}
	if (status == STATUS_NOT_FOUND) {
		return error_set(error, status,
				 "guest %s: there is no such guest; see "
				 "`sluice guest list`",
				 name_or_id);
	}
	return status;
}

/* One libxenctrl call on a guest. */
static NTSTATUS guest_do(uint16_t id, const char *what,
			 int (*call)(xc_interface *, uint32_t),
			 struct sluice_error *error)
{
	struct xen_tools tools;
	NTSTATUS status = xen_tools_open(&tools, error);

	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (call(tools.control, id) != 0) {
		status = error_set(error, STATUS_UNSUCCESSFUL,
				   "guest %u: it cannot be %s: %s; see `sluice "
				   "log`",
				   id, what, strerror(errno));
	}
	xen_tools_close(&tools);
	return status;
}

NTSTATUS sluice_guest_unpause(uint16_t id, struct sluice_error *error)
{
	return guest_do(id, "unpaused", xc_domain_unpause, error);
}

NTSTATUS sluice_guest_destroy(uint16_t id, struct sluice_error *error)
{
	struct sluice_info info;

	if (NT_SUCCESS(sluice_info(&info)) && info.guest == id) {
		return error_set(error, STATUS_ACCESS_DENIED,
				 "guest %u: it is the control domain, where "
				 "you are; shut it down instead",
				 id);
	}
	return guest_do(id, "destroyed", xc_domain_destroy, error);
}
