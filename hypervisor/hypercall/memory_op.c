// SPDX-License-Identifier: MIT
/*
 * memory_op: a guest's memory is populated, and its pages are lent to the
 * control domain. A lent page is referenced by the control domain's own map, so
 * it outlives its guest until it is taken back; it never enters a DMA table.
 * Xen public headers: memory.h.
 */
#include "guest/copy.h"
#include "hypercall/hypercall.h"
#include "lib/check.h"
#include "lib/error.h"
#include "mm/page.h"

#include <xen/memory.h>
#include <xen/xen.h>

#define OP_MASK	     0x3fu /* bits above: Xen's continuation, not ours */
#define ORDER_MAX    9u
#define POPULATE_MAX (UINT64_C(1) << 18) /* pages a call */
#define FOREIGN_MAX  64u

static int populate_page(struct guest *guest, uint64_t gfn)
{
	hpa_t page;
	int error;

	if (guest->p2m.ram_pages >= guest->max_pages ||
	    gfn > UINT64_MAX >> PAGE_SHIFT) {
		return -XEN_ENOMEM;
	}
	page = page_alloc(PAGE_POOL_GUEST, guest->id);
	if (hpa_is_none(page)) {
		return -XEN_ENOMEM;
	}
	error = p2m_add(&guest->p2m, to_gpa(gfn << PAGE_SHIFT), page, 1,
			P2M_RAM);
	if (error != 0) {
		page_put(page);
	}
	return error;
}

/* All pages of one extent, or none. */
static int populate_extent(struct guest *guest, uint64_t gfn, unsigned order)
{
	uint64_t pages = UINT64_C(1) << order;
	uint64_t done = 0;
	int error = 0;

	while (done < pages && error == 0) {
		error = populate_page(guest, gfn + done);
		done += error == 0;
	}
	while (error != 0 && done > 0) {
		/* Just added to a map that is not frozen: cannot fail. */
		int undone = p2m_remove(&guest->p2m,
					to_gpa((gfn + --done) << PAGE_SHIFT), 1,
					P2M_RAM);

		CHECK(undone == 0);
	}
	return error;
}

/* Return: extents done, as Xen does; an error only for a bad request. */
static int64_t populate(struct guest_caller *caller, uint64_t at)
{
	struct xen_memory_reservation r;
	struct guest *guest;
	uint64_t list, i;
	int error = copy_from_guest(caller, &r, at, sizeof(r));

	if (error != 0) {
		return error;
	}
	if (r.extent_order > ORDER_MAX ||
	    r.nr_extents > POPULATE_MAX >> r.extent_order) {
		return -XEN_EINVAL;
	}
	guest = hypercall_target(caller, r.domid);
	if (guest == NULL) {
		return -XEN_ESRCH;
	}
	if (guest->is_control) {
		return -XEN_EINVAL;
	}
	list = (uintptr_t)r.extent_start.p;
	for (i = 0; i < r.nr_extents; i++) {
		xen_pfn_t gfn;

		if (copy_from_guest(caller, &gfn, list + i * sizeof(gfn),
				    sizeof(gfn)) != 0 ||
		    populate_extent(guest, gfn, r.extent_order) != 0) {
			break;
		}
	}
	return (int64_t)i;
}

static int64_t add_to_physmap(struct guest_caller *caller, uint64_t at)
{
	struct xen_add_to_physmap request;
	int error = copy_from_guest(caller, &request, at, sizeof(request));

	if (error != 0) {
		return error;
	}
	/*
	 * The kernel names a page of its own as shared_info. Its map is one to
	 * one and nothing of ours writes there, so there is nothing to do.
	 */
	return request.domid == DOMID_SELF &&
			       request.space == XENMAPSPACE_shared_info &&
			       request.idx == 0
		       ? 0
		       : -XEN_ENOSYS;
}

/* -XEN_EINVAL for any page that is not there: ENOENT would mean "try again". */
static int lend_page(struct guest *borrower, struct guest *owner, uint64_t gfn,
		     uint64_t to_gfn)
{
	hpa_t page;

	if (gfn > UINT64_MAX >> PAGE_SHIFT ||
	    to_gfn > UINT64_MAX >> PAGE_SHIFT ||
	    p2m_lookup(&owner->p2m, to_gpa(gfn << PAGE_SHIFT), &page) !=
		    P2M_RAM) {
		return -XEN_EINVAL;
	}
	return p2m_add(&borrower->p2m, to_gpa(to_gfn << PAGE_SHIFT), page, 1,
		       P2M_FOREIGN);
}

static int64_t lend(struct guest_caller *caller, uint64_t at)
{
	struct xen_add_to_physmap_batch batch;
	struct guest *owner;
	int error = copy_from_guest(caller, &batch, at, sizeof(batch));

	if (error != 0) {
		return error;
	}
	if (batch.domid != DOMID_SELF ||
	    batch.space != XENMAPSPACE_gmfn_foreign ||
	    batch.size > FOREIGN_MAX) {
		return -XEN_EINVAL;
	}
	owner = hypercall_target(caller, batch.u.foreign_domid);
	if (owner == NULL || owner == caller->guest) {
		return -XEN_ESRCH;
	}
	for (unsigned i = 0; i < batch.size; i++) {
		xen_ulong_t gfn;
		xen_pfn_t to;
		int result;

		if (copy_from_guest(caller, &gfn, (uintptr_t)(batch.idxs.p + i),
				    sizeof(gfn)) != 0 ||
		    copy_from_guest(caller, &to, (uintptr_t)(batch.gpfns.p + i),
				    sizeof(to)) != 0) {
			return -XEN_EFAULT;
		}
		result = lend_page(caller->guest, owner, gfn, to);
		if (copy_to_guest(caller, (uintptr_t)(batch.errs.p + i),
				  &result, sizeof(result)) != 0) {
			return -XEN_EFAULT;
		}
	}
	return 0;
}

static int64_t take_back(struct guest_caller *caller, uint64_t at)
{
	struct xen_remove_from_physmap request;
	int error = copy_from_guest(caller, &request, at, sizeof(request));

	if (error != 0) {
		return error;
	}
	if (request.domid != DOMID_SELF ||
	    request.gpfn > UINT64_MAX >> PAGE_SHIFT) {
		return -XEN_EINVAL;
	}
	return p2m_remove(&caller->guest->p2m,
			  to_gpa(request.gpfn << PAGE_SHIFT), 1, P2M_FOREIGN);
}

int64_t memory_op(struct guest_caller *caller,
		  const uint64_t args[HYPERCALL_ARGUMENTS])
{
	switch (args[0] & OP_MASK) {
	case XENMEM_populate_physmap:
		return populate(caller, args[1]);
	case XENMEM_add_to_physmap:
		return add_to_physmap(caller, args[1]);
	case XENMEM_add_to_physmap_batch:
		return lend(caller, args[1]);
	case XENMEM_remove_from_physmap:
		return take_back(caller, args[1]);
	default:
		return -XEN_ENOSYS;
	}
}
