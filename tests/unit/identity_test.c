// SPDX-License-Identifier: MIT
/*
 * MapIdentityRangeEx and UnmapIdentityRangeEx: refusals, and that a device
 * finds each page at the page's own address and nowhere else.
 */
#include "space_fixture.h"

#define SAME(list) (list), sizeof(list) / sizeof((list)[0])

static struct fake_guest *g;
static uint64_t domain, allocating, device;

static void set_up(int kind)
{
	boot_service(kind);
	g = space_guest(0);
	domain = new_domain(g, DomainTypeTranslate);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
}

/* Does D1 reach exactly these frames at their own addresses? */
static void expect_reached(const uint64_t *frames, size_t count, bool want)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t at = BYTES(frames[i]);
		uint64_t hpa = want ? fake_guest_hpa(g, at + 8) : 0;

		EXPECT(reach(D1, at + 8, false) == hpa &&
			       reach(D1, at + 8, true) == hpa,
		       "frame %lu", (unsigned long)frames[i]);
	}
}

/* ---- refusals ---- */

#define SPOIL(name, ...)                                                       \
	static void name(void *request)                                        \
	{                                                                      \
		struct sluice_identity *a = request;                           \
                                                                               \
		__VA_ARGS__;                                                   \
	}

/* clang-format off */
SPOIL(flags, a->header.flags = 1)
SPOIL(no_domain, a->domain ^= BIT(16))
SPOIL(rights, a->permissions |= 4)
SPOIL(kind, a->kind = 3)
SPOIL(with_allocator, a->domain = allocating)
SPOIL(in_use, a->base = P(1); a->pages = 2)
SPOIL(quota, a->base = TABLE_SPAN)
SPOIL(not_mapped, a->base -= PAGE_BYTES)
/* clang-format on */

static bool is_unmap;

static int64_t attempt(const struct defect *early, const struct defect *late)
{
	struct sluice_identity a = {.domain = domain,
				    .permissions = is_unmap ? 0 : READ,
				    .kind = SLUICE_MAP_CONTIGUOUS,
				    .base = is_unmap ? P(2) : P(0),
				    .pages = 1};
	struct snapshot before = snap(g);
	NTSTATUS status;

	if (late != NULL) {
		late->spoil(&a);
	}
	early->spoil(&a);
	status = is_unmap ? CALL(g, unmap_identity, a)
			  : CALL(g, map_identity, a);
	expect_same(g, before, early->name);
	return status;
}

START_TEST(first_defect_in_order_answers)
{
	/* Of any two defects of one call the earlier in the order answers. */
	static const struct defect mapping[] = {
		{"flags", STATUS_INVALID_PARAMETER, flags},
		{"domain", STATUS_INVALID_PARAMETER_1, no_domain},
		{"rights", STATUS_INVALID_PARAMETER_2, rights},
		{"kind", STATUS_INVALID_PARAMETER_3, kind},
		{"allocator", STATUS_NOT_SUPPORTED, with_allocator},
		{"in use", STATUS_IN_USE, in_use},
		{"quota", STATUS_INSUFFICIENT_RESOURCES, quota},
	};
	static const struct defect unmapping[] = {
		{"flags", STATUS_INVALID_PARAMETER, flags},
		{"domain", STATUS_INVALID_PARAMETER_1, no_domain},
		{"rights", STATUS_INVALID_PARAMETER_2, rights},
		{"kind", STATUS_INVALID_PARAMETER_2, kind},
		{"allocator", STATUS_NOT_SUPPORTED, with_allocator},
		{"not mapped", STATUS_INVALID_PARAMETER, not_mapped},
	};

	/* Two roots, a page of the allocator's, tables for the first 2 MiB. */
	boot_service(_i);
	g = space_guest(_i == 2 ? 5 : 6);
	domain = new_domain(g, DomainTypeTranslate);
	allocating = new_allocating(g, 32);
	ANSWERS(STATUS_SUCCESS, map_same(g, domain, P(2), 1, READ));
	is_unmap = false;
	expect_order(mapping, sizeof(mapping) / sizeof(mapping[0]), attempt);
	is_unmap = true;
	expect_order(unmapping, sizeof(unmapping) / sizeof(unmapping[0]),
		     attempt);
	ANSWERS(STATUS_SUCCESS, unmap_same(g, domain, P(2), 1));
	machine_shutdown();
}
END_TEST

