/* SPDX-License-Identifier: MIT */
/*
 * Between two owners a device is nobody's: blocked, silent, and reset before
 * the next one gets it. The registry's lock is held throughout, but never while
 * hardware takes its time: who needs the end of a reset asks again.
 */
#pragma once

#include "dma/device.h"

/**
 * dma_handover_leave_home() - Remember how the control domain had it set.
 * Return: 0; -XEN_EIO it does not answer; -XEN_EOPNOTSUPP a BAR was moved.
 */
int dma_handover_leave_home(struct dma_device *dev) __must_check;

/**
 * dma_handover_to_nobody() - It is blocked, and its owner has lost it.
 *
 * What a guest left starts being reset; what the control domain left waits for
 * dma_handover_start(), so that it may go home as it is.
 */
void dma_handover_to_nobody(struct dma_device *dev);

/* dma_handover_start() - Let the reset begin, if there is one to be made. */
void dma_handover_start(struct dma_device *dev);

/**
 * dma_handover_to_guest() - Is it fit for a guest; then it is set up for one.
 * @may_be_dirty: one that has no reset is taken as it is
 *
 * Return: 0; -XEN_EAGAIN its reset is under way; -XEN_EPERM it has none, and
 * @may_be_dirty is not set; -XEN_EIO it did not come back from it, and a later
 * call begins anew.
 */
int dma_handover_to_guest(struct dma_device *dev,
			  bool may_be_dirty) __must_check;

/**
 * dma_handover_to_home() - The same for the control domain, which takes what it
 * left itself, and what cannot be reset, with a line in the log.
 * Return: 0, -XEN_EAGAIN, -XEN_EIO: as above.
 */
int dma_handover_to_home(struct dma_device *dev) __must_check;

/* dma_handover_state() - enum sluice_reset_state, without touching hardware. */
uint8_t dma_handover_state(const struct dma_device *dev);
