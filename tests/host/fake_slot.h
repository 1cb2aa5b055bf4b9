/* SPDX-License-Identifier: MIT */
/*
 * The slot of a PCI Express port: a reset of the bus below takes link and
 * presence away, and they come back in their own time; each is an event, told
 * if slot control says so. Harsher than life: both events at both times, a
 * write that reaches control and status at once fails the test, and so does a
 * command before the one before it is completed.
 */
#pragma once

#include "lib/compiler.h"

#define FAKE_SLOT_CAP 0x54u /* of a capability at 40h */
#define FAKE_SLOT_CTL 0x58u
#define FAKE_SLOT_STS 0x5au

#define FAKE_SLOT_PRESENCE  0x0008u /* of control and status */
#define FAKE_SLOT_COMPLETED 0x0010u /* of control and status */
#define FAKE_SLOT_INTERRUPT 0x0020u /* of control */
#define FAKE_SLOT_LINK_ON   0x1000u /* of control */
#define FAKE_SLOT_LINK	    0x0100u /* of status */

struct fake_slot_config {
	bool has_registers;
	bool is_hotplug;
	uint64_t link_ns; /* until the link is back                          */
	bool stays_down;  /* it never is                                     */
};

struct fake_slot {
	struct fake_slot_config config;
	uint64_t up_at;	       /* of a link that is on its way              */
	uint64_t completed_at; /* of the last command, 0 = it is            */
	unsigned control_writes;
	uint16_t told; /* events that were interrupts                        */
};

/* Place the registers into a function's 4 KiB. */
void fake_slot_build(struct fake_slot *s, uint8_t *space);

/* fake_slot_tick() - What time has brought. */
void fake_slot_tick(struct fake_slot *s, uint8_t *space);

/* fake_slot_bus() - The bus below is held in reset, or let go. */
void fake_slot_bus(struct fake_slot *s, uint8_t *space, bool was_held,
		   bool is_held);

/* fake_slot_write() - Return: true when it was to the slot's registers. */
bool fake_slot_write(struct fake_slot *s, uint8_t *space, unsigned offset,
		     unsigned bytes, uint64_t value);

/* fake_slot_raise() - Events that happen. */
void fake_slot_raise(struct fake_slot *s, uint8_t *space, uint16_t events);
