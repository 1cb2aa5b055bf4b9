// SPDX-License-Identifier: MIT
/*
 * Interrupt remapping on units that are late, silent, refuse or cannot, and
 * without memory: no success is reported before the unit has confirmed, and
 * after an error nothing passes that did not before.
 */
#include "fail_at.h"
#include "intr_fixture.h"

#define MS UINT64_C(1000000)

START_TEST(success_waits_for_a_late_unit)
{
	/* With answers 100 ms late nothing old arrives after a call. */
	struct iommu_message message = boot_warm(_i);
	uint64_t before = machine_clock_now();

	fake_unit_delay(machine_unit(0), 100 * MS);
	message = set(D1, 3, 0x61, 1);
	ck_assert_uint_ge(machine_clock_now() - before, 100 * MS);
	ck_assert(arrives(D1, message, 0x61, 1));
	ck_assert_int_eq(iommu_intr_set(D1, 3, NULL, NULL), 0);
	ck_assert(!sends(D1, message));
	message = set(D1, 3, 0x62, 1);
	ck_assert(arrives(D1, message, 0x62, 1));
	ck_assert_int_eq(iommu_intr_drop(D1), 0);
	ck_assert_uint_eq(forge_all(D1), 0);
	expect_sound();
}
END_TEST

static struct iommu_message hammered;

static void hammer(void *arg)
{
	unsigned *rounds = arg;

	(*rounds)++;
	sends(D1, hammered);
}

START_TEST(hammering_device_keeps_nothing)
{
	/* Messages between any two commands refill nothing that survives. */
	unsigned rounds = 0;

	hammered = boot_warm(_i);
	fake_unit_between(machine_unit(0), hammer, &rounds);
	hammered = set(D1, 3, 0x61, 1);
	ck_assert(arrives(D1, hammered, 0x61, 1));
	ck_assert_int_eq(iommu_intr_open(D1, 4), 0);
	ck_assert(!sends(D1, hammered));
	set(D1, 3, 0x62, 1);
	ck_assert(arrives(D1, hammered, 0x62, 1));
	ck_assert_int_eq(iommu_intr_drop(D1), 0);
	fake_unit_between(machine_unit(0), NULL, NULL);
	ck_assert_uint_gt(rounds, 6);
	ck_assert_uint_eq(forge_all(D1), 0);
	expect_sound();
}
END_TEST

START_TEST(silent_unit_drops_in_memory)
{
	/* Without an answer a call fails, and the next ones at once. */
	struct iommu_vector to = {0x61, 1};
	uint64_t reads;

	boot_warm(_i);
	fake_unit_hold(machine_unit(0), true);
	ck_assert_int_eq(iommu_intr_set(D1, 3, &to, NULL), -XEN_EIO);
	ck_assert(iommu_unit_at(0)->has_failed);
	reads = machine_clock_reads();
	ck_assert_int_eq(iommu_intr_set(D1, 3, &to, NULL), -XEN_EIO);
	ck_assert_int_eq(iommu_intr_set(D1, 3, NULL, NULL), -XEN_EIO);
	ck_assert_int_eq(iommu_intr_open(D1, 4), -XEN_EIO);
	ck_assert_int_eq(iommu_intr_open(D2, 4), -XEN_EIO);
	ck_assert_int_eq(iommu_intr_drop(D1), -XEN_EIO);
	ck_assert_int_eq(iommu_intr_close(D1), -XEN_EIO);
	ck_assert_uint_lt(machine_clock_reads() - reads, 100);
	expect_sound();
}
END_TEST

/* One call, with its @n-th command refused. */
static int try_refused(unsigned call, unsigned n)
{
	static const struct iommu_vector to = {0x61, 1};

	fake_unit_queue_error(machine_unit(0), n);
	switch (call) {
	case 0:
		return iommu_intr_set(D1, 3, &to, NULL);
	case 1:
		return iommu_intr_set(D1, 3, NULL, NULL);
	case 2:
		return iommu_intr_open(D1, 4);
	case 3:
		return iommu_intr_drop(D1);
	default:
		return iommu_intr_close(D1);
	}
}

