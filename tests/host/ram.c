// SPDX-License-Identifier: MIT
/*
 * The arena of RAM, and a second one that shows what a walker sees that does
 * not snoop caches. Pages given back to a pool are poisoned for ASan and filled
 * with junk, so that whoever still uses one is caught.
 */
#include "ram.h"

#include "arch/cache.h"
#include "arch/physmap.h"
#include "arch/store128.h"
#include "lib/bits.h"
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)	  ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define JUNK_FREED    0xdb
#define JUNK_NEVER    0x5b /* what RAM holds at power-on */
#define JUNK_UNCACHED 0xa5 /* reserved bits set, whatever it is read as */

static struct {
	uint8_t *bytes;
	uint8_t *uncached;
	uint8_t *freed; /* one byte a page, which devices ask for at any time */
	uint64_t size;
} ram;

/* The last machine's, kept for the next: the kernel's zeroing is dear. */
static struct {
	uint8_t *bytes;
	uint8_t *uncached;
	uint64_t size;
} spare;

static uint8_t *reserve(uint64_t bytes)
{
	uint8_t *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		abort();
	}
	/* A hint: all of it is written at once, by each test anew. */
	(void)madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

static void drop_spare(void)
{
	if (spare.bytes != NULL) {
		munmap(spare.bytes - PAGE_BYTES, spare.size + 2 * PAGE_BYTES);
		munmap(spare.uncached, spare.size);
	}
}

void ram_create(uint64_t bytes, uint64_t junk_bytes)
{
	ram_destroy();
	if (spare.size != bytes) {
		drop_spare();
		/* A page of no access on either side. */
		spare.bytes = reserve(bytes + 2 * PAGE_BYTES) + PAGE_BYTES;
		mprotect(spare.bytes - PAGE_BYTES, PAGE_BYTES, PROT_NONE);
		mprotect(spare.bytes + bytes, PAGE_BYTES, PROT_NONE);
		spare.uncached = reserve(bytes);
		spare.size = bytes;
	}
	ram.bytes = spare.bytes;
	ram.uncached = spare.uncached;
	memset(ram.bytes + junk_bytes, 0, bytes - junk_bytes);
	memset(ram.uncached + junk_bytes, 0, bytes - junk_bytes);
	ram.freed = calloc(bytes / PAGE_BYTES, 1);
	ram.size = bytes;
	memset(ram.bytes, JUNK_NEVER, junk_bytes);
	memset(ram.uncached, JUNK_UNCACHED, junk_bytes);
}

void ram_destroy(void)
{
	if (ram.bytes == NULL) {
		return;
	}
	ASAN_UNPOISON_MEMORY_REGION(ram.bytes, ram.size);
	free(ram.freed);
	memset(&ram, 0, sizeof(ram));
}

static bool is_inside(uint64_t hpa, size_t bytes)
{
	return hpa >= MACHINE_RAM_BASE && bytes <= ram.size &&
	       hpa - MACHINE_RAM_BASE <= ram.size - bytes;
}

void *machine_ram(uint64_t hpa, size_t bytes)
{
	return is_inside(hpa, bytes) ? ram.bytes + (hpa - MACHINE_RAM_BASE)
				     : NULL;
}

const void *machine_uncached(uint64_t hpa, size_t bytes)
{
	return is_inside(hpa, bytes) ? ram.uncached + (hpa - MACHINE_RAM_BASE)
				     : NULL;
}

void machine_fetch(void *to, const void *from, size_t bytes)
{
	const uint64_t *word = from;

	for (size_t i = 0; i < bytes / sizeof(*word); i++) {
		((uint64_t *)to)[i] =
			__atomic_load_n(word + i, __ATOMIC_ACQUIRE);
	}
}

bool machine_page_is_freed(uint64_t hpa)
{
	return is_inside(hpa, 1) &&
	       __atomic_load_n(
		       &ram.freed[(hpa - MACHINE_RAM_BASE) >> PAGE_SHIFT],
		       __ATOMIC_ACQUIRE) != 0;
}

static void set_freed(uint64_t hpa, uint8_t freed)
{
	__atomic_store_n(&ram.freed[(hpa - MACHINE_RAM_BASE) >> PAGE_SHIFT],
			 freed, __ATOMIC_RELEASE);
}

void ram_page_freed(hpa_t page)
{
	uint8_t *p = machine_ram(page.addr, PAGE_BYTES);

	if (p != NULL) {
		memset(p, JUNK_FREED, PAGE_BYTES);
		set_freed(page.addr, 1);
		ASAN_POISON_MEMORY_REGION(p, PAGE_BYTES);
	}
}

static void page_taken(uint64_t hpa)
{
	uint8_t *p = machine_ram(hpa & ~PAGE_MASK, PAGE_BYTES);

	set_freed(hpa, 0);
	ASAN_UNPOISON_MEMORY_REGION(p, PAGE_BYTES);
}

/* The page pool touches a free page for one reason: it hands it out. */
static bool is_page_pool(const char *file)
{
	static const char name[] = "mm/page.c";
	size_t n = strlen(file);

	return n >= sizeof(name) - 1 &&
	       strcmp(file + n - (sizeof(name) - 1), name) == 0;
}

void *machine_pointer(hpa_t hpa, const char *file, int line)
{
	if (!is_inside(hpa.addr, 1)) {
		machine_fail("%s:%d: no RAM at machine address %lx", file, line,
			     (unsigned long)hpa.addr);
	}
	if (machine_page_is_freed(hpa.addr)) {
		if (!is_page_pool(file)) {
			machine_fail("%s:%d: page %lx was given back", file,
				     line, (unsigned long)hpa.addr);
		}
		page_taken(hpa.addr);
	}
	return ram.bytes + (hpa.addr - MACHINE_RAM_BASE);
}

hpa_t machine_address(const void *ptr, const char *file, int line)
{
	const uint8_t *p = ptr;

	if (p < ram.bytes || p >= ram.bytes + ram.size) {
		machine_fail("%s:%d: %p is no pointer into RAM", file, line,
			     (const void *)p);
	}
	return to_hpa(MACHINE_RAM_BASE + (uint64_t)(p - ram.bytes));
}

void cache_clean(const void *start, size_t bytes)
{
	uint64_t hpa = machine_address(start, __FILE__, __LINE__).addr;
	uint64_t first = align_down(hpa, CACHE_LINE_BYTES);
	uint64_t end = align_up(hpa + bytes, CACHE_LINE_BYTES);
	uint64_t at = first - MACHINE_RAM_BASE;

	if (bytes == 0) {
		return;
	}
	if (end - MACHINE_RAM_BASE > ram.size) {
		machine_fail("cache_clean() beyond RAM: %lx, %zu bytes",
			     (unsigned long)hpa, bytes);
	}
	memcpy(ram.uncached + at, ram.bytes + at, end - first);
}

void store128(struct pair128 *to, struct pair128 value)
{
	if ((uintptr_t)to % sizeof(*to) != 0) {
		machine_fail("16-byte store to %p", (void *)to);
	}
	machine_lock();
	*to = value;
	machine_unlock();
}
