// SPDX-License-Identifier: MIT
/* Any bytes as an IVRS table: understood or refused with a reason, no more. */
#include "fuzz.h"
#include "platform/ivrs.h"
#include "table.h"

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

static void parse(const uint8_t *table, uint32_t size)
{
	struct ivrs_error error = {NULL, 0};
	static struct ivrs ivrs;
	int result = ivrs_parse(table, size, &ivrs, &error);

	if (fuzz_is_understood(result, error.reason)) {
		judge_sound(&ivrs);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_table(data, size, "IVRS", parse);
	return 0;
}
