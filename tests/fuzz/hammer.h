/* SPDX-License-Identifier: MIT */
/* A thread of the hammer, its calls, and the guests that they are made for. */
#pragma once

#include "fake_guest.h"
#include "machine.h"

#define HAMMER_GUESTS  4u  /* control domain, two shared ones, an own one    */
#define HAMMER_THREADS 16u /* at most */
#define HAMMER_SLICE   32u /* logical pages that are one thread's alone      */

enum hammer_part {
	HAMMER_SHARES, /* a guest with others, its domains under each other  */
	HAMMER_OWNS,   /* a guest that nobody else calls for                 */
	HAMMER_LIVES,  /* creates, uses and destroys one guest after another */
	HAMMER_RULES,  /* the control domain's policy, lists, logs           */
};

/* A guest that stays: two domains that stay as well, and some that do not. */
struct hammer_guest {
	struct fake_guest *fake;
	uint32_t sbdf;	 /* the machine's, 0 = it has no device               */
	uint64_t device; /* its token */
	uint64_t kept;	 /* domain in which every thread has its slice        */
	uint64_t domain[8];
	uint64_t token;
};

struct hammer {
	unsigned number;
	enum hammer_part part;
	struct hammer_guest *guest;
	uint64_t state;
	uint64_t calls;
	uint64_t successes;
	uint64_t lives; /* guests created and destroyed */
	/* What the thread's slice of .guest->kept holds: guest-physical. */
	uint64_t slice[HAMMER_SLICE];
};

extern struct hammer_guest hammer_guests[HAMMER_GUESTS];

/* A number below @limit; each thread has its own sequence. */
uint64_t hammer_below(struct hammer *h, uint64_t limit);

/**
 * hammer_call() - Through the gate, from an argument page of the thread's own,
 * so that what races is the service and not the bytes that it is given.
 * Return: the status, UNSUCCESSFUL when the gate refused the transport.
 */
int32_t hammer_call(struct hammer *h, struct fake_guest *as, unsigned op,
		    void *argument, size_t bytes);
#define HAMMER_CALL(h, as, op, a)                                              \
	hammer_call(h, as, SLUICE_OP_##op, &(a), sizeof(a))

/* ---- hammer_shared.c: anything, on what others use ---- */
void hammer_share(struct hammer *h);
void hammer_rule(struct hammer *h);

/* ---- hammer_slice.c: what must come out of it is known ---- */

/* hammer_slice() - Map or unmap in the slice; fails unless as recorded. */
void hammer_slice(struct hammer *h);
/* hammer_check() - The slice, as the guest's device finds it. */
void hammer_check(struct hammer *h);
/* hammer_own() - Attach, detach, look: nobody else touches the device. */
void hammer_own(struct hammer *h);
/* hammer_live() - A guest with a device, from creation to destruction. */
void hammer_live(struct hammer *h, uint32_t sbdf);
