// SPDX-License-Identifier: MIT
/* Ids of domains in the units: each given out once, and each comes back. */
#include "dma/asid.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

/* What VT-d and AMD-Vi have, and what ends inside a word of the pool. */
static const uint32_t counts[] = {2, 16, 64, 65, 256, 4097, 65535, 65536};

/* Takes all there are, each once. Return: how many. */
static uint32_t take_all(uint32_t count, bool *is_taken)
{
	uint32_t taken = 0;

	memset(is_taken, 0, count * sizeof(*is_taken));
	for (;;) {
		uint16_t id = dma_asid_alloc();

		if (id == ASID_NONE) {
			return taken;
		}
		EXPECT(id != 0 && id < count, "id %u of %u", id, count);
		EXPECT(!is_taken[id], "id %u is given twice", id);
		is_taken[id] = true;
		taken++;
	}
}

START_TEST(every_id_comes_back)
{
	/* All ids but 0 are given out, freed, and given out again. */
	bool *is_taken = calloc(65536, sizeof(*is_taken));
	uint32_t count = counts[_i];

	ck_assert_ptr_nonnull(is_taken);
	dma_asid_start(count);
	for (unsigned round = 0; round < 2; round++) {
		uint32_t taken = take_all(count, is_taken);

		ck_assert_uint_eq(taken, count - 1);
		for (uint32_t id = 1; id < count; id++) {
			if (is_taken[id]) {
				dma_asid_free((uint16_t)id);
			}
		}
	}
	free(is_taken);
	dma_asid_start(0);
}
END_TEST

Suite *asid_suite(void)
{
	Suite *suite = suite_create("asid");
	TCase *c = tcase_create("asid");

	tcase_add_loop_test(c, every_id_comes_back, 0,
			    (int)ARRAY_COUNT(counts));
	suite_add_tcase(suite, c);
	return suite;
}
