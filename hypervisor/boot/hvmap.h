/* SPDX-License-Identifier: MIT */
/* The hypervisor's own address space. */
#pragma once

#include "boot/bootinfo.h"

/**
 * hvmap_start() - Replace the first map by one with exact rights: code may be
 * executed, constants read, all other RAM read and written, the rest below
 * 4 GiB is uncached device space.
 */
void hvmap_start(const struct bootinfo *info);

/* hvmap_load() - Use it on this CPU. */
void hvmap_load(void);
