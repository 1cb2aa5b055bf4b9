/* SPDX-License-Identifier: MIT */
/*
 * What Xen's assign_device does here beyond Xen: a device is reset between two
 * owners, by the hypervisor, and its interrupts are its guest's alone; whoever
 * assigns one of which that cannot be had has to say so. The state of it all is
 * in struct sluice_device_info.
 */
#pragma once

#include <stdint.h>

/*
 * A bit of the flags of XEN_DOMCTL_assign_device, for a guest alone: the device
 * may go as its former owner left it, if it has no way to be reset. One that
 * has a way is reset all the same.
 */
#define SLUICE_ASSIGN_RESET_WAIVED (1u << 31)

/*
 * Likewise: the unit in front of the device does not remap interrupts, so that
 * the guest may raise any in the machine, in whatever CPU.
 */
#define SLUICE_ASSIGN_INTERRUPTS_UNSAFE (1u << 30)

/* Those that there are. */
#define SLUICE_ASSIGN_FLAGS                                                    \
	(SLUICE_ASSIGN_RESET_WAIVED | SLUICE_ASSIGN_INTERRUPTS_UNSAFE)

/* How a device can be reset: the first that it offers. */
enum sluice_reset_way {
	SLUICE_RESET_NONE = 0, /* not at all                                 */
	SLUICE_RESET_FLR = 1,  /* function-level reset, PCI Express          */
	SLUICE_RESET_AF = 2,   /* the same by Advanced Features              */
	SLUICE_RESET_BUS =
		3, /* its bridge's secondary bus; it is alone there */
};

/* What a device carries over from its last owner. */
enum sluice_reset_state {
	SLUICE_DEVICE_IN_USE = 0,  /* somebody's                              */
	SLUICE_DEVICE_CLEAN = 1,   /* nobody's, has been reset                */
	SLUICE_DEVICE_BUSY = 2,	   /* nobody's, a reset is under way          */
	SLUICE_DEVICE_AS_LEFT = 3, /* nobody's, as its last owner left it    */
};
