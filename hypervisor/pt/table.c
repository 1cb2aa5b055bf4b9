// SPDX-License-Identifier: MIT
/* The only place in pt/ that takes and gives pages, and that counts them. */
#include "pt/table.h"

#include "arch/physmap.h"
#include "lib/check.h"
#include "lib/error.h"
#include "mm/page.h"

static bool quota_allows(const struct pt *pt, uint64_t count)
{
	const struct pt_memory *m = &pt->memory;
	uint64_t used;

	if (m->page_quota == NULL) {
		return true;
	}
	used = m->page_count == NULL ? pt->table_pages : *m->page_count;
	return used <= *m->page_quota && count <= *m->page_quota - used;
}

hpa_t pt_page_alloc(struct pt *pt)
{
	hpa_t page;

	if (!quota_allows(pt, 1)) {
		return HPA_NONE;
	}
	page = page_alloc(PAGE_POOL_HYPERVISOR, pt->memory.owner);
	if (hpa_is_none(page)) {
		return HPA_NONE;
	}
	pt->table_pages++;
	if (pt->memory.page_count != NULL) {
		(*pt->memory.page_count)++;
	}
	return page;
}

void pt_page_free(struct pt *pt, hpa_t page)
{
	CHECK(pt->table_pages > 0);
	pt->table_pages--;
	if (pt->memory.page_count != NULL) {
		(*pt->memory.page_count)--;
	}
	page_put(page);
}

void pt_stock_drain(struct pt_stock *stock, struct pt *pt)
{
	while (!hpa_is_none(stock->first)) {
		hpa_t page = stock->first;

		stock->first = to_hpa(*(uint64_t *)physmap_ptr(page));
		pt_page_free(pt, page);
	}
}

static void stock_add(struct pt_stock *stock, hpa_t page)
{
	*(uint64_t *)physmap_ptr(page) = stock->first.addr;
	stock->first = page;
}

int pt_stock_fill(struct pt_stock *stock, struct pt *pt, uint64_t count)
{
	stock->first = HPA_NONE;
	if (!quota_allows(pt, count)) {
		return -XEN_ENOMEM;
	}
	for (; count > 0; count--) {
		hpa_t page = pt_page_alloc(pt);

		if (hpa_is_none(page)) {
			pt_stock_drain(stock, pt);
			return -XEN_ENOMEM;
		}
		stock_add(stock, page);
	}
	return 0;
}

void pt_stock_move(struct pt_stock *to, struct pt_stock *from)
{
	stock_add(to, physmap_hpa(pt_stock_take(from)));
}

uint64_t *pt_stock_take(struct pt_stock *stock)
{
	uint64_t *table;

	CHECK(!hpa_is_none(stock->first));
	table = physmap_ptr(stock->first);
	stock->first = to_hpa(table[0]);
	table[0] = 0;
	return table;
}
