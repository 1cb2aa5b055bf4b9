// SPDX-License-Identifier: MIT
/*
 * The nested page table with page types in its software bits. The map's own
 * lock guards it; references on guest pages are taken and dropped here, so
 * that a page lives as long as somebody maps it.
 */
#include "guest/p2m.h"

#include "lib/check.h"
#include "lib/error.h"
#include "mm/page.h"

#define P2M_LEVELS     4u
#define P2M_LEAF_LEVEL 2u /* leaves up to 1 GiB */

void (*p2m_flush)(struct p2m *p2m);
unsigned p2m_address_bits = 40;

static uint64_t leaf_pages(unsigned level)
{
	return UINT64_C(1) << (9 * level);
}

static unsigned prot_of(enum p2m_type type)
{
	switch (type) {
	case P2M_RAM:
		return PT_READ | PT_WRITE | PT_EXEC | PT_SOFT(P2M_RAM);
	case P2M_DEVICE:
		return PT_READ | PT_WRITE | PT_DEVICE | PT_SOFT(P2M_DEVICE);
	case P2M_FOREIGN:
		return PT_READ | PT_WRITE | PT_SOFT(P2M_FOREIGN);
	case P2M_BLANK:
		return PT_READ | PT_WRITE | PT_SOFT(P2M_BLANK);
	case P2M_HOLE:
		break;
	}
	BUG("no such page type");
}

int p2m_init(struct p2m *p2m, uint16_t owner)
{
	*p2m = (struct p2m){
		.lock = SPINLOCK_INIT(LOCK_P2M),
		.owner = owner,
	};
	return pt_init(&p2m->pt, &pt_format_npt,
		       (struct pt_memory){owner, &p2m->table_pages, NULL},
		       P2M_LEVELS, 12 + 9 * P2M_LEVELS, true);
}

/* True for types whose page carries a reference held by the map. */
static bool holds_reference(enum p2m_type type, hpa_t page)
{
	return (type == P2M_RAM || type == P2M_FOREIGN) && page_is_guest(page);
}

/* Drop what the map holds of one leaf's pages. */
static void put_leaf(const struct pt_leaf *leaf, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++) {
		hpa_t page = to_hpa(leaf->page.addr + i * PAGE_BYTES);

		if (!holds_reference(PT_SOFT_GET(leaf->prot), page)) {
			return;
		}
		page_put(page);
	}
}

bool p2m_empty(struct p2m *p2m, uint64_t budget)
{
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_leaf leaf;
	uint64_t at = 0;
	bool is_empty = true;

	spin_lock(&p2m->lock);
	while (pt_next(&p2m->pt, &at, &leaf)) {
		uint64_t pages = leaf_pages(leaf.level);

		if (budget == 0) {
			is_empty = false;
			break;
		}
		put_leaf(&leaf, pages);
		pt_clear(&p2m->pt, at, pages, &gather);
		budget--;
	}
	/* No CPU walks it: the guest's own has left and flushes at its next. */
	pt_gather_free(&p2m->pt, &gather);
	spin_unlock(&p2m->lock);
	return is_empty;
}

void p2m_destroy(struct p2m *p2m)
{
	bool is_empty = p2m_empty(p2m, UINT64_MAX);

	CHECK(is_empty);
	pt_destroy(&p2m->pt);
	p2m->ram_pages = 0;
}

static bool range_fits(gpa_t at, uint64_t pages)
{
	uint64_t limit = UINT64_C(1) << (p2m_address_bits - PAGE_SHIFT);

	return is_aligned(at.addr, PAGE_BYTES) && pages != 0 &&
	       pages <= limit && (at.addr >> PAGE_SHIFT) <= limit - pages;
}

int p2m_add(struct p2m *p2m, gpa_t at, hpa_t page, uint64_t pages,
	    enum p2m_type type)
{
	int error;

	if (!range_fits(at, pages)) {
		return -XEN_EINVAL;
	}
	spin_lock(&p2m->lock);
	if (p2m->is_frozen && type == P2M_RAM) {
		error = -XEN_EPERM;
		goto unlock;
	}
	if (!pt_is_empty(&p2m->pt, at.addr, pages)) {
		error = -XEN_EBUSY;
		goto unlock;
	}
	error = pt_map_range(&p2m->pt, at.addr, page, pages, prot_of(type),
			     P2M_LEAF_LEVEL);
	if (error != 0) {
		goto unlock;
	}
	if (type == P2M_RAM) {
		p2m->ram_pages += pages;
	}
	if (type == P2M_FOREIGN) {
		CHECK(pages == 1);
		page_get(page);
	}
unlock:
	spin_unlock(&p2m->lock);
	return error;
}

/* True when every page of the range has @type. */
static bool is_all(struct p2m *p2m, gpa_t at, uint64_t pages,
		   enum p2m_type type)
{
	for (uint64_t i = 0; i < pages; i++) {
		struct pt_leaf leaf;

		if (!pt_lookup(&p2m->pt, at.addr + i * PAGE_BYTES, &leaf) ||
		    PT_SOFT_GET(leaf.prot) != type) {
			return false;
		}
	}
	return true;
}

