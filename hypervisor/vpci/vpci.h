/* SPDX-License-Identifier: MIT */
/*
 * What a guest sees of its devices beside their registers and their DMA: the
 * configuration space, by mechanism 1; the table of MSI-X; and the local APIC,
 * at which their messages arrive. See README.md.
 *
 * All of it is the guest's own CPU's, one exit at a time. Devices change hands
 * while the guest stands still or goes, under the registry's lock, which is
 * held here whenever a function is touched.
 */
#pragma once

#include "guest/guest.h"
#include "vpci/lapic.h"

/* Ports of configuration mechanism 1: address, and a window of four bytes. */
#define VPCI_PORT_ADDRESS 0xcf8u
#define VPCI_PORT_DATA	  0xcfcu

/* vpci_guest_create() - A new guest: nothing programmed, local APIC at reset.
 */
void vpci_guest_create(const struct guest *guest);

/**
 * vpci_port() - A guest reads or writes an I/O port.
 * @bytes: 1, 2 or 4
 * @value: in: what is written; out: what is read, in its low @bytes
 * Return: false: no such port; nothing happened.
 */
bool vpci_port(struct guest *guest, uint16_t port, unsigned bytes,
	       bool is_write, uint32_t *value);

/* vpci_owns() - Is this guest-physical page emulated here? */
bool vpci_owns(struct guest *guest, gpa_t at);

/**
 * vpci_mmio() - A guest reads or writes such a page.
 * @bytes: 1, 2, 4 or 8
 * @value: in: what is written; out: what is read, in its low @bytes
 * Return: false: not such a page, or not aligned to its size; nothing happened.
 */
bool vpci_mmio(struct guest *guest, gpa_t at, unsigned bytes, bool is_write,
	       uint64_t *value);

/* vpci_lapic() - The local APIC of a guest's one CPU. */
struct lapic *vpci_lapic(const struct guest *guest);

/**
 * vpci_arrived() - An interrupt came to the guest's CPU.
 * A vector that the guest has not programmed into a device is dropped: nobody
 * of its own has sent it.
 */
void vpci_arrived(const struct guest *guest, uint8_t vector);
