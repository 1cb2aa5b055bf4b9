/* SPDX-License-Identifier: MIT */
/* Device registers by machine address, mapped uncached one to one. */
#pragma once

#include "lib/addr.h"

#define MMIO_ACCESSORS(bits)                                                   \
	static inline uint##bits##_t mmio_read##bits(hpa_t reg)                \
	{                                                                      \
		return *(volatile uint##bits##_t *)(uintptr_t)reg.addr;        \
	}                                                                      \
	static inline void mmio_write##bits(hpa_t reg, uint##bits##_t value)   \
	{                                                                      \
		*(volatile uint##bits##_t *)(uintptr_t)reg.addr = value;       \
	}
MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
MMIO_ACCESSORS(64)
#undef MMIO_ACCESSORS
