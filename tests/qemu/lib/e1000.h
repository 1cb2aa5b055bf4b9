/* SPDX-License-Identifier: MIT */
/*
 * QEMU's e1000, a network card of conventional PCI, as a requester that can be
 * fast: each ring of its bell makes it fetch transmit descriptors, seven of
 * them, at once. Descriptors of zeros, which are what a blocked read gives it
 * too, send nothing. It has no function-level reset.
 * Intel 8254x software developer's manual, 3.4, 13.4.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define E1000_VENDOR 0x8086u
#define E1000_DEVICE 0x100eu

/* Registers, in 32-bit words. */
#define E1000_RDBAL (0x2800 / 4) /* receive ring: its reset value is 0 */

struct e1000 {
	volatile uint32_t *regs;
	uint32_t sbdf; /* in the guest's own view */
	uint32_t tail;
};

/* e1000_find() - The first on the guest's bus, registers and DMA switched on.
 */
bool e1000_find(struct e1000 *card);

/* e1000_start() - Transmit from a ring of eight descriptors, empty at first. */
void e1000_start(struct e1000 *card, uint64_t ring);

/* e1000_fetch() - Let it fetch descriptors; they are fetched on return. */
void e1000_fetch(struct e1000 *card);
