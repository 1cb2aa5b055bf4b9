// SPDX-License-Identifier: MIT
/*
 * Linear addresses of a caller, with what a call keeps of the last walk; runs
 * of its memory map.
 */
#include "lib/error.h"
#include "service_fixture.h"

#define PAGE  (FAKE_GUEST_FREE_PAGE * PAGE_BYTES)
#define OTHER (PAGE + PAGE_BYTES)

static int translate(const struct fake_guest *g, uint64_t gpa, bool is_write,
		     uint64_t *hpa)
{
	hpa_t to = HPA_NONE;
	int err = linear_translate(&g->caller, fake_guest_linear(g, gpa),
				   is_write, &to);

	*hpa = to.addr;
	return err;
}

START_TEST(kept_page_answers_as_a_walk_does)
{
	/* The same answers with a cache and without, reads and writes mixed. */
	static const struct {
		uint64_t gpa;
		bool is_write;
		int answer;
	} rows[] = {
		{PAGE, false, 0},
		{PAGE + 8, true, 0},
		{OTHER + 16, false, 0},
		/* Kept from the read before, and read-only. */
		{OTHER, true, -XEN_EFAULT},
		{OTHER + 24, false, 0},
		{PAGE + 4095, true, 0},
		/* Not mapped, and neither kept nor mistaken for what is. */
		{OTHER + PAGE_BYTES, false, -XEN_EFAULT},
		{PAGE, false, 0},
		{OTHER + PAGE_BYTES, false, -XEN_EFAULT},
	};
	struct fake_guest *g;

	boot_service(_i);
	g = guest_with(0, 0);
	fake_guest_protect(g, OTHER, true, false);
	fake_guest_protect(g, OTHER + PAGE_BYTES, false, true);
	for (unsigned with_cache = 0; with_cache < 2; with_cache++) {
		struct linear_cache cache = {0};

		g->caller.cache = with_cache ? &cache : NULL;
		for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
			uint64_t hpa;

			EXPECT(translate(g, rows[i].gpa, rows[i].is_write,
					 &hpa) == rows[i].answer,
			       "row %zu", i);
			EXPECT(rows[i].answer != 0 ||
				       hpa == fake_guest_hpa(g, rows[i].gpa),
			       "row %zu: %lx", i, (unsigned long)hpa);
		}
	}
	g->caller.cache = NULL;
	fake_guest_protect(g, OTHER, true, true);
	fake_guest_protect(g, OTHER + PAGE_BYTES, true, true);
	machine_shutdown();
}
END_TEST

START_TEST(page_is_walked_to_once_a_call)
{
	/* Fewer reads of guest memory with the cache: no table twice. */
	struct linear_cache cache = {0};
	uint64_t reads, hpa;
	struct fake_guest *g;

	boot_service(_i);
	g = guest_with(0, 0);
	g->caller.cache = &cache;
	ck_assert_int_eq(translate(g, PAGE, false, &hpa), 0);
	reads = guestmem_reads();
	ck_assert_int_eq(translate(g, PAGE + 100, true, &hpa), 0);
	ck_assert_uint_eq(guestmem_reads(), reads);
	ck_assert_int_eq(translate(g, OTHER, true, &hpa), 0);
	ck_assert_uint_gt(guestmem_reads(), reads);
	g->caller.cache = NULL;
	machine_shutdown();
}
END_TEST

START_TEST(nothing_is_kept_from_call_to_call)
{
	/* A page remapped between two calls is found at its new place. */
	struct sluice_info info = {0};
	uint8_t found[sizeof(info)];
	struct fake_guest *g;

	boot_service(_i);
	g = guest_with(0, 0);
	ANSWERS(STATUS_SUCCESS,
		fake_guest_status(g, SLUICE_OP_info, &info, sizeof(info)));
	info = (struct sluice_info){.header.size = sizeof(info)};
	fake_guest_write(g, PAGE, &info, sizeof(info));
	fake_guest_fill(g, FAKE_GUEST_ARGUMENT, 0xa5, sizeof(info));
	fake_guest_remap(g, FAKE_GUEST_ARGUMENT, PAGE);
	ANSWERS(0, fake_guest_hypercall(
			   g, SLUICE_HYPERCALL, SLUICE_OP_info,
			   fake_guest_linear(g, FAKE_GUEST_ARGUMENT), 0));
	fake_guest_remap(g, FAKE_GUEST_ARGUMENT, FAKE_GUEST_ARGUMENT);
	fake_guest_read(g, PAGE, &info, sizeof(info));
	ck_assert_uint_eq(info.abi_version, SLUICE_ABI_VERSION);
	fake_guest_read(g, FAKE_GUEST_ARGUMENT, found, sizeof(found));
	for (size_t i = 0; i < sizeof(found); i++) {
		EXPECT(found[i] == 0xa5, "byte %zu", i);
	}
	ck_assert_ptr_null(g->caller.cache);
	machine_shutdown();
}
END_TEST

START_TEST(run_is_what_page_by_page_is)
{
	/* Every page of a run, and the first one behind it, as one by one. */
	struct fake_guest *g;
	uint64_t page = 0;

	boot_service(_i);
	g = guest_with(0, 0);
	while (page < g->ram_pages) {
		hpa_t first = HPA_NONE, one = HPA_NONE;
		uint64_t run = 0;
		enum p2m_type type =
			p2m_lookup_run(&g->guest->p2m,
				       to_gpa(page * PAGE_BYTES), &first, &run);

		EXPECT(type == p2m_lookup(&g->guest->p2m,
					  to_gpa(page * PAGE_BYTES), &one),
		       "page %lu", (unsigned long)page);
		if (type == P2M_HOLE) {
			page++;
			continue;
		}
		ck_assert_uint_gt(run, 0);
		for (uint64_t i = 0; i < run; i++) {
			EXPECT(p2m_lookup(&g->guest->p2m,
					  to_gpa((page + i) * PAGE_BYTES),
					  &one) == type &&
				       one.addr == first.addr + i * PAGE_BYTES,
			       "page %lu", (unsigned long)(page + i));
		}
		page += run;
	}
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(linear, kept_page_answers_as_a_walk_does,
	      page_is_walked_to_once_a_call, nothing_is_kept_from_call_to_call,
	      run_is_what_page_by_page_is)
