// SPDX-License-Identifier: MIT
/*
 * Stands between the hypervisor and mm/page.c (linker option --wrap): refuses
 * the n-th allocation, and keeps its own count of references, so that a page
 * is poisoned in the moment in which it has no user left.
 */
#include "fail_at.h"

#include "guest/copy.h"
#include "lib/error.h"
#include "machine.h"
#include "ram.h"

#include <string.h>

#define PAGES_MAX 65536u

hpa_t __real_page_alloc(enum page_pool pool, uint16_t owner);
hpa_t __wrap_page_alloc(enum page_pool pool, uint16_t owner);
hpa_t __real_page_alloc_contiguous(enum page_pool pool, uint16_t owner,
				   uint64_t pages);
hpa_t __wrap_page_alloc_contiguous(enum page_pool pool, uint16_t owner,
				   uint64_t pages);
void __real_page_get(hpa_t page);
void __wrap_page_get(hpa_t page);
void __real_page_put(hpa_t page);
void __wrap_page_put(hpa_t page);
int __real_copy_to_guest(const struct guest_caller *caller, uint64_t linear,
			 const void *from, size_t bytes);
int __wrap_copy_to_guest(const struct guest_caller *caller, uint64_t linear,
			 const void *from, size_t bytes);

static struct {
	unsigned at; /* 0 = off */
	bool and_later;
	bool hit;
	unsigned count;
} fail;

static uint32_t references[PAGES_MAX];
static unsigned reply_at; /* 0 = off */

static uint32_t *references_of(hpa_t page)
{
	uint64_t n = (page.addr - MACHINE_RAM_BASE) >> PAGE_SHIFT;

	return page.addr >= MACHINE_RAM_BASE && n < PAGES_MAX ? &references[n]
							      : NULL;
}

static void arm(unsigned n, bool and_later)
{
	fail.at = n;
	fail.and_later = and_later;
	fail.hit = false;
	fail.count = 0;
}

void fail_at(unsigned n)
{
	arm(n, false);
}

void fail_from(unsigned n)
{
	arm(n, true);
}

void fail_off(void)
{
	arm(0, false);
}

bool fail_hit(void)
{
	return fail.hit;
}

unsigned fail_allocations(void)
{
	return fail.count;
}

static bool refuses(void)
{
	unsigned n = __atomic_add_fetch(&fail.count, 1, __ATOMIC_RELAXED);

	if (fail.at == 0 || n < fail.at || (n > fail.at && !fail.and_later)) {
		return false;
	}
	fail.hit = true;
	return true;
}

static void note_taken(hpa_t page)
{
	uint32_t *count = references_of(page);

	if (count == NULL || __atomic_fetch_add(count, 1, __ATOMIC_RELAXED)) {
		machine_fail("page_alloc() gave %lx, which is in use",
			     (unsigned long)page.addr);
	}
}

hpa_t __wrap_page_alloc(enum page_pool pool, uint16_t owner)
{
	hpa_t page;

	if (refuses()) {
		return HPA_NONE;
	}
	page = __real_page_alloc(pool, owner);
	if (!hpa_is_none(page)) {
		note_taken(page);
	}
	return page;
}

hpa_t __wrap_page_alloc_contiguous(enum page_pool pool, uint16_t owner,
				   uint64_t pages)
{
	hpa_t first;

	if (refuses()) {
		return HPA_NONE;
	}
	first = __real_page_alloc_contiguous(pool, owner, pages);
	for (uint64_t i = 0; i < pages && !hpa_is_none(first); i++) {
		note_taken(to_hpa(first.addr + i * PAGE_BYTES));
	}
	return first;
}

void __wrap_page_get(hpa_t page)
{
	uint32_t *count = references_of(page);

	if (count != NULL) {
		__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
	}
	__real_page_get(page);
}

void __wrap_page_put(hpa_t page)
{
	uint32_t *count = references_of(page);

	/* Before the pool has it: afterwards another CPU may take it. */
	if (count != NULL && *count != 0 &&
	    __atomic_sub_fetch(count, 1, __ATOMIC_ACQ_REL) == 0) {
		ram_page_freed(page);
	}
	__real_page_put(page);
}

void fail_reply_at(unsigned n)
{
	reply_at = n;
}

int __wrap_copy_to_guest(const struct guest_caller *caller, uint64_t linear,
			 const void *from, size_t bytes)
{
	if (reply_at != 0 && --reply_at == 0) {
		return -XEN_EFAULT;
	}
	return __real_copy_to_guest(caller, linear, from, bytes);
}

void fail_reset(void)
{
	fail_off();
	fail_reply_at(0);
	memset(references, 0, sizeof(references));
}
