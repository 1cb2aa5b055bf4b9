/* SPDX-License-Identifier: MIT */
/* Start the machine's other CPUs. */
#pragma once

#include "lib/compiler.h"

/**
 * smp_start() - Start the CPU with an APIC id and wait for it.
 * @index: its cpu_index()
 * @main:  what it runs on its own stack, interrupts off; never returns
 * Return: false when it did not answer within 200 ms.
 */
bool smp_start(unsigned index, uint32_t apic_id, void (*main)(void));
