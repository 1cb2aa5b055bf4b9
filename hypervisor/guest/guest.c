// SPDX-License-Identifier: MIT
/*
 * The table of guests: slots, ids, creation and release. The guest-list lock
 * guards state, policy and the slots; a guest's memory map has its own lock.
 */
#include "guest/guest.h"

#include "guest/cpu_ops.h"
#include "lib/check.h"
#include "lib/error.h"
#include "lib/string.h"

#define FIRST_RESERVED_ID 0x7ff0u
#define ALL_TYPES	  0xfu /* what the machine has is dma/policy.c's  */

struct spinlock guest_list_lock = SPINLOCK_INIT(LOCK_GUEST_LIST);
const struct guest_cpu_ops *guest_cpu_ops;

/* Protected by guest_list_lock. */
static struct guest guests[GUESTS_MAX];
static uint16_t next_id = 1;

struct guest *guest_by_id(uint16_t id)
{
	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		if (guests[i].state != GUEST_FREE && guests[i].id == id) {
			return &guests[i];
		}
	}
	return NULL;
}

struct guest *guest_in_slot(unsigned slot)
{
	if (slot >= GUESTS_MAX || guests[slot].state == GUEST_FREE) {
		return NULL;
	}
	return &guests[slot];
}

struct guest *guest_control(void)
{
	return guest_in_slot(0);
}

unsigned guest_count(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		count += guests[i].state != GUEST_FREE;
	}
	return count;
}

/* An id not in use, ascending, so that a dead guest's id stays dead long. */
static uint16_t choose_id(void)
{
	for (unsigned tries = 0; tries <= GUESTS_MAX; tries++) {
		uint16_t id = next_id;

		next_id = id + 1u < FIRST_RESERVED_ID ? (uint16_t)(id + 1u) : 1;
		if (guest_by_id(id) == NULL) {
			return id;
		}
	}
	BUG("more live guests than slots");
}

static struct guest *free_slot(bool is_control)
{
	if (is_control) {
		return guests[0].state == GUEST_FREE ? &guests[0] : NULL;
	}
	for (unsigned i = 1; i < GUESTS_MAX; i++) {
		if (guests[i].state == GUEST_FREE) {
			return &guests[i];
		}
	}
	return NULL;
}

struct guest *guest_create(uint16_t wanted_id, bool is_control)
{
	struct guest *g = free_slot(is_control);
	bool choose = wanted_id == 0 || wanted_id >= FIRST_RESERVED_ID;

	if (g == NULL ||
	    (!is_control && !choose && guest_by_id(wanted_id) != NULL)) {
		return NULL;
	}
	memset(g, 0, sizeof(*g));
	g->slot = (uint8_t)(g - guests);
	g->is_control = is_control;
	if (is_control) {
		g->id = GUEST_CONTROL_ID;
	} else {
		g->id = choose ? choose_id() : wanted_id;
	}
	g->policy = (struct guest_policy){
		.machine = SLUICE_MACHINE_AMD64,
		.allowed_types = ALL_TYPES,
		.domain_quota = GUEST_DOMAIN_QUOTA,
		.table_page_quota = GUEST_TABLE_PAGE_QUOTA,
	};
	if (p2m_init(&g->p2m, g->id) != 0) {
		return NULL;
	}
	g->state = GUEST_PAUSED;
	return g;
}

void guest_release(struct guest *guest)
{
	CHECK(guest->state != GUEST_FREE);
	guest->state = GUEST_FREE;
}

void guest_reset(void)
{
	memset(guests, 0, sizeof(guests));
	next_id = 1;
}
