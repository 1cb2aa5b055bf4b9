/* SPDX-License-Identifier: MIT */
/*
 * Included before everything in the ThreadSanitizer build: what the hypervisor
 * says with volatile is said with atomics, which the sanitizer knows. It knows
 * no fences: a store that others may read carries the order that the barrier
 * before it gives, and a walker's load (machine_fetch()) takes it over.
 */
#pragma once

#include "lib/compiler.h"

#undef read_once
#undef write_once
#define read_once(x)                                                           \
	({                                                                     \
		__typeof__(({ (x); })) read_;                                  \
		__atomic_load(&(x), &read_, __ATOMIC_RELAXED);                 \
		read_;                                                         \
	})
#define write_once(x, value)                                                   \
	({                                                                     \
		__typeof__(x) write_ = (value);                                \
		__atomic_store(&(x), &write_, __ATOMIC_RELEASE);               \
	})