START_TEST(description_is_judged_at_its_edges)
{
	/* Counts, alignment, what is no memory or beyond the width: refused. */
	static const struct {
		uint64_t base, pages;
	} ranges[] = {{P(0), 0},
		      {P(0), SLUICE_MAP_MAX + 1},
		      {P(0) + 8, 1},
		      {BYTES(SPACE_PAGES - 1), 2},
		      {BYTES(SPACE_PAGES), 1},
		      {BIT(48), 1},
		      {~PAGE_MASK, 1},
		      {~PAGE_MASK, 2}};
	static const uint64_t bad[] = {SPACE_PAGES, BIT(36), BIT(51), BIT(52),
				       UINT64_MAX};
	struct sluice_identity unreadable;
	struct snapshot before;

	set_up(_i);
	before = snap(g);
	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		uint64_t base = ranges[i].base, pages = ranges[i].pages;

		ANSWERS(STATUS_INVALID_PARAMETER_3,
			map_same(g, domain, base, pages, RW));
		ANSWERS(STATUS_INVALID_PARAMETER_2,
			unmap_same(g, domain, base, pages));
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t frames[] = {20, 21, bad[i], 22};

		ANSWERS(STATUS_INVALID_PARAMETER_3,
			map_each(g, domain, SAME(frames), RW));
		ANSWERS(STATUS_INVALID_PARAMETER_2,
			unmap_each(g, domain, SAME(frames)));
	}
	unreadable = list_of(g, domain, bad, 1);
	unreadable.frames = 0;
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		CALL(g, unmap_identity, unreadable));
	unreadable.permissions = RW;
	ANSWERS(STATUS_INVALID_PARAMETER_3, CALL(g, map_identity, unreadable));
	expect_same(g, before, "refused");
	ck_assert(is_blocked(D1, BYTES(20)) && is_blocked(D1, P(0)));
	machine_shutdown();
}
END_TEST

START_TEST(question_about_an_unmap_changes_nothing)
{
	/* CHECK answers as the unmap would; no other option is known. */
	struct sluice_identity a = {.kind = SLUICE_MAP_CONTIGUOUS,
				    .base = P(0),
				    .pages = 3,
				    .options = SLUICE_UNMAP_CHECK};
	struct snapshot before;

	set_up(_i);
	a.domain = domain;
	ANSWERS(STATUS_SUCCESS, map_same(g, domain, P(0), 3, RW));
	before = snap(g);
	ANSWERS(STATUS_SUCCESS, CALL(g, unmap_identity, a));
	a.pages = 4;
	ANSWERS(STATUS_INVALID_PARAMETER, CALL(g, unmap_identity, a));
	a.pages = 3;
	a.options = SLUICE_UNMAP_PART;
	ANSWERS(STATUS_INVALID_PARAMETER_2, CALL(g, unmap_identity, a));
	a.permissions = RW;
	a.base = P(10);
	a.options = SLUICE_UNMAP_CHECK;
	ANSWERS(STATUS_INVALID_PARAMETER_3, CALL(g, map_identity, a));
	expect_same(g, before, "asked");
	ck_assert(lands(D1, P(2), g, P(2)) && is_blocked(D1, P(10)));
	machine_shutdown();
}
END_TEST

START_TEST(types_without_an_own_table_answer_by_type)
{
	/* PassThrough: success and nothing done; Unmanaged: no such domain. */
	const uint64_t frames[] = {30, 40};
	const uint64_t beyond[] = {30, SPACE_PAGES};
	struct snapshot before;
	uint64_t pass, unmanaged;

	boot_service(_i);
	g = space_guest(0);
	pass = new_domain(g, DomainTypePassThrough);
	unmanaged = new_domain(g, DomainTypeUnmanaged);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, pass, device));
	before = snap(g);
	for (unsigned twice = 0; twice < 2; twice++) {
		ANSWERS(STATUS_SUCCESS, map_same(g, pass, P(0), 4, READ));
		ANSWERS(STATUS_SUCCESS, map_each(g, pass, SAME(frames), RW));
		ANSWERS(STATUS_SUCCESS, unmap_same(g, pass, P(0), 4));
		ANSWERS(STATUS_SUCCESS, unmap_each(g, pass, SAME(frames)));
		ck_assert(lands(D1, P(0), g, P(0)));
		ck_assert(lands(D1, BYTES(30), g, BYTES(30)));
	}
	ANSWERS(STATUS_INVALID_PARAMETER_2, map_same(g, pass, P(0), 1, 0));
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		map_each(g, pass, SAME(beyond), RW));
	ANSWERS(STATUS_INVALID_PARAMETER_2, unmap_each(g, pass, SAME(beyond)));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		map_same(g, unmanaged, P(0), 1, RW));
	ANSWERS(STATUS_INVALID_PARAMETER_1, unmap_same(g, unmanaged, P(0), 1));
	ANSWERS(STATUS_INVALID_PARAMETER_1, map_same(g, 0, P(0), 1, RW));
	ANSWERS(STATUS_INVALID_PARAMETER_1, unmap_same(g, 0, P(0), 1));
	expect_same(g, before, "nothing done");
	machine_shutdown();
}
END_TEST

/* ---- what a device reaches ---- */

