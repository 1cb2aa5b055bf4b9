/* SPDX-License-Identifier: MIT */
/*
 * How the library's files reach the hypervisor: one function pointer.
 *
 * sluice_set_carrier() and sluice_call() are public (sluice/sluice.h); this
 * header adds what only the library itself needs.
 */
#pragma once

#include <sluice/sluice.h>

/* The carrier that is set, or NULL; for a carrier that wraps it. */
sluice_carry_fn *carrier_get(void);

/* SLUICE_CALL() - sluice_call() with the size taken from the structure. */
#define SLUICE_CALL(op, argument)                                              \
	sluice_call((op), (argument), sizeof(*(argument)))
