/* SPDX-License-Identifier: MIT */
/*
 * The tools' calls about one guest, one function an operation. Each gets the
 * argument copied in, may change its outputs, and returns 0 or a negative Xen
 * error. The guest-list lock is held. Xen public headers: domctl.h, 4.17.
 */
#pragma once

#include "hypercall/hypercall.h"

#include <xen/domctl.h>
#include <xen/xen.h>

struct domctl_call {
	struct guest_caller *caller;
	struct xen_domctl *op;
	struct guest
		*guest; /* the one op->domain names; never the control domain */
};

typedef int domctl_handler(struct domctl_call *call);

/* domctl_guest.c: life and death. */
int domctl_create(struct guest_caller *caller, struct xen_domctl *op);
int domctl_get_info(struct xen_domctl *op);
domctl_handler domctl_destroy;
domctl_handler domctl_pause;
domctl_handler domctl_unpause;
domctl_handler domctl_max_memory;
domctl_handler domctl_max_vcpus;
domctl_handler domctl_get_vcpu_info;
domctl_handler domctl_mempool;

/* domctl_context.c: a virtual CPU's state. */
domctl_handler domctl_get_context;
domctl_handler domctl_set_context;

/* domctl_device.c: assignment and BARs. `guest` is NULL for DOMID_IO. */
domctl_handler domctl_assign;
domctl_handler domctl_deassign;
domctl_handler domctl_test_assign;
domctl_handler domctl_memory_mapping;

/* domctl_describe() - Fill getdomaininfo, for sysctl's list too. */
void domctl_describe(const struct guest *guest,
		     struct xen_domctl_getdomaininfo *info);