START_TEST(each_page_is_at_its_own_address)
{
	/* Scattered over three tables, in any order; some taken back; all. */
	const uint64_t frames[] = {700, 3, 511, 512, 1100, 4, 64, 1023};
	const uint64_t between[] = {2, 5, 63, 65, 510, 513, 699, 1022, 1024};
	const uint64_t some[] = {512, 3, 1100};
	const uint64_t rest[] = {700, 511, 4, 64, 1023};
	struct snapshot before;

	set_up(_i);
	before = snap(g);
	ANSWERS(STATUS_SUCCESS, map_each(g, domain, SAME(frames), RW));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 8);
	expect_reached(SAME(frames), true);
	expect_reached(SAME(between), false);
	ANSWERS(STATUS_SUCCESS, unmap_each(g, domain, SAME(some)));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 5);
	expect_reached(SAME(some), false);
	expect_reached(SAME(rest), true);
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_each(g, domain, SAME(some)));
	ANSWERS(STATUS_SUCCESS, unmap_each(g, domain, SAME(rest)));
	expect_reached(SAME(frames), false);
	expect_same(g, before, "unmapped");

	ANSWERS(STATUS_SUCCESS, map_same(g, domain, BYTES(500), 100, RW));
	ck_assert(lands(D1, BYTES(500), g, BYTES(500)));
	ck_assert(lands(D1, BYTES(599), g, BYTES(599)));
	ck_assert(is_blocked(D1, BYTES(499)) && is_blocked(D1, BYTES(600)));
	ANSWERS(STATUS_SUCCESS, unmap_same(g, domain, BYTES(500), 100));
	ck_assert(is_blocked(D1, BYTES(599)));
	expect_same(g, before, "unmapped");
	machine_shutdown();
}
END_TEST

START_TEST(rights_are_exact)
{
	/* Reading and writing pass where they were asked for and only there. */
	const uint64_t frames[] = {900, 20};

	set_up(_i);
	for (uint32_t rights = READ; rights <= RW; rights++) {
		ANSWERS(STATUS_SUCCESS,
			map_each(g, domain, SAME(frames), rights));
		for (unsigned i = 0; i < 2; i++) {
			uint64_t at = BYTES(frames[i]);

			ck_assert_int_eq(sees(D1, at, g, at),
					 (rights & READ) != 0);
			ck_assert_int_eq(lands(D1, at, g, at),
					 (rights & WRITE) != 0);
		}
		ANSWERS(STATUS_SUCCESS, unmap_each(g, domain, SAME(frames)));
	}
	machine_shutdown();
}
END_TEST

/* ---- what stands in the way ---- */

/* Neither the list nor any page of it is taken. */
static void expect_conflict(const uint64_t *frames, uint64_t count,
			    const char *what)
{
	struct snapshot before = snap(g);

	EXPECT(map_each(g, domain, frames, count, RW) == STATUS_IN_USE,
	       "%s: mapped", what);
	EXPECT(unmap_each(g, domain, frames, count) == STATUS_INVALID_PARAMETER,
	       "%s: unmapped", what);
	expect_same(g, before, what);
	EXPECT(is_blocked(D1, BYTES(frames[0])), "%s: half of it", what);
}

START_TEST(conflict_of_one_page_refuses_the_list)
{
	/* Mapped to another page, reserved, a token's, or named twice. */
	const struct sluice_reserved_region regions[] = {
		{.base = BYTES(50), .pages = 1},
		{.base = BYTES(60), .pages = 1, .should_map = 1},
	};
	const uint64_t mapped[] = {20, 40}, region[] = {20, 50};
	const uint64_t lent[] = {20, 60}, token[] = {20, 70};
	const uint64_t twice[] = {20, 21, 21}, apart[] = {20, 22, 21, 20};
	const uint64_t shuffled[] = {22, 20, 21};
	struct sluice_reserve_token t = {.bytes = BYTES(1),
					 .logical_address = BYTES(70),
					 .has_logical_address = 1};

	boot_service(_i);
	g = space_guest(0);
	ANSWERS(STATUS_SUCCESS,
		create_with(g, DomainTypeTranslate, regions, 2, &domain));
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ANSWERS(STATUS_SUCCESS, map(g, domain, BYTES(40), BYTES(41), 1, RW));
	t.domain = domain;
	ANSWERS(STATUS_SUCCESS, CALL(g, reserve_token, t));
	expect_conflict(SAME(mapped), "mapped elsewhere");
	expect_conflict(SAME(region), "reserved");
	expect_conflict(SAME(lent), "reserved and mapped");
	expect_conflict(SAME(token), "a token's");
	expect_conflict(SAME(twice), "twice in a row");
	expect_conflict(SAME(apart), "twice");
	ANSWERS(STATUS_SUCCESS, map_each(g, domain, SAME(shuffled), RW));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_each(g, domain, SAME(apart)));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_each(g, domain, SAME(region)));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_each(g, domain, SAME(lent)));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_each(g, domain, SAME(token)));
	expect_reached(SAME(shuffled), true);
	ANSWERS(STATUS_SUCCESS, unmap_each(g, domain, SAME(shuffled)));
	expect_reached(SAME(shuffled), false);
	/* As one range, too; what is mapped elsewhere is not identical. */
	ANSWERS(STATUS_IN_USE, map_same(g, domain, BYTES(49), 2, RW));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap_same(g, domain, BYTES(40), 1));
	ck_assert(lands(D1, BYTES(40), g, BYTES(41)));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(identity, first_defect_in_order_answers,
	      description_is_judged_at_its_edges,
	      question_about_an_unmap_changes_nothing,
	      types_without_an_own_table_answer_by_type,
	      each_page_is_at_its_own_address, rights_are_exact,
	      conflict_of_one_page_refuses_the_list)
