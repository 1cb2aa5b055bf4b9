// SPDX-License-Identifier: MIT
/*
 * Maps where the allocator chooses: what a device finds there, parts of a
 * range, explicit addresses refused, replies that do not arrive.
 */
#include "space_fixture.h"

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

START_TEST(allocator_chooses_where_a_map_goes)
{
	/* A free range, told to the caller; the unmap of it all returns it. */
	struct snapshot empty;
	uint64_t la, second;

	set_up(_i, 32);
	empty = snap(g);
	ANSWERS(STATUS_SUCCESS,
		map_anywhere(g, domain, P(0), (struct wish){.pages = 3}, &la));
	ck_assert_uint_eq(la, 0x4000);
	ANSWERS(STATUS_SUCCESS,
		map_anywhere(g, domain, P(9),
			     (struct wish){1, SLUICE_HAS_MIN, 0x100000, 0},
			     &second));
	ck_assert_uint_eq(second, 0x100000);
	ck_assert(lands(D1, la, g, P(0)) && lands(D1, la + 0x2000, g, P(2)));
	ck_assert(is_blocked(D1, la + 0x3000) && lands(D1, second, g, P(9)));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 4);

	/* Exactly one range, or nothing. */
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, la, 2));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, la + 0x1000, 2));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, la, 4));
	ANSWERS(STATUS_RESOURCE_IN_USE, free_range(g, domain, la, 3));
	ck_assert(lands(D1, la + 0x1000, g, P(1)));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, la, 3));
	ck_assert(is_blocked(D1, la) && is_blocked(D1, la + 0x2000));
	ANSWERS(STATUS_INVALID_PARAMETER, free_range(g, domain, la, 3));
	ck_assert_uint_eq(new_range(g, domain, 3), la);
	ANSWERS(STATUS_SUCCESS, free_range(g, domain, la, 3));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, second, 1));
	expect_same(g, empty, "all gone");
	machine_shutdown();
}
END_TEST

START_TEST(bounds_of_a_map_are_those_of_the_allocator)
{
	/* Unknown bits, an empty interval, and one that is taken: refused. */
	const uint32_t both = SLUICE_HAS_MIN | SLUICE_HAS_MAX;
	const struct wish one = {1, both, 0x7000, 0x7fff};
	struct snapshot before;
	uint64_t la;

	set_up(_i, 32);
	ANSWERS(STATUS_SUCCESS, map_anywhere(g, domain, P(0), one, &la));
	ck_assert_uint_eq(la, 0x7000);
	before = snap(g);
	ANSWERS(STATUS_INVALID_PARAMETER_MIX,
		map_anywhere(g, domain, P(1), one, &la));
	ANSWERS(STATUS_INVALID_PARAMETER_MIX,
		map_anywhere(g, domain, P(1), (struct wish){1, both, 9, 8},
			     &la));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		map_anywhere(g, domain, P(1), (struct wish){1, 8, 0, 0}, &la));
	expect_same(g, before, "refused");
	machine_shutdown();
}
END_TEST

/* What a map with these fields answers. */
static NTSTATUS map_as(uint64_t of, uint64_t la, uint32_t has_la,
		       uint32_t options)
{
	struct sluice_map a = {.domain = of,
			       .permissions = RW,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = P(0),
			       .pages = 2,
			       .logical_address = la,
			       .has_logical_address = has_la,
			       .options = options};

	return CALL(g, map, a);
}

START_TEST(addresses_are_the_allocators_to_choose)
{
	/* Explicit ones are refused with it, automatic ones without it. */
	const uint32_t part = SLUICE_MAP_PART;
	uint64_t plain, range, beyond;
	struct snapshot before;

	set_up(_i, 32);
	plain = new_domain(g, DomainTypeTranslate);
	range = new_range(g, domain, 5);
	ck_assert_uint_eq(range, 0x8000);
	before = snap(g);
	beyond = BIT(_i == 2 ? 39 : 48);
	ANSWERS(STATUS_NOT_SUPPORTED, map_as(domain, range, 1, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, map_as(domain, 0x40000, 1, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, map_as(plain, 0, 0, 0));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(plain, 0x8000, 1, part));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(plain, 0, 0, part));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, 0, 0, part));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, range, 2, part));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(plain, 0x8000, 2, 0));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, range, 1, part | 2));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, range + 1, 1, part));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, beyond, 1, part));
	/* Before it, over its end, behind it, in none at all. */
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, 0x7000, 1, part));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, 0xc000, 1, part));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, 0xd000, 1, part));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, 0x40000, 1, part));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map_as(domain, BIT(33), 1, part));
	expect_same(g, before, "refused");
	ANSWERS(STATUS_SUCCESS, map_as(domain, 0xb000, 1, part));
	ck_assert(lands(D1, 0xc000, g, P(1)));
	machine_shutdown();
}
END_TEST

