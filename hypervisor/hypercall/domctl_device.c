// SPDX-License-Identifier: MIT
/*
 * Assignment, as the tools know it: DOMID_IO stands for quarantine. A device on
 * its way out of the control domain loses its BARs there, so that only one
 * guest can drive it; on its way back it gets them again.
 */
#include "base/log.h"
#include "dma/dma.h"
#include "guest/cpu_ops.h"
#include "hypercall/domctl.h"
#include "lib/error.h"
#include "platform/pci_msix.h"

/* Flags: of assignment to a guest alone. */
static int address_of(const struct xen_domctl_assign_device *a,
		      uint32_t flags_known, uint32_t *sbdf)
{
	if (a->dev != XEN_DOMCTL_DEV_PCI || (a->flags & ~flags_known) != 0) {
		return -XEN_EINVAL;
	}
	*sbdf = a->u.pci.machine_sbdf;
	return 0;
}

static bool is_mappable(const struct pci_bar *bar)
{
	return bar->bytes != 0 && bar->address != 0;
}

/* A BAR that shares a page with something else cannot be handed over alone. */
static int check_bars(const struct pci_device *dev)
{
	for (unsigned i = 0; i < SLUICE_BARS_MAX; i++) {
		const struct pci_bar *bar = &dev->bar[i];

		if (is_mappable(bar) &&
		    (!is_aligned(bar->address, PAGE_BYTES) ||
		     !is_aligned(bar->bytes, PAGE_BYTES))) {
			return -XEN_EOPNOTSUPP;
		}
	}
	return 0;
}

/* Put back BARs 0..@count-1: they were there before, so it cannot fail. */
static void return_bars(const struct pci_device *dev, unsigned count)
{
	struct p2m *p2m = &guest_control()->p2m;

	for (unsigned i = 0; i < count; i++) {
		const struct pci_bar *bar = &dev->bar[i];

		if (is_mappable(bar) &&
		    p2m_add(p2m, to_gpa(bar->address), to_hpa(bar->address),
			    bar->bytes >> PAGE_SHIFT, P2M_DEVICE) != 0) {
			log_error("BAR %u at %lx is lost to the control domain",
				  i, bar->address);
		}
	}
}

static int take_bars(const struct pci_device *dev)
{
	struct p2m *p2m = &guest_control()->p2m;

	for (unsigned i = 0; i < SLUICE_BARS_MAX; i++) {
		const struct pci_bar *bar = &dev->bar[i];
		int error = 0;

		if (is_mappable(bar)) {
			error = p2m_remove(p2m, to_gpa(bar->address),
					   bar->bytes >> PAGE_SHIFT,
					   P2M_DEVICE);
		}
		if (error != 0) {
			return_bars(dev, i);
			return error;
		}
	}
	return 0;
}

static int quarantine(uint32_t sbdf)
{
	const struct pci_device *dev = pci_device_find(sbdf);
	int error;

	if (dma_no_interface() != SLUICE_INTERFACE_PRESENT) {
		return -XEN_EOPNOTSUPP;
	}
	if (dev == NULL) {
		return -XEN_ENODEV;
	}
	error = check_bars(dev);
	if (error != 0) {
		return error;
	}
	error = dma_device_quarantine(sbdf);
	if (error != 0) {
		return error;
	}
	error = take_bars(dev);
	if (error == 0) {
		dma_device_start_reset(sbdf);
	} else if (dma_device_release(sbdf) != 0) {
		log_error("device %x: stays in quarantine", sbdf);
	}
	return error;
}

/*
 * A reset takes its time, and no lock is held for it: the caller comes again,
 * while its interrupts and the other guests go on.
 */
static int again_while_reset(int error)
{
	return error == -XEN_EAGAIN ? HYPERCALL_AGAIN : error;
}

static int release(uint32_t sbdf)
{
	const struct pci_device *dev = pci_device_find(sbdf);
	int error = dma_device_release(sbdf);

	if (error == 0) {
		return_bars(dev, SLUICE_BARS_MAX);
	}
	return error;
}

int domctl_assign(struct domctl_call *call)
{
	const struct xen_domctl_assign_device *a = &call->op->u.assign_device;
	uint32_t flags = call->guest == NULL ? 0 : SLUICE_ASSIGN_FLAGS;
	uint32_t sbdf;
	int error = address_of(a, flags, &sbdf);

	if (error != 0) {
		return error;
	}
	return call->guest == NULL ? quarantine(sbdf)
				   : again_while_reset(dma_device_assign(
					     call->guest, sbdf, a->flags));
}

static int unmap_bars(struct guest *guest, uint32_t sbdf)
{
	const struct pci_device *dev = pci_device_find(sbdf);
	int error = 0;

	for (unsigned i = 0; error == 0 && i < SLUICE_BARS_MAX; i++) {
		struct range window = {dev->bar[i].address, dev->bar[i].bytes};

		if (is_mappable(&dev->bar[i])) {
			error = p2m_remove_machine(&guest->p2m, window);
		}
	}
	return error;
}

