// SPDX-License-Identifier: MIT
/* A 16550 at COM2: COM1 belongs to the control domain. */
#include "arch/serial.h"

#include "arch/cpu.h"

#define COM2	   0x2f8
#define REG_DATA   (COM2 + 0)
#define REG_IER	   (COM2 + 1)
#define REG_FCR	   (COM2 + 2)
#define REG_LCR	   (COM2 + 3)
#define REG_MCR	   (COM2 + 4)
#define REG_LSR	   (COM2 + 5)
#define REG_SCR	   (COM2 + 7)
#define LSR_EMPTY  0x20
#define SPIN_LIMIT 100000u

static bool present;

void serial_init(void)
{
	outb(REG_SCR, 0x5a);
	present = inb(REG_SCR) == 0x5a;
	if (!present) {
		return;
	}
	outb(REG_IER, 0);
	outb(REG_LCR, 0x80);
	outb(REG_DATA, 1); /* divisor 1: 115200 */
	outb(REG_IER, 0);
	outb(REG_LCR, 3);
	outb(REG_FCR, 7);
	outb(REG_MCR, 3);
}

void serial_put(char byte)
{
	if (!present) {
		return;
	}
	for (unsigned i = 0; i < SPIN_LIMIT; i++) {
		if (inb(REG_LSR) & LSR_EMPTY) {
			break;
		}
	}
	outb(REG_DATA, (uint8_t)byte);
}
