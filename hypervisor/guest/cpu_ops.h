/* SPDX-License-Identifier: MIT */
/*
 * What the tools' calls ask of a guest's virtual CPU: a seam, since the rooms
 * that know it (svm/, later others) rank above. Registered once at start-up;
 * the user-space build registers its own.
 */
#pragma once

#include "guest/guest.h"

struct hvm_hw_cpu;

struct guest_cpu_ops {
	/* A virtual CPU in its reset state, not running. -XEN_ENOMEM. */
	int (*create)(struct guest *guest);
	/* Give back CPU and memory; the guest does not run. */
	void (*destroy)(struct guest *guest);
	/* Let it run, on a CPU of its own. -XEN_EBUSY: no CPU is free. */
	int (*run)(struct guest *guest);
	/* Return when it does not run any more. -XEN_EBUSY: deadline passed. */
	int (*stop)(struct guest *guest);
	void (*get_context)(struct guest *guest, struct hvm_hw_cpu *context);
	/* -XEN_EINVAL: a state that the CPU cannot take. */
	int (*set_context)(struct guest *guest,
			   const struct hvm_hw_cpu *context);
	/* The machine's APIC id of the CPU on which it runs, once it does. */
	uint32_t (*apic_id)(const struct guest *guest);
	uint32_t (*cpu_count)(void);
	uint32_t (*free_cpu_count)(void);
};

extern const struct guest_cpu_ops *guest_cpu_ops;

/**
 * guest_end() - A guest ends itself, or is ended by a fault.
 * @reason: SHUTDOWN_* of <xen/sched.h>
 * For the guest's own CPU; the first reason stays.
 */
static inline void guest_end(struct guest *guest, uint32_t reason)
{
	uint32_t running = 0;

	__atomic_compare_exchange_n(&guest->ended, &running, reason + 1, false,
				    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}
