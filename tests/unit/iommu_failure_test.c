// SPDX-License-Identifier: MIT
/*
 * Units that are late, silent, or refuse: no success is reported before the
 * unit has confirmed, and what is not confirmed stays blocked. And what a unit
 * says of the accesses that it blocked.
 */
#include "fail_at.h"
#include "iommu_fixture.h"

#define MS UINT64_C(1000000)

static struct pt pt;
static hpa_t page;

/* D1 in domain 1 with one warm page at 0x40000. */
static struct fake_unit *boot_warm(int kind)
{
	boot_kind(kind);
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert(lands_in(D1, 0x40000, page));
	return machine_unit(0);
}

START_TEST(success_waits_for_a_late_unit)
{
	/* With answers 100 ms late a flush still ends with nothing cached. */
	struct fake_unit *unit = boot_warm(_i);
	uint64_t before;

	fake_unit_delay(unit, 100 * MS);
	before = machine_clock_now();
	ck_assert_int_eq(unmap(&pt, 1, 0x40000, 1), 0);
	ck_assert_uint_ge(machine_clock_now() - before, 100 * MS);
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(iommu_block(D1, 1), 0);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 2)), 0);
	ck_assert_ptr_null(fake_unit_violation(unit));
}
END_TEST

START_TEST(silent_unit_fails_and_stays_failed)
{
	/* No answer within the deadline is -XEN_EIO, and from then on at once.
	 */
	struct fake_unit *unit = boot_warm(_i);
	uint64_t reads;

	fake_unit_hold(unit, true);
	ck_assert_int_eq(iommu_flush_pages(1, 0x40000, 1), -XEN_EIO);
	ck_assert_uint_ge(machine_clock_now(), IOMMU_DEADLINE_NS);
	ck_assert(iommu_unit_at(0)->has_failed);
	reads = machine_clock_reads();
	ck_assert_int_eq(iommu_flush_domain(1), -XEN_EIO);
	ck_assert_int_eq(iommu_attach(D2, target(&pt, 1)), -XEN_EIO);
	ck_assert_int_eq(iommu_block(D1, 1), -XEN_EIO);
	ck_assert_uint_lt(machine_clock_reads() - reads, 100);
	/* The tables in memory say blocked all the same. */
	for (unsigned i = 0; i < 2; i++) {
		struct iommu_unit *u = iommu_unit_at(0);

		ck_assert(u->ops->is_blocked(u, (uint16_t)(i ? D1 : D2)));
	}
}
END_TEST

START_TEST(late_answer_is_nobodys)
{
	/* An answer that comes after its deadline makes no later call succeed.
	 */
	struct fake_unit *unit = boot_warm(_i);

	fake_unit_hold(unit, true);
	ck_assert_int_eq(iommu_flush_pages(1, 0x40000, 1), -XEN_EIO);
	fake_unit_hold(unit, false);
	machine_clock_advance(MS);
	fake_unit_tick(unit);
	fake_unit_hold(unit, true);
	ck_assert_int_eq(iommu_flush_pages(1, 0x40000, 1), -XEN_EIO);
	ck_assert_int_eq(iommu_flush_domain(1), -XEN_EIO);
	ck_assert_ptr_null(fake_unit_violation(unit));
}
END_TEST

START_TEST(failed_attach_leaves_the_device_blocked)
{
	/* Without memory for a context table nobody gets through. */
	struct iommu_unit *unit;
	unsigned n;

	boot_kind(_i);
	unit = iommu_unit_at(0);
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	for (n = 1;; n++) {
		int error;

		fail_at(n);
		error = iommu_attach(D1, target(&pt, 1));
		if (error == 0) {
			break;
		}
		ck_assert_int_eq(error, -XEN_ENOMEM);
		ck_assert(unit->ops->is_blocked(unit, (uint16_t)D1));
		ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	}
	ck_assert_uint_eq(n, attach_tries_of(_i) + 1);
	fail_off();
	ck_assert(lands_in(D1, 0x40000, page));
}
END_TEST

START_TEST(refused_descriptor_is_not_a_success)
{
	/* Whichever descriptor the unit refuses, the call fails; the next
	 * works. */
	for (unsigned n = 1; n <= block_commands_of(_i); n++) {
		struct fake_unit *unit = boot_warm(_i);
		struct pt_gather gather = PT_GATHER_INIT;
		int error;

		pt_clear(&pt, 0x40000, 1, &gather);
		fake_unit_queue_error(unit, n);
		error = iommu_block(D1, 1);
		ck_assert_int_eq(error, -XEN_EIO);
		ck_assert(!iommu_unit_at(0)->has_failed);
		ck_assert(iommu_unit_at(0)->ops->is_blocked(iommu_unit_at(0),
							    (uint16_t)D1));
		ck_assert_int_eq(iommu_block(D1, 1), 0);
		ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
		ck_assert_ptr_null(fake_unit_violation(unit));
		machine_reset();
	}
}
END_TEST

