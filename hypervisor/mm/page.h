/* SPDX-License-Identifier: MIT */
/*
 * Page frames: two pools, one descriptor a page, an owner on each.
 *
 * The hypervisor pool holds tables and objects; the guest pool holds guest
 * memory. A page is zero when it is handed out. Guest pages carry a reference
 * count: one for the guest's own memory map, one for each foreign mapping; a
 * page goes back to the pool when the last one is dropped.
 */
#pragma once

#include "lib/addr.h"

enum page_pool {
	PAGE_POOL_HYPERVISOR,
	PAGE_POOL_GUEST,
	PAGE_POOL_COUNT,
};

/* Owner of the hypervisor's own pages that are charged to nobody. */
#define PAGE_OWNER_NONE 0xffffu

/**
 * page_pool_add() - Give a range of RAM to a pool, at start-up.
 * @base:  multiple of 4096
 * @pages: descriptors for these are taken from the range's own first pages
 *
 * At most four ranges a pool; further ones are left unused.
 */
void page_pool_add(enum page_pool pool, hpa_t base, uint64_t pages);

/**
 * page_alloc() - Take a zeroed page.
 * @owner: guest's id, or PAGE_OWNER_NONE
 * Return: its address, or HPA_NONE when the pool is empty.
 */
hpa_t page_alloc(enum page_pool pool, uint16_t owner);

/**
 * page_alloc_contiguous() - Take neighbouring zeroed pages, each with its own
 * reference, to be given back one by one.
 * @pages: how many, not 0
 *
 * For start-up: it may look at every page of the pool, several times.
 * Return: address of the first, or HPA_NONE when no such run is free.
 */
hpa_t page_alloc_contiguous(enum page_pool pool, uint16_t owner,
			    uint64_t pages);

/* page_get() - One more reference to a live page of the guest pool. */
void page_get(hpa_t page);

/* page_put() - Drop a reference; the last one gives the page back. */
void page_put(hpa_t page);

/* page_owner() - Owner of a live pool page, else PAGE_OWNER_NONE. */
uint16_t page_owner(hpa_t page);

/**
 * page_tally() - A number that goes with a live page of the hypervisor's pool.
 * Return: where it is kept, until the page is given back; 0 at first. Whoever
 * holds the page serialises its changes.
 */
uint16_t *page_tally(hpa_t page);

/* page_is_guest() - True when @page belongs to the guest pool's range. */
bool page_is_guest(hpa_t page);

/* page_is_hypervisor() - The same of the hypervisor pool's. */
bool page_is_hypervisor(hpa_t page);

/* page_owned_count() - Live hypervisor-pool pages charged to @owner. */
uint64_t page_owned_count(uint16_t owner);

struct page_pool_counts {
	uint64_t total;
	uint64_t free;
};

struct page_pool_counts page_pool_counts(enum page_pool pool);

/* page_reset() - Forget every range; for the tests' next machine. */
void page_reset(void);
