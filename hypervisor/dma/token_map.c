// SPDX-License-Identifier: MIT
/*
 * Mapping and unmapping inside a token. Neither takes nor gives a page: the
 * tables are pinned and the marks were made with the token.
 * Contract 3.5, section 5 Q37, Q38.
 */
#include "base/log.h"
#include "dma/frames.h"
#include "dma/service.h"
#include "dma/token.h"
#include "dma/token_marks.h"
#include "dma/translated.h"
#include "lib/check.h"

/* Pages of a token, counted from its start. */
struct span {
	uint64_t first;
	uint64_t pages;
};

static uint64_t address_of(const struct dma_token *t, struct span at)
{
	return t->start + (at.first << PAGE_SHIFT);
}

/*
 * Take leaves out; the tables stay. False: a unit did not confirm, and may
 * still hold what was there.
 */
static bool clear(struct dma_token *t, struct span at)
{
	struct dma_domain *dma = t->domain;
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t start = address_of(t, at);

	dma->mapped_pages -= pt_clear(&dma->pt, start, at.pages, &gather);
	CHECK(gather.count == 0);
	if (dma->was_attached &&
	    iommu_flush_pages(dma->asid, start, at.pages) != 0) {
		dma->owes_flush = true;
		return false;
	}
	return true;
}

static NTSTATUS map_decode(const struct guest_caller *c, struct dma_guest *dg,
			   const struct dma_token *t,
			   const struct sluice_map_token *a)
{
	struct dma_description d = {a->permissions, a->kind, a->base, a->frames,
				    a->pages};

	if (!is_aligned(a->offset, PAGE_BYTES) ||
	    a->offset >> PAGE_SHIFT >= t->pages) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (!dma_is_permission(a->permissions)) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if ((a->marks & ~(SLUICE_TOKEN_FIRST | SLUICE_TOKEN_LAST)) != 0 ||
	    !token_has(t, a->offset >> PAGE_SHIFT, a->pages) ||
	    !dma_read_frames(c, dg, &d) ||
	    !dma_resolve_frames(c->guest, dg, a->pages)) {
		return STATUS_INVALID_PARAMETER_4;
	}
	return STATUS_SUCCESS;
}

/* Does the page before @first end a segment that is still being mapped? */
static bool is_open_before(const struct dma_token *t, uint64_t first)
{
	return first != 0 &&
	       token_marks_are(t, first - 1, 1, TOKEN_HELD | TOKEN_ENDS,
			       TOKEN_HELD);
}

static void mark_part(struct dma_token *t, struct span at, uint32_t marks)
{
	bool begins = (marks & SLUICE_TOKEN_FIRST) != 0 ||
		      !is_open_before(t, at.first);

	token_marks_set(t, at.first, at.pages, TOKEN_MARKS,
			TOKEN_HELD | TOKEN_MAPPED);
	if (begins) {
		token_marks_set(t, at.first, 1, TOKEN_BEGINS, TOKEN_BEGINS);
	}
	if ((marks & SLUICE_TOKEN_LAST) != 0) {
		token_marks_set(t, at.first + at.pages - 1, 1, TOKEN_ENDS,
				TOKEN_ENDS);
	}
}

static NTSTATUS map_commit(struct dma_guest *dg, struct dma_token *t,
			   struct span at, const struct sluice_map_token *a)
{
	struct dma_domain *dma = t->domain;

	pt_set_pages(&dma->pt, address_of(t, at), dg->scratch.pages, at.pages,
		     a->permissions);
	dma->mapped_pages += at.pages;
	/*
	 * Nothing stale can be cached of a range that was absent, unless the
	 * unit caches absence as well (VT-d, CAP.CM).
	 */
	if (dma->was_attached && dma_service_limits()->needs_present_flush &&
	    iommu_flush_pages(dma->asid, address_of(t, at), at.pages) != 0) {
		if (clear(t, at)) {
			log_guest(dg->guest->id, "a map was taken back");
		}
		return STATUS_UNSUCCESSFUL;
	}
	mark_part(t, at, a->marks);
	return STATUS_SUCCESS;
}