START_TEST(range_is_filled_and_emptied_in_parts)
{
	/* Parts name the whole range; it is free when nothing is mapped. */
	const uint64_t pages = 700;
	struct snapshot empty;
	uint64_t la;

	set_up(_i, 32);
	empty = snap(g);
	la = new_range(g, domain, pages);
	ANSWERS(STATUS_SUCCESS, map_inside(g, domain, la, P(0), 512));
	ANSWERS(STATUS_IN_USE, map_inside(g, domain, la + BYTES(511), P(0), 2));
	ANSWERS(STATUS_SUCCESS,
		map_inside(g, domain, la + BYTES(512), P(512), 188));
	ck_assert(lands(D1, la, g, P(0)));
	ck_assert(lands(D1, la + BYTES(699), g, P(699)));
	ck_assert(is_blocked(D1, la + BYTES(700)));

	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, la, 512));
	ANSWERS(STATUS_INVALID_PARAMETER,
		unmap_inside(g, domain, la, 512, la, pages - 1));
	ANSWERS(STATUS_INVALID_PARAMETER,
		unmap_inside(g, domain, la, 512, la + PAGE_BYTES, pages));
	ANSWERS(STATUS_INVALID_PARAMETER,
		unmap_inside(g, domain, la, 512, la, 0));
	ANSWERS(STATUS_INVALID_PARAMETER,
		unmap_inside(g, domain, la - PAGE_BYTES, 2, la, pages));
	ANSWERS(STATUS_SUCCESS,
		unmap_inside(g, domain, la + BYTES(200), 500, la, pages));
	ck_assert(is_blocked(D1, la + BYTES(200)));
	ck_assert(lands(D1, la + BYTES(199), g, P(199)));
	ANSWERS(STATUS_RESOURCE_IN_USE, free_range(g, domain, la, pages));
	ANSWERS(STATUS_SUCCESS, unmap_inside(g, domain, la, 200, la, pages));
	ck_assert(is_blocked(D1, la));
	ANSWERS(STATUS_INVALID_PARAMETER, free_range(g, domain, la, pages + 1));
	ANSWERS(STATUS_INVALID_PARAMETER, free_range(g, domain, la, 0));
	ANSWERS(STATUS_INVALID_PARAMETER, free_range(g, domain, la + 1, pages));
	ANSWERS(STATUS_SUCCESS, free_range(g, domain, la, pages));
	expect_same(g, empty, "freed");
	machine_shutdown();
}
END_TEST

START_TEST(question_changes_nothing)
{
	/* UNMAP_CHECK answers as the unmap would; names of ranges are for PART.
	 */
	struct sluice_unmap a = {.pages = 4, .options = SLUICE_UNMAP_CHECK};
	struct snapshot before;
	uint64_t plain;

	set_up(_i, 32);
	ANSWERS(STATUS_SUCCESS,
		map_anywhere(g, domain, P(0), (struct wish){.pages = 4},
			     &a.logical_address));
	plain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, map(g, plain, a.logical_address, P(0), 4, RW));
	before = snap(g);
	for (unsigned i = 0; i < 2; i++) {
		a.domain = i == 0 ? domain : plain;
		a.options = SLUICE_UNMAP_CHECK;
		a.pages = 4;
		a.header.size = 0;
		ANSWERS(STATUS_SUCCESS, CALL(g, unmap, a));
		a.pages = 5;
		ANSWERS(STATUS_INVALID_PARAMETER, CALL(g, unmap, a));
		a.pages = 4;
		a.options = 4;
		ANSWERS(STATUS_INVALID_PARAMETER, CALL(g, unmap, a));
		a.options = 0;
		a.range_base = a.logical_address;
		ANSWERS(STATUS_INVALID_PARAMETER, CALL(g, unmap, a));
		a.range_base = 0;
		a.range_pages = 4;
		ANSWERS(STATUS_INVALID_PARAMETER, CALL(g, unmap, a));
		a.range_pages = 0;
	}
	expect_same(g, before, "asked");
	ck_assert(lands(D1, a.logical_address, g, P(0)));
	machine_shutdown();
}
END_TEST

/* ---- replies that do not arrive ---- */

START_TEST(map_without_a_reply_is_undone)
{
	/* Whichever write fails, pages, range and token are as before. */
	struct snapshot before;
	uint64_t range;

	set_up(_i, 32);
	range = new_range(g, domain, 4);
	before = snap(g);
	for (unsigned n = 1; n <= 2; n++) {
		struct sluice_map a = {.domain = domain,
				       .permissions = RW,
				       .kind = SLUICE_MAP_CONTIGUOUS,
				       .base = P(0),
				       .pages = 2};
		struct sluice_allocate_range r = {.domain = domain, .pages = 3};
		struct sluice_reserve_token t = {.domain = domain,
						 .bytes = BYTES(3)};

		fail_reply_at(n);
		ck_assert_int_eq(
			fake_guest_call(g, SLUICE_OP_map, &a, sizeof(a)),
			-XEN_EFAULT);
		expect_same(g, before, "map");
		a.options = SLUICE_MAP_PART;
		a.has_logical_address = 1;
		a.logical_address = range + PAGE_BYTES;
		fail_reply_at(n);
		ck_assert_int_eq(
			fake_guest_call(g, SLUICE_OP_map, &a, sizeof(a)),
			-XEN_EFAULT);
		expect_same(g, before, "part");
		ck_assert(is_blocked(D1, a.logical_address));
		fail_reply_at(n);
		ck_assert_int_eq(fake_guest_call(g, SLUICE_OP_allocate_range,
						 &r, sizeof(r)),
				 -XEN_EFAULT);
		expect_same(g, before, "range");
		fail_reply_at(n);
		ck_assert_int_eq(fake_guest_call(g, SLUICE_OP_reserve_token, &t,
						 sizeof(t)),
				 -XEN_EFAULT);
		expect_same(g, before, "token");
	}
	/* The range of the part is still the caller's, the next is unused. */
	ANSWERS(STATUS_SUCCESS, map_inside(g, domain, range, P(0), 4));
	ck_assert_uint_eq(new_range(g, domain, 2), 0x2000);
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(range_map, allocator_chooses_where_a_map_goes,
	      bounds_of_a_map_are_those_of_the_allocator,
	      addresses_are_the_allocators_to_choose,
	      range_is_filled_and_emptied_in_parts, question_changes_nothing,
	      map_without_a_reply_is_undone)
