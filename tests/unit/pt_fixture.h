/* SPDX-License-Identifier: MIT */
/*
 * Page tables of each kind that is in use, and an independent walker: what the
 * hardware would see, decoded from the manuals out of the memory that a walker
 * without snooping sees.
 */
#pragma once

#include "pt/pt.h"
#include "pt_entries.h"
#include "suite.h"

#include <string.h>

#define RW (PT_READ | PT_WRITE)

/* Each format, depth and coherency that a backend may ask for. */
static const struct variant {
	const struct pt_format *format;
	unsigned levels;
	unsigned address_bits;
	bool is_coherent;
} variants[] = {
	{&pt_format_npt, 4, 48, true},	       {&pt_format_vtdss, 3, 39, true},
	{&pt_format_vtdss, 3, 39, false},      {&pt_format_vtdss, 4, 48, true},
	{&pt_format_vtdss, 4, 48, false},      {&pt_format_vtdss, 4, 46, false},
	{&pt_format_vtdss_snoop, 4, 48, true}, {&pt_format_vtdss, 5, 57, false},
	{&pt_format_vtdfs, 4, 47, true},       {&pt_format_vtdfs, 4, 47, false},
	{&pt_format_amdv1, 3, 39, true},       {&pt_format_amdv1, 4, 48, true},
	{&pt_format_amdv1, 4, 48, false},      {&pt_format_amdv1, 5, 57, true},
	{&pt_format_amdv1, 6, 62, true},
};

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static uint64_t page_count;
static uint64_t page_quota;

static inline struct pt new_table(const struct variant *v)
{
	struct machine_config c = machine_default();
	struct pt_memory memory = {1, &page_count, &page_quota};
	struct pt pt;

	c.stage = MACHINE_RAM;
	machine_boot(&c);
	page_count = 0;
	page_quota = 1500;
	ck_assert_int_eq(pt_init(&pt, v->format, memory, v->levels,
				 v->address_bits, v->is_coherent),
			 0);
	return pt;
}

/* ---- an independent walker ---- */

static inline uint64_t fetch(const struct pt *pt, uint64_t hpa)
{
	uint64_t entry;

	EXPECT(machine_ram(hpa, 8) != NULL && !machine_page_is_freed(hpa),
	       "walk reads %lx", hpa);
	memcpy(&entry,
	       pt->is_coherent ? machine_ram(hpa, 8) : machine_uncached(hpa, 8),
	       sizeof(entry));
	return entry;
}

/* Return: true and where @at leads with which PT_READ, PT_WRITE. */
static inline bool decode(const struct pt *pt, uint64_t at,
			  struct pt_leaf *leaf)
{
	uint64_t table = pt->root.addr;
	unsigned prot = RW;

	for (unsigned level = pt->levels - 1;; level--) {
		uint64_t entry =
			fetch(pt, table + (at >> (12 + 9 * level) & 511) * 8);
		bool is_leaf = says_leaf(pt, entry, level);
		bool is_npt = pt->format == &pt_format_npt;
		bool is_vtdfs = pt->format == &pt_format_vtdfs;

		if (rights(pt, entry) == 0) {
			EXPECT(entry == 0, "absent entry %lx", entry);
			return false;
		}
		EXPECT(!(entry & forbidden(pt, is_leaf, level)),
		       "level %u entry %lx", level, entry);
		EXPECT(!is_leaf || level < 3, "leaf at level %u", level);
		/* Nested paging walks as a user. */
		EXPECT(!is_npt || (entry & BIT(2)), "entry %lx", entry);
		EXPECT(pt->format != &pt_format_vtdss_snoop ||
			       ((entry & BIT(11)) != 0) == is_leaf,
		       "entry %lx", entry);
		EXPECT(!is_vtdfs || is_first_stage(entry, is_leaf), "entry %lx",
		       entry);
		prot &= rights(pt, entry);
		table = entry & GENMASK(45, 12);
		if (is_leaf) {
			leaf->page =
				to_hpa(table + (at & (BIT(12 + 9 * level) - 1) &
						~PAGE_MASK));
			leaf->prot = prot;
			leaf->level = level;
			return true;
		}
	}
}

static inline void assert_maps(const struct pt *pt, uint64_t at, uint64_t page,
			       unsigned prot)
{
	struct pt_leaf seen, said;

	EXPECT(decode(pt, at, &seen), "%lx is not mapped", at);
	EXPECT(seen.page.addr == page, "%lx leads to %lx, not %lx", at,
	       seen.page.addr, page);
	EXPECT(seen.prot == prot, "%lx has rights %u", at, seen.prot);
	EXPECT(pt_lookup(pt, at, &said) && said.page.addr == page &&
		       (said.prot & RW) == prot && said.level == seen.level,
	       "pt_lookup(%lx) says otherwise", at);
}

static inline void assert_absent(const struct pt *pt, uint64_t at)
{
	struct pt_leaf leaf;

	EXPECT(!decode(pt, at, &leaf), "%lx is mapped", at);
	EXPECT(!pt_lookup(pt, at, &leaf), "pt_lookup(%lx) finds", at);
}

static inline uint64_t clear(struct pt *pt, uint64_t start, uint64_t pages)
{
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t count = pt_clear(pt, start, pages, &gather);

	pt_gather_free(pt, &gather);
	return count;
}

/* PT_SUITE() - Define NAME_suite(): each test runs on each variant. */
#define PT_SUITE(name, ...)                                                    \
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
			tcase_add_loop_test(tcase, tests[i], 0, VARIANTS);     \
		}                                                              \
		suite_add_tcase(suite, tcase);                                 \
		return suite;                                                  \
	}
