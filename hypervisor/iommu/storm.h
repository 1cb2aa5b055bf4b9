/* SPDX-License-Identifier: MIT */
/*
 * Which requester faults faster than anybody could want to read: a count for
 * each of the latest ones, within a window of time. Guarded by the fault log's
 * lock, which its caller holds.
 */
#pragma once

#include "lib/compiler.h"

#define STORM_BURST	64u /* records of one requester in one window ... */
#define STORM_WINDOW_NS UINT64_C(100000000) /* ... make a storm */
#define STORM_SOURCES	64u		    /* requesters that are told apart */

/**
 * storm_note() - One more record of a requester.
 * @now: nanoseconds
 * Return: true at the record that makes it a storm, once a window and once more
 * each time that storm_heard() was called in it.
 */
bool storm_note(uint32_t sbdf, uint64_t now);

/*
 * storm_heard() - What was done about it may have ended: in a window in which
 * it was a storm its next record makes it one again.
 */
void storm_heard(uint32_t sbdf);

void storm_reset(void);
