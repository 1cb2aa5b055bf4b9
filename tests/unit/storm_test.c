// SPDX-License-Identifier: MIT
/*
 * Faults that announce themselves, and requesters that fault without end: on
 * every kind of unit of both vendors.
 */
#include "iommu/storm.h"
#include "iommu_fixture.h"

#include <string.h>

#define CPU	3u
#define VECTOR	0xf1u
#define MESSAGE (UINT64_C(0xfee00000) | CPU << 12)
#define OUTSIDE UINT64_C(0x100000)

static struct pt pt;
static hpa_t page;

static void boot_attached(int kind)
{
	boot_kind(kind);
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
}

static struct fault_totals totals_now(void)
{
	uint64_t end = UINT64_MAX;
	struct fault_totals totals;
	struct sluice_fault none;

	(void)fault_read(&end, &none, 0, &totals);
	return totals;
}

static void fault_many(uint32_t sbdf, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		EXPECT(probe(sbdf, OUTSIDE + i % 100 * PAGE_BYTES, true) ==
			       FAKE_DMA_FAULT,
		       "fault %u", i);
		if (i % 100 == 99) {
			(void)iommu_poll_faults();
		}
	}
	(void)iommu_poll_faults();
}

/* Each is collected before the next comes. */
static void fault_one_by_one(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		(void)probe(D1, OUTSIDE, true);
		(void)iommu_poll_faults();
	}
}

START_TEST(storming_requester_is_silenced)
{
	/* 10^6 faults: a burst of records, one line; its own DMA goes on. */
	struct fault_totals before;

	boot_attached(_i);
	fake_function_set_master(D1, true);
	fault_many(D1, 1000000);
	before = totals_now();
	ck_assert_uint_ge(before.total, 1);
	ck_assert_uint_le(before.total, 2 * STORM_BURST);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
	/* It is let through as before; only its faults go unheard. */
	ck_assert(lands_in(D1, 0x40000, page));
	ck_assert(fake_function_is_master(D1));
	if (before.storms == 0) {
		/* A unit with one record and 100 faults a poll is slow. */
		return;
	}
	ck_assert_uint_eq(before.storms, 1);
	fault_many(D1, 100);
	ck_assert_uint_eq(totals_now().total, before.total);
	/* Others are heard. */
	ck_assert_int_eq(probe(D2, OUTSIDE, true), FAKE_DMA_FAULT);
	(void)iommu_poll_faults();
	ck_assert_uint_eq(totals_now().total, before.total + 1);
	/* Attached anew, it is heard again. */
	ck_assert_int_eq(iommu_block(D1, 1), 0);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	machine_clock_advance(STORM_WINDOW_NS);
	ck_assert_int_eq(probe(D1, OUTSIDE, true), FAKE_DMA_FAULT);
	(void)iommu_poll_faults();
	ck_assert_uint_eq(totals_now().total, before.total + 2);
}
END_TEST

