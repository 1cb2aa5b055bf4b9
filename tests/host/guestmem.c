// SPDX-License-Identifier: MIT
/*
 * Guest memory as the hypervisor reads it: each byte once in a hypercall. The
 * reads of one call are kept as a list of ranges; a list is short, since a call
 * reads an argument and one list.
 */
#include "guestmem.h"

#include "arch/guestmem.h"
#include "lib/range.h"
#include "machine.h"

#include <string.h>

#define READS_MAX  4096u
#define EXEMPT_MAX 512u
#define CHANGE_MAX 64u

static struct {
	bool is_open;
	struct range read[READS_MAX];
	unsigned read_count;
	uint64_t exempt[EXEMPT_MAX];
	unsigned exempt_count;
	unsigned double_reads;
	uint64_t reads;
	uint64_t writes;
	struct range change;
	uint8_t change_to[CHANGE_MAX];
} g;

void guestmem_begin(void)
{
	g.is_open = true;
	g.read_count = 0;
}

void guestmem_end(void)
{
	g.is_open = false;
}

void guestmem_exempt(hpa_t page, bool exempt)
{
	for (unsigned i = 0; i < g.exempt_count; i++) {
		if (g.exempt[i] == page.addr) {
			g.exempt[i] =
				exempt ? page.addr : g.exempt[--g.exempt_count];
			return;
		}
	}
	if (exempt && g.exempt_count < EXEMPT_MAX) {
		g.exempt[g.exempt_count++] = page.addr;
	}
}

static bool is_exempt(uint64_t hpa)
{
	for (unsigned i = 0; i < g.exempt_count; i++) {
		if (g.exempt[i] == (hpa & ~PAGE_MASK)) {
			return true;
		}
	}
	return false;
}

static void note_read(struct range r)
{
	for (unsigned i = 0; i < g.read_count; i++) {
		if (range_overlaps(g.read[i], r)) {
			g.double_reads++;
		}
	}
	if (g.read_count < READS_MAX) {
		g.read[g.read_count++] = r;
	}
}

static void change_after(struct range r)
{
	struct range change = g.change;

	if (!range_overlaps(change, r)) {
		return;
	}
	g.change.bytes = 0;
	memcpy(machine_ram(change.start, change.bytes), g.change_to,
	       change.bytes);
}

static void check_page(hpa_t at, size_t bytes, const char *what)
{
	if (bytes == 0 || (at.addr & PAGE_MASK) + bytes > PAGE_BYTES) {
		machine_fail("guestmem_%s() of %zu bytes at %lx crosses a page "
			     "or is empty",
			     what, bytes, (unsigned long)at.addr);
	}
}

void guestmem_read(void *to, hpa_t from, size_t bytes)
{
	struct range r = {from.addr, bytes};

	check_page(from, bytes, "read");
	__atomic_fetch_add(&g.reads, 1, __ATOMIC_RELAXED);
	memcpy(to, physmap_ptr(from), bytes);
	if (g.is_open && !is_exempt(from.addr)) {
		note_read(r);
	}
	change_after(r);
}

void guestmem_write(hpa_t to, const void *from, size_t bytes)
{
	check_page(to, bytes, "write");
	__atomic_fetch_add(&g.writes, 1, __ATOMIC_RELAXED);
	memcpy(physmap_ptr(to), from, bytes);
}

unsigned guestmem_double_reads(void)
{
	return g.double_reads;
}

void guestmem_forgive(void)
{
	g.double_reads = 0;
}

void guestmem_change_after_read(hpa_t at, const void *bytes, size_t count)
{
	if (count > CHANGE_MAX || machine_ram(at.addr, count) == NULL) {
		machine_fail("guestmem_change_after_read() of %zu bytes",
			     count);
	}
	memcpy(g.change_to, bytes, count);
	g.change = (struct range){at.addr, count};
}

uint64_t guestmem_reads(void)
{
	return g.reads;
}

uint64_t guestmem_writes(void)
{
	return g.writes;
}

void guestmem_reset(void)
{
	memset(&g, 0, sizeof(g));
}
