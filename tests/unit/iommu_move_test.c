// SPDX-License-Identifier: MIT
/*
 * From one table to another without a moment of neither, nor of a mixture: what
 * a device sees that does not stop meanwhile.
 */
#include "fail_at.h"
#include "iommu_fixture.h"

#define AT    UINT64_C(0x40000) /* in both tables, each with a page of its own */
#define FIRST 1u
#define OTHER 2u

static struct pt first, other;
static hpa_t first_page, other_page;
static unsigned in_first, in_other, in_none;

/* What the device does between any two steps of the unit. */
static void hammer(void *arg)
{
	uint64_t hpa = 0;

	(void)arg;
	if (fake_unit_translate(machine_unit(0), (uint16_t)D1, AT, true,
				&hpa) != FAKE_DMA_OK) {
		in_none++;
	} else if (hpa == first_page.addr) {
		in_first++;
	} else if (hpa == other_page.addr) {
		in_other++;
	} else {
		EXPECT(false, "%lx is in neither table", (unsigned long)hpa);
	}
}

static void hammering(bool on)
{
	in_first = in_other = in_none = 0;
	fake_unit_between(machine_unit(0), on ? hammer : NULL, NULL);
}

static int move_to_other(void)
{
	return iommu_move(D1, FIRST, target(&other, OTHER));
}

static int move_to_first(void)
{
	return iommu_move(D1, OTHER, target(&first, FIRST));
}

/* D1 goes through the first table, and is warm there. */
static void boot_attached(int kind)
{
	boot_kind(kind);
	first = new_table();
	other = new_table();
	first_page = memory_page();
	other_page = memory_page();
	map(&first, AT, first_page, RW);
	map(&other, AT, other_page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&first, FIRST)), 0);
	ck_assert(lands_in(D1, AT, first_page));
}

static void expect_sound(void)
{
	const char *violation = fake_unit_violation(machine_unit(0));

	EXPECT(violation == NULL, "%s", violation);
}

START_TEST(device_goes_from_table_to_table)
{
	/* Never blocked, and after success nothing of the table left is seen.
	 */
	boot_attached(_i);
	ck_assert(iommu_can_move(D1));
	for (unsigned round = 0; round < 3; round++) {
		hammering(true);
		ck_assert_int_eq(move_to_other(), 0);
		ck_assert_uint_eq(in_none, 0);
		ck_assert_uint_ne(in_first + in_other, 0);
		hammering(false);
		ck_assert(lands_in(D1, AT, other_page));
		ck_assert_uint_eq(fake_unit_cached(machine_unit(0), FIRST), 0);
		hammering(true);
		ck_assert_int_eq(move_to_first(), 0);
		ck_assert_uint_eq(in_none, 0);
		hammering(false);
		ck_assert(lands_in(D1, AT, first_page));
		ck_assert_uint_eq(fake_unit_cached(machine_unit(0), OTHER), 0);
	}
	expect_sound();
}
END_TEST

START_TEST(table_that_was_left_may_be_freed)
{
	/* Nothing points at it any more, with the device going on. */
	boot_attached(_i);
	hammering(true);
	ck_assert_int_eq(move_to_other(), 0);
	hammering(false);
	pt_destroy(&first);
	page_put(first_page);
	ck_assert(lands_in(D1, AT, other_page));
	ck_assert_int_eq(probe(D1, AT + PAGE_BYTES, true), FAKE_DMA_FAULT);
	expect_sound();
}
END_TEST

START_TEST(moved_device_is_blocked_as_any)
{
	/* Whichever of its entries it goes by: blocked, attached, moved again.
	 */
	boot_attached(_i);
	for (unsigned round = 0; round < 3; round++) {
		ck_assert_int_eq(move_to_other(), 0);
		ck_assert_int_eq(iommu_block(D1, OTHER), 0);
		ck_assert_int_eq(probe(D1, AT, true), FAKE_DMA_FAULT);
		ck_assert(iommu_unit_at(0)->ops->is_blocked(iommu_unit_at(0),
							    (uint16_t)D1));
		ck_assert_uint_eq(fake_unit_cached(machine_unit(0), OTHER), 0);
		ck_assert_int_eq(iommu_attach(D1, target(&first, FIRST)), 0);
		ck_assert(lands_in(D1, AT, first_page));
	}
	expect_sound();
}
END_TEST

