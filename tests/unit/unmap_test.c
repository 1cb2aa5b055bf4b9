// SPDX-License-Identifier: MIT
/*
 * What was reachable is so no more the moment a call returns, on a unit that
 * never evicts; and what happens when memory or a unit fails.
 */
#include "iommu/unit.h"
#include "mm/page.h"
#include "service_fixture.h"

#define LA	  UINT64_C(0x40000)
#define PAGES	  SLUICE_MAP_MAX
#define AT(n)	  (LA + (uint64_t)(n)*PAGE_BYTES)
#define NO_ANSWER STATUS_UNSUCCESSFUL

static struct fake_guest *g;
static uint64_t domain, device;

static void set_up(int kind)
{
	boot_service(kind);
	g = guest_with(1, D1);
	domain = new_domain(g, DomainTypeTranslate);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
}

/* @pages at LA, each probed so that the unit has all of it cached. */
static void map_warm(unsigned pages)
{
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, 0, pages, RW));
	for (unsigned i = 0; i < pages; i++) {
		EXPECT(reach(D1, AT(i), true) != 0, "page %u", i);
	}
}

START_TEST(unmapped_pages_fault_at_once)
{
	/* First, middle, last, halves of 512: those fault, the others stay. */
	static const struct {
		unsigned first, count;
	} rows[] = {{0, 1},	{255, 1}, {511, 1},  {0, 256},
		    {256, 256}, {1, 510}, {447, 65}, {0, 512}};

	set_up(_i);
	for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		unsigned end = rows[r].first + rows[r].count;

		map_warm(PAGES);
		ANSWERS(STATUS_SUCCESS,
			unmap(g, domain, AT(rows[r].first), rows[r].count));
		for (unsigned i = 0; i < PAGES; i++) {
			bool is_gone = i >= rows[r].first && i < end;

			EXPECT((reach(D1, AT(i), true) == 0) == is_gone &&
				       (reach(D1, AT(i), false) == 0) ==
					       is_gone,
			       "row %u: page %u", r, i);
		}
		/* Not twice, and no range with a gap. */
		ANSWERS(STATUS_INVALID_PARAMETER,
			unmap(g, domain, AT(rows[r].first), 1));
		ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, LA, PAGES));
		for (unsigned i = 0; i < PAGES; i++) {
			if (i < rows[r].first || i >= end) {
				ANSWERS(STATUS_SUCCESS,
					unmap(g, domain, AT(i), 1));
			}
		}
		ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	}
	machine_shutdown();
}
END_TEST

START_TEST(remapped_page_leads_to_the_new_one)
{
	/* After unmap and map anew only the new page changes. */
	uint64_t old, was;

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	ck_assert(lands(D1, LA, g, P(1)));
	fake_guest_read(g, P(1), &was, sizeof(was));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, 1));
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(2), 1, RW));
	ck_assert(lands(D1, LA, g, P(2)));
	fake_guest_read(g, P(1), &old, sizeof(old));
	ck_assert_uint_eq(old, was);
	machine_shutdown();
}
END_TEST

START_TEST(refused_call_leaves_flushing_on)
{
	/* An error half-way through a frame list changes no later unmap. */
	uint64_t frames[8] = {20, 21, 22, 23, 24, 25, 26, 27};

	set_up(_i);
	map_warm(4);
	ANSWERS(STATUS_IN_USE,
		map_frames(g, domain, LA - 4 * PAGE_BYTES, frames, 8, RW));
	frames[7] = BIT(40);
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		map_frames(g, domain, AT(4), frames, 8, RW));
	ck_assert(is_blocked(D1, LA - PAGE_BYTES));
	ck_assert(is_blocked(D1, AT(4)));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, 4));
	ck_assert(is_blocked(D1, LA));
	machine_shutdown();
}
END_TEST

START_TEST(no_path_out_of_a_domain_leaves_a_translation)
{
	/* Detach, detach and delete, guest destroyed: warm pages fault. */
	for (unsigned way = 0; way < 3; way++) {
		set_up(_i);
		map_warm(20);
		if (way == 2) {
			ck_assert_int_eq(fake_guest_destroy(g), 0);
		} else {
			ANSWERS(STATUS_SUCCESS, detach(g, device));
		}
		if (way == 1) {
			ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
		}
		for (unsigned i = 0; i < 20; i++) {
			EXPECT(is_blocked(D1, AT(i)), "way %u", way);
		}
		ck_assert(!fake_function_is_master(D1));
		machine_shutdown();
	}
}
END_TEST