START_TEST(attaching_anew_buys_no_second_burst)
{
	/* Heard again, it is silenced at its next record, not 64 later. */
	boot_attached(_i);
	fault_one_by_one(STORM_BURST + 10);
	ck_assert_uint_eq(totals_now().total, STORM_BURST);
	for (unsigned n = 1; n <= 5; n++) {
		ck_assert_int_eq(iommu_block(D1, 1), 0);
		ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
		fault_one_by_one(10);
		ck_assert_uint_eq(totals_now().total, STORM_BURST + n);
		ck_assert_uint_eq(totals_now().storms, 1 + n);
	}
	ck_assert(lands_in(D1, 0x40000, page));
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(blocked_storm_loses_its_bus_master)
{
	/* It has no use for DMA; a bridge keeps its switch all the same. */
	boot_attached(_i);
	ck_assert_int_eq(iommu_block(D1, 1), 0);
	fake_function_set_master(D1, true);
	for (unsigned i = 0; i < 2 * STORM_BURST; i++) {
		(void)probe(D1, OUTSIDE, true);
		(void)iommu_poll_faults();
	}
	ck_assert_uint_eq(totals_now().storms, 1);
	ck_assert(!fake_function_is_master(D1));
	ck_assert_uint_eq(totals_now().total, STORM_BURST);
	ck_assert_ptr_nonnull(strstr(machine_serial(), "bus-master is off"));
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(quiet_target_is_never_heard)
{
	/* Attached so, a requester's faults are not recorded at all. */
	struct iommu_target quiet;

	boot_attached(_i);
	quiet = target(&pt, 1);
	quiet.is_quiet = true;
	ck_assert_int_eq(iommu_block(D1, 1), 0);
	ck_assert_int_eq(iommu_attach(D1, quiet), 0);
	ck_assert_int_eq(probe(D1, OUTSIDE, true), FAKE_DMA_FAULT);
	(void)iommu_poll_faults();
	ck_assert_uint_eq(totals_now().total, 0);
	ck_assert(lands_in(D1, 0x40000, page));
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(unit_that_cannot_silence_goes_on)
{
	/* The request to it is refused: told, its bus-master off, no more. */
	boot_attached(_i);
	fake_function_set_master(D1, true);
	for (unsigned i = 1; i < STORM_BURST; i++) {
		(void)probe(D1, OUTSIDE, true);
		(void)iommu_poll_faults();
	}
	fake_unit_queue_error(machine_unit(0), 1);
	(void)probe(D1, OUTSIDE, true);
	(void)iommu_poll_faults();
	ck_assert_uint_eq(totals_now().storms, 1);
	ck_assert_ptr_nonnull(strstr(machine_serial(), "cannot silence"));
	ck_assert(!fake_function_is_master(D1));
	ck_assert(lands_in(D1, 0x40000, page));
	ck_assert_int_eq(iommu_block(D1, 1), 0);
}
END_TEST

/* ---- announced ---- */

START_TEST(first_fault_is_announced)
{
	/* One message to the CPU named; the next after the log was looked at.
	 */
	uint64_t before;

	boot_attached(_i);
	ck_assert_int_eq(probe(D1, OUTSIDE, true), FAKE_DMA_FAULT);
	ck_assert_uint_eq(machine_messages().count, 0);
	iommu_start_fault_events(CPU, VECTOR);
	/* What stood there has been collected, announced or not. */
	ck_assert_uint_eq(totals_now().total, 1);
	before = machine_messages().count;
	for (unsigned i = 1; i <= 5; i++) {
		(void)probe(D1, OUTSIDE, true);
		(void)probe(D2, OUTSIDE, true);
		ck_assert_uint_eq(machine_messages().count, before + i);
		ck_assert_uint_eq(machine_messages().address, MESSAGE);
		ck_assert_uint_eq(machine_messages().data, VECTOR);
		ck_assert(!iommu_poll_faults());
	}
	ck_assert_uint_ge(totals_now().total, 6);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(lost_announcement_costs_no_record)
{
	/* Nobody came: who reads the log collects, and is announced again. */
	boot_attached(_i);
	iommu_start_fault_events(CPU, VECTOR);
	(void)probe(D1, OUTSIDE, true);
	ck_assert_uint_eq(machine_messages().count, 1);
	(void)iommu_poll_faults();
	ck_assert_uint_eq(totals_now().total, 1);
	ck_assert_uint_eq(totals_now().dropped, 0);
	(void)probe(D1, OUTSIDE, true);
	ck_assert_uint_eq(machine_messages().count, 2);
}
END_TEST

START_TEST(high_cpu_is_not_announced_to)
{
	/* An APIC id that no such message can name: told, nothing sent. */
	boot_attached(_i);
	iommu_start_fault_events(255, VECTOR);
	(void)probe(D1, OUTSIDE, true);
	ck_assert_uint_eq(machine_messages().count, 0);
	(void)iommu_poll_faults();
	ck_assert_uint_eq(totals_now().total, 1);
}
END_TEST

/* ---- the platform ---- */

START_TEST(vanished_unit_fails_closed)
{
	/* Its registers read all ones: refused, bounded, never a success. */
	uint64_t began;

	boot_attached(_i);
	fake_unit_vanish(machine_unit(0), true);
	began = machine_clock_now();
	ck_assert(!iommu_poll_faults());
	ck_assert_int_eq(iommu_flush_domain(1), -XEN_EIO);
	ck_assert_int_eq(iommu_attach(D2, target(&pt, 1)), -XEN_EIO);
	ck_assert_int_eq(iommu_block(D1, 1), -XEN_EIO);
	ck_assert_uint_lt(machine_clock_now() - began, 20 * IOMMU_DEADLINE_NS);
	/* Blocked by what its tables in memory say. */
	ck_assert(iommu_unit_at(0)->ops->is_blocked(iommu_unit_at(0),
						    (uint16_t)D1));
	ck_assert(iommu_unit_at(0)->ops->is_blocked(iommu_unit_at(0),
						    (uint16_t)D2));
}
END_TEST

START_TEST(damaged_entry_blocks_and_is_told)
{
	/* The unit cannot read who a requester is: blocked, recorded so. */
	uint64_t sequence = 0;
	struct fault_totals totals;
	struct sluice_fault f;

	boot_attached(_i);
	ck_assert(lands_in(D1, 0x40000, page));
	fake_unit_damage(machine_unit(0), true);
	ck_assert_int_eq(probe(D2, 0x40000, true), FAKE_DMA_FAULT);
	(void)iommu_poll_faults();
	ck_assert_uint_eq(fault_read(&sequence, &f, 1, &totals), 1);
	ck_assert_uint_eq(f.sbdf, D2);
	ck_assert_uint_eq(f.kind, SLUICE_FAULT_EXTERNAL);
	/* What it holds already goes on, and it works again afterwards. */
	ck_assert(lands_in(D1, 0x40000, page));
	fake_unit_damage(machine_unit(0), false);
	ck_assert_int_eq(iommu_attach(D2, target(&pt, 1)), 0);
	ck_assert(lands_in(D2, 0x40000, page));
}
END_TEST

static void jump(void *arg)
{
	(void)arg;
	machine_clock_advance(100 * IOMMU_DEADLINE_NS);
}

START_TEST(clock_jump_makes_no_answer_late)
{
	/* Time leaps past each deadline just before the unit answers. */
	boot_attached(_i);
	fake_unit_between(machine_unit(0), jump, NULL);
	ck_assert_int_eq(iommu_flush_domain(1), 0);
	ck_assert_int_eq(iommu_block(D1, 1), 0);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	fake_unit_between(machine_unit(0), NULL, NULL);
	ck_assert(lands_in(D1, 0x40000, page));
	ck_assert(!iommu_unit_at(0)->has_failed);
}
END_TEST

IOMMU_SUITE(storm, storming_requester_is_silenced,
	    attaching_anew_buys_no_second_burst,
	    blocked_storm_loses_its_bus_master, quiet_target_is_never_heard,
	    unit_that_cannot_silence_goes_on, first_fault_is_announced,
	    lost_announcement_costs_no_record, high_cpu_is_not_announced_to,
	    vanished_unit_fails_closed, damaged_entry_blocks_and_is_told,
	    clock_jump_makes_no_answer_late)
