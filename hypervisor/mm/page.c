// SPDX-License-Identifier: MIT
/*
 * Two pools of page frames, each a few ranges of RAM with one descriptor a
 * page. Free pages are linked through their descriptors, so a page's own bytes
 * are never used while it is free. One lock: allocation is rare beside DMA
 * mapping, which touches it only when a table page is needed.
 */
#include "mm/page.h"

#include "arch/physmap.h"
#include "base/spinlock.h"
#include "lib/check.h"
#include "lib/string.h"

#define RANGES_MAX 4u
#define LINK_END   UINT32_MAX

/* In .owner: the page is in nobody's hands. No guest has this id. */
#define OWNER_FREE 0xfffeu

struct page {
	uint32_t word; /* free: index of the next free page; live: references */
	uint16_t owner;
	uint16_t tally; /* see page_tally()                                   */
};

struct page_range {
	uint64_t base;
	uint64_t pages;
	struct page *page;
	uint32_t first_free;
	uint64_t free_count;
};

static struct spinlock lock = SPINLOCK_INIT(LOCK_PAGE_POOL);

/* Protected by lock; ranges are fixed after start-up. */
static struct {
	struct page_range range[PAGE_POOL_COUNT][RANGES_MAX];
	unsigned count[PAGE_POOL_COUNT];
} pools;

static hpa_t page_at(const struct page_range *r, uint32_t index)
{
	return to_hpa(r->base + (uint64_t)index * PAGE_BYTES);
}

static bool is_live(const struct page *p)
{
	return p->owner != OWNER_FREE;
}

/* The range and descriptor of a pool page, or NULL. */
static struct page *find(hpa_t page, struct page_range **range,
			 enum page_pool *pool)
{
	for (unsigned p = 0; p < PAGE_POOL_COUNT; p++) {
		for (unsigned i = 0; i < pools.count[p]; i++) {
			struct page_range *r = &pools.range[p][i];

			if (page.addr >= r->base &&
			    page.addr - r->base < r->pages * PAGE_BYTES) {
				*range = r;
				*pool = (enum page_pool)p;
				return &r->page[(page.addr - r->base) >>
						PAGE_SHIFT];
			}
		}
	}
	return NULL;
}

void page_pool_add(enum page_pool pool, hpa_t base, uint64_t pages)
{
	uint64_t own;
	struct page_range *r;

	CHECK(is_aligned(base.addr, PAGE_BYTES));
	own = bytes_to_pages(pages * sizeof(struct page));
	if (pools.count[pool] == RANGES_MAX || pages <= own ||
	    pages >= LINK_END) {
		return;
	}
	r = &pools.range[pool][pools.count[pool]++];
	r->page = physmap_ptr(base);
	r->base = base.addr + own * PAGE_BYTES;
	r->pages = pages - own;
	r->free_count = r->pages;
	for (uint64_t i = 0; i < r->pages; i++) {
		r->page[i] = (struct page){
			.word = i + 1 < r->pages ? (uint32_t)(i + 1) : LINK_END,
			.owner = OWNER_FREE,
		};
	}
	r->first_free = 0;
}

static hpa_t take(struct page_range *r, uint16_t owner)
{
	uint32_t index = r->first_free;

	if (index == LINK_END) {
		return HPA_NONE;
	}
	CHECK(!is_live(&r->page[index]));
	r->first_free = r->page[index].word;
	r->free_count--;
	r->page[index] = (struct page){1, owner, 0};
	return page_at(r, index);
}

hpa_t page_alloc(enum page_pool pool, uint16_t owner)
{
	hpa_t page = HPA_NONE;

	spin_lock(&lock);
	for (unsigned i = 0; i < pools.count[pool] && hpa_is_none(page); i++) {
		page = take(&pools.range[pool][i], owner);
	}
	spin_unlock(&lock);
	if (!hpa_is_none(page)) {
		memset(physmap_ptr(page), 0, PAGE_BYTES);
	}
	return page;
}

/* The first page of a run of free ones, or LINK_END. */
static uint32_t find_run(const struct page_range *r, uint64_t pages)
{
	uint64_t run = 0;

	for (uint64_t i = 0; i < r->pages; i++) {
		run = is_live(&r->page[i]) ? 0 : run + 1;
		if (run == pages) {
			return (uint32_t)(i + 1 - pages);
		}
	}
	return LINK_END;
}

