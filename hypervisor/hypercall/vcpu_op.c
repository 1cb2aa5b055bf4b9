// SPDX-License-Identifier: MIT
/*
 * vcpu_op and sched_op: the little that a kernel needs at its start and at its
 * end. Xen public headers: vcpu.h, sched.h.
 */
#include "base/log.h"
#include "guest/copy.h"
#include "guest/cpu_ops.h"
#include "hypercall/hypercall.h"
#include "lib/error.h"

#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/xen.h>

int64_t vcpu_op(struct guest_caller *caller,
		const uint64_t args[HYPERCALL_ARGUMENTS])
{
	(void)caller;
	/*
	 * The kernel offers a page for events that never come: everything it
	 * uses is native. It stops if this is refused.
	 */
	return args[0] == VCPUOP_register_vcpu_info ? 0 : -XEN_ENOSYS;
}

static int64_t shutdown(struct guest_caller *caller, uint64_t at)
{
	struct sched_shutdown request;
	int error = copy_from_guest(caller, &request, at, sizeof(request));

	if (error != 0) {
		return error;
	}
	if (request.reason > SHUTDOWN_MAX) {
		return -XEN_EINVAL;
	}
	if (!caller->guest->is_control) {
		log_guest(caller->guest->id, "shut down, reason %u",
			  request.reason);
		guest_end(caller->guest, request.reason);
		return 0;
	}
	if (request.reason == SHUTDOWN_soft_reset) {
		return 0; /* kexec: nothing of ours refers to the old kernel */
	}
	hypercall_reset_machine();
	return 0;
}

static int64_t remote_shutdown(struct guest_caller *caller, uint64_t at)
{
	struct sched_remote_shutdown request;
	struct guest *guest;
	int error = copy_from_guest(caller, &request, at, sizeof(request));

	if (error != 0) {
		return error;
	}
	if (request.reason > SHUTDOWN_MAX) {
		return -XEN_EINVAL;
	}
	guest = hypercall_target(caller, request.domain_id);
	if (guest == NULL) {
		return -XEN_ESRCH;
	}
	if (guest->is_control) {
		return -XEN_EINVAL;
	}
	error = guest_cpu_ops->stop(guest);
	if (error == 0) {
		guest_end(guest, request.reason);
	}
	return error;
}

int64_t sched_op(struct guest_caller *caller,
		 const uint64_t args[HYPERCALL_ARGUMENTS])
{
	switch (args[0]) {
	case SCHEDOP_yield:
		return 0;
	case SCHEDOP_shutdown:
		return shutdown(caller, args[1]);
	case SCHEDOP_remote_shutdown:
		return caller->guest->is_control
			       ? remote_shutdown(caller, args[1])
			       : -XEN_ENOSYS;
	default:
		return -XEN_ENOSYS;
	}
}
