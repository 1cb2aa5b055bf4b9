/* SPDX-License-Identifier: MIT */
/*
 * Carrier that prints each call to stderr, around any other carrier.
 *
 * A line: the sub-op, the argument's words after the header as they went out,
 * the transport code, the status. Nested lists are not printed.
 */
#include "carrier.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Words that a line shows; longer arguments are answers, not questions. */
#define WORDS_MAX 8u

static sluice_carry_fn *traced;

static const char *op_name(uint32_t op)
{
	switch (op) {
#define OP_NAME(nr, name, argument, who)                                       \
	case nr:                                                               \
		return #name;
		SLUICE_DMA_OPS(OP_NAME)
#undef OP_NAME
	default:
		return "?";
	}
}

static long carry_traced(uint32_t op, void *argument, size_t size)
{
	const struct sluice_header *header = argument;
	const size_t body = size - sizeof(*header);
	uint64_t words[WORDS_MAX] = {0};
	size_t count = body / sizeof(words[0]);

	if (count > WORDS_MAX) {
		count = WORDS_MAX;
	}
	memcpy(words, (const char *)argument + sizeof(*header),
	       count * sizeof(words[0]));

	long code = traced(op, argument, size);

	(void)fprintf(stderr, "trace: op %u %s (", op, op_name(op));
	for (size_t i = 0; i < count; i++) {
		(void)fprintf(stderr, "%s%" PRIx64, i == 0 ? "" : " ",
			      words[i]);
	}
	(void)fprintf(stderr, ") = %ld %s\n", code,
		      code == 0 ? sluice_status_name(header->status) : "-");
	return code;
}

void sluice_trace(void)
{
	/* Twice is once: a trace of itself would never end. */
	if (carrier_get() != NULL && carrier_get() != carry_traced) {
		traced = carrier_get();
		sluice_set_carrier(carry_traced);
	}
}
