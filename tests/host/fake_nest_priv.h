/* SPDX-License-Identifier: MIT */
/* Between the files of the fake nesting unit. */
#pragma once

#include "fake_nest.h"

struct nest_walk {
	const struct iommu_target *target;
	uint64_t out;
	bool may_read;
	bool may_write;
	enum sluice_fault_kind fault; /* of a walk that fails */
};

/* nest_first_stage() - The caller's table, then ours. False: blocked. */
bool nest_first_stage(struct nest_walk *w, uint64_t la);

/* nest_second_stage() - Ours alone: guest-physical to machine. */
bool nest_second_stage(struct nest_walk *w, uint64_t gpa);
