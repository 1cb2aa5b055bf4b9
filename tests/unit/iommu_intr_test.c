// SPDX-License-Identifier: MIT
/*
 * Interrupt remapping, on units of either vendor: a requester reaches the
 * vectors that were set for it, and from the return of a call on no other.
 */
#include "intr_fixture.h"

START_TEST(everyone_is_dropped_at_the_start)
{
	/* None of 65,536 requesters gets a message through, of either format;
	 * AMD's I/O APIC's alone come to the control domain, and its unit's own
	 * go round it. */
	boot_kind(_i);
	for (uint32_t id = 0; id < 0x10000; id++) {
		if (is_amd(_i) &&
		    (id == MACHINE_IOAPIC || id == MACHINE_AMDVI_SBDF(0))) {
			continue;
		}
		EXPECT(!fake_msi(id, WINDOW, 0x41), "%x", id);
		EXPECT(!fake_msi(id, WINDOW | REMAPPED, 0), "%x", id);
	}
	ck_assert_uint_eq(fake_arrivals(), 0);
	ck_assert_uint_ge(fake_unit_counts(machine_unit(0)).faults, 0x1fffc);
	expect_sound();
}
END_TEST

START_TEST(message_arrives_as_set)
{
	/* Vector and CPU are the entry's, before and after a change of it. */
	struct iommu_message message = boot_warm(_i);
	struct iommu_message other = set(D1, 15, 0x20, 0);

	ck_assert(arrives(D1, other, 0x20, 0));
	message = set(D1, 3, 0xff, 254);
	ck_assert(arrives(D1, message, 0xff, 254));
	ck_assert(arrives(D1, other, 0x20, 0));
	ck_assert_int_eq(iommu_intr_set(D1, 3, NULL, NULL), 0);
	ck_assert(!sends(D1, message));
	ck_assert(arrives(D1, other, 0x20, 0));
	expect_sound();
}
END_TEST

START_TEST(several_messages_count_up)
{
	/* A device that adds to one message's data reaches its other entries.
	 */
	struct iommu_message first, next;

	boot_kind(_i);
	ck_assert_int_eq(iommu_intr_open(D2, IOMMU_INTR_ENTRIES), 0);
	ck_assert_int_eq(iommu_intr_open(D1, IOMMU_INTR_ENTRIES), 0);
	first = set(D1, 0, 0x20, 1);
	for (unsigned n = 1; n < IOMMU_INTR_ENTRIES; n++) {
		next = set(D1, n, (uint8_t)(0x20 + n % 0xe0), n % 8);
		ck_assert_uint_eq(next.address, first.address);
		ck_assert_uint_eq(next.data, first.data + n);
	}
	for (unsigned n = 0; n < IOMMU_INTR_ENTRIES; n++) {
		next.data = first.data + n;
		ck_assert(arrives(D1, next, (uint8_t)(0x20 + n % 0xe0),
				  n == 0 ? 1 : n % 8));
	}
	next.data = first.data + IOMMU_INTR_ENTRIES;
	ck_assert(!sends(D1, next) || is_amd(_i));
	expect_sound();
}
END_TEST

START_TEST(bad_requests_change_nothing)
{
	/* Entries, vectors and CPUs out of range are refused. */
	struct iommu_message message = boot_warm(_i);
	struct iommu_vector to = {31, 0};
	bool is_wide = kinds[_i].vtd.has_eim;

	ck_assert_int_eq(iommu_intr_open(D1, 0), -XEN_EINVAL);
	ck_assert_int_eq(iommu_intr_open(D1, IOMMU_INTR_ENTRIES + 1),
			 -XEN_EINVAL);
	ck_assert_int_eq(iommu_intr_set(D1, 3, &to, NULL), -XEN_EINVAL);
	to.vector = 32;
	ck_assert_int_eq(iommu_intr_set(D1, 16, &to, NULL), -XEN_EINVAL);
	ck_assert_int_eq(iommu_intr_set(D2, 0, &to, NULL), -XEN_EINVAL);
	ck_assert_int_eq(iommu_intr_set(D2, 0, NULL, NULL), -XEN_EINVAL);
	to.apic_id = UINT32_MAX;
	ck_assert_int_eq(iommu_intr_set(D1, 3, &to, NULL), -XEN_EINVAL);
	to.apic_id = 255;
	ck_assert_int_eq(iommu_intr_set(D1, 4, &to, NULL),
			 is_wide ? 0 : -XEN_EINVAL);
	ck_assert(arrives(D1, message, 0x51, 2));
	if (is_wide) {
		message = set(D1, 3, 0x77, 0x12345678);
		ck_assert(arrives(D1, message, 0x77, 0x12345678));
	}
	expect_sound();
}
END_TEST

static unsigned interrupt_faults(uint32_t sbdf, uint32_t kind)
{
	struct sluice_fault f[16];
	struct fault_totals totals;
	uint64_t sequence = 0;
	uint32_t read;
	unsigned count = 0;

	iommu_poll_faults();
	do {
		read = fault_read(&sequence, f, ARRAY_COUNT(f), &totals);
		for (uint32_t i = 0; i < read; i++) {
			count += f[i].sbdf == sbdf && f[i].kind == kind &&
				 f[i].address >> 20 == 0xfee &&
				 f[i].is_write == 1;
		}
	} while (read != 0);
	return count;
}