/*
 * The guest stands still meanwhile: its map loses the BARs and its CPU must
 * not remember them.
 */
static int take_from_guest(struct guest *guest, uint32_t sbdf)
{
	bool was_running = guest->state == GUEST_RUNNING;
	int error = guest_cpu_ops->stop(guest);

	if (error == 0) {
		error = dma_device_deassign(guest, sbdf);
	}
	if (error == 0) {
		error = unmap_bars(guest, sbdf);
	}
	if (was_running && guest_cpu_ops->run(guest) != 0) {
		log_error("guest %u: does not run again", (unsigned)guest->id);
	}
	return error;
}

int domctl_deassign(struct domctl_call *call)
{
	uint32_t sbdf;
	int error = address_of(&call->op->u.assign_device, 0, &sbdf);

	if (error != 0) {
		return error;
	}
	return call->guest == NULL ? again_while_reset(release(sbdf))
				   : take_from_guest(call->guest, sbdf);
}

int domctl_test_assign(struct domctl_call *call)
{
	uint32_t sbdf;
	int error = address_of(&call->op->u.assign_device, 0, &sbdf);

	if (error != 0) {
		return error;
	}
	if (dma_no_interface() != SLUICE_INTERFACE_PRESENT) {
		return -XEN_EOPNOTSUPP;
	}
	return dma_device_is_assignable(sbdf) ? 0 : -XEN_EINVAL;
}

/*
 * What is mapped of a part of a BAR: all but the pages of an MSI-X table, which
 * stay out of every guest's map. Up to two pieces.
 */
static unsigned pieces_of(struct range part, struct range piece[2])
{
	struct range table = pci_msix_within(part);
	unsigned count = 0;

	if (table.bytes == 0) {
		piece[0] = part;
		return 1;
	}
	if (table.start > part.start) {
		piece[count++] =
			(struct range){part.start, table.start - part.start};
	}
	if (range_last(table) < range_last(part)) {
		piece[count++] =
			(struct range){range_last(table) + 1,
				       range_last(part) - range_last(table)};
	}
	return count;
}

static int change_piece(struct guest *guest, gpa_t at, struct range piece,
			bool add)
{
	uint64_t pages = piece.bytes >> PAGE_SHIFT;

	return add ? p2m_add(&guest->p2m, at, to_hpa(piece.start), pages,
			     P2M_DEVICE)
		   : p2m_remove(&guest->p2m, at, pages, P2M_DEVICE);
}

/* All pieces or none. */
static int change_mapping(struct guest *guest, gpa_t at, struct range part,
			  bool add)
{
	struct range piece[2];
	unsigned count = pieces_of(part, piece);
	int error = 0;

	for (unsigned i = 0; i < count && error == 0; i++) {
		gpa_t to = to_gpa(at.addr + (piece[i].start - part.start));

		error = change_piece(guest, to, piece[i], add);
		if (error != 0 && i != 0 &&
		    change_piece(guest, at, piece[0], !add) != 0) {
			log_error("guest %u: half of a BAR is mapped at %lx",
				  (unsigned)guest->id, at.addr);
		}
	}
	if (error == 0) {
		dma_device_note_bar(guest, part.start, part.bytes, at, add);
	}
	return error;
}

static int remove_mapping(struct guest *guest, gpa_t at, struct range part)
{
	hpa_t page;

	if (guest->state == GUEST_RUNNING) {
		return -XEN_EBUSY;
	}
	/* What is mapped there counts; a table's page is known by its name. */
	if (p2m_lookup(&guest->p2m, at, &page) == P2M_DEVICE) {
		part.start = page.addr;
	} else if (pci_msix_within((struct range){part.start, PAGE_BYTES})
			   .bytes == 0) {
		return -XEN_ENOENT;
	}
	return change_mapping(guest, at, part, false);
}

int domctl_memory_mapping(struct domctl_call *call)
{
	const struct xen_domctl_memory_mapping *m = &call->op->u.memory_mapping;
	struct guest *guest = call->guest;
	uint64_t frames_max = UINT64_MAX >> PAGE_SHIFT;
	gpa_t at = to_gpa(m->first_gfn << PAGE_SHIFT);
	struct range part = {m->first_mfn << PAGE_SHIFT,
			     m->nr_mfns << PAGE_SHIFT};

	if (m->nr_mfns == 0 || m->first_gfn > frames_max ||
	    m->first_mfn > frames_max || m->nr_mfns > frames_max) {
		return -XEN_EINVAL;
	}
	if (!m->add_mapping) {
		return remove_mapping(guest, at, part);
	}
	/* Nothing but BARs of the guest's own devices. */
	return dma_device_owns_bar(guest, part.start, part.bytes)
		       ? change_mapping(guest, at, part, true)
		       : -XEN_EPERM;
}
