// SPDX-License-Identifier: MIT
/*
 * The allocator of logical addresses as a caller meets it: where ranges lie,
 * what is never handed out, and which domains have one.
 */
#include "space_fixture.h"

#define WINDOW	   UINT64_C(0xfee00000)
#define WINDOW_END UINT64_C(0xfef00000)

static struct fake_guest *g;
static uint64_t domain, device;

static void set_up(int kind, unsigned width)
{
	boot_service(kind);
	g = space_guest(0);
	domain = new_allocating(g, width);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
}

/* A range of @pages, or the refusal @want. */
static uint64_t expect_range(struct wish w, NTSTATUS want)
{
	struct snapshot before = snap(g);
	uint64_t la = 1;
	NTSTATUS got = allocate(g, domain, w, &la);

	EXPECT(got == want, "%lu pages in [%lx, %lx]: %x",
	       (unsigned long)w.pages, (unsigned long)w.min,
	       (unsigned long)w.max, got);
	if (want != STATUS_SUCCESS) {
		expect_same(g, before, "refused");
	}
	return la;
}

static uint64_t at_least(uint64_t pages, uint64_t min)
{
	return expect_range((struct wish){pages, SLUICE_HAS_MIN, min, 0},
			    STATUS_SUCCESS);
}

/* ---- where ranges lie ---- */

START_TEST(low_blocks_go_first_and_come_back)
{
	/* Blocks of the next power of two; what is freed is used again. */
	static const struct {
		uint64_t pages, la;
	} rows[] = {{1, 0x1000}, {1, 0x2000},  {2, 0x4000}, {3, 0x8000},
		    {1, 0x3000}, {5, 0x10000}, {1, 0x6000}, {512, 0x200000}};
	const unsigned count = sizeof(rows) / sizeof(rows[0]);
	struct snapshot empty;

	set_up(_i, 32);
	empty = snap(g);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < count; i++) {
			ck_assert_uint_eq(new_range(g, domain, rows[i].pages),
					  rows[i].la);
		}
		for (unsigned i = 0; i < count; i++) {
			unsigned n = (i * 5 + round) % count;

			ANSWERS(STATUS_SUCCESS,
				free_range(g, domain, rows[n].la,
					   rows[n].pages));
			ANSWERS(STATUS_INVALID_PARAMETER,
				free_range(g, domain, rows[n].la,
					   rows[n].pages));
		}
		expect_same(g, empty, "all freed");
	}
	machine_shutdown();
}
END_TEST

START_TEST(bounds_hold_to_the_byte)
{
	/* Min and max are inclusive; a wish that cannot be met is a MIX. */
	const NTSTATUS mix = STATUS_INVALID_PARAMETER_MIX;
	const uint32_t both = SLUICE_HAS_MIN | SLUICE_HAS_MAX;

	set_up(_i, 32);
	expect_range((struct wish){1, both, 2, 1}, mix);
	expect_range((struct wish){1, both, 0x5001, 0x6ffe}, mix);
	expect_range((struct wish){2, both, 0x5000, 0x7fff - 1}, mix);
	ck_assert_uint_eq(expect_range((struct wish){1, both, 0x5000, 0x5fff},
				       STATUS_SUCCESS),
			  0x5000);
	expect_range((struct wish){1, both, 0x5000, 0x5fff}, mix);
	ck_assert_uint_eq(expect_range((struct wish){2, both, 0x5001, 0x7fff},
				       STATUS_SUCCESS),
			  0x6000);
	/* A bound without its bit is no bound. */
	ck_assert_uint_eq(
		expect_range((struct wish){1, 0, BIT(33), 1}, STATUS_SUCCESS),
		0x1000);
	expect_range((struct wish){1, SLUICE_HAS_MAX, 0, 0xfff}, mix);
	expect_range((struct wish){1, SLUICE_HAS_MIN, BIT(32), 0}, mix);
	ck_assert_uint_eq(at_least(1, BIT(32) - PAGE_BYTES),
			  BIT(32) - PAGE_BYTES);
	expect_range((struct wish){1, 4, 0, 0}, STATUS_INVALID_PARAMETER_4);
	expect_range((struct wish){0, 0, 0, 0}, STATUS_INVALID_PARAMETER_3);
	expect_range((struct wish){BIT(51) + 1, 0, 0, 0},
		     STATUS_INVALID_PARAMETER_3);
	expect_range((struct wish){BIT(51), 0, 0, 0},
		     STATUS_INSUFFICIENT_RESOURCES);
	expect_range((struct wish){BIT(51), SLUICE_HAS_MIN, 0, 0}, mix);
	machine_shutdown();
}
END_TEST

