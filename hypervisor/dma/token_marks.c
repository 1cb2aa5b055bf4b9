// SPDX-License-Identifier: MIT
/*
 * Marks of a token's pages, a word at a time: a segment may be the whole token,
 * and each part of it that is unmapped asks about all of it.
 */
#include "dma/token_marks.h"

#include "arch/physmap.h"
#include "lib/check.h"
#include "mm/page.h"

#define BITS_PER_PAGE 4u
#define EVERY_PAGE    UINT64_C(0x1111111111111111)

static uint64_t sheets_of(uint64_t pages)
{
	return (pages + TOKEN_PAGES_PER_SHEET - 1) / TOKEN_PAGES_PER_SHEET;
}

struct dma_token *token_alloc(uint16_t owner, uint64_t pages)
{
	hpa_t page = page_alloc(PAGE_POOL_HYPERVISOR, owner);
	struct dma_token *t;

	CHECK(pages != 0 && pages <= TOKEN_PAGES_MAX);
	if (hpa_is_none(page)) {
		return NULL;
	}
	t = physmap_ptr(page);
	t->page = page;
	for (uint64_t i = 0; i < sheets_of(pages); i++) {
		t->sheet[i] = page_alloc(PAGE_POOL_HYPERVISOR, owner);
		if (hpa_is_none(t->sheet[i])) {
			token_release(t);
			return NULL;
		}
		/* As many sheets as there are so far, for the release. */
		t->pages = (i + 1) * TOKEN_PAGES_PER_SHEET;
	}
	t->pages = pages;
	return t;
}

void token_release(struct dma_token *t)
{
	for (uint64_t i = 0; i < sheets_of(t->pages); i++) {
		page_put(t->sheet[i]);
	}
	page_put(t->page);
}

struct dma_token *token_find(const struct dma_guest *dg, uint64_t handle)
{
	return idmap_find(&dg->reservations, handle);
}

/* A part of a range that lies in one word. */
struct piece {
	uint64_t *word;
	uint64_t bits; /* those of the part's pages */
	uint64_t pages;
};

static struct piece piece_at(const struct dma_token *t, uint64_t first,
			     uint64_t pages)
{
	uint64_t *words = physmap_ptr(t->sheet[first / TOKEN_PAGES_PER_SHEET]);
	uint64_t inside = first % TOKEN_PAGES_PER_SHEET;
	unsigned skip = (unsigned)(inside % TOKEN_PAGES_PER_WORD);
	unsigned count = TOKEN_PAGES_PER_WORD - skip;

	if (pages < count) {
		count = (unsigned)pages;
	}
	return (struct piece){
		.word = &words[inside / TOKEN_PAGES_PER_WORD],
		.bits = UINT64_MAX >>
			(BITS_PER_PAGE * (TOKEN_PAGES_PER_WORD - count))
				<< (BITS_PER_PAGE * skip),
		.pages = count,
	};
}

bool token_marks_are(const struct dma_token *t, uint64_t first, uint64_t pages,
		     unsigned mask, unsigned want)
{
	CHECK(pages == 0 || token_has(t, first, pages));
	while (pages != 0) {
		struct piece p = piece_at(t, first, pages);

		if (((*p.word ^ want * EVERY_PAGE) & mask * EVERY_PAGE &
		     p.bits) != 0) {
			return false;
		}
		first += p.pages;
		pages -= p.pages;
	}
	return true;
}

void token_marks_set(struct dma_token *t, uint64_t first, uint64_t pages,
		     unsigned mask, unsigned value)
{
	CHECK(token_has(t, first, pages) && (value & ~mask) == 0);
	while (pages != 0) {
		struct piece p = piece_at(t, first, pages);

		*p.word = (*p.word & ~(mask * EVERY_PAGE & p.bits)) |
			  (value * EVERY_PAGE & p.bits);
		first += p.pages;
		pages -= p.pages;
	}
}
