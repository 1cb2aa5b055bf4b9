// SPDX-License-Identifier: MIT
/* Any bytes as a DMAR table: understood or refused with a reason, no more. */
#include "fuzz.h"
#include "lib/error.h"
#include "platform/dmar.h"

#include <stdlib.h>
#include <string.h>

static void judge(int result, const struct dmar *d, const struct dmar_error *e)
{
	if (result == 0) {
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
	struct dmar_error error = {NULL, 0};
	static struct dmar dmar;
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
	judge(dmar_parse(copy, (uint32_t)size, &dmar, &error), &dmar, &error);
	if (size >= 48) {
		/* Past the length check, where the structures are. */
		memcpy(copy, "DMAR", 4);
		copy[4] = (uint8_t)size;
		copy[5] = (uint8_t)(size >> 8);
		copy[6] = copy[7] = 0;
		error.reason = NULL;
		judge(dmar_parse(copy, (uint32_t)size, &dmar, &error), &dmar,
		      &error);
	}
	free(copy);
	return 0;
}
