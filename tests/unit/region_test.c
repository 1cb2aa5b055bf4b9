// SPDX-License-Identifier: MIT
/* Reserved regions of a domain: their list, and what they forbid afterwards. */
#include "guest/p2m.h"
#include "service_fixture.h"

#include <string.h>

#define WINDOW UINT64_C(0xfee00000)

static struct fake_guest *g;

/* Answer to a list; what was created is deleted again. */
static NTSTATUS try_list(const struct sluice_reserved_region *list,
			 uint32_t count, uint32_t *kept)
{
	struct snapshot before = snap(g);
	struct sluice_domain_info info = {.guest = SLUICE_GUEST_SELF};
	uint64_t domain;
	NTSTATUS status =
		create_with(g, DomainTypeTranslate, list, count, &domain);

	if (status == STATUS_SUCCESS) {
		ANSWERS(STATUS_SUCCESS, CALL(g, list_domains, info));
		*kept = info.region_count;
		ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	}
	expect_same(g, before, "regions");
	return status;
}

START_TEST(list_is_judged_by_shape)
{
	/* Each list has its answer, and equal overlaps become one region. */
	const uint64_t top = BIT(_i == 2 ? 39 : 48);
	const uint64_t pages = top / PAGE_BYTES;
	const NTSTATUS bad = STATUS_INVALID_PARAMETER_4;
	const struct {
		struct sluice_reserved_region list[3];
		uint32_t count;
		NTSTATUS answer;
		uint32_t kept;
	} rows[] = {
		{{{.base = 0x20000, .pages = 1}}, 1, 0, 1},
		{{{.base = 0x20001, .pages = 1}}, 1, bad, 0},
		{{{.base = 0x20800, .pages = 1}}, 1, bad, 0},
		{{{.base = 0x20000, .pages = 0}}, 1, bad, 0},
		/* The width, from either side. */
		{{{.base = top - PAGE_BYTES, .pages = 1}}, 1, 0, 1},
		{{{.base = top - PAGE_BYTES, .pages = 2}}, 1, bad, 0},
		{{{.base = top, .pages = 1}}, 1, bad, 0},
		{{{.base = 0, .pages = pages}}, 1, 0, 1},
		{{{.base = 0, .pages = pages + 1}}, 1, bad, 0},
		{{{.base = PAGE_BYTES, .pages = pages}}, 1, bad, 0},
		/* Sums and products that wrap. */
		{{{.base = 0, .pages = BIT(52)}}, 1, bad, 0},
		{{{.base = 0, .pages = BIT(52) + 1}}, 1, bad, 0},
		{{{.base = PAGE_BYTES, .pages = UINT64_MAX}}, 1, bad, 0},
		{{{.base = ~PAGE_MASK, .pages = 1}}, 1, bad, 0},
		{{{.base = ~PAGE_MASK, .pages = 2}}, 1, bad, 0},
		/* Kind and padding. */
		{{{.pages = 1, .should_map = 1}}, 1, 0, 1},
		{{{.pages = 1, .should_map = 2}}, 1, bad, 0},
		{{{.pages = 1, .reserved = {[0] = 1}}}, 1, bad, 0},
		{{{.pages = 1, .reserved = {[6] = 1}}}, 1, bad, 0},
		/* Overlaps: agreeing ones merge, others have no meaning. */
		{{{0x4000, 2, 1, {0}}, {0, 4, 1, {0}}}, 2, 0, 2},
		{{{0x4000, 2, 1, {0}}, {0, 4, 0, {0}}}, 2, 0, 2},
		{{{0x3000, 2, 1, {0}}, {0, 4, 1, {0}}}, 2, 0, 1},
		{{{0x3000, 2, 0, {0}}, {0, 4, 1, {0}}}, 2, bad, 0},
		{{{0, 4, 1, {0}}, {0x3000, 2, 0, {0}}}, 2, bad, 0},
		{{{0, 9, 0, {0}}, {0x1000, 1, 0, {0}}, {0x8000, 4, 0, {0}}},
		 3,
		 0,
		 1},
		{{{0, 9, 0, {0}}, {0x1000, 1, 0, {0}}, {0x8000, 4, 1, {0}}},
		 3,
		 bad,
		 0},
		/* A bad one at the end spoils good ones. */
		{{{0, 1, 0, {0}}, {0x5000, 1, 0, {0}}, {0x7000, 0, 0, {0}}},
		 3,
		 bad,
		 0},
		/* The interrupt window may be kept free, never mapped. */
		{{{.base = WINDOW, .pages = 256}}, 1, 0, 1},
		{{{.base = WINDOW, .pages = 1, .should_map = 1}}, 1, bad, 0},
	};

	boot_service(_i);
	g = guest_with(0, 0);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t kept = 0;
		NTSTATUS status = try_list(rows[i].list, rows[i].count, &kept);

		EXPECT(status == rows[i].answer, "row %u: %x", i, status);
		EXPECT(kept == rows[i].kept, "row %u: %u regions", i, kept);
	}
	machine_shutdown();
}
END_TEST

