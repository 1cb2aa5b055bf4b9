/* SPDX-License-Identifier: MIT */
/* Where a requester's DMA goes: a table of ours, or a caller's own over it. */
#pragma once

#include "lib/addr.h"

/*
 * A caller's own Arm64 table of 4 KiB pages, in the caller's memory: every
 * address in it is guest-physical and goes through the second stage. Its owner
 * writes it as it likes, so a unit trusts nothing that it finds there.
 */
struct iommu_nest {
	uint64_t ttbr[2];      /* roots of the low and of the high half      */
	uint32_t mair[2];      /* memory attributes                          */
	uint8_t input_bits[2]; /* width of each half, 0 = it is not used     */
	bool is_coherent;      /* walks snoop caches                         */
	bool is_enabled;       /* false: the second stage alone translates   */
};

/* Where a requester's DMA goes. */
struct iommu_target {
	uint16_t asid;
	hpa_t root;	 /* HPA_NONE = block, id still used for tagging      */
	unsigned levels; /* depth of the table at root                       */
	bool is_quiet;	 /* blocked accesses are not recorded                */
	/* NULL = none. Valid during the call: a backend copies it. */
	const struct iommu_nest *nest;
};