START_TEST(refused_command_is_not_a_success)
{
	/* Whichever command of a call the unit refuses, the call fails, no
	 * message passes that the entry in memory does not have, and the same
	 * call then works. */
	for (unsigned call = 0; call < 5; call++) {
		unsigned n = 0;
		int err;

		do {
			struct iommu_message message = boot_warm(_i);
			uint64_t seen =
				fake_unit_counts(machine_unit(0)).descriptors;

			err = try_refused(call, ++n);
			if (err) {
				ck_assert_int_eq(err, -XEN_EIO);
				ck_assert(!iommu_unit_at(0)->has_failed);
				ck_assert_int_eq(try_refused(call, 0), 0);
			} else {
				ck_assert_uint_eq(
					fake_unit_counts(machine_unit(0))
							.descriptors -
						seen,
					n - 1);
				fake_unit_queue_error(machine_unit(0), 0);
			}
			ck_assert(arrives(D1, message, 0x61, 1) == (call == 0));
			expect_sound();
		} while (err);
		ck_assert_uint_gt(n, 2);
	}
}
END_TEST

START_TEST(open_fails_as_a_whole)
{
	/* Without a page, or beyond the requesters that a unit has room for, an
	 * open changes nothing. */
	struct iommu_message message = boot_warm(_i);
	uint32_t id;
	int err = 0;

	fail_at(1);
	err = iommu_intr_open(D2, 4);
	ck_assert_int_eq(err, is_amd(_i) ? -XEN_ENOMEM : 0);
	fail_off();
	ck_assert_uint_eq(forge_all(D2), 0);
	ck_assert_int_eq(iommu_intr_drop(D2), 0);
	for (id = 0x100; id < 0x200 && err != -XEN_ENOSPC; id++) {
		err = iommu_intr_open(id, 1);
	}
	ck_assert_uint_eq(id, is_amd(_i) ? 0x200 : 0x140);
	while (id-- > 0x100) {
		ck_assert_uint_eq(forge_all(id), 0);
		ck_assert_int_eq(iommu_intr_drop(id), 0);
	}
	ck_assert_int_eq(iommu_intr_open(D2, 4), 0);
	ck_assert(arrives(D1, message, 0x51, 2));
	ck_assert_int_eq(iommu_intr_drop(D1), 0);
	ck_assert_int_eq(iommu_intr_drop(D2), 0);
	machine_shutdown();
}
END_TEST

START_TEST(unit_that_cannot_remap_says_so)
{
	/* Nothing is promised, nothing is changed: messages pass as they are.
	 */
	struct machine_config c = kind_config(_i);
	struct iommu_vector to = {0x61, 1};

	c.stage = MACHINE_IOMMU;
	c.unit[0].no_ir = c.amdvi[0].no_ir = true;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	ck_assert(!iommu_intr_is_present());
	ck_assert_int_eq(iommu_intr_open(D1, 4), -XEN_EOPNOTSUPP);
	ck_assert_int_eq(iommu_intr_set(D1, 0, &to, NULL), -XEN_EOPNOTSUPP);
	ck_assert_int_eq(iommu_intr_drop(D1), 0);
	ck_assert_int_eq(iommu_intr_close(D1), 0);
	ck_assert(fake_msi(D1, WINDOW | 5 << 12, 0x44));
	ck_assert_uint_eq(fake_arrival(0).apic_id, 5);
	ck_assert_uint_eq(fake_arrival(0).vector, 0x44);
	expect_sound();
	boot_kind(_i);
	ck_assert(iommu_intr_is_present());
}
END_TEST

IOMMU_SUITE(iommu_intr_failure, success_waits_for_a_late_unit,
	    hammering_device_keeps_nothing, silent_unit_drops_in_memory,
	    refused_command_is_not_a_success, open_fails_as_a_whole,
	    unit_that_cannot_remap_says_so)
