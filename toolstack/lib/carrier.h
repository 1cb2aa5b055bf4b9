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

/**
 * carrier_list() - The list that an argument points at.
 * @op:       sub-op
 * @argument: its structure
 * @bytes:    bytes of the list; 0 if there is none, or one so long that the
 *            hypervisor refuses its length without reading it
 *
 * Return: the field that holds the list's address, or NULL with 0 bytes. Each
 *         list that has bytes fits one page.
 */
uint64_t *carrier_list(uint32_t op, void *argument, size_t *bytes);

/* SLUICE_CALL() - sluice_call() with the size taken from the structure. */
#define SLUICE_CALL(op, argument)                                              \
	sluice_call((op), (argument), sizeof(*(argument)))

/* environment_check() - NOT_SUPPORTED where the caller can have no domains. */
NTSTATUS environment_check(void);

/* own_device_find() - The caller's device at @sbdf; NOT_FOUND: there is none.
 */
NTSTATUS own_device_find(uint32_t sbdf, struct sluice_device_info *out);