START_TEST(list_must_be_readable_and_short)
{
	/* Unreadable lists and more than 64 regions are refused. */
	const uint64_t list = FAKE_GUEST_LINEAR + FAKE_GUEST_LIST;
	const struct {
		uint64_t at;
		uint32_t count;
		NTSTATUS answer;
	} rows[] = {
		{0x1000, 1, STATUS_INVALID_PARAMETER_4},
		{UINT64_MAX - 7, 1, STATUS_INVALID_PARAMETER_4},
		{BIT(63), 1, STATUS_INVALID_PARAMETER_4},
		{list + PAGE_BYTES - 8, 1, STATUS_INVALID_PARAMETER_4},
		{list, 64, STATUS_SUCCESS},
		{list, 65, STATUS_INVALID_PARAMETER_4},
		{list, 0xffffffff, STATUS_INVALID_PARAMETER_4},
		{0, 0, STATUS_SUCCESS},
	};
	struct sluice_reserved_region regions[65];

	boot_service(_i);
	g = guest_with(0, 0);
	memset(regions, 0, sizeof(regions));
	for (unsigned i = 0; i < 65; i++) {
		regions[i].base = (64 - i) * 2 * PAGE_BYTES;
		regions[i].pages = 1;
	}
	fake_guest_list(g, regions, sizeof(regions));
	fake_guest_protect(g, FAKE_GUEST_LIST + PAGE_BYTES, false, false);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sluice_create_domain a = {.regions = rows[i].at,
						 .region_count = rows[i].count};
		NTSTATUS status = CALL(g, create_domain, a);

		EXPECT(status == rows[i].answer, "row %u: %x", i, status);
	}
	machine_shutdown();
}
END_TEST

START_TEST(only_translated_domains_have_regions)
{
	/* PassThrough and Unmanaged refuse any list, an empty one is none. */
	static const struct sluice_reserved_region region = {.pages = 1};
	uint64_t domain;

	boot_service(_i);
	g = guest_with(0, 0);
	for (uint32_t type = DomainTypePassThrough;
	     type < DomainTypeTranslateS1; type++) {
		ANSWERS(STATUS_INVALID_PARAMETER_4,
			create_with(g, type, &region, 1, &domain));
		ANSWERS(STATUS_SUCCESS,
			create_with(g, type, &region, 0, &domain));
	}
	ANSWERS(STATUS_NOT_SUPPORTED,
		create_with(g, DomainTypeTranslateS1, &region, 1, &domain));
	machine_shutdown();
}
END_TEST

