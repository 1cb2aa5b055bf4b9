/* SPDX-License-Identifier: MIT */
/*
 * The statuses that the DMA-domain service answers: number, name, sentence.
 *
 * Every sub-op of our hypercall and every function of the library speaks in
 * these. Numbers are the published NTSTATUS values (contract, section 4).
 */
#pragma once

#include <stdint.h>

typedef int32_t NTSTATUS;

/* clang-format off */
#define SLUICE_STATUS_LIST(ROW)                                                \
	ROW(0x00000000, STATUS_SUCCESS, "success")                             \
	ROW(0xC0000001, STATUS_UNSUCCESSFUL, "the request cannot be satisfied") \
	ROW(0xC0000002, STATUS_NOT_IMPLEMENTED, "not built")                   \
	ROW(0xC000000D, STATUS_INVALID_PARAMETER, "an argument is wrong")      \
	ROW(0xC0000022, STATUS_ACCESS_DENIED, "policy forbids it now")         \
	ROW(0xC0000023, STATUS_BUFFER_TOO_SMALL, "the buffer is too small")    \
	ROW(0xC0000030, STATUS_INVALID_PARAMETER_MIX, "no range satisfies both bounds") \
	ROW(0xC0000073, STATUS_NONE_MAPPED, "no address space identifier is left") \
	ROW(0xC000009A, STATUS_INSUFFICIENT_RESOURCES, "a resource is exhausted") \
	ROW(0xC00000BB, STATUS_NOT_SUPPORTED, "not supported here")            \
	ROW(0xC00000EF, STATUS_INVALID_PARAMETER_1, "argument 1 is wrong")     \
	ROW(0xC00000F0, STATUS_INVALID_PARAMETER_2, "argument 2 is wrong")     \
	ROW(0xC00000F1, STATUS_INVALID_PARAMETER_3, "argument 3 is wrong")     \
	ROW(0xC00000F2, STATUS_INVALID_PARAMETER_4, "argument 4 is wrong")     \
	ROW(0xC00000F3, STATUS_INVALID_PARAMETER_5, "argument 5 is wrong")     \
	ROW(0xC00000F4, STATUS_INVALID_PARAMETER_6, "argument 6 is wrong")     \
	ROW(0xC00000F5, STATUS_INVALID_PARAMETER_7, "argument 7 is wrong")     \
	ROW(0xC0000225, STATUS_NOT_FOUND, "no such object")                    \
	ROW(0xC0000708, STATUS_RESOURCE_IN_USE, "the object is in use")
/* clang-format on */

/* An unnamed enum: constant expressions, so that they can label a case. */
enum {
#define SLUICE_STATUS_NUMBER(number, name, text) name = (NTSTATUS)(number##u),
	SLUICE_STATUS_LIST(SLUICE_STATUS_NUMBER)
#undef SLUICE_STATUS_NUMBER
};

/* No number was ever published for it; decided in the contract, Q2. */
#define STATUS_IN_USE STATUS_RESOURCE_IN_USE

/* NT_SUCCESS() - True for success and informational statuses. */
#define NT_SUCCESS(status) ((NTSTATUS)(status) >= 0)
