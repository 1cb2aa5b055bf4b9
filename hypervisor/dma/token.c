// SPDX-License-Identifier: MIT
/*
 * Life of a token: its range taken, its tables made and pinned, and all of that
 * given back. Contract 3.5, section 5 Q37, Q42. The guest's lock is held.
 */
#include "dma/token.h"

#include "base/log.h"
#include "dma/frames.h"
#include "dma/ranges.h"
#include "dma/service.h"
#include "dma/token_marks.h"
#include "dma/translated.h"

#define TABLE_PAGES UINT64_C(512) /* that a level-0 table maps */

/* The n-th live token of a guest, NULL past the last. */
static struct dma_token *token_at(const struct dma_guest *dg, uint32_t n,
				  uint64_t *handle)
{
	return idmap_at(&dg->reservations, n, handle);
}

static struct range range_of(const struct dma_token *t)
{
	return (struct range){t->start, t->pages << PAGE_SHIFT};
}

bool dma_tokens_overlap(const struct dma_guest *dg,
			const struct dma_domain *dma, struct range at)
{
	uint64_t handle;

	for (uint32_t n = 0; n < dg->reservations.used; n++) {
		const struct dma_token *t = token_at(dg, n, &handle);

		if (t->domain == dma && range_overlaps(range_of(t), at)) {
			return true;
		}
	}
	return false;
}

uint32_t dma_tokens_of(const struct dma_guest *dg, const struct dma_domain *dma)
{
	uint32_t count = 0;
	uint64_t handle;

	for (uint32_t n = 0; n < dg->reservations.used; n++) {
		count += token_at(dg, n, &handle)->domain == dma;
	}
	return count;
}

void dma_tokens_drop(struct dma_guest *dg, struct dma_domain *dma)
{
	uint32_t kept = 0;
	uint64_t handle;

	while (kept < dg->reservations.used) {
		struct dma_token *t = token_at(dg, kept, &handle);

		if (t->domain != dma) {
			kept++;
			continue;
		}
		idmap_remove(&dg->reservations, handle);
		token_release(t);
	}
}

static NTSTATUS reserve_decode(const struct dma_domain *dma,
			       const struct sluice_reserve_token *a)
{
	bool is_explicit = a->has_logical_address != 0;

	if (a->bytes == 0 || !is_aligned(a->bytes, PAGE_BYTES)) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (is_explicit == dma->has_allocator) {
		return STATUS_NOT_SUPPORTED;
	}
	if (a->has_logical_address > 1 ||
	    (a->has_bounds & ~(SLUICE_HAS_MIN | SLUICE_HAS_MAX)) != 0 ||
	    (is_explicit &&
	     (!is_aligned(a->logical_address, PAGE_BYTES) ||
	      !dma_is_in_width(a->logical_address, a->bytes >> PAGE_SHIFT)))) {
		return STATUS_INVALID_PARAMETER_3;
	}
	return STATUS_SUCCESS;
}

/* The range is chosen; now all that it will ever need. NULL: nothing is held.
 */
static struct dma_token *token_make(struct dma_guest *dg,
				    struct dma_domain *dma, uint64_t start,
				    uint64_t pages)
{
	uint64_t tables = pages / TABLE_PAGES + (pages % TABLE_PAGES != 0);
	struct dma_token *t;

	/*
	 * More tables than it may have at all: said before they are counted,
	 * which takes a step for each.
	 */
	if (tables > dg->table_quota || pages > TOKEN_PAGES_MAX ||
	    dg->reservations.used == dg->reservations.count) {
		return NULL;
	}
	t = token_alloc(dg->guest->id, pages);
	if (t == NULL) {
		return NULL;
	}
	/* Last: a table that a unit may have seen cannot just be given back. */
	if (pt_reserve(&dma->pt, start, pages) != 0) {
		token_release(t);
		return NULL;
	}
	pt_pin(&dma->pt, start, pages);
	t->domain = dma;
	t->start = start;
	return t;
}