START_TEST(page_0_and_the_interrupt_window_are_withheld)
{
	/* Whatever is wished for, neither is ever part of a range. */
	const NTSTATUS none = STATUS_INSUFFICIENT_RESOURCES;
	const uint32_t both = SLUICE_HAS_MIN | SLUICE_HAS_MAX;

	set_up(_i, 12);
	expect_range((struct wish){1, 0, 0, 0}, none);
	ck_assert(is_blocked(D1, 0));
	machine_shutdown();

	set_up(_i, 13);
	ck_assert_uint_eq(new_range(g, domain, 1), 0x1000);
	expect_range((struct wish){1, 0, 0, 0}, none);
	machine_shutdown();

	set_up(_i, 32);
	expect_range((struct wish){1, both, WINDOW, WINDOW_END - 1},
		     STATUS_INVALID_PARAMETER_MIX);
	expect_range((struct wish){BIT(18), 0, 0, 0}, STATUS_SUCCESS);
	ck_assert_uint_eq(at_least(1, WINDOW), WINDOW_END);
	ck_assert_uint_eq(at_least(1, WINDOW - PAGE_BYTES),
			  WINDOW - PAGE_BYTES);
	expect_range((struct wish){BIT(19), 0, 0, 0}, none);
	machine_shutdown();
}
END_TEST

START_TEST(reserved_regions_are_withheld)
{
	/* Of either kind; one that ends with the width, too. */
	const struct sluice_reserved_region regions[] = {
		{.base = 0x2000, .pages = 2},
		{.base = 0x10000, .pages = 3, .should_map = 1},
		{.base = 0xff000, .pages = 1},
	};
	struct sluice_create_domain a = {
		.allocator_type = IommuDmaLogicalAllocatorBuddy,
		.allocator_width = 20,
		.region_count = 3,
	};
	uint64_t taken = 0;

	boot_service(_i);
	g = space_guest(0);
	a.regions = fake_guest_list(g, regions, sizeof(regions));
	ANSWERS(STATUS_SUCCESS, CALL(g, create_domain, a));
	domain = a.domain;
	for (;; taken++) {
		uint64_t la;
		NTSTATUS status =
			allocate(g, domain, (struct wish){.pages = 1}, &la);

		if (status != STATUS_SUCCESS) {
			ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
			break;
		}
		EXPECT(la != 0 && la != 0x2000 && la != 0x3000 &&
			       la != 0xff000 && (la < 0x10000 || la >= 0x13000),
		       "%lx was handed out", (unsigned long)la);
	}
	ck_assert_uint_eq(taken, 256 - 1 - 2 - 3 - 1);
	machine_shutdown();
}
END_TEST

START_TEST(only_domains_with_an_allocator_have_ranges)
{
	/* NOT_SUPPORTED without one; no domain at all before that. */
	const uint32_t types[] = {DomainTypePassThrough, DomainTypeUnmanaged};

	boot_service(_i);
	g = space_guest(0);
	for (unsigned i = 0; i < 2; i++) {
		domain = new_domain(g, types[i]);
		expect_range((struct wish){.pages = 1},
			     STATUS_INVALID_PARAMETER_1);
		ANSWERS(STATUS_INVALID_PARAMETER_1,
			free_range(g, domain, 0x1000, 1));
	}
	domain = new_domain(g, DomainTypeTranslate);
	expect_range((struct wish){.pages = 0}, STATUS_NOT_SUPPORTED);
	ANSWERS(STATUS_NOT_SUPPORTED, free_range(g, domain, 1, 0));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(range, low_blocks_go_first_and_come_back, bounds_hold_to_the_byte,
	      page_0_and_the_interrupt_window_are_withheld,
	      reserved_regions_are_withheld,
	      only_domains_with_an_allocator_have_ranges)
