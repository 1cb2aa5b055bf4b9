// SPDX-License-Identifier: MIT
/* Any bytes as an IVRS table: understood or refused with a reason, no more. */
#include "fuzz.h"
#include "lib/error.h"
#include "platform/ivrs.h"

#include <stdlib.h>
#include <string.h>

static void judge_sound(const struct ivrs *d)
{
	if (d->unit_count == 0 || d->unit_count > IVRS_UNITS_MAX ||
	    d->device_count > IVRS_DEVICES_MAX ||
	    d->unity_count > IVRS_UNITY_MAX) {
		abort();
	}
	for (unsigned i = 0; i < d->device_count; i++) {
		if (d->device[i].unit >= d->unit_count ||
		    d->device[i].first > d->device[i].last) {
			abort();
		}
	}
	for (unsigned i = 0; i < d->unity_count; i++) {
		if (d->unity[i].base > d->unity[i].last ||
		    d->unity[i].first_bdf > d->unity[i].last_bdf) {
			abort();
		}
	}
}

static void judge(int result, const struct ivrs *d, const struct ivrs_error *e)
{
	if (result == 0) {
		judge_sound(d);
		return;
	}
	if ((result != -XEN_EINVAL && result != -XEN_EOPNOTSUPP &&
	     result != -XEN_ENOENT) ||
	    e->reason == NULL) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ivrs_error error = {NULL, 0};
	static struct ivrs ivrs;
	uint8_t *copy;

	if (size > 4096) {
		return 0;
	}
	/* Exactly as long as it says, so that a byte too many shows. */
	copy = malloc(size ? size : 1);
	if (copy == NULL) {
		return 0;
	}
	memcpy(copy, data, size);
	judge(ivrs_parse(copy, (uint32_t)size, &ivrs, &error), &ivrs, &error);
	if (size >= 48) {
		/* Past the length check, where the blocks are. */
		memcpy(copy, "IVRS", 4);
		copy[4] = (uint8_t)size;
		copy[5] = (uint8_t)(size >> 8);
		copy[6] = copy[7] = 0;
		error.reason = NULL;
		judge(ivrs_parse(copy, (uint32_t)size, &ivrs, &error), &ivrs,
		      &error);
	}
	free(copy);
	return 0;
}
