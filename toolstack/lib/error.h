/* SPDX-License-Identifier: MIT */
/*
 * How a function of the control domain's half fails: one line, one status.
 */
#pragma once

#include <sluice/sluice.h>

/**
 * error_set() - Say why, in one line, and return the status.
 * @error:  where; must not be NULL
 * @status: what the caller returns
 * @format: printf's; the thing, the reason, what to do; no newline
 *
 * Return: @status, so that `return error_set(...)` reads well.
 */
__attribute__((format(printf, 3, 4))) NTSTATUS
error_set(struct sluice_error *error, NTSTATUS status, const char *format, ...);
