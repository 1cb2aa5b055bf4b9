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
int __real_copy_from_guest(const struct guest_caller *caller, void *to,
			   uint64_t linear, size_t bytes);
int __wrap_copy_from_guest(const struct guest_caller *caller, void *to,
			   uint64_t linear, size_t bytes);
int __real_copy_to_guest(const struct guest_caller *caller, uint64_t linear,
			 const void *from, size_t bytes);
int __wrap_copy_to_guest(const struct guest_caller *caller, uint64_t linear,
			 const void *from, size_t bytes);

struct failing {
	unsigned at; /* 0 = off */
	bool and_later;
	bool hit;
	unsigned count;
};

static struct failing fail, failing_read, failing_reply;

static uint32_t references[PAGES_MAX];

static uint32_t *references_of(hpa_t page)
{
	uint64_t n = (page.addr - MACHINE_RAM_BASE) >> PAGE_SHIFT;

	return page.addr >= MACHINE_RAM_BASE && n < PAGES_MAX ? &references[n]
							      : NULL;
}

static void arm(struct failing *f, unsigned n, bool and_later)
{
	*f = (struct failing){.at = n, .and_later = and_later};
}

void fail_at(unsigned n)
{
	arm(&fail, n, false);
}

void fail_from(unsigned n)
{
	arm(&fail, n, true);
}

void fail_off(void)
{
	arm(&fail, 0, false);
}

bool fail_hit(void)
{
	return fail.hit;
}

unsigned fail_allocations(void)
{
	return fail.count;
}

static bool refuses(struct failing *f)
{
	unsigned n = __atomic_add_fetch(&f->count, 1, __ATOMIC_RELAXED);

	if (f->at == 0 || n < f->at || (n > f->at && !f->and_later)) {
		return false;
	}
	f->hit = true;
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

	if (refuses(&fail)) {
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

	if (refuses(&fail)) {
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
	arm(&failing_reply, n, false);
}

void fail_reply_from(unsigned n)
{
	arm(&failing_reply, n, true);
}

void fail_read_at(unsigned n, bool and_later)
{
	arm(&failing_read, n, and_later);
}

bool fail_copy_hit(void)
{
	return failing_read.hit || failing_reply.hit;
}

void fail_copies_off(void)
{
	arm(&failing_read, 0, false);
	arm(&failing_reply, 0, false);
}

int __wrap_copy_from_guest(const struct guest_caller *caller, void *to,
			   uint64_t linear, size_t bytes)
{
	if (refuses(&failing_read)) {
		return -XEN_EFAULT;
	}
	return __real_copy_from_guest(caller, to, linear, bytes);
}

int __wrap_copy_to_guest(const struct guest_caller *caller, uint64_t linear,
			 const void *from, size_t bytes)
{
	if (refuses(&failing_reply)) {
		return -XEN_EFAULT;
	}
	return __real_copy_to_guest(caller, linear, from, bytes);
}

void fail_reset(void)
{
	fail_off();
	fail_copies_off();
	memset(references, 0, sizeof(references));
}
