/* SPDX-License-Identifier: MIT */
/* The control domain: guest 0, everything the machine has but what is ours. */
#pragma once

#include "boot/bootinfo.h"
#include "boot/linux.h"
#include "guest/guest.h"

/**
 * control_guest_create() - Guest 0 with its memory map: its RAM, and all device
 * space but IOMMU registers and the local APIC, which read as all ones.
 * Panics when memory does not suffice: there is nothing to run then.
 */
struct guest *control_guest_create(const struct bootinfo *info);

/* control_guest_enter() - Start its kernel on this CPU. */
void control_guest_enter(struct guest *guest,
			 struct linux_entry entry) __noreturn;
