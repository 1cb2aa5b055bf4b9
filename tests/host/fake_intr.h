/* SPDX-License-Identifier: MIT */
/*
 * Interrupt messages: what a function sends, and what comes out behind its unit
 * at the CPUs.
 */
#pragma once

#include "lib/compiler.h"

/* Delivery modes of a message, as the local APIC numbers them. */
enum fake_intr_mode {
	FAKE_INTR_FIXED = 0,
	FAKE_INTR_LOWEST = 1,
	FAKE_INTR_SMI = 2,
	FAKE_INTR_NMI = 4,
	FAKE_INTR_INIT = 5,
	FAKE_INTR_EXTINT = 7,
};

/* What reached a CPU. */
struct fake_arrival {
	uint32_t sbdf; /* whose message it was */
	uint32_t apic_id;
	uint8_t vector;
	uint8_t mode; /* enum fake_intr_mode */
};

/* Arrivals are kept up to this many; the count goes on. */
#define FAKE_ARRIVALS_MAX 64u

/**
 * fake_msi() - A function sends an interrupt message: a write of four bytes.
 * Heedless of bus-master, as fake_dma_as(). Return: true when it arrived.
 */
bool fake_msi(uint32_t sbdf, uint64_t address, uint32_t data);

/* fake_arrivals() - Interrupts that have arrived since the machine started. */
unsigned fake_arrivals(void);

/* fake_arrival() - The n-th of them; fails the test if it is not kept. */
struct fake_arrival fake_arrival(unsigned n);

/* fake_intr_raw() - A message as it arrives when nobody remaps it. */
struct fake_arrival fake_intr_raw(uint64_t address, uint32_t data);

/* ---- for the bus and the machine ---- */
void fake_intr_arrive(struct fake_arrival arrival);
void fake_intr_reset(void);
