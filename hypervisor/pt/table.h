/* SPDX-License-Identifier: MIT */
/*
 * Table pages: taken from the pool, charged, given back. For pt/ alone.
 *
 * A stock (pt.h) holds the pages that a change will need, taken before the
 * first store of it: what cannot get all its pages has changed nothing, and no
 * page that a walker might have seen goes back without a flush.
 */
#pragma once

#include "pt/pt.h"

/* pt_page_alloc() - A zeroed page, charged. Return: HPA_NONE at the quota. */
hpa_t pt_page_alloc(struct pt *pt);
void pt_page_free(struct pt *pt, hpa_t page);

/**
 * pt_stock_fill() - Take @count pages at once.
 * Return: 0, or -XEN_ENOMEM (quota or pool) with none taken.
 */
int pt_stock_fill(struct pt_stock *stock, struct pt *pt,
		  uint64_t count) __must_check;

/* pt_stock_move() - One page of @from, which is not empty, to @to. */
void pt_stock_move(struct pt_stock *to, struct pt_stock *from);

/* pt_stock_take() - The next page, zero again. The stock is not empty. */
uint64_t *pt_stock_take(struct pt_stock *stock);

/* pt_stock_drain() - Give all of its pages back. */
void pt_stock_drain(struct pt_stock *stock, struct pt *pt);
