// SPDX-License-Identifier: MIT
/*
 * What belongs to a guest as a whole: the address register of mechanism 1, its
 * local APIC, the vectors that its devices may raise. One record a slot, the
 * guest's own CPU's; made anew with the guest.
 * PCI Local Bus specification 3.0, 3.2.2.3.2 (mechanism 1).
 */
#include "lib/string.h"
#include "vpci/function.h"

#define ADDRESS_ENABLE	 BIT(31)
#define ADDRESS_FUNCTION GENMASK(23, 8)
#define ADDRESS_REGISTER GENMASK(7, 2)
#define ADDRESS_KNOWN	 (ADDRESS_ENABLE | GENMASK(23, 2))

/* The byte by which systems tell mechanism 1 from 2 (Linux, type 1 check). */
#define PORT_MECHANISM 0xcfbu

/* 00:00.0: a host bridge without registers (QEMU's generic PCIe one's id). */
#define BRIDGE_SBDF  0u
#define BRIDGE_ID    0x00081b36u
#define BRIDGE_CLASS 0x06000000u

struct vpci_guest {
	uint64_t generation; /* counts the guests of the slot, from 1        */
	uint32_t address;    /* the register at CF8h                         */
	struct lapic lapic;
	uint16_t programmed[LAPIC_VECTORS]; /* messages let through, each    */
};

static struct vpci_guest guests[GUESTS_MAX];

void vpci_guest_create(const struct guest *guest)
{
	struct vpci_guest *vg = &guests[guest->slot];
	uint64_t generation = vg->generation + 1;

	memset(vg, 0, sizeof(*vg));
	vg->generation = generation;
	lapic_reset(&vg->lapic);
}

uint64_t vpci_guest_generation(const struct guest *guest)
{
	return guests[guest->slot].generation;
}

struct lapic *vpci_lapic(const struct guest *guest)
{
	return &guests[guest->slot].lapic;
}

void vpci_guest_program(const struct guest *guest, uint8_t vector, bool on)
{
	uint16_t *count = &guests[guest->slot].programmed[vector];

	*count = (uint16_t)(on ? *count + 1u : *count - 1u);
}

void vpci_arrived(const struct guest *guest, uint8_t vector)
{
	struct vpci_guest *vg = &guests[guest->slot];

	if (vg->programmed[vector] != 0) {
		lapic_raise(&vg->lapic, vector);
	}
}

static uint32_t bridge_read(unsigned at)
{
	switch (at) {
	case 0x00:
		return BRIDGE_ID;
	case 0x08:
		return BRIDGE_CLASS;
	default:
		return 0;
	}
}

static uint32_t read_word(struct guest *guest, uint32_t sbdf, unsigned at)
{
	struct vpci_function *f;
	uint32_t value;

	if (sbdf == BRIDGE_SBDF) {
		return bridge_read(at);
	}
	dma_devices_lock();
	f = vpci_function(guest, sbdf);
	value = f != NULL ? vpci_function_read(f, at) : UINT32_MAX;
	dma_devices_unlock();
	return value;
}

static void write_word(struct guest *guest, uint32_t sbdf, unsigned at,
		       uint32_t value, uint32_t mask)
{
	struct vpci_function *f;

	dma_devices_lock();
	f = vpci_function(guest, sbdf);
	if (f != NULL) {
		vpci_function_write(f, at, value, mask);
	}
	dma_devices_unlock();
}

/* An access through the window: part of one word, or of nothing. */
static void access_data(struct guest *guest, unsigned offset, unsigned bytes,
			bool is_write, uint32_t *value)
{
	uint32_t address = guests[guest->slot].address;
	uint32_t sbdf = (uint32_t)field_get(ADDRESS_FUNCTION, address);
	unsigned at = address & (uint32_t)ADDRESS_REGISTER;
	uint32_t mask = (uint32_t)GENMASK(8 * bytes - 1, 0);
	unsigned shift = 8 * offset;

	if (!(address & ADDRESS_ENABLE) || (address & ~ADDRESS_KNOWN) ||
	    offset + bytes > 4) {
		*value = is_write ? *value : mask;
	} else if (is_write) {
		write_word(guest, sbdf, at, (*value & mask) << shift,
			   mask << shift);
	} else {
		*value = read_word(guest, sbdf, at) >> shift & mask;
	}
}

bool vpci_port(struct guest *guest, uint16_t port, unsigned bytes,
	       bool is_write, uint32_t *value)
{
	uint32_t *address = &guests[guest->slot].address;

	if (port >= VPCI_PORT_DATA && port < VPCI_PORT_DATA + 4) {
		access_data(guest, port - VPCI_PORT_DATA, bytes, is_write,
			    value);
		return true;
	}
	if (port == VPCI_PORT_ADDRESS && bytes == 4) {
		*(is_write ? address : value) = is_write ? *value : *address;
		return true;
	}
	if (port == PORT_MECHANISM && bytes == 1) {
		*value = is_write ? *value : 0xff;
		return true;
	}
	return false;
}
