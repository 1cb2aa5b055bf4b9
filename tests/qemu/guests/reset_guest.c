// SPDX-License-Identifier: MIT
/*
 * A device comes to its owner reset: a register holds what a reset leaves in
 * it, whatever the owner before has written there.
 *
 * The guest reads the register, writes a value of its own and reads that back.
 * The control domain runs it twice with the same device.
 */
#include "guests/steps.h"
#include "lib/e1000.h"
#include "lib/report.h"

#define SECRET 0x5ec2e7f0u

void guest_main(void)
{
	struct e1000 card;
	bool is_found = e1000_find(&card);

	REPORT(STEP_PCI_FOUND, is_found, true, card.sbdf);
	if (!is_found) {
		return;
	}
	REPORT(STEP_AS_FOUND, card.regs[E1000_RDBAL], 0, 0);
	card.regs[E1000_RDBAL] = SECRET;
	REPORT(STEP_AS_SET, card.regs[E1000_RDBAL], SECRET, 0);
	report_wait(1);
}
