/* SPDX-License-Identifier: MIT */
/*
 * The devices of a new guest: checked, given, their registers mapped.
 */
#pragma once

#include "xen_tools.h"

/* Guest-physical window of device registers; above it stand the APICs. */
#define GUEST_BAR_WINDOW     0xe0000000ull
#define GUEST_BAR_WINDOW_END 0xfec00000ull

/* One register range given to a guest. */
struct guest_bar {
	uint64_t guest_page, machine_page; /* addresses >> 12 */
	uint64_t pages;
};

/* A device that was found fit, and what was done with it so far. */
struct guest_device {
	uint32_t sbdf;
	bool reset_waived;
	bool interrupts_unsafe;
	bool is_given;
	unsigned bar_count;   /* register ranges wanted */
	unsigned bars_mapped; /* of these, mapped       */
	struct guest_bar bar[SLUICE_BARS_MAX];
};

/**
 * guest_device_check() - Find out whether a guest may have a device.
 * @wanted: from the guest's file
 * @window: next free address of the window; moved on
 * @device: filled on success
 * @error:  filled on failure
 *
 * Touches nothing. Return: NOT_FOUND; ACCESS_DENIED it may not be given;
 * RESOURCE_IN_USE somebody has it; INVALID_PARAMETER it cannot be reset and
 * that is not waived, or its registers share a page or have no room.
 */
NTSTATUS guest_device_check(const struct sluice_guest_device *wanted,
			    uint64_t *window, struct guest_device *device,
			    struct sluice_error *error);

/* guest_device_give() - Give it, which resets it, and map its registers. */
NTSTATUS guest_device_give(struct xen_tools *tools, uint32_t guest,
			   struct guest_device *device,
			   struct sluice_error *error);

/* guest_device_take() - Undo what guest_device_give() did; best effort. */
void guest_device_take(struct xen_tools *tools, uint32_t guest,
		       struct guest_device *device);