START_TEST(only_own_memory_is_identity_mapped)
{
	/* should_map over a hole, a BAR, or others' memory is refused. */
	const struct fake_guest_config config = {.hole_page = 100,
						 .hole_pages = 2};
	const uint64_t bar = UINT64_C(0x80000000);
	const struct sluice_reserved_region rows[] = {
		{100 * PAGE_BYTES, 1, 1, {0}},
		{90 * PAGE_BYTES, 11, 1, {0}},
		{101 * PAGE_BYTES, 2, 1, {0}},
		{511 * PAGE_BYTES, 2, 1, {0}},
		{bar, 1, 1, {0}},
		{MACHINE_RAM_BASE, 1, 1, {0}},
		{MACHINE_VTD_BASE, 1, 1, {0}},
		{0, BIT(20), 1, {0}},
	};
	uint32_t kept = 0;

	boot_service(_i);
	g = fake_guest_create(&config);
	ck_assert_int_eq(p2m_add(&g->guest->p2m, to_gpa(bar),
				 to_hpa(MACHINE_BAR_BASE + (1 << 20)), 1,
				 P2M_DEVICE),
			 0);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		NTSTATUS status = try_list(&rows[i], 1, &kept);

		EXPECT(status == STATUS_INVALID_PARAMETER_4, "row %u: %x", i,
		       status);
	}
	/* Around the hole: fine. */
	ANSWERS(STATUS_SUCCESS,
		try_list(
			(const struct sluice_reserved_region[]){
				{0, 100, 1, {0}},
				{102 * PAGE_BYTES, 410, 1, {0}}},
			2, &kept));
	machine_shutdown();
}
END_TEST

START_TEST(regions_hold_until_the_domain_goes)
{
	/* Mapped ones reach memory, holes do not; neither can be changed. */
	const struct sluice_reserved_region list[] = {
		{P(4), 4, 1, {0}},
		{P(6), 8, 1, {0}},
		{UINT64_C(0x80000000), 16, 0, {0}},
	};
	uint64_t domain, device;
	struct snapshot before;

	boot_service(_i);
	g = guest_with(1, D1);
	device = new_device(g, V1);
	before = snap(g);
	ANSWERS(STATUS_SUCCESS, create_with(g, 0, list, 3, &domain));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	for (unsigned i = 4; i < 14; i++) {
		EXPECT(lands(D1, P(i), g, P(i)), "page %u", i);
		EXPECT(sees(D1, P(i), g, P(i)), "page %u", i);
	}
	ck_assert(is_blocked(D1, P(3)));
	ck_assert(is_blocked(D1, P(14)));
	ck_assert(is_blocked(D1, 0x80000000));
	ANSWERS(STATUS_IN_USE, map(g, domain, P(3), P(20), 2, RW));
	ANSWERS(STATUS_IN_USE, map(g, domain, P(13), P(20), 1, RW));
	ANSWERS(STATUS_IN_USE, map(g, domain, 0x8000f000, P(20), 1, RW));
	ANSWERS(STATUS_IN_USE, map(g, domain, 0x7ffff000, P(20), 2, RW));
	ANSWERS(STATUS_SUCCESS, map(g, domain, P(14), P(20), 1, RW));
	ANSWERS(STATUS_SUCCESS, map(g, domain, 0x80010000, P(20), 1, RW));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, P(13), 1));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, P(13), 2));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, 0x80000000, 1));
	ck_assert(lands(D1, P(13), g, P(13)));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(is_blocked(D1, P(4)));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	expect_same(g, before, "after delete");
	machine_shutdown();
}
END_TEST

START_TEST(mapped_regions_are_bounded_in_sum)
{
	/* 16384 pages of should_map in a domain, and not one more. */
	struct machine_config c = service_machine(_i);
	struct sluice_reserved_region list[] = {
		{.pages = 16000, .should_map = 1},
		{.pages = 384, .should_map = 1},
	};
	uint32_t kept;

	c.control_pages = 17000;
	machine_boot(&c);
	g = machine_control();
	list[0].base = g->ram.addr;
	list[1].base = g->ram.addr + 16100 * PAGE_BYTES;
	ANSWERS(STATUS_SUCCESS, try_list(list, 2, &kept));
	ck_assert_uint_eq(kept, 2);
	list[1].pages++;
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, try_list(list, 2, &kept));
	list[0].pages = 16385;
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, try_list(list, 1, &kept));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(region, list_is_judged_by_shape, list_must_be_readable_and_short,
	      only_translated_domains_have_regions,
	      only_own_memory_is_identity_mapped,
	      regions_hold_until_the_domain_goes,
	      mapped_regions_are_bounded_in_sum)