START_TEST(both_devices_of_a_domain_lose_a_page)
{
	/* An unmap reaches every device of the domain, none of another one. */
	uint64_t other, second;

	boot_service(_i);
	g = guest_with(2, D1);
	domain = new_domain(g, 0);
	other = new_domain(g, 0);
	device = new_device(g, V1);
	second = new_device(g, V2);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	ANSWERS(STATUS_SUCCESS, map(g, other, LA, P(2), 1, RW));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, second));
	ck_assert(lands(D1, LA, g, P(1)) && lands(D2, LA, g, P(1)));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, 1));
	ck_assert(is_blocked(D1, LA) && is_blocked(D2, LA));
	ANSWERS(STATUS_SUCCESS, detach(g, second));
	ANSWERS(STATUS_SUCCESS, attach(g, other, second));
	ck_assert(is_blocked(D1, LA) && lands(D2, LA, g, P(2)));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, LA, 1));
	ck_assert(lands(D2, LA, g, P(2)));
	machine_shutdown();
}
END_TEST

/* ---- memory fails ---- */

START_TEST(failed_allocation_changes_nothing)
{
	/* The n-th table page missing refuses all of the map, until none is. */
	static const struct {
		uint64_t la, pages;
	} rows[] = {{0x1ff000, 400},
		    {0x3fffe000, 4},
		    {0x200000, 512},
		    {0x7ffffff000, 1}};
	uint64_t frames[PAGES];

	set_up(_i);
	for (unsigned i = 0; i < PAGES; i++) {
		frames[i] = i % 480;
	}
	for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		struct snapshot before = snap(g);
		uint64_t last = rows[r].la + (rows[r].pages - 1) * PAGE_BYTES;

		for (unsigned n = 1;; n++) {
			NTSTATUS status;

			fail_at(n);
			status = map_frames(g, domain, rows[r].la, frames,
					    rows[r].pages, RW);
			if (!fail_hit()) {
				ANSWERS(STATUS_SUCCESS, status);
				break;
			}
			fail_off();
			ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
			expect_same(g, before, "no memory");
			ck_assert(is_blocked(D1, rows[r].la));
			ck_assert(is_blocked(D1, last));
		}
		fail_off();
		ck_assert(lands(D1, last, g,
				frames[rows[r].pages - 1] * PAGE_BYTES));
		fail_from(1);
		ANSWERS(STATUS_SUCCESS,
			unmap(g, domain, rows[r].la, rows[r].pages));
		fail_off();
		expect_same(g, before, "unmapped");
	}
	machine_shutdown();
}
END_TEST

START_TEST(table_quota_is_hit_exactly)
{
	/* A guest spends its own table pages; others map on; all come back. */
	struct fake_guest_config c = {.table_page_quota = 20};
	struct fake_guest *other;
	struct snapshot before;
	unsigned count = 0;
	uint64_t others;

	boot_service(_i);
	g = fake_guest_create(&c);
	other = guest_with(0, 0);
	others = new_domain(other, 0);
	before = snap(g);
	domain = new_domain(g, 0);
	while (map(g, domain, count * BIT(30), P(0), 1, RW) == STATUS_SUCCESS) {
		count++;
	}
	/* Root and upper tables once, then two pages for each GiB. */
	ck_assert_uint_eq(count, 9);
	ck_assert_uint_le(snap(g).inventory.table_pages, 20);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		map(g, domain, count * BIT(30), P(0), 1, RW));
	ANSWERS(STATUS_SUCCESS, map(g, domain, PAGE_BYTES, P(0), 1, RW));
	ANSWERS(STATUS_SUCCESS, map(other, others, BIT(35), P(0), 1, RW));
	ANSWERS(STATUS_SUCCESS, unmap(other, others, BIT(35), 1));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, BIT(30), 1));
	ANSWERS(STATUS_SUCCESS, map(g, domain, count * BIT(30), P(0), 1, RW));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	expect_same(g, before, "deleted");
	machine_shutdown();
}
END_TEST

/* ---- a unit fails ---- */

