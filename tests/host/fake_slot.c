// SPDX-License-Identifier: MIT
/* Slots of ports. PCI Express base specification, 6.7.3, 7.5.3.9 to 7.5.3.11.
 */
#include "fake_slot.h"

#include "machine.h"

#include <string.h>

#define CAP_HOTPLUG 0x40u
#define EVENTS	    (FAKE_SLOT_PRESENCE | FAKE_SLOT_COMPLETED | FAKE_SLOT_LINK)
#define COMMAND_NS  UINT64_C(1000000)

static uint16_t get(const uint8_t *space, unsigned offset)
{
	uint16_t value;

	memcpy(&value, &space[offset], sizeof(value));
	return value;
}

static void put(uint8_t *space, unsigned offset, uint16_t value)
{
	memcpy(&space[offset], &value, sizeof(value));
}

void fake_slot_build(struct fake_slot *s, uint8_t *space)
{
	if (s->config.has_registers) {
		put(space, FAKE_SLOT_CAP,
		    s->config.is_hotplug ? CAP_HOTPLUG : 0);
	}
}

/* Events that are there and enabled are told, once each. */
static void tell(struct fake_slot *s, const uint8_t *space)
{
	uint16_t control = get(space, FAKE_SLOT_CTL);
	uint16_t enabled = control & (FAKE_SLOT_PRESENCE | FAKE_SLOT_COMPLETED);

	if (control & FAKE_SLOT_LINK_ON) {
		enabled |= FAKE_SLOT_LINK;
	}
	if (control & FAKE_SLOT_INTERRUPT) {
		s->told |= get(space, FAKE_SLOT_STS) & enabled;
	}
}

void fake_slot_raise(struct fake_slot *s, uint8_t *space, uint16_t events)
{
	put(space, FAKE_SLOT_STS, get(space, FAKE_SLOT_STS) | events);
	tell(s, space);
}

void fake_slot_tick(struct fake_slot *s, uint8_t *space)
{
	uint64_t now = machine_clock_now();

	if (s->completed_at != 0 && now >= s->completed_at) {
		s->completed_at = 0;
		fake_slot_raise(s, space, FAKE_SLOT_COMPLETED);
	}
	if (s->up_at != 0 && now >= s->up_at) {
		s->up_at = 0;
		fake_slot_raise(s, space, FAKE_SLOT_PRESENCE | FAKE_SLOT_LINK);
	}
}

void fake_slot_bus(struct fake_slot *s, uint8_t *space, bool was_held,
		   bool is_held)
{
	if (!s->config.has_registers || was_held == is_held) {
		return;
	}
	fake_slot_tick(s, space);
	if (is_held) {
		fake_slot_raise(s, space, FAKE_SLOT_PRESENCE | FAKE_SLOT_LINK);
	} else if (!s->config.stays_down) {
		s->up_at = machine_clock_now() + s->config.link_ns;
	}
}

static void write_control(struct fake_slot *s, uint8_t *space, uint16_t value)
{
	if (s->completed_at != 0) {
		machine_fail("slot control written before the last command "
			     "was completed");
	}
	s->completed_at = machine_clock_now() + COMMAND_NS;
	s->control_writes++;
	put(space, FAKE_SLOT_CTL, value);
	tell(s, space);
}

bool fake_slot_write(struct fake_slot *s, uint8_t *space, unsigned offset,
		     unsigned bytes, uint64_t value)
{
	if (!s->config.has_registers || offset + bytes <= FAKE_SLOT_CTL ||
	    offset >= FAKE_SLOT_STS + 2) {
		return false;
	}
	if (bytes != 2) {
		machine_fail("%u bytes written at slot register %x", bytes,
			     offset);
	}
	fake_slot_tick(s, space);
	if (offset == FAKE_SLOT_CTL) {
		write_control(s, space, (uint16_t)value);
	} else {
		put(space, offset,
		    get(space, offset) & (uint16_t) ~(value & EVENTS));
	}
	return true;
}
