/* SPDX-License-Identifier: MIT */
/* The inside of the IVRS parser: ivrs.c and ivrs_device.c. */
#pragma once

#include "platform/bytes.h"
#include "platform/ivrs.h"

struct ivrs_parser {
	struct ivrs *ivrs;
	struct ivrs_error *error;
};

/* ivrs_refuse() - Note what is wrong and where. Return: @err. */
int ivrs_refuse(struct ivrs_parser *p, int err, uint32_t offset,
		const char *reason);

/* ivrs_parse_devices() - Note the device entries of one unit's block. */
int ivrs_parse_devices(struct ivrs_parser *p, struct bytes *body,
		       unsigned unit) __must_check;
