/* SPDX-License-Identifier: MIT */
/* A machine with units and a few tables, for the suites of the backends. */
#pragma once

#include "iommu/fault.h"
#include "iommu/unit.h"
#include "lib/error.h"
#include "unit_kinds.h"

#define D1 SLUICE_SBDF(0, 0, 3, 0)
#define D2 SLUICE_SBDF(0, 0, 4, 0)

#define RW (PT_READ | PT_WRITE)

static uint64_t fixture_tables;

static inline void boot_kind(int kind)
{
	struct machine_config c = kind_config(kind);

	c.stage = MACHINE_IOMMU;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	fixture_tables = 0;
}

static inline struct pt new_table(void)
{
	struct iommu_limits limits = iommu_limits();
	struct pt_memory memory = {1, &fixture_tables, NULL};
	struct pt pt;

	ck_assert_int_eq(pt_init(&pt, iommu_format(), memory, limits.levels,
				 limits.address_bits, limits.is_coherent),
			 0);
	return pt;
}

static inline struct iommu_target target(const struct pt *pt, uint16_t asid)
{
	return (struct iommu_target){
		.asid = asid, .root = pt->root, .levels = pt->levels};
}

/* Guest pages to aim at. */
static inline hpa_t memory_page(void)
{
	return page_alloc(PAGE_POOL_GUEST, 1);
}

static inline void map(struct pt *pt, uint64_t at, hpa_t page, unsigned prot)
{
	ck_assert_int_eq(pt_reserve(pt, at, 1), 0);
	pt_set(pt, at, page, prot);
	if (iommu_limits().needs_present_flush) {
		ck_assert_int_eq(iommu_flush_pages(1, at, 1), 0);
	}
}

/* One byte through the unit, heedless of bus-master. */
static inline enum fake_dma probe(uint32_t sbdf, uint64_t iova, bool write)
{
	uint8_t byte = 0x5a;

	return fake_dma_as(sbdf, iova, &byte, 1, write);
}

/* Does a write at @iova land in @page? */
static inline bool lands_in(uint32_t sbdf, uint64_t iova, hpa_t page)
{
	uint8_t *memory = machine_ram(page.addr, PAGE_BYTES);
	uint8_t byte = (uint8_t)(memory[iova & PAGE_MASK] + 1);

	return fake_dma_as(sbdf, iova, &byte, 1, true) == FAKE_DMA_OK &&
	       memory[iova & PAGE_MASK] == byte;
}

/* Unmap, flush, and only then let the tables go. */
static inline int unmap(struct pt *pt, uint16_t asid, uint64_t at,
			uint64_t pages)
{
	struct pt_gather gather = PT_GATHER_INIT;
	int error;

	pt_clear(pt, at, pages, &gather);
	error = iommu_flush_pages(asid, at, pages);
	if (error == 0) {
		pt_gather_free(pt, &gather);
	}
	return error;
}

#define IOMMU_SUITE(name, ...)                                                 \
	Suite *name##_suite(void);                                             \
	Suite *name##_suite(void)                                              \
	{                                                                      \
		const TTest *const tests[] = {__VA_ARGS__};                    \
		Suite *suite = suite_create(#name);                            \
		TCase *tcase = tcase_create(#name);                            \
                                                                               \
		tcase_set_timeout(tcase, 60);                                  \
		for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]);       \
		     i++) {                                                    \
			tcase_add_loop_test(tcase, tests[i], 0, KINDS);        \
		}                                                              \
		suite_add_tcase(suite, tcase);                                 \
		return suite;                                                  \
	}
