/* SPDX-License-Identifier: MIT */
/* Where an argument keeps its handles, its list and its [out] fields. */
#pragma once

#include <sluice/dma_ops.h>

/* Offsets in bytes; 0 = there is none. */
struct oracle_shape {
	uint16_t bytes;
	uint16_t first;	 /* handle */
	uint16_t second; /* handle */
	uint16_t list;	 /* linear address */
	uint16_t out;	 /* [out] fields, which alone may change */
	uint16_t out_end;
};

struct oracle_shape oracle_shape(unsigned op);
