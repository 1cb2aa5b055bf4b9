/* SPDX-License-Identifier: MIT */
/* The firmware's list of CPUs. ACPI 6.5, 5.2.12. */
#pragma once

#include "lib/compiler.h"

/* madt_cpus() - APIC ids of enabled CPUs. Return: how many, at most @max. */
unsigned madt_cpus(uint32_t *apic_ids, unsigned max);

/**
 * madt_hide_others() - Mark every CPU but one as absent, in place, so that the
 * control domain does not ask for a CPU that is not its own.
 */
void madt_hide_others(uint32_t own_apic_id);
