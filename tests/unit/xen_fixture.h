/* SPDX-License-Identifier: MIT */
/* The tools' calls of Xen's interface, as the control domain makes them. */
#pragma once

#include "guest/p2m.h"
#include "service_fixture.h"

#include <stdint.h>
#include <string.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/xen.h>

/* The n-th buffer page of the control domain: its linear, its own address. */
static inline uint64_t buffer_gpa(unsigned n)
{
	return machine_control()->ram.addr + P(n);
}

static inline void *buffer(unsigned n)
{
	return (void *)(uintptr_t)fake_guest_linear(machine_control(),
						    buffer_gpa(n));
}

/* One call whose first or second register points to a structure. */
static inline int64_t xen_call(uint64_t number, bool is_second, uint64_t op,
			       void *argument, size_t bytes)
{
	struct fake_guest *g = machine_control();
	uint64_t at = g->ram.addr + FAKE_GUEST_ARGUMENT;
	uint64_t linear = g->argument_at;
	int64_t result;

	fake_guest_write(g, at, argument, bytes);
	result = fake_guest_hypercall(g, number, is_second ? op : linear,
				      is_second ? linear : 0, 0);
	fake_guest_read(g, at, argument, bytes);
	return result;
}

static inline int64_t domctl(struct xen_domctl *op)
{
	if (op->interface_version == 0) {
		op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	}
	return xen_call(__HYPERVISOR_domctl, false, 0, op, sizeof(*op));
}

static inline int64_t sysctl(struct xen_sysctl *op)
{
	if (op->interface_version == 0) {
		op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	}
	return xen_call(__HYPERVISOR_sysctl, false, 0, op, sizeof(*op));
}

static inline int64_t memory(uint64_t op, void *argument, size_t bytes)
{
	return xen_call(__HYPERVISOR_memory_op, true, op, argument, bytes);
}

static inline int64_t domctl_simple(uint32_t command, uint16_t id)
{
	struct xen_domctl op = {.cmd = command, .domain = id};

	return domctl(&op);
}

static inline struct xen_domctl good_creation(uint16_t id)
{
	struct xen_domctl op = {.cmd = XEN_DOMCTL_createdomain, .domain = id};

	op.u.createdomain.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
	op.u.createdomain.max_vcpus = 1;
	op.u.createdomain.max_evtchn_port = 1;
	op.u.createdomain.max_grant_frames = 1;
	op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
	return op;
}

/* A paused guest that may have @pages of memory. Return: its id. */
static inline uint16_t new_guest(uint64_t pages)
{
	struct xen_domctl op = good_creation(0);
	struct xen_domctl limit = {.cmd = XEN_DOMCTL_max_mem};

	ANSWERS(0, domctl(&op));
	limit.domain = op.domain;
	limit.u.max_mem.max_memkb = pages * 4;
	ANSWERS(0, domctl(&limit));
	return op.domain;
}

/* populate() - @count extents at the frames of @list (4 read at most). */
static inline int64_t populate(uint16_t id, const uint64_t *list,
			       uint64_t count, unsigned order)
{
	struct xen_memory_reservation r = {
		.nr_extents = count, .extent_order = order, .domid = id};

	fake_guest_write(machine_control(), buffer_gpa(0), list,
			 (count < 4 ? count : 4) * sizeof(list[0]));
	r.extent_start.p = buffer(0);
	return memory(XENMEM_populate_physmap, &r, sizeof(r));
}

static inline struct xen_domctl_getdomaininfo info_of(uint16_t id)
{
	struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo, .domain = id};

	ANSWERS(0, domctl(&op));
	ck_assert_uint_eq(op.domain, id);
	return op.u.getdomaininfo;
}

/* The control domain's view of BARs, as boot makes it; away before the end. */
static inline void set_control_bars(bool on)
{
	struct p2m *p2m = &machine_control()->guest->p2m;

	for (unsigned i = 1; i <= 4; i++) {
		uint64_t bar = MACHINE_BAR_BASE + ((uint64_t)i << 20);
		int error = on ? p2m_add(p2m, to_gpa(bar), to_hpa(bar), 256,
					 P2M_DEVICE)
			       : p2m_remove(p2m, to_gpa(bar), 256, P2M_DEVICE);

		ck_assert_int_eq(error, 0);
	}
}