START_TEST(foreign_source_is_dropped_and_counted)
{
	/* Another's message is nobody's: not when it is closed, not when it has
	 * entries of its own. The log says whose it was. */
	struct iommu_message message = boot_warm(_i);
	unsigned before = fake_arrivals();

	ck_assert(!sends(D2, message));
	ck_assert_uint_eq(interrupt_faults(D2, SLUICE_FAULT_INTERRUPT), 1);
	ck_assert_int_eq(iommu_intr_open(D2, 1), 0);
	ck_assert(!sends(D2, message));
	ck_assert_uint_eq(interrupt_faults(D2, SLUICE_FAULT_INTERRUPT), 2);
	ck_assert_uint_eq(interrupt_faults(D1, SLUICE_FAULT_INTERRUPT), 0);
	ck_assert_uint_eq(fake_arrivals(), before);
	expect_sound();
}
END_TEST

START_TEST(forged_messages_are_dropped_and_counted)
{
	/* Any vector to any CPU, NMI, INIT: by message or by DMA, the entry
	 * that was set is all that arrives. */
	struct iommu_message message = boot_warm(_i);
	unsigned before = fake_arrivals();
	uint64_t faults = fake_unit_counts(machine_unit(0)).faults;
	uint32_t burst[4] = {0x441, 0x541, 0x30, 0x0e};
	unsigned arrived = forge_all(D1);

	for (unsigned i = 0; i < arrived; i++) {
		struct fake_arrival a = fake_arrival(before + i);

		ck_assert_uint_eq(a.vector, 0x51);
		ck_assert_uint_eq(a.apic_id, 2);
		ck_assert_uint_eq(a.mode, FAKE_INTR_FIXED);
	}
	/* Entry 3: once a format and CPU named, and that only. */
	ck_assert_uint_le(arrived, 2);
	ck_assert_int_eq(fake_dma_as(D1, WINDOW, burst, sizeof(burst), true),
			 FAKE_DMA_INTERRUPT);
	ck_assert_uint_eq(fake_arrivals(), before + arrived);
	ck_assert_uint_ge(fake_unit_counts(machine_unit(0)).faults - faults,
			  0xe00);
	ck_assert_uint_ge(interrupt_faults(D1, SLUICE_FAULT_INTERRUPT), 1);
	ck_assert(arrives(D1, message, 0x51, 2));
	expect_sound();
}
END_TEST

START_TEST(old_owner_gets_nothing)
{
	/* After a drop nothing of the device arrives; nor when it is open
	 * again, nor under its message from who has its entries now. */
	struct iommu_message message = boot_warm(_i);
	unsigned before = fake_arrivals();

	ck_assert_int_eq(iommu_intr_drop(D1), 0);
	ck_assert_uint_eq(forge_all(D1), 0);
	ck_assert_int_eq(iommu_intr_open(D2, 16), 0);
	ck_assert(!sends(D1, message));
	ck_assert(!sends(D2, message));
	ck_assert_int_eq(iommu_intr_open(D1, 16), 0);
	ck_assert_uint_eq(forge_all(D1), 0);
	/* Open once more: what was set in between is gone. */
	message = set(D1, 3, 0x52, 1);
	ck_assert(arrives(D1, message, 0x52, 1));
	ck_assert_int_eq(iommu_intr_open(D1, 16), 0);
	ck_assert_uint_eq(forge_all(D1), 0);
	ck_assert_uint_eq(fake_arrivals(), before + 1);
	expect_sound();
}
END_TEST

START_TEST(control_domain_gets_ordinary_vectors_alone)
{
	/* A closed requester reaches its CPU by vectors from 32 on, where the
	 * unit remaps them all alike, and by nothing where it does not. */
	boot_kind(_i);
	iommu_intr_home = 7;
	boot_kind(_i);
	ck_assert_int_eq(iommu_intr_open(D1, 4), 0);
	set(D1, 3, 0x51, 2);
	ck_assert_int_eq(iommu_intr_close(D1), 0);
	for (uint32_t data = 0; data < 0x800; data++) {
		struct iommu_message m = {WINDOW | 3 << 12, data};
		bool may = is_amd(_i) && data >> 8 <= FAKE_INTR_LOWEST &&
			   (data & 0xff) >= 32;

		if (data >> 8 != FAKE_INTR_SMI) {
			EXPECT(arrives(D1, m, (uint8_t)data, 7) == may, "%x",
			       data);
		}
	}
	ck_assert_int_eq(iommu_intr_drop(D1), 0);
	ck_assert_uint_eq(forge_all(D1), 0);
	iommu_intr_home = 0;
	expect_sound();
}
END_TEST

IOMMU_SUITE(iommu_intr, everyone_is_dropped_at_the_start,
	    message_arrives_as_set, several_messages_count_up,
	    bad_requests_change_nothing, foreign_source_is_dropped_and_counted,
	    forged_messages_are_dropped_and_counted, old_owner_gets_nothing,
	    control_domain_gets_ordinary_vectors_alone)