/* Clear, flush, and only then let the pages go. */
static void remove_range(struct p2m *p2m, gpa_t at, uint64_t pages,
			 enum p2m_type type)
{
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_leaf leaf;

	CHECK(pt_lookup(&p2m->pt, at.addr, &leaf));
	pt_clear(&p2m->pt, at.addr, pages, &gather);
	if (p2m_flush != NULL) {
		p2m_flush(p2m);
	}
	pt_gather_free(&p2m->pt, &gather);
	if (holds_reference(type, leaf.page)) {
		page_put(leaf.page);
	}
	if (type == P2M_RAM) {
		p2m->ram_pages -= pages;
	}
}

int p2m_remove(struct p2m *p2m, gpa_t at, uint64_t pages, enum p2m_type type)
{
	bool counted = type == P2M_RAM || type == P2M_FOREIGN;
	uint64_t step = counted ? 1 : pages;
	int error = 0;

	if (!range_fits(at, pages)) {
		return -XEN_EINVAL;
	}
	spin_lock(&p2m->lock);
	if (p2m->is_frozen && type == P2M_RAM) {
		error = -XEN_EPERM;
	} else if (!is_all(p2m, at, pages, type)) {
		error = -XEN_ENOENT;
	} else {
		error = pt_split(&p2m->pt, at.addr, pages);
	}
	for (uint64_t done = 0; error == 0 && done < pages; done += step) {
		/* One by one where each page carries a reference. */
		remove_range(p2m, to_gpa(at.addr + done * PAGE_BYTES), step,
			     type);
	}
	spin_unlock(&p2m->lock);
	return error;
}

int p2m_remove_machine(struct p2m *p2m, struct range window)
{
	struct pt_leaf leaf;
	uint64_t at = 0;
	int error = 0;

	spin_lock(&p2m->lock);
	for (; error == 0 && pt_next(&p2m->pt, &at, &leaf);
	     at += PAGE_BYTES << (9 * leaf.level)) {
		struct range mapped = {leaf.page.addr,
				       PAGE_BYTES << (9 * leaf.level)};
		uint64_t pages = leaf_pages(leaf.level);

		/* A window is as large as its alignment: leaves lie inside. */
		if (PT_SOFT_GET(leaf.prot) == P2M_DEVICE &&
		    range_overlaps(window, mapped)) {
			error = pt_split(&p2m->pt, at, pages);
			if (error == 0) {
				remove_range(p2m, to_gpa(at), pages,
					     P2M_DEVICE);
			}
		}
	}
	spin_unlock(&p2m->lock);
	return error;
}

enum p2m_type p2m_lookup_run(struct p2m *p2m, gpa_t at, hpa_t *page,
			     uint64_t *pages)
{
	enum p2m_type type = P2M_HOLE;
	struct pt_leaf leaf;

	if (at.addr >> p2m_address_bits != 0) {
		return P2M_HOLE;
	}
	spin_lock(&p2m->lock);
	if (pt_lookup(&p2m->pt, at.addr, &leaf)) {
		type = (enum p2m_type)PT_SOFT_GET(leaf.prot);
		*page = leaf.page;
		*pages =
			leaf_pages(leaf.level) - ((at.addr >> PAGE_SHIFT) &
						  (leaf_pages(leaf.level) - 1));
	}
	spin_unlock(&p2m->lock);
	return type;
}

enum p2m_type p2m_lookup(struct p2m *p2m, gpa_t at, hpa_t *page)
{
	uint64_t pages;

	return p2m_lookup_run(p2m, at, page, &pages);
}

void p2m_freeze(struct p2m *p2m)
{
	spin_lock(&p2m->lock);
	p2m->is_frozen = true;
	spin_unlock(&p2m->lock);
}

int p2m_for_each_ram(struct p2m *p2m,
		     int (*visit)(void *context, gpa_t at, hpa_t page,
				  uint64_t pages),
		     void *context)
{
	struct {
		uint64_t at, page, pages;
	} run = {0, 0, 0};
	struct pt_leaf leaf;
	uint64_t at = 0;
	int error = 0;

	spin_lock(&p2m->lock);
	for (; error == 0 && pt_next(&p2m->pt, &at, &leaf);
	     at += PAGE_BYTES << (9 * leaf.level)) {
		uint64_t pages = leaf_pages(leaf.level);
		uint64_t bytes = run.pages * PAGE_BYTES;

		if (PT_SOFT_GET(leaf.prot) != P2M_RAM) {
			continue;
		}
		if (run.pages != 0 && run.at + bytes == at &&
		    run.page + bytes == leaf.page.addr) {
			run.pages += pages;
			continue;
		}
		if (run.pages != 0) {
			error = visit(context, to_gpa(run.at), to_hpa(run.page),
				      run.pages);
		}
		run.at = at;
		run.page = leaf.page.addr;
		run.pages = pages;
	}
	if (error == 0 && run.pages != 0) {
		error = visit(context, to_gpa(run.at), to_hpa(run.page),
			      run.pages);
	}
	spin_unlock(&p2m->lock);
	return error;
}