static NTSTATUS map_locked(const struct guest_caller *c, struct dma_guest *dg,
			   const struct sluice_map_token *a)
{
	struct dma_token *t = token_find(dg, a->token);
	struct span at = {a->offset >> PAGE_SHIFT, a->pages};
	NTSTATUS status;

	if (t == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	status = map_decode(c, dg, t, a);
	if (status != STATUS_SUCCESS) {
		return status;
	}
	/*
	 * Segments never overlap: one that is unmapped in part holds all its
	 * pages, or its caller's name for it would mean two things.
	 */
	if (!token_marks_are(t, at.first, at.pages, TOKEN_HELD, 0)) {
		return STATUS_RESOURCE_IN_USE;
	}
	if (!dma_settle_flush(t->domain)) {
		return STATUS_UNSUCCESSFUL;
	}
	return map_commit(dg, t, at, a);
}

/**
 * dma_map_token() - MapReservedLogicalRange, or a part of one.
 * @c: caller; its frame list is read through it, once
 * @a: checked header
 *
 * Return: as listed at struct sluice_map_token, in that order; then
 * UNSUCCESSFUL: a unit did not confirm, nothing is mapped.
 */
NTSTATUS dma_map_token(const struct guest_caller *c,
		       const struct sluice_map_token *a)
{
	struct dma_guest *dg = dma_guest_of(c->guest);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = map_locked(c, dg, a);
	spin_unlock(&dg->lock);
	return status;
}

/*
 * Is this one segment, from its first page to its last, or to the last that has
 * been mapped so far? A page that does not begin one goes on with the one
 * before it, so that it is enough to look at where it begins and stops.
 */
static bool is_segment(const struct dma_token *t, struct span s)
{
	uint64_t end = s.first + s.pages;

	return token_has(t, s.first, s.pages) &&
	       token_marks_are(t, s.first, 1, TOKEN_BEGINS, TOKEN_BEGINS) &&
	       token_marks_are(t, s.first + 1, s.pages - 1,
			       TOKEN_HELD | TOKEN_BEGINS, TOKEN_HELD) &&
	       (end == t->pages ||
		!token_marks_are(t, end, 1, TOKEN_HELD | TOKEN_BEGINS,
				 TOKEN_HELD));
}

static NTSTATUS unmap_locked(struct dma_guest *dg,
			     const struct sluice_unmap_token *a)
{
	struct dma_token *t = token_find(dg, a->token);
	struct span segment = {a->segment_offset >> PAGE_SHIFT,
			       a->segment_bytes >> PAGE_SHIFT};
	struct span at = {a->offset >> PAGE_SHIFT, a->pages};

	if (t == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (((a->segment_offset | a->segment_bytes | a->offset) & PAGE_MASK) !=
		    0 ||
	    at.pages == 0 || at.pages > SLUICE_MAP_MAX ||
	    at.first < segment.first ||
	    at.first - segment.first >= segment.pages ||
	    at.pages > segment.pages - (at.first - segment.first) ||
	    !is_segment(t, segment) ||
	    !token_marks_are(t, at.first, at.pages, TOKEN_MAPPED,
			     TOKEN_MAPPED)) {
		return STATUS_INVALID_PARAMETER;
	}
	token_marks_set(t, at.first, at.pages, TOKEN_MAPPED, 0);
	if (token_marks_are(t, segment.first, segment.pages, TOKEN_MAPPED, 0)) {
		token_marks_set(t, segment.first, segment.pages, TOKEN_MARKS,
				0);
	}
	if (!clear(t, at)) {
		log_guest(dg->guest->id, "no unit confirms an unmap");
		return STATUS_UNSUCCESSFUL;
	}
	return STATUS_SUCCESS;
}

/**
 * dma_unmap_token() - UnmapReservedLogicalRange, or a part of one.
 *
 * On success no unit holds a translation and the pages may be reused.
 * Return: as listed at struct sluice_unmap_token, in that order; then
 * UNSUCCESSFUL: a unit did not confirm, the pages may still be reached and must
 * not be reused.
 */
NTSTATUS dma_unmap_token(struct guest *g, const struct sluice_unmap_token *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = unmap_locked(dg, a);
	spin_unlock(&dg->lock);
	return status;
}