START_TEST(move_to_the_same_table_changes_nothing)
{
	/* As it is repeated after a failure: still there, and confirmed. */
	boot_attached(_i);
	hammering(true);
	for (unsigned round = 0; round < 3; round++) {
		ck_assert_int_eq(iommu_move(D1, FIRST, target(&first, FIRST)),
				 0);
	}
	ck_assert_uint_ne(in_first, 0);
	ck_assert_uint_eq(in_none + in_other, 0);
	hammering(false);
	ck_assert(lands_in(D1, AT, first_page));
	expect_sound();
}
END_TEST

START_TEST(refused_move_stays_in_the_first_table)
{
	/* Whichever request the unit refuses: as before, and it can go again.
	 */
	unsigned refused = 0;

	for (unsigned n = 1; n <= block_commands_of(_i) + 1; n++) {
		int error;

		boot_attached(_i);
		hammering(true);
		fake_unit_queue_error(machine_unit(0), n);
		error = move_to_other();
		fake_unit_queue_error(machine_unit(0), 0);
		ck_assert_uint_eq(in_none, 0);
		hammering(false);
		if (error != 0) {
			ck_assert_int_eq(error, -XEN_EIO);
			ck_assert(lands_in(D1, AT, first_page));
			ck_assert_uint_eq(
				fake_unit_cached(machine_unit(0), OTHER), 0);
			ck_assert_int_eq(move_to_other(), 0);
			refused++;
		}
		ck_assert(lands_in(D1, AT, other_page));
		ck_assert_int_eq(iommu_block(D1, OTHER), 0);
		ck_assert_int_eq(probe(D1, AT, true), FAKE_DMA_FAULT);
		expect_sound();
		machine_reset();
	}
	ck_assert_uint_eq(refused, block_commands_of(_i));
}
END_TEST

START_TEST(silent_unit_is_let_through_nowhere_new)
{
	/* In memory the entry is as before; the table refused is no one's. */
	boot_attached(_i);
	fake_unit_hold(machine_unit(0), true);
	ck_assert_int_eq(move_to_other(), -XEN_EIO);
	ck_assert(iommu_unit_at(0)->has_failed);
	ck_assert_int_eq(move_to_other(), -XEN_EIO);
	ck_assert(lands_in(D1, AT, first_page));
	ck_assert(!iommu_unit_at(0)->ops->is_blocked(iommu_unit_at(0),
						     (uint16_t)D1));
	ck_assert_int_eq(iommu_block(D1, FIRST), -XEN_EIO);
	ck_assert(iommu_unit_at(0)->ops->is_blocked(iommu_unit_at(0),
						    (uint16_t)D1));
}
END_TEST

START_TEST(move_needs_no_memory)
{
	/* Without a page left it works as well, there and back. */
	boot_attached(_i);
	fail_at(1);
	ck_assert_int_eq(move_to_other(), 0);
	ck_assert_int_eq(move_to_first(), 0);
	ck_assert(!fail_hit());
	fail_off();
	ck_assert(lands_in(D1, AT, first_page));
}
END_TEST

/* Is a blocked access of D1 told? */
static bool fault_is_told(void)
{
	struct fault_totals before, after;
	uint64_t sequence = 0;

	iommu_poll_faults();
	(void)fault_read(&sequence, NULL, 0, &before);
	ck_assert_int_eq(probe(D1, 0x77000, true), FAKE_DMA_FAULT);
	iommu_poll_faults();
	(void)fault_read(&sequence, NULL, 0, &after);
	return after.total != before.total;
}

START_TEST(faults_are_told_as_the_target_says)
{
	/* Quiet with a quiet one, after a refused move too, and then not. */
	struct iommu_target quiet;

	boot_attached(_i);
	quiet = target(&other, OTHER);
	quiet.is_quiet = true;
	ck_assert(fault_is_told());
	ck_assert_int_eq(iommu_move(D1, FIRST, quiet), 0);
	ck_assert(!fault_is_told());
	fake_unit_queue_error(machine_unit(0), 1);
	ck_assert_int_eq(move_to_first(), -XEN_EIO);
	ck_assert(!fault_is_told());
	ck_assert_int_eq(move_to_first(), 0);
	ck_assert(fault_is_told());
}
END_TEST

IOMMU_SUITE(iommu_move, device_goes_from_table_to_table,
	    table_that_was_left_may_be_freed, moved_device_is_blocked_as_any,
	    move_to_the_same_table_changes_nothing,
	    refused_move_stays_in_the_first_table,
	    silent_unit_is_let_through_nowhere_new, move_needs_no_memory,
	    faults_are_told_as_the_target_says)
