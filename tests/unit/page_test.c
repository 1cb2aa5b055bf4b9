// SPDX-License-Identifier: MIT
/* Rank 3: page frames, their owners and references. */
#include "arch/physmap.h"
#include "mm/page.h"
#include "suite.h"

#include <string.h>

static void boot(void)
{
	struct machine_config c = machine_default();

	c.stage = MACHINE_RAM;
	c.hypervisor_pages = 64;
	c.guest_pages = 64;
	machine_boot(&c);
}

static bool is_zero(hpa_t page)
{
	const uint8_t *p = physmap_ptr(page);

	for (unsigned i = 0; i < PAGE_BYTES; i++) {
		if (p[i] != 0) {
			return false;
		}
	}
	return true;
}

START_TEST(page_is_zero_when_handed_out)
{
	/* Neither power-on contents nor a former owner's are ever seen. */
	boot();
	for (int round = 0; round < 3; round++) {
		hpa_t page = page_alloc(PAGE_POOL_GUEST, 1);
		hpa_t table = page_alloc(PAGE_POOL_HYPERVISOR, 1);

		ck_assert(is_zero(page));
		ck_assert(is_zero(table));
		memset(physmap_ptr(page), 0x77, PAGE_BYTES);
		memset(physmap_ptr(table), 0x77, PAGE_BYTES);
		page_put(page);
		page_put(table);
	}
}
END_TEST

START_TEST(pools_hand_out_each_page_once)
{
	/* Until the pool is empty every page differs, and its count is right.
	 */
	uint64_t seen[128];
	unsigned n = 0;

	boot();
	for (;;) {
		hpa_t page = page_alloc(PAGE_POOL_HYPERVISOR, PAGE_OWNER_NONE);

		if (hpa_is_none(page)) {
			break;
		}
		ck_assert(is_aligned(page.addr, PAGE_BYTES));
		ck_assert(!page_is_guest(page));
		for (unsigned i = 0; i < n; i++) {
			ck_assert_uint_ne(seen[i], page.addr);
		}
		seen[n++] = page.addr;
	}
	ck_assert_uint_eq(n, page_pool_counts(PAGE_POOL_HYPERVISOR).total);
	ck_assert_uint_eq(page_pool_counts(PAGE_POOL_HYPERVISOR).free, 0);
	while (n > 0) {
		page_put(to_hpa(seen[--n]));
	}
	machine_shutdown();
}
END_TEST

START_TEST(pages_are_charged_to_their_owner)
{
	/* page_owned_count() is what an owner took less what it gave back. */
	hpa_t page[3];

	boot();
	for (unsigned i = 0; i < 3; i++) {
		page[i] = page_alloc(PAGE_POOL_HYPERVISOR,
				     (uint16_t)(i < 2 ? 5 : 6));
	}
	ck_assert_uint_eq(page_owned_count(5), 2);
	ck_assert_uint_eq(page_owned_count(6), 1);
	ck_assert_uint_eq(page_owned_count(7), 0);
	ck_assert_uint_eq(page_owner(page[2]), 6);
	page_put(page[2]);
	ck_assert_uint_eq(page_owned_count(6), 0);
	ck_assert_uint_eq(page_owner(page[2]), PAGE_OWNER_NONE);
	ck_assert_uint_eq(page_owner(to_hpa(0x1000)), PAGE_OWNER_NONE);
}
END_TEST

START_TEST(page_lives_until_its_last_reference)
{
	/* A page lent once returns to the pool with the second put, not before.
	 */
	uint64_t before;
	hpa_t page;

	boot();
	before = page_pool_counts(PAGE_POOL_GUEST).free;
	page = page_alloc(PAGE_POOL_GUEST, 1);
	ck_assert(page_is_guest(page));
	page_get(page);
	page_put(page);
	ck_assert_uint_eq(page_pool_counts(PAGE_POOL_GUEST).free, before - 1);
	ck_assert_uint_eq(page_owner(page), 1);
	page_put(page);
	ck_assert_uint_eq(page_pool_counts(PAGE_POOL_GUEST).free, before);
}
END_TEST

static void put(void *page)
{
	page_put(*(hpa_t *)page);
}

static void get(void *page)
{
	page_get(*(hpa_t *)page);
}

/* A page given back; the pool's lock is taken by whoever panics on it. */
static hpa_t dead_page(void)
{
	hpa_t page;

	boot();
	page = page_alloc(PAGE_POOL_GUEST, 1);
	page_put(page);
	return page;
}

START_TEST(dead_page_takes_no_reference)
{
	/* page_get() of a page that nobody owns stops the machine. */
	hpa_t page = dead_page();

	ck_assert(machine_panics(get, &page));
}
END_TEST

START_TEST(dead_page_is_not_put_twice)
{
	/* page_put() of a page given back stops the machine. */
	hpa_t page = dead_page();

	ck_assert(machine_panics(put, &page));
}
END_TEST

START_TEST(stray_page_is_not_put)
{
	/* page_put() of an address in no pool stops the machine. */
	hpa_t stray = {0x1000};

	boot();
	ck_assert(machine_panics(put, &stray));
}
END_TEST

START_TEST(run_of_pages_is_contiguous_and_whole)
{
	/* A run is neighbours, zero, nobody else's, and goes back page by page.
	 */
	uint64_t before;
	hpa_t hole, run, page;

	boot();
	for (unsigned i = 0; i < 5; i++) {
		page = page_alloc(PAGE_POOL_HYPERVISOR, 1);
		hole = i == 2 ? page : hole;
	}
	page_put(hole);
	before = page_pool_counts(PAGE_POOL_HYPERVISOR).free;
	ck_assert(hpa_is_none(
		page_alloc_contiguous(PAGE_POOL_HYPERVISOR, 7, before)));
	ck_assert_uint_eq(page_pool_counts(PAGE_POOL_HYPERVISOR).free, before);
	run = page_alloc_contiguous(PAGE_POOL_HYPERVISOR, 7, before - 1);
	ck_assert(!hpa_is_none(run));
	ck_assert_uint_eq(page_owned_count(7), before - 1);
	for (uint64_t i = 0; i < before - 1; i++) {
		page = to_hpa(run.addr + i * PAGE_BYTES);
		ck_assert(is_zero(page));
		ck_assert_uint_eq(page_owner(page), 7);
	}
	page = page_alloc(PAGE_POOL_HYPERVISOR, 1);
	ck_assert_uint_eq(page.addr, hole.addr);
	ck_assert(hpa_is_none(page_alloc(PAGE_POOL_HYPERVISOR, 1)));
	for (uint64_t i = 0; i < before - 1; i++) {
		page_put(to_hpa(run.addr + i * PAGE_BYTES));
	}
	ck_assert_uint_eq(page_pool_counts(PAGE_POOL_HYPERVISOR).free,
			  before - 1);
}
END_TEST

UNIT_SUITE(page, run_of_pages_is_contiguous_and_whole,
	   page_is_zero_when_handed_out, pools_hand_out_each_page_once,
	   pages_are_charged_to_their_owner,
	   page_lives_until_its_last_reference, dead_page_takes_no_reference,
	   dead_page_is_not_put_twice, stray_page_is_not_put)
