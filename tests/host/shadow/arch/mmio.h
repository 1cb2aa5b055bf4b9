/* SPDX-License-Identifier: MIT */
/* The user-space build's registers: every access goes to the fake bus. */
#pragma once

#include "lib/addr.h"

/*
 * fake_bus_read, fake_bus_write - Access a fake device. An address that nobody
 * answers, a misaligned access or a width that the register does not have
 * fails the test (tests/host/fake_bus.c).
 */
uint64_t fake_bus_read(uint64_t address, unsigned bytes);
void fake_bus_write(uint64_t address, unsigned bytes, uint64_t value);

#define MMIO_ACCESSORS(bits)                                                   \
	static inline uint##bits##_t mmio_read##bits(hpa_t reg)                \
	{                                                                      \
		return (uint##bits##_t)fake_bus_read(reg.addr, (bits) / 8);    \
	}                                                                      \
	static inline void mmio_write##bits(hpa_t reg, uint##bits##_t value)   \
	{                                                                      \
		fake_bus_write(reg.addr, (bits) / 8, value);                   \
	}
MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
MMIO_ACCESSORS(64)
#undef MMIO_ACCESSORS
