// SPDX-License-Identifier: MIT
/* Any bytes as a DMAR table: understood or refused with a reason, no more. */
#include "fuzz.h"
#include "platform/dmar.h"
#include "table.h"

static void judge_sound(const struct dmar *d)
{
	for (unsigned i = 0; i < d->scope_count; i++) {
		if (d->scope[i].unit >= d->unit_count) {
			abort();
		}
	}
	for (unsigned i = 0; i < d->name_count; i++) {
		if (d->name[i].range >= d->reserved_count) {
			abort();
		}
	}
}

static void parse(const uint8_t *table, uint32_t size)
{
	struct dmar_error error = {NULL, 0};
	static struct dmar dmar;
	int result = dmar_parse(table, size, &dmar, &error);

	if (fuzz_is_understood(result, error.reason)) {
		judge_sound(&dmar);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_table(data, size, "DMAR", parse);
	return 0;
}
