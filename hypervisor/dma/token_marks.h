/* SPDX-License-Identifier: MIT */
/*
 * What is remembered of each page of a token, so that a caller's word for what
 * a segment is need not be taken (contract Q38). Four bits a page, sixteen
 * pages a word; all memory for it is taken when the token is made.
 *
 *   segment of 4 pages   BEGINS|HELD|MAPPED  HELD|MAPPED  HELD ENDS|HELD|MAPPED
 *                                                          ^ already unmapped
 *
 * A segment is a run of HELD pages, of which the first one BEGINS and no other.
 * It holds all its pages until the last of them is unmapped. One without ENDS
 * is still being mapped: a part that follows it directly makes it longer.
 */
#pragma once

#include "dma/domain.h"

#define TOKEN_BEGINS 1u /* first page of a segment */
#define TOKEN_ENDS   2u /* last page of a segment that is complete           */
#define TOKEN_HELD   4u /* in a segment                                      */
#define TOKEN_MAPPED 8u /* in a segment, and not unmapped yet */
#define TOKEN_MARKS  15u

#define TOKEN_PAGES_PER_WORD 16u
#define TOKEN_PAGES_PER_SHEET                                                  \
	(PAGE_BYTES / sizeof(uint64_t) * TOKEN_PAGES_PER_WORD)

/* No token has more level-0 tables than its guest may have tables. */
#define TOKEN_PAGES_MAX	 (GUEST_TABLE_PAGE_QUOTA_MAX * UINT64_C(512))
#define TOKEN_SHEETS_MAX (TOKEN_PAGES_MAX / TOKEN_PAGES_PER_SHEET)

struct dma_token {
	/* Fixed while it lives. */
	struct dma_domain *domain;
	hpa_t page; /* where this structure lives                            */
	uint64_t start;
	uint64_t pages;

	/* Protected by the guest's lock. */
	hpa_t sheet[TOKEN_SHEETS_MAX]; /* of marks */
};

static_assert(TOKEN_PAGES_MAX % TOKEN_PAGES_PER_SHEET == 0, "whole sheets");
static_assert(sizeof(struct dma_token) <= PAGE_BYTES, "one page a token");

/**
 * token_alloc() - A token of no domain, all marks 0; charged to a guest.
 * @pages: at most TOKEN_PAGES_MAX
 * Return: NULL without memory, nothing is held then.
 */
struct dma_token *token_alloc(uint16_t owner, uint64_t pages);
void token_release(struct dma_token *t);

/* token_find() - By handle, the guest's lock held. NULL: not its own. */
struct dma_token *token_find(const struct dma_guest *dg, uint64_t handle);

/* token_has() - [first, first + pages), in pages, is not empty nor beyond. */
static inline bool token_has(const struct dma_token *t, uint64_t first,
			     uint64_t pages)
{
	return pages != 0 && first < t->pages && pages <= t->pages - first;
}

/**
 * token_marks_are() - Is (marks & @mask) == @want for each page of a range?
 * True for an empty range.
 */
bool token_marks_are(const struct dma_token *t, uint64_t first, uint64_t pages,
		     unsigned mask, unsigned want);

/* token_marks_set() - marks = (marks & ~@mask) | @value, for each page. */
void token_marks_set(struct dma_token *t, uint64_t first, uint64_t pages,
		     unsigned mask, unsigned value);
