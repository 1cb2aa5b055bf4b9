/* SPDX-License-Identifier: MIT */
/*
 * One thread at a time registers callbacks and calls them. The same thread may
 * come back from inside a callback, and is told that it is inside.
 */
#pragma once

#include <sluice/sluice.h>

/* events_enter() - Wait for other threads. Return: false if already inside. */
bool events_enter(void);

/* events_leave() - End what events_enter() began; @entered as it returned. */
void events_leave(bool entered);

/* faults_deliver() - Call fault handlers; inside. Add to @delivered. */
NTSTATUS faults_deliver(uint32_t *delivered);

/* faults_forget() - Stop reporting the faults of the device at @sbdf. */
void faults_forget(uint32_t sbdf);
