/* SPDX-License-Identifier: MIT */
/* Devices that share requester ids go to one guest together. */
#pragma once

#include "error.h"

#include <sluice/sluice.h>

/**
 * guest_group_check() - Does a guest's file name whole groups alone?
 *
 * Return: ACCESS_DENIED it does not, and the error names who is missing; the
 * device list's status.
 */
NTSTATUS guest_group_check(const struct sluice_guest_config *config,
			   struct sluice_error *error);
