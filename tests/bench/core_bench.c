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
#include "dma/buddy.h"
#include "lib/check.h"
#include "lib/error.h"
#include "mm/page.h"
#include "pt/pt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_PAGES 16384u
#define START	   UINT64_C(0x40000000) /* its neighbour is in entry 0 */
#define SPARSE	   UINT64_C(0x40200000) /* its neighbour is in entry 511 */
#define LARGE	   (START + UINT64_C(0x40000000))
#define TARGET	   UINT64_C(0x80000000)
#define RUN	   511u
#define RIGHTS	   (PT_READ | PT_WRITE)
#define OWNER	   1u
#define IDS	   65536u
#define RANGES_MAX 1000000u
#define LONGEST	   512u /* pages of a range, when lengths are mixed */

#define COUNTED __attribute__((noinline, noclone))

static struct pt pt;
static hpa_t run_pages[RUN];
static struct buddy buddy;
static uint64_t range_at[RANGES_MAX];
static uint64_t range_count;
static uint64_t random_state = 1;

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

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
		       UINT64_C(1442695040888963407);
	return (random_state >> 33) % limit;
}

/* Half one page, a quarter up to 8, a fifth up to 32, the rest up to 512. */
static uint64_t mixed_length(void)
{
	uint64_t kind = random_below(20);

	return kind < 10   ? 1
	       : kind < 15 ? 2 + random_below(7)
	       : kind < 19 ? 9 + random_below(24)
			   : 33 + random_below(LONGEST - 32);
}

static uint64_t victim, victim_pages;

COUNTED static void count_range_pair(uint64_t at)
{
	(void)at;
	buddy_free(&buddy, range_at[victim]);
	CHECK(buddy_allocate(&buddy, victim_pages, 0, UINT64_MAX,
			     &range_at[victim]) == 0);
}

/* Fills the allocator at first, then draws whose turn it is. */
static void draw(uint64_t live, bool mixed)
{
	while (range_count < live) {
		CHECK(buddy_allocate(&buddy, mixed ? mixed_length() : 1, 0,
				     UINT64_MAX, &range_at[range_count]) == 0);
		range_count++;
	}
	victim = random_below(live);
	victim_pages = mixed ? mixed_length() : 1;
}

static void draw_one(uint64_t live)
{
	draw(live, false);
}

static void draw_mixed(uint64_t live)
{
	draw(live, true);
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
	{"range_1k", count_range_pair, draw_one, 1000, false},
	{"range_10k", count_range_pair, draw_one, 10000, false},
	{"range_100k", count_range_pair, draw_one, 100000, false},
	{"range_1m", count_range_pair, draw_one, 1000000, false},
	{"mixed_1k", count_range_pair, draw_mixed, 1000, false},
	{"mixed_10k", count_range_pair, draw_mixed, 10000, false},
	{"mixed_100k", count_range_pair, draw_mixed, 100000, false},
	{"mixed_1m", count_range_pair, draw_mixed, 1000000, false},
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
	buddy_init(&buddy, 48, (struct buddy_memory){.owner = OWNER});
	CHECK(buddy_withhold(&buddy, 0, 1) == 0);
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