static void hammer(void *arg)
{
	unsigned *rounds = arg;

	(*rounds)++;
	probe(D1, 0x40000, true);
	probe(D1, 0x41000, true);
}

START_TEST(hammering_device_is_stopped)
{
	/* DMA between any two descriptors refills nothing that survives. */
	struct fake_unit *unit = boot_warm(_i);
	unsigned rounds = 0;

	map(&pt, 0x41000, page, RW);
	fake_unit_between(unit, hammer, &rounds);
	ck_assert_int_eq(iommu_block(D1, 1), 0);
	fake_unit_between(unit, NULL, NULL);
	ck_assert_uint_gt(rounds, 1);
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D1, 0x41000, true), FAKE_DMA_FAULT);
	ck_assert_uint_eq(fake_unit_cached(unit, 1), 0);
	ck_assert_ptr_null(fake_unit_violation(unit));
}
END_TEST

START_TEST(hammered_unmap_is_final)
{
	/* DMA to the page while it is unmapped does not bring it back. */
	struct fake_unit *unit = boot_warm(_i);
	unsigned rounds = 0;

	fake_unit_between(unit, hammer, &rounds);
	ck_assert_int_eq(unmap(&pt, 1, 0x40000, 1), 0);
	fake_unit_between(unit, NULL, NULL);
	ck_assert_uint_gt(rounds, 0);
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	ck_assert_ptr_null(fake_unit_violation(unit));
}
END_TEST

/* ---- faults ---- */

static unsigned read_faults(struct sluice_fault *out, unsigned max,
			    struct fault_totals *totals)
{
	uint64_t sequence = 0;

	iommu_poll_faults();
	return fault_read(&sequence, out, max, totals);
}

START_TEST(blocked_access_is_recorded)
{
	/* Who, where, which way: as the device did it. */
	struct sluice_fault f[4];
	struct fault_totals totals;

	boot_warm(_i);
	ck_assert_int_eq(read_faults(f, 4, &totals), 0);
	ck_assert_int_eq(probe(D1, 0x77123, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(read_faults(f, 4, &totals), 1);
	ck_assert_uint_eq(f[0].sbdf, D1);
	ck_assert_uint_eq(f[0].address, 0x77000);
	ck_assert_uint_eq(f[0].is_write, 1);
	ck_assert_uint_eq(f[0].reason, absent_write_of(_i));
	ck_assert_uint_eq(f[0].guest, SLUICE_GUEST_NONE);
	ck_assert_int_eq(probe(D2, 0x5000, false), FAKE_DMA_FAULT);
	ck_assert_int_eq(read_faults(f, 4, &totals), 2);
	ck_assert_uint_eq(f[1].sequence, 1);
	ck_assert_uint_eq(f[1].sbdf, D2);
	ck_assert_uint_eq(f[1].is_write, 0);
	ck_assert_uint_eq(f[1].kind, SLUICE_FAULT_TRANSLATION);
	ck_assert_uint_eq(totals.total, 2);
	ck_assert_uint_eq(totals.dropped, 0);
}
END_TEST

START_TEST(overflow_is_counted_and_ends)
{
	/* More faults than registers: the loss shows, and recording goes on. */
	static struct sluice_fault f[FAULT_LOG_RECORDS];
	struct fault_totals totals;
	unsigned kept = records_of(_i);

	boot_kind(_i);
	for (unsigned i = 0; i < kept + 3; i++) {
		ck_assert_int_eq(probe(D1 + i, 0x1000, true), FAKE_DMA_FAULT);
	}
	ck_assert_uint_eq(read_faults(f, ARRAY_COUNT(f), &totals), kept);
	for (unsigned i = 0; i < kept; i++) {
		ck_assert_uint_eq(f[i].sbdf, D1 + i);
	}
	ck_assert_uint_ge(totals.dropped, 1);
	ck_assert_int_eq(probe(D2, 0x9000, true), FAKE_DMA_FAULT);
	ck_assert_uint_eq(read_faults(f, ARRAY_COUNT(f), &totals), kept + 1);
	ck_assert_uint_eq(f[kept].sbdf, D2);
}
END_TEST

IOMMU_SUITE(iommu_failure, success_waits_for_a_late_unit,
	    silent_unit_fails_and_stays_failed, late_answer_is_nobodys,
	    failed_attach_leaves_the_device_blocked,
	    refused_descriptor_is_not_a_success, hammering_device_is_stopped,
	    hammered_unmap_is_final, blocked_access_is_recorded,
	    overflow_is_counted_and_ends)
