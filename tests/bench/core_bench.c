/* SPDX-License-Identifier: MIT */
/*
 * The service's core in user space, to be counted under callgrind: the very
 * objects of the image (build/hypervisor) over two stubs.
 *
 * usage: core_bench WHAT COUNT. Calls a count_...() COUNT times; everything
 * around it (setting up, undoing) happens outside that function, so callgrind's
 * --toggle-collect counts it alone. Machine addresses are pointers here.
 */
#include "arch/cpu_id.h"
#include "dma/asid.h"
#include "lib/check.h"
#include "lib/error.h"
#include "mm/page.h"
#include "pt/pt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_PAGES 2048u
#define START	   UINT64_C(0x40000000) /* its neighbour is in entry 0 */
#define SPARSE	   UINT64_C(0x40200000) /* its neighbour is in entry 511 */
#define LARGE	   (START + UINT64_C(0x40000000))
#define TARGET	   UINT64_C(0x80000000)
#define RUN	   511u
#define RIGHTS	   (PT_READ | PT_WRITE)
#define OWNER	   1u
#define IDS	   65536u

#define COUNTED __attribute__((noinline, noclone))

static struct pt pt;
static hpa_t run_pages[RUN];

void panic(const char *fmt, ...)
{
	(void)fprintf(stderr, "core_bench: panic: %s\n", fmt);
	abort();
}

unsigned cpu_index(void)
{
	return 0;
}

/* As dma/map.c: is it free, then tables and leaves. */
static inline void map(uint64_t at, uint64_t count)
{
	CHECK(pt_is_empty(&pt, at, count));
	CHECK(pt_map_pages(&pt, at, run_pages, count, RIGHTS) == 0);
}

/* As dma/map.c; the flush is not the core's. */
static inline void unmap(uint64_t at, uint64_t count)
{
	struct pt_gather gather = PT_GATHER_INIT;

	CHECK(pt_is_full(&pt, at, count));
	CHECK(pt_clear(&pt, at, count, &gather) == count);
	pt_gather_free(&pt, &gather);
}

COUNTED static void count_map_1(uint64_t at)
{
	map(at, 1);
}

COUNTED static void count_unmap_1(uint64_t at)
{
	unmap(at, 1);
}

COUNTED static void count_map_run(uint64_t at)
{
	map(at, RUN);
}

COUNTED static void count_unmap_run(uint64_t at)
{
	unmap(at, RUN);
}

COUNTED static void count_map_2m(uint64_t at)
{
	CHECK(pt_map_range(&pt, at, to_hpa(TARGET), 512, RIGHTS, 1) == 0);
}

COUNTED static void count_unmap_2m(uint64_t at)
{
	unmap(at, 512);
}

COUNTED static void count_id_pair(uint64_t at)
{
	(void)at;
	dma_asid_free(dma_asid_alloc());
}

static void no_undo(uint64_t at)
{
	(void)at;
}

static const struct {
	const char *name;
	void (*act)(uint64_t at);
	void (*undo)(uint64_t at);
	uint64_t at;
	bool act_first; /* else the undoing prepares */
} figures[] = {
	{"map_1", count_map_1, count_unmap_1, START + PAGE_BYTES, true},
	{"unmap_1", count_unmap_1, count_map_1, START + PAGE_BYTES, false},
	{"unmap_sparse", count_unmap_1, count_map_1, SPARSE, false},
	{"map_run", count_map_run, count_unmap_run, START + PAGE_BYTES, true},
	{"unmap_run", count_unmap_run, count_map_run, START + PAGE_BYTES,
	 false},
	{"map_2m", count_map_2m, count_unmap_2m, LARGE, true},
	{"unmap_2m", count_unmap_2m, count_map_2m, LARGE, false},
	{"id_pair", count_id_pair, no_undo, 0, true},
};

/* A neighbour of each range keeps its tables there. */
static void set_up(void)
{
	void *pool = aligned_alloc(PAGE_BYTES, POOL_PAGES * PAGE_BYTES);
	struct pt_memory memory = {.owner = OWNER};

	if (pool == NULL) {
		panic("no memory");
	}
	page_pool_add(PAGE_POOL_HYPERVISOR, to_hpa((uintptr_t)pool),
		      POOL_PAGES);
	CHECK(pt_init(&pt, &pt_format_vtdss, memory, 4, 48, true) == 0);
	for (uint64_t i = 0; i < RUN; i++) {
		run_pages[i] = to_hpa(TARGET + i * PAGE_BYTES);
	}
	map(START, 1);
	map(SPARSE + RUN * PAGE_BYTES, 1);
	map(LARGE + UINT64_C(0x200000), 1);
	dma_asid_start(IDS);
	/* All but the last few ids are taken. */
	for (uint32_t i = 0; i < IDS - 8; i++) {
		CHECK(dma_asid_alloc() != ASID_NONE);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		(void)fprintf(stderr, "usage: core_bench WHAT COUNT\n");
		return 2;
	}
	set_up();
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
		if (strcmp(figures[i].name, argv[1]) != 0) {
			continue;
		}
		for (long n = strtol(argv[2], NULL, 0); n > 0; n--) {
			if (figures[i].act_first) {
				figures[i].act(figures[i].at);
				figures[i].undo(figures[i].at);
			} else {
				figures[i].undo(figures[i].at);
				figures[i].act(figures[i].at);
			}
		}
		return 0;
	}
	(void)fprintf(stderr, "core_bench: %s: not known\n", argv[1]);
	return 2;
}