static NTSTATUS reserve_locked(struct dma_guest *dg,
			       struct sluice_reserve_token *a)
{
	struct dma_domain *dma = dma_find_translated(dg, a->domain);
	struct dma_bounds bounds = {a->has_bounds, a->min, a->max};
	uint64_t pages = a->bytes >> PAGE_SHIFT;
	uint64_t start = a->logical_address;
	struct dma_token *t;
	NTSTATUS status;

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	status = reserve_decode(dma, a);
	if (status == STATUS_SUCCESS && dma->has_allocator) {
		status = dma_range_take(dma, pages, bounds, &start);
	} else if (status == STATUS_SUCCESS &&
		   !dma_is_free(dg, dma, start, pages)) {
		status = STATUS_IN_USE;
	}
	if (status != STATUS_SUCCESS) {
		return status;
	}
	t = token_make(dg, dma, start, pages);
	if (t == NULL) {
		log_guest(dg->guest->id, "no memory for a token's tables");
		if (dma->has_allocator) {
			buddy_free(&dma->buddy, start);
		}
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	a->logical_address = start;
	a->token = idmap_add(&dg->reservations, t);
	return STATUS_SUCCESS;
}

/**
 * dma_reserve_token() - ReserveLogicalAddressRange.
 * @a: checked header; .logical_address and .token are filled in on success
 * Return: as listed at struct sluice_reserve_token, in that order.
 */
NTSTATUS dma_reserve_token(struct guest *g, struct sluice_reserve_token *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = reserve_locked(dg, a);
	spin_unlock(&dg->lock);
	return status;
}

/* Unpin the tables of a token that is no more, but for those of other ones. */
static void unpin(struct dma_guest *dg, const struct dma_token *t)
{
	uint64_t handle;

	pt_unpin(&t->domain->pt, t->start, t->pages);
	for (uint32_t n = 0; n < dg->reservations.used; n++) {
		const struct dma_token *other = token_at(dg, n, &handle);

		if (other->domain == t->domain) {
			pt_pin(&t->domain->pt, other->start, other->pages);
		}
	}
}

/* Drop tables in which nothing is mapped. False: a unit did not confirm. */
static bool drop_tables(struct dma_guest *dg, const struct dma_token *t)
{
	struct dma_domain *dma = t->domain;
	struct pt_gather gather = PT_GATHER_INIT;

	unpin(dg, t);
	(void)pt_clear(&dma->pt, t->start, t->pages, &gather);
	if (dma->was_attached && iommu_flush_domain(dma->asid) != 0) {
		log_guest(dg->guest->id,
			  "no unit confirms the end of a token, %lu table "
			  "pages are lost",
			  (unsigned long)gather.count);
		dma->owes_flush = true;
		return false;
	}
	pt_gather_free(&dma->pt, &gather);
	return true;
}

static NTSTATUS free_locked(struct dma_guest *dg,
			    const struct sluice_token_ref *a)
{
	struct dma_token *t = token_find(dg, a->token);
	NTSTATUS status = STATUS_SUCCESS;

	if (t == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (!pt_is_empty(&t->domain->pt, t->start, t->pages)) {
		return STATUS_RESOURCE_IN_USE;
	}
	/* What was unmapped here must be out of every cache before reuse. */
	if (!dma_settle_flush(t->domain)) {
		return STATUS_UNSUCCESSFUL;
	}
	idmap_remove(&dg->reservations, a->token);
	if (!drop_tables(dg, t)) {
		status = STATUS_UNSUCCESSFUL; /* its range is lost as well */
	} else if (t->domain->has_allocator) {
		buddy_free(&t->domain->buddy, t->start);
	}
	token_release(t);
	return status;
}

/**
 * dma_free_token() - FreeReservedLogicalAddressRange.
 * Return: as listed at struct sluice_token_ref, in that order; then
 * UNSUCCESSFUL: a unit did not confirm a flush.
 */
NTSTATUS dma_free_token(struct guest *g, const struct sluice_token_ref *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = free_locked(dg, a);
	spin_unlock(&dg->lock);
	return status;
}
