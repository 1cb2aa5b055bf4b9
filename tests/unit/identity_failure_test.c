// SPDX-License-Identifier: MIT
/*
 * Identity lists when memory is short or a unit does not confirm: all of the
 * list or nothing, and nothing reused that a unit may still hold.
 */
#include "iommu/unit.h"
#include "space_fixture.h"

#define SAME(list) (list), sizeof(list) / sizeof((list)[0])

static struct fake_guest *g;
static uint64_t domain, device;

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

START_TEST(failed_allocation_changes_nothing)
{
	/* The n-th table page missing refuses the list, until none is. */
	const uint64_t frames[] = {3, 600, 4, 1100};
	struct snapshot before;
	unsigned n = 1;
	NTSTATUS status;

	set_up(_i);
	before = snap(g);
	for (;; n++) {
		fail_at(n);
		status = map_each(g, domain, SAME(frames), RW);
		if (!fail_hit()) {
			break;
		}
		fail_off();
		ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
		expect_same(g, before, "no memory");
		expect_reached(SAME(frames), false);
	}
	ANSWERS(STATUS_SUCCESS, status);
	ck_assert_uint_gt(n, 3);
	expect_reached(SAME(frames), true);
	fail_from(1);
	ANSWERS(STATUS_SUCCESS, unmap_each(g, domain, SAME(frames)));
	fail_off();
	expect_same(g, before, "unmapped");
	machine_shutdown();
}
END_TEST

START_TEST(refused_flush_is_told_and_settled_before_the_next_map)
{
	/* What a unit may still hold is neither reused nor mapped over. */
	const uint64_t frames[] = {3, 600}, others[] = {601, 4};
	struct snapshot before;
	uint64_t free_pages;

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, map_each(g, domain, SAME(frames), RW));
	expect_reached(SAME(frames), true);
	free_pages = machine_counts().pool[PAGE_POOL_HYPERVISOR].free;
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, unmap_each(g, domain, SAME(frames)));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	ck_assert_uint_eq(machine_counts().pool[PAGE_POOL_HYPERVISOR].free,
			  free_pages);
	before = snap(g);
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, map_each(g, domain, SAME(others), RW));
	expect_same(g, before, "not settled");
	ANSWERS(STATUS_SUCCESS, map_each(g, domain, SAME(others), RW));
	expect_reached(SAME(others), true);
	expect_reached(SAME(frames), false);
	machine_reset();
}
END_TEST

START_TEST(tables_that_a_failed_map_made_wait_for_a_flush)
{
	/* No memory, and the flush that would free them fails as well. */
	const uint64_t frames[] = {3, 600, 1100};
	struct snapshot before;

	set_up(_i);
	before = snap(g);
	ANSWERS(STATUS_SUCCESS, map_each(g, domain, frames, 1, RW));
	ANSWERS(STATUS_SUCCESS, unmap_each(g, domain, frames, 1));
	fail_at(_i == 2 ? 3 : 4);
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, map_each(g, domain, SAME(frames), RW));
	ck_assert(fail_hit());
	fail_off();
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	ck_assert_uint_gt(snap(g).inventory.hypervisor_pages,
			  before.inventory.hypervisor_pages);
	expect_reached(SAME(frames), false);
	ANSWERS(STATUS_SUCCESS, map_each(g, domain, SAME(frames), RW));
	expect_reached(SAME(frames), true);
	machine_reset();
}
END_TEST

START_TEST(map_that_is_not_confirmed_is_taken_back)
{
	/* On a unit that caches absence a failed map leaves nothing mapped. */
	const uint64_t frames[] = {3, 600};

	set_up(1);
	expect_reached(SAME(frames), false);
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, map_each(g, domain, SAME(frames), RW));
	expect_reached(SAME(frames), false);
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	ANSWERS(STATUS_SUCCESS, map_each(g, domain, SAME(frames), RW));
	expect_reached(SAME(frames), true);
	machine_shutdown();
}
END_TEST

START_TEST(silent_unit_ends_in_an_answer)
{
	/* Nothing is confirmed any more: each call ends, no page is freed. */
	const uint64_t frames[] = {3, 600};

	set_up(1);
	machine_clock_set_step(IOMMU_DEADLINE_NS / 100);
	fake_unit_hold(machine_unit(0), true);
	ANSWERS(STATUS_UNSUCCESSFUL, map_each(g, domain, SAME(frames), RW));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	ANSWERS(STATUS_UNSUCCESSFUL, map_same(g, domain, P(0), 1, RW));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	machine_reset();
}
END_TEST

SERVICE_SUITE(identity_failure, failed_allocation_changes_nothing,
	      refused_flush_is_told_and_settled_before_the_next_map,
	      tables_that_a_failed_map_made_wait_for_a_flush,
	      map_that_is_not_confirmed_is_taken_back,
	      silent_unit_ends_in_an_answer)