START_TEST(refused_flush_is_told_and_nothing_is_reused)
{
	/* The unit drops one request: UNSUCCESSFUL, the tables stay away. */
	struct page_pool_counts before;

	set_up(_i);
	map_warm(PAGES);
	before = page_pool_counts(PAGE_POOL_HYPERVISOR);
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(NO_ANSWER, unmap(g, domain, LA, PAGES));
	ck_assert_uint_eq(page_pool_counts(PAGE_POOL_HYPERVISOR).free,
			  before.free);
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, LA, PAGES));
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(NO_ANSWER, detach(g, device));
	ck_assert(!fake_function_is_master(D1));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_domain(g, domain));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(NO_ANSWER, delete_domain(g, domain));
	ck_assert_uint_eq(snap(g).inventory.domain_count, 1);
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	machine_reset();
}
END_TEST

START_TEST(map_after_a_refused_flush_is_seen)
{
	/* What is mapped where a flush was refused leads to the new page. */
	set_up(_i);
	map_warm(4);
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(NO_ANSWER, unmap(g, domain, LA, 4));
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(100), 1, RW));
	ANSWERS(STATUS_SUCCESS, map(g, domain, BIT(30), P(101), 1, RW));
	ck_assert(lands(D1, BIT(30), g, P(101)));
	ck_assert(lands(D1, LA, g, P(100)));
	machine_reset();
}
END_TEST

START_TEST(silent_unit_ends_in_an_answer)
{
	/* A unit that answers no more: every call ends, no page is freed. */
	struct machine_counts before;

	set_up(_i);
	machine_clock_set_step(IOMMU_DEADLINE_NS / 100);
	map_warm(PAGES);
	before = machine_counts();
	fake_unit_hold(machine_unit(0), true);
	ANSWERS(NO_ANSWER, unmap(g, domain, LA, PAGES));
	ANSWERS(NO_ANSWER, detach(g, device));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_domain(g, domain));
	ck_assert_int_eq(dma_guest_destroy(g->guest), -XEN_EIO);
	ck_assert_uint_eq(machine_counts().pool[0].free, before.pool[0].free);
	ck_assert_uint_eq(machine_counts().pool[1].free, before.pool[1].free);
	ck_assert(!dma_device_is_assignable(D1));
	machine_reset();
}
END_TEST

START_TEST(map_that_is_not_confirmed_is_taken_back)
{
	/* On a unit that caches absence a failed map leaves nothing mapped. */
	set_up(1);
	ck_assert(is_blocked(D1, LA));
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(NO_ANSWER, map(g, domain, LA, P(1), 4, RW));
	ck_assert(is_blocked(D1, LA));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 4, RW));
	ck_assert(lands(D1, AT(3), g, P(4)));
	machine_shutdown();
}
END_TEST

static void expect_still_used(void *arg)
{
	struct machine_counts *before = arg;

	EXPECT(machine_counts().pool[0].free <= before->pool[0].free,
	       "tables freed before the flush has completed");
}

START_TEST(nothing_is_freed_before_the_flush_completes)
{
	/* While a slow unit works on a flush the tables are still taken. */
	struct machine_counts before;

	set_up(_i);
	machine_clock_set_step(IOMMU_DEADLINE_NS / 1000);
	map_warm(PAGES);
	before = machine_counts();
	fake_unit_delay(machine_unit(0), IOMMU_DEADLINE_NS / 10);
	fake_unit_between(machine_unit(0), expect_still_used, &before);
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, PAGES));
	ck_assert_uint_gt(machine_counts().pool[0].free, before.pool[0].free);
	before = machine_counts();
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	ck_assert_uint_gt(machine_counts().pool[0].free, before.pool[0].free);
	fake_unit_between(machine_unit(0), NULL, NULL);
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(unmap, unmapped_pages_fault_at_once,
	      remapped_page_leads_to_the_new_one,
	      refused_call_leaves_flushing_on,
	      no_path_out_of_a_domain_leaves_a_translation,
	      both_devices_of_a_domain_lose_a_page,
	      failed_allocation_changes_nothing, table_quota_is_hit_exactly,
	      refused_flush_is_told_and_nothing_is_reused,
	      map_after_a_refused_flush_is_seen, silent_unit_ends_in_an_answer,
	      map_that_is_not_confirmed_is_taken_back,
	      nothing_is_freed_before_the_flush_completes)
