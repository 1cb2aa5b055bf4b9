// SPDX-License-Identifier: MIT
/*
 * What a device reaches through a backend: one body of tests, run on each kind
 * of unit, all of which forget nothing that they were not told to forget.
 */
#include "iommu_fixture.h"

START_TEST(everyone_is_blocked_at_the_start)
{
	/* All 65536 requester ids are blocked before anything is attached. */
	struct iommu_unit *unit;

	boot_kind(_i);
	unit = iommu_unit_at(0);
	for (unsigned bdf = 0; bdf < 0x10000; bdf++) {
		EXPECT(unit->ops->is_blocked(unit, (uint16_t)bdf),
		       "%x is not blocked", bdf);
	}
	for (unsigned bdf = 0; bdf < 0x10000; bdf += 37) {
		EXPECT(probe(bdf, MACHINE_RAM_BASE, false) == FAKE_DMA_FAULT &&
			       probe(bdf, 0, true) == FAKE_DMA_FAULT,
		       "%x reaches memory", bdf);
	}
	ck_assert(fake_unit_is_translating(machine_unit(0)));
	machine_shutdown();
}
END_TEST

START_TEST(attached_device_reaches_what_is_mapped)
{
	/* One page, its rights, its device: nothing else answers. */
	struct pt pt;
	hpa_t page;

	boot_kind(_i);
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	map(&pt, 0x41000, page, PT_READ);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert(lands_in(D1, 0x40123, page));
	ck_assert_int_eq(probe(D1, 0x41000, false), FAKE_DMA_OK);
	ck_assert_int_eq(probe(D1, 0x41000, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D1, 0x3f000, false), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D1, 0x42000, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D1, 0x40000 + BIT(38), true), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D2, 0x40000, false), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D1 + 1, 0x40000, false), FAKE_DMA_FAULT);
	ck_assert_int_eq(probe(D1 + 0x100, 0x40000, false), FAKE_DMA_FAULT);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(blocked_device_reaches_nothing)
{
	/* After a block the warmest translation is dead at once. */
	struct pt pt;
	hpa_t page;

	boot_kind(_i);
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert(lands_in(D1, 0x40000, page));
	ck_assert_int_eq(iommu_block(D1, 1), 0);
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	ck_assert(iommu_unit_at(0)->ops->is_blocked(iommu_unit_at(0),
						    (uint16_t)D1));
	ck_assert_uint_eq(fake_unit_cached(machine_unit(0), 1), 0);
	/* Nothing points at the table now: it can go. */
	pt_destroy(&pt);
	page_put(page);
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(other_device_of_the_domain_goes_on)
{
	/* Two devices share a table; blocking one leaves the other's DMA. */
	struct pt pt;
	hpa_t page;

	boot_kind(_i);
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert_int_eq(iommu_attach(D2, target(&pt, 1)), 0);
	ck_assert(lands_in(D1, 0x40000, page));
	ck_assert_int_eq(iommu_block(D1, 1), 0);
	ck_assert_int_eq(probe(D1, 0x40000, false), FAKE_DMA_FAULT);
	ck_assert(lands_in(D2, 0x40000, page));
}
END_TEST

START_TEST(unmapped_page_is_dead_after_the_flush)
{
	/* Of 512 warm pages a flushed part dies, every other page lives. */
	static const struct {
		uint64_t first, pages;
	} cuts[] = {{0, 1},  {255, 1}, {511, 1}, {8, 8},
		    {12, 8}, {3, 2},   {13, 22}, {0, 512}};

	for (unsigned c = 0; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
		uint64_t at = 0x200000;
		struct pt pt;
		hpa_t page;

		boot_kind(_i);
		pt = new_table();
		page = memory_page();
		for (uint64_t i = 0; i < 512; i++) {
			map(&pt, at + i * PAGE_BYTES, page, RW);
		}
		ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
		for (uint64_t i = 0; i < 512; i++) {
			EXPECT(lands_in(D1, at + i * PAGE_BYTES, page), "%lu",
			       i);
		}
		ck_assert_int_eq(unmap(&pt, 1, at + cuts[c].first * PAGE_BYTES,
				       cuts[c].pages),
				 0);
		for (uint64_t i = 0; i < 512; i++) {
			bool gone = i - cuts[c].first < cuts[c].pages;

			EXPECT((probe(D1, at + i * PAGE_BYTES, true) ==
				FAKE_DMA_OK) != gone,
			       "cut %u, page %lu", c, i);
		}
		ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
		machine_reset();
	}
}
END_TEST

START_TEST(unit_does_not_forget_by_itself)
{
	/* The bench can fail: without a flush the unmapped page still answers.
	 */
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt pt;
	hpa_t page;

	boot_kind(_i);
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert(lands_in(D1, 0x40000, page));
	pt_clear(&pt, 0x40000, 1, &gather);
	ck_assert(lands_in(D1, 0x40000, page));
}
END_TEST

START_TEST(freed_table_is_forgotten)
{
	/* After a flush no walk goes through the table that was given back. */
	struct pt pt;
	hpa_t first, second;

	boot_kind(_i);
	pt = new_table();
	first = memory_page();
	second = memory_page();
	map(&pt, 0x40000, first, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert(lands_in(D1, 0x40000, first));
	ck_assert_int_eq(unmap(&pt, 1, 0x40000, 1), 0);
	/* Take the pages just freed for something else, full of junk. */
	for (unsigned i = 0; i < pt.levels; i++) {
		hpa_t other = page_alloc(PAGE_POOL_HYPERVISOR, 2);

		for (unsigned w = 0; w < 512; w++) {
			((uint64_t *)machine_ram(other.addr, PAGE_BYTES))[w] =
				second.addr | 3;
		}
	}
	ck_assert_int_eq(probe(D1, 0x41000, true), FAKE_DMA_FAULT);
	map(&pt, 0x41000, second, RW);
	ck_assert(lands_in(D1, 0x41000, second));
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(domains_are_told_apart)
{
	/* The same logical address in two domains leads to two pages. */
	struct pt a, b;
	hpa_t first, second;

	boot_kind(_i);
	a = new_table();
	b = new_table();
	first = memory_page();
	second = memory_page();
	map(&a, 0x10000, first, RW);
	map(&b, 0x10000, second, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&a, 1)), 0);
	ck_assert_int_eq(iommu_attach(D2, target(&b, 2)), 0);
	ck_assert(lands_in(D1, 0x10000, first));
	ck_assert(lands_in(D2, 0x10000, second));
	/* A flush of one leaves what the unit knows of the other. */
	ck_assert_int_eq(iommu_flush_domain(1), 0);
	ck_assert_uint_eq(fake_unit_cached(machine_unit(0), 1), 0);
	ck_assert_uint_ne(fake_unit_cached(machine_unit(0), 2), 0);
}
END_TEST

START_TEST(moved_device_sees_only_its_new_domain)
{
	/* Warm in A, blocked, attached to B: only B's page changes. */
	struct pt a, b;
	hpa_t first, second;

	boot_kind(_i);
	a = new_table();
	b = new_table();
	first = memory_page();
	second = memory_page();
	map(&a, 0x10000, first, RW);
	map(&b, 0x10000, second, RW);
	for (unsigned round = 0; round < 3; round++) {
		ck_assert_int_eq(iommu_attach(D1, target(&a, 1)), 0);
		ck_assert(lands_in(D1, 0x10000, first));
		ck_assert_int_eq(iommu_block(D1, 1), 0);
		ck_assert_int_eq(iommu_attach(D1, target(&b, 2)), 0);
		ck_assert(lands_in(D1, 0x10000, second));
		ck_assert_int_eq(iommu_block(D1, 2), 0);
	}
}
END_TEST

START_TEST(reused_id_carries_nothing_over)
{
	/* 300 lives of one id: the unit never answers for an earlier one. */
	boot_kind(_i);
	for (unsigned round = 0; round < 300; round++) {
		struct pt pt = new_table();
		hpa_t page = memory_page();
		uint64_t at = 0x10000 + (round % 7) * PAGE_BYTES;

		map(&pt, at, page, RW);
		ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
		EXPECT(lands_in(D1, at, page), "round %u", round);
		for (unsigned i = 0; i < 7; i++) {
			EXPECT(i == round % 7 ||
				       probe(D1, 0x10000 + i * PAGE_BYTES,
					     true) == FAKE_DMA_FAULT,
			       "round %u", round);
		}
		ck_assert_int_eq(iommu_block(D1, 1), 0);
		pt_destroy(&pt);
		page_put(page);
	}
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(page_mapped_after_a_fault_is_reached)
{
	/* An absence that the unit may have cached ends with the map. */
	struct pt pt;
	hpa_t page;

	boot_kind(_i);
	pt = new_table();
	page = memory_page();
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
	map(&pt, 0x40000, page, RW);
	ck_assert(lands_in(D1, 0x40000, page));
}
END_TEST

START_TEST(widths_end_where_they_should)
{
	/* The last page of the width works, the first beyond it faults. */
	struct iommu_limits limits;
	struct pt pt;
	hpa_t page;
	uint64_t end;

	boot_kind(_i);
	limits = iommu_limits();
	ck_assert_uint_eq(limits.address_bits, width_of(_i));
	ck_assert(limits.has_first_stage == is_first(_i));
	ck_assert(limits.has_second_stage != is_first(_i));
	ck_assert(iommu_format() == format_of(_i));
	ck_assert_uint_eq(limits.levels, width_of(_i) == 39 ? 3 : 4);
	ck_assert_uint_eq(limits.asid_count, ids_of(_i));
	end = BIT(limits.address_bits);
	pt = new_table();
	page = memory_page();
	map(&pt, end - PAGE_BYTES, page, RW);
	map(&pt, 0, page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	ck_assert(lands_in(D1, end - PAGE_BYTES, page));
	ck_assert_int_eq(probe(D1, end, true), FAKE_DMA_FAULT);
	ck_assert_uint_eq(fake_unit_counts(machine_unit(0)).last_reason,
			  far_write_of(_i));
}
END_TEST

START_TEST(highest_id_is_an_id)
{
	/* The last id that the unit has fits its entries. */
	uint16_t asid;
	struct pt pt;
	hpa_t page;

	boot_kind(_i);
	asid = (uint16_t)(iommu_limits().asid_count - 1);
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	ck_assert_int_eq(iommu_attach(D1, target(&pt, asid)), 0);
	ck_assert(lands_in(D1, 0x40000, page));
	ck_assert_uint_ne(fake_unit_cached(machine_unit(0), asid), 0);
	ck_assert_int_eq(iommu_block(D1, asid), 0);
	ck_assert_int_eq(probe(D1, 0x40000, true), FAKE_DMA_FAULT);
}
END_TEST

START_TEST(queue_goes_round)
{
	/* More requests than the queue has room for all take effect. */
	struct pt pt;
	hpa_t page;

	boot_kind(_i);
	pt = new_table();
	page = memory_page();
	ck_assert_int_eq(iommu_attach(D1, target(&pt, 1)), 0);
	for (unsigned i = 0; i < 1000; i++) {
		map(&pt, 0x40000, page, RW);
		EXPECT(lands_in(D1, 0x40000, page), "round %u", i);
		EXPECT(unmap(&pt, 1, 0x40000, 1) == 0, "round %u", i);
		EXPECT(probe(D1, 0x40000, true) == FAKE_DMA_FAULT, "round %u",
		       i);
	}
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

START_TEST(halves_of_a_bus_are_told_apart)
{
	/* Functions 128 apart on one bus are two requesters. */
	uint32_t low = SLUICE_SBDF(0, 2, 3, 1), high = low + 0x80;
	struct pt a, b;
	hpa_t first, second;

	boot_kind(_i);
	a = new_table();
	b = new_table();
	first = memory_page();
	second = memory_page();
	map(&a, 0x10000, first, RW);
	map(&b, 0x10000, second, RW);
	ck_assert_int_eq(iommu_attach(high, target(&a, 1)), 0);
	ck_assert_int_eq(probe(low, 0x10000, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(iommu_attach(low, target(&b, 2)), 0);
	ck_assert(lands_in(high, 0x10000, first));
	ck_assert(lands_in(low, 0x10000, second));
	ck_assert_int_eq(iommu_block(low, 2), 0);
	ck_assert_int_eq(probe(low, 0x10000, true), FAKE_DMA_FAULT);
	ck_assert(lands_in(high, 0x10000, first));
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}
END_TEST

IOMMU_SUITE(iommu, everyone_is_blocked_at_the_start,
	    attached_device_reaches_what_is_mapped,
	    blocked_device_reaches_nothing, other_device_of_the_domain_goes_on,
	    unmapped_page_is_dead_after_the_flush,
	    unit_does_not_forget_by_itself, freed_table_is_forgotten,
	    domains_are_told_apart, moved_device_sees_only_its_new_domain,
	    reused_id_carries_nothing_over,
	    page_mapped_after_a_fault_is_reached, widths_end_where_they_should,
	    highest_id_is_an_id, halves_of_a_bus_are_told_apart,
	    queue_goes_round)
