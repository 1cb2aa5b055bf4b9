// SPDX-License-Identifier: MIT
/*
 * xen_version: what the control domain's kernel and tools ask to know whom they
 * talk to. We speak as 4.17, whose numbers and structures we use.
 * Xen public headers: version.h, features.h.
 */
#include "guest/copy.h"
#include "hypercall/hypercall.h"
#include "lib/addr.h"
#include "lib/error.h"
#include "lib/string.h"

#include <xen/features.h>
#include <xen/version.h>
#include <xen/xen.h>

#define VERSION_MAJOR 4
#define VERSION_MINOR 17

static int64_t put_text(struct guest_caller *caller, uint64_t to,
			const char *text, size_t bytes)
{
	char buffer[1024];

	memset(buffer, 0, bytes);
	memcpy(buffer, text, strlen(text));
	return copy_to_guest(caller, to, buffer, bytes);
}

static int64_t get_features(struct guest_caller *caller, uint64_t at)
{
	struct xen_feature_info info;
	int error = copy_from_guest(caller, &info, at, sizeof(info));

	if (error != 0) {
		return error;
	}
	if (info.submap_idx >= XENFEAT_NR_SUBMAPS) {
		return -XEN_EINVAL;
	}
	info.submap = 1u << XENFEAT_auto_translated_physmap;
	return copy_to_guest(caller, at, &info, sizeof(info));
}

static int64_t compile_info(struct guest_caller *caller, uint64_t at)
{
	static const struct xen_compile_info info = {.compiler = "C",
						     .compile_by = "sluice"};

	return copy_to_guest(caller, at, &info, sizeof(info));
}

int64_t xen_version_op(struct guest_caller *caller,
		       const uint64_t args[HYPERCALL_ARGUMENTS])
{
	static const uint64_t no_virtual_start;

	switch (args[0]) {
	case XENVER_version:
		return VERSION_MAJOR << 16 | VERSION_MINOR;
	case XENVER_extraversion:
		return put_text(caller, args[1], ".sluice",
				XEN_EXTRAVERSION_LEN);
	case XENVER_compile_info:
		return compile_info(caller, args[1]);
	case XENVER_capabilities:
		return put_text(caller, args[1],
				"hvm-3.0-x86_32 hvm-3.0-x86_64 ",
				sizeof(xen_capabilities_info_t));
	case XENVER_changeset:
		return put_text(caller, args[1], "unavailable",
				XEN_CHANGESET_INFO_LEN);
	case XENVER_platform_parameters:
		return copy_to_guest(caller, args[1], &no_virtual_start,
				     sizeof(no_virtual_start));
	case XENVER_get_features:
		return get_features(caller, args[1]);
	case XENVER_pagesize:
		return PAGE_BYTES;
	case XENVER_guest_handle:
		return copy_to_guest(caller, args[1], caller->guest->handle,
				     GUEST_HANDLE_BYTES);
	case XENVER_commandline:
		return put_text(caller, args[1], "", 1024);
	default:
		return -XEN_ENOSYS;
	}
}
