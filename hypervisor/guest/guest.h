/* SPDX-License-Identifier: MIT */
/*
 * The guest: identity, role, policy, life cycle, and the table of all guests.
 *
 * Slot 0 is the control domain, domid 0. Pages may outlive their guest: each is
 * counted, and goes back when the control domain's last map of it is gone.
 */
#pragma once

#include "base/spinlock.h"
#include "guest/p2m.h"

#include <sluice/dma.h>

#define GUESTS_MAX	   16u
#define GUEST_CONTROL_ID   0u
#define GUEST_HANDLE_BYTES 16u

enum guest_state {
	GUEST_FREE = 0, /* slot unused                                       */
	GUEST_PAUSED,	/* has never run, or was paused                      */
	GUEST_RUNNING,	/* may have ended meanwhile: .ended                  */
	GUEST_DYING,	/* being torn down: every call about it is refused   */
};

struct guest_policy {
	uint16_t machine;	/* SLUICE_MACHINE_*                       */
	uint32_t allowed_types; /* mask of 1 << type                      */
	uint32_t domain_quota;
	uint32_t table_page_quota;
};

/* Machine-wide ceilings and defaults of the quotas. */
#define GUEST_DOMAIN_QUOTA_MAX	   64u
#define GUEST_DOMAIN_QUOTA	   16u
#define GUEST_TABLE_PAGE_QUOTA_MAX 1024u
#define GUEST_TABLE_PAGE_QUOTA	   256u

struct vcpu;

struct guest {
	/* Fixed at creation. */
	uint16_t id;
	uint8_t slot;
	bool is_control;
	uint8_t handle[GUEST_HANDLE_BYTES]; /* the toolstack's name           */
	uint64_t max_pages;

	/* Protected by the guest-list lock. */
	enum guest_state state;
	struct guest_policy policy;
	bool has_run; /* policy's machine and the p2m are frozen             */
	unsigned cpu; /* CPU it is pinned to, valid once has_cpu             */
	bool has_cpu;

	/*
	 * Atomic, written by the guest's own CPU: 0, or 1 + the reason
	 * (SHUTDOWN_* of <xen/sched.h>) once it ended by itself or by a fault.
	 */
	uint32_t ended;

	/* Has its own lock. */
	struct p2m p2m;

	struct vcpu *vcpu; /* owned by svm/                                   */
};

/* guest_by_id() - A live guest, or NULL. SLUICE_GUEST_SELF is not known here.
 */
struct guest *guest_by_id(uint16_t id);
struct guest *guest_in_slot(unsigned slot);
struct guest *guest_control(void);
unsigned guest_count(void);

/* guest_list_lock - Taken by those who create, destroy or change state. */
extern struct spinlock guest_list_lock;

/**
 * guest_create() - A new paused guest with an empty memory map.
 * @wanted_id: 0 or >= 0x7ff0 = choose
 * Return: NULL when no slot, or the id is taken, or no memory.
 */
struct guest *guest_create(uint16_t wanted_id, bool is_control);

/* guest_release() - Give the slot back; p2m and devices are gone already. */
void guest_release(struct guest *guest);

/* guest_reset() - Forget all guests; for the tests' next machine. */
void guest_reset(void);