/* Mark a run as taken, and link the free list past its pages. */
static void take_run(struct page_range *r, uint32_t first, uint64_t pages,
		     uint16_t owner)
{
	uint32_t *link = &r->first_free;

	while (*link != LINK_END) {
		struct page *p = &r->page[*link];

		if (*link - first < pages) {
			*link = p->word;
			*p = (struct page){1, owner, 0};
			r->free_count--;
		} else {
			link = &p->word;
		}
	}
}

hpa_t page_alloc_contiguous(enum page_pool pool, uint16_t owner, uint64_t pages)
{
	hpa_t first = HPA_NONE;

	CHECK(pages != 0);
	spin_lock(&lock);
	for (unsigned i = 0; i < pools.count[pool] && hpa_is_none(first); i++) {
		struct page_range *r = &pools.range[pool][i];
		uint32_t index = find_run(r, pages);

		if (index != LINK_END) {
			take_run(r, index, pages, owner);
			first = page_at(r, index);
		}
	}
	spin_unlock(&lock);
	for (uint64_t i = 0; i < pages && !hpa_is_none(first); i++) {
		memset(physmap_ptr(to_hpa(first.addr + i * PAGE_BYTES)), 0,
		       PAGE_BYTES);
	}
	return first;
}

void page_get(hpa_t page)
{
	struct page_range *r;
	enum page_pool pool;
	struct page *p;

	spin_lock(&lock);
	p = find(page, &r, &pool);
	CHECK(p != NULL && is_live(p) && p->word < UINT32_MAX);
	p->word++;
	spin_unlock(&lock);
}

void page_put(hpa_t page)
{
	struct page_range *r;
	enum page_pool pool;
	struct page *p;

	spin_lock(&lock);
	p = find(page, &r, &pool);
	CHECK(p != NULL && is_live(p) && p->word > 0);
	if (--p->word == 0) {
		*p = (struct page){r->first_free, OWNER_FREE, 0};
		r->first_free = (uint32_t)(p - r->page);
		r->free_count++;
	}
	spin_unlock(&lock);
}

uint16_t page_owner(hpa_t page)
{
	uint16_t owner = PAGE_OWNER_NONE;
	struct page_range *r;
	enum page_pool pool;
	struct page *p;

	spin_lock(&lock);
	p = find(page, &r, &pool);
	if (p != NULL && is_live(p)) {
		owner = p->owner;
	}
	spin_unlock(&lock);
	return owner;
}

uint16_t *page_tally(hpa_t page)
{
	/* Ranges do not change after start-up, so no lock. */
	for (unsigned i = 0; i < pools.count[PAGE_POOL_HYPERVISOR]; i++) {
		struct page_range *r = &pools.range[PAGE_POOL_HYPERVISOR][i];
		uint64_t index = (page.addr - r->base) >> PAGE_SHIFT;

		if (index < r->pages) {
			return &r->page[index].tally;
		}
	}
	BUG("no page of the hypervisor's");
}

bool page_is_guest(hpa_t page)
{
	struct page_range *r;
	enum page_pool pool;

	/* Ranges do not change after start-up, so no lock. */
	return find(page, &r, &pool) != NULL && pool == PAGE_POOL_GUEST;
}

bool page_is_hypervisor(hpa_t page)
{
	struct page_range *r;
	enum page_pool pool;

	return find(page, &r, &pool) != NULL && pool == PAGE_POOL_HYPERVISOR;
}

static uint64_t owned_in(const struct page_range *r, uint16_t owner)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < r->pages; i++) {
		count += r->page[i].owner == owner;
	}
	return count;
}

uint64_t page_owned_count(uint16_t owner)
{
	uint64_t count = 0;

	spin_lock(&lock);
	for (unsigned i = 0; i < pools.count[PAGE_POOL_HYPERVISOR]; i++) {
		count += owned_in(&pools.range[PAGE_POOL_HYPERVISOR][i], owner);
	}
	spin_unlock(&lock);
	return count;
}

struct page_pool_counts page_pool_counts(enum page_pool pool)
{
	struct page_pool_counts counts = {0, 0};

	spin_lock(&lock);
	for (unsigned i = 0; i < pools.count[pool]; i++) {
		counts.total += pools.range[pool][i].pages;
		counts.free += pools.range[pool][i].free_count;
	}
	spin_unlock(&lock);
	return counts;
}

void page_reset(void)
{
	memset(pools.range, 0, sizeof(pools.range));
	memset(pools.count, 0, sizeof(pools.count));
}
