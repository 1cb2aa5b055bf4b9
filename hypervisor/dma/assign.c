// SPDX-License-Identifier: MIT
/*
 * How a device changes hands, for domctl. Always through quarantine: nobody's,
 * bus-master off, blocked and confirmed, then reset, so that neither DMA nor
 * state of an owner outlives its ownership. Takes the registry's lock, then the
 * guest's.
 */
#include "dma/device.h"
#include "dma/dma.h"
#include "dma/group.h"
#include "dma/handover.h"
#include "dma/pasid.h"
#include "dma/requester.h"
#include "dma/service.h"
#include "iommu/intr.h"
#include "lib/error.h"
#include "lib/range.h"

/* A guest sees its devices at 00:01.0, 00:02.0 ...; 00:00.0 is its bridge. */
#define GUEST_DEVICE_FIRST 1u
#define GUEST_DEVICE_LAST  31u

/* On its way out it is no longer the control domain's to drive. */
static int quarantine(struct dma_device *dev)
{
	int err = dma_handover_leave_home(dev);

	if (err) {
		return err;
	}
	pci_set_bus_master(dev->pci, false);
	err = dma_device_block(dev);
	if (err == 0) {
		err = dma_requester_silence(dev);
	}
	if (err == 0) {
		dma_handover_to_nobody(dev);
		dma_device_set_owner(dev, NULL, 0);
	}
	return err;
}

/**
 * dma_device_quarantine() - Control domain -> nobody.
 *
 * Return: 0, or, in the order checked,
 *   -XEN_ENODEV  unknown, behind no unit, a bridge, an IOMMU's function
 *   -XEN_EOPNOTSUPP  a requester id of its group that no unit translates, or
 *                firmware's memory that is not believed or cannot be kept
 *   -XEN_EBUSY   not the control domain's, or it has a token
 *   -XEN_EIO     its configuration space reads all ones
 *   -XEN_EOPNOTSUPP  a BAR is not where it was at start
 *   -XEN_EIO     a unit did not confirm; the owner stays, bus-master is off
 */
int dma_device_quarantine(uint32_t sbdf)
{
	struct dma_guest *control = dma_guest_of(guest_control());
	struct dma_device *dev;
	int err;

	dma_devices_lock();
	dev = dma_device_find(sbdf);
	if (dev == NULL || !dev->is_usable) {
		err = -XEN_ENODEV;
	} else if (!dma_device_is_fit(dev)) {
		err = -XEN_EOPNOTSUPP;
	} else if (dev->owner == NULL || !dev->owner->guest->is_control ||
		   dev->token != 0) {
		err = -XEN_EBUSY;
	} else {
		spin_lock(&control->lock);
		err = quarantine(dev);
		spin_unlock(&control->lock);
	}
	dma_devices_unlock();
	return err;
}

/**
 * dma_device_start_reset() - The control domain cannot reach one in quarantine
 * any more: let its reset begin. Nothing happens to any other.
 */
void dma_device_start_reset(uint32_t sbdf)
{
	struct dma_device *dev;

	dma_devices_lock();
	dev = dma_device_find(sbdf);
	if (dev != NULL && dev->is_usable && dma_device_is_quarantined(dev)) {
		dma_handover_start(dev);
	}
	dma_devices_unlock();
}

static int release(struct dma_device *dev)
{
	struct dma_guest *control = dma_guest_of(guest_control());
	int err = dma_handover_to_home(dev);

	if (err) {
		return err;
	}
	err = dma_requester_hear(dev);
	if (err) {
		goto silence;
	}
	spin_lock(&control->lock);
	dma_device_set_owner(dev, control, dev->pci->sbdf);
	err = dma_device_connect_home(dev);
	if (err) {
		dma_device_set_owner(dev, NULL, 0);
	}
	spin_unlock(&control->lock);
	if (err == 0) {
		return 0;
	}
silence:
	/* Some ids may be heard; unless a unit is dead it takes that back. */
	(void)!dma_requester_silence(dev);
	return err;
}

/**
 * dma_device_release() - Nobody -> control domain, at home in PassThrough.
 *
 * Configured as it left, but for bus-master, which its driver switches on. What
 * a guest left is reset before, if it can be.
 * Return: 0, or, in the order checked,
 *   -XEN_ENODEV  unknown, behind no unit, a bridge, an IOMMU's function
 *   -XEN_EBUSY   not in quarantine
 *   -XEN_EAGAIN  its reset is not over; nothing waits for it here
 *   -XEN_EIO     it did not come back from its reset; the next call tries again
 *   -XEN_EXDEV   a guest has a device with which it shares a requester id
 *   -XEN_ENOMEM, -XEN_EIO  it stays in quarantine
 */
int dma_device_release(uint32_t sbdf)
{
	struct dma_device *dev;
	int err;

	dma_devices_lock();
	dev = dma_device_find(sbdf);
	if (dev == NULL || !dev->is_usable) {
		err = -XEN_ENODEV;
	} else if (!dma_device_is_quarantined(dev)) {
		err = -XEN_EBUSY;
	} else if (!dma_group_may_join(dev, dma_guest_of(guest_control()))) {
		err = -XEN_EXDEV;
	} else {
		err = release(dev);
	}
	dma_devices_unlock();
	return err;
}

/* A unit that cannot remap passes interrupts as they are. */
static int open_interrupts(const struct dma_device *dev, uint32_t flags)
{
	int err = iommu_intr_open(dev->pci->sbdf, IOMMU_INTR_ENTRIES);

	if (err != -XEN_EOPNOTSUPP) {
		return err;
	}
	return (flags & SLUICE_ASSIGN_INTERRUPTS_UNSAFE) != 0 ? 0 : -XEN_EACCES;
}

/* The first free address in the guest's view, or 0. */
static uint32_t free_place(const struct dma_guest *dg)
{
	for (uint32_t n = GUEST_DEVICE_FIRST; n <= GUEST_DEVICE_LAST; n++) {
		uint32_t guest_sbdf = SLUICE_SBDF(0, 0, n, 0);

		if (dma_device_find_own(dg, guest_sbdf) == NULL) {
			return guest_sbdf;
		}
	}
	return 0;
}

static int assign(struct dma_guest *dg, struct dma_device *dev, uint32_t flags)
{
	uint32_t guest_sbdf = free_place(dg);
	int err;

	if (guest_sbdf == 0) {
		return -XEN_ENOSPC;
	}
	err = dma_handover_to_guest(dev,
				    (flags & SLUICE_ASSIGN_RESET_WAIVED) != 0);
	if (err == 0) {
		err = open_interrupts(dev, flags);
	}
	if (err == 0) {
		dma_device_set_owner(dev, dg, guest_sbdf);
	}
	return err;
}

/**
 * dma_device_assign() - Nobody -> a guest that has not run yet; stays blocked.
 * @flags: SLUICE_ASSIGN_*
 *
 * Return: 0, or, in the order checked,
 *   -XEN_EINVAL      unknown flags
 *   -XEN_EOPNOTSUPP  no domain interface
 *   -XEN_ENODEV      unknown, behind no unit, a bridge, an IOMMU's function
 *   -XEN_EBUSY       not in quarantine; the guest has run, goes, or is the
 *                    control domain
 *   -XEN_EXDEV       it shares a requester id with a device that is neither
 *                    in quarantine nor the guest's
 *   -XEN_ENOSPC      the guest's bus is full
 *   -XEN_EAGAIN      its reset is not over; nothing waits for it here
 *   -XEN_EIO         it did not come back from it; the next call tries again
 *   -XEN_EPERM       it cannot be reset, and that is not waived
 *   -XEN_EACCES      its interrupts are not remapped, and nobody accepts that
 *   -XEN_ENOSPC      the unit has no room for the interrupts of one more device
 *   -XEN_ENOMEM, -XEN_EIO  its interrupts; it stays in quarantine
 */
int dma_device_assign(struct guest *guest, uint32_t sbdf, uint32_t flags)
{
	struct dma_guest *dg = dma_guest_of(guest);
	struct dma_device *dev;
	int err;

	if ((flags & ~SLUICE_ASSIGN_FLAGS) != 0) {
		return -XEN_EINVAL;
	}
	if (!dma_service_is_present()) {
		return -XEN_EOPNOTSUPP;
	}
	dma_devices_lock();
	dev = dma_device_find(sbdf);
	if (dev == NULL || !dev->is_usable) {
		err = -XEN_ENODEV;
	} else if (!dma_device_is_quarantined(dev) || guest->is_control ||
		   guest->has_run || dg->guest != guest) {
		err = -XEN_EBUSY;
	} else if (!dma_group_may_join(dev, dg)) {
		err = -XEN_EXDEV;
	} else {
		err = assign(dg, dev, flags);
	}
	dma_devices_unlock();
	return err;
}

/**
 * dma_device_deassign() - Guest -> nobody, whatever the guest was doing.
 *
 * Its reset has begun when this returns; assign and release see to its end.
 * Return: 0, or, in the order checked,
 *   -XEN_ENODEV  not a device of @guest, or @guest is the control domain
 *   -XEN_EIO     a unit did not confirm; the device stays the guest's and in
 *                its domain, bus-master is off
 */
int dma_device_deassign(struct guest *guest, uint32_t sbdf)
{
	struct dma_guest *dg = dma_guest_of(guest);
	struct dma_device *dev;
	int err;

	dma_devices_lock();
	dev = dma_device_find(sbdf);
	if (dev == NULL || dev->owner != dg || guest->is_control) {
		err = -XEN_ENODEV;
		goto unlock;
	}
	spin_lock(&dg->lock);
	err = dma_device_leave(dev);
	if (err == 0) {
		err = dma_pasids_drop(dev);
	}
	if (err == 0) {
		err = dma_requester_silence(dev);
	}
	if (err == 0) {
		dma_device_drop_token(dev);
		dma_handover_to_nobody(dev);
		dma_device_set_owner(dev, NULL, 0);
	}
	spin_unlock(&dg->lock);
unlock:
	dma_devices_unlock();
	return err;
}

bool dma_device_is_assignable(uint32_t sbdf)
{
	const struct dma_device *dev;
	bool is_assignable;

	dma_devices_lock();
	dev = dma_device_find(sbdf);
	is_assignable =
		dev != NULL && dev->is_usable && dma_device_is_quarantined(dev);
	dma_devices_unlock();
	return is_assignable;
}

/* The BAR of @dev that holds all of @wanted, or NULL. */
static const struct pci_bar *bar_of(const struct dma_device *dev,
				    struct range wanted, unsigned *index)
{
	for (unsigned i = 0; i < SLUICE_BARS_MAX; i++) {
		const struct pci_bar *bar = &dev->pci->bar[i];

		if (bar->address != 0 &&
		    range_contains((struct range){bar->address, bar->bytes},
				   wanted)) {
			*index = i;
			return bar;
		}
	}
	return NULL;
}

/* The device of @dg and the BAR in it that hold all of @wanted, or NULL. */
static struct dma_device *owner_of_window(const struct dma_guest *dg,
					  struct range wanted, unsigned *index)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		struct dma_device *dev = dma_device_at(i);

		if (dev->owner == dg && bar_of(dev, wanted, index) != NULL) {
			return dev;
		}
	}
	return NULL;
}

/**
 * dma_device_owns_bar() - Is a window within one BAR of a device of a guest?
 * @machine_address, @bytes: the window
 *
 * Nothing else of the machine's device space may be mapped into a guest.
 */
bool dma_device_owns_bar(struct guest *guest, uint64_t machine_address,
			 uint64_t bytes)
{
	struct range wanted = {machine_address, bytes};
	bool is_owner;
	unsigned index;

	if (!range_is_valid(machine_address, bytes)) {
		return false;
	}
	dma_devices_lock();
	is_owner = owner_of_window(dma_guest_of(guest), wanted, &index) != NULL;
	dma_devices_unlock();
	return is_owner;
}

/**
 * dma_device_note_bar() - A window of a BAR has been mapped, or taken away.
 * @at:        its guest-physical place
 * @is_mapped: false = the guest is not told a place for this BAR any more
 */
void dma_device_note_bar(struct guest *guest, uint64_t machine_address,
			 uint64_t bytes, gpa_t at, bool is_mapped)
{
	struct range wanted = {machine_address, bytes};
	struct dma_device *dev;
	unsigned index;

	dma_devices_lock();
	dev = owner_of_window(dma_guest_of(guest), wanted, &index);
	if (dev != NULL) {
		uint64_t offset =
			machine_address - dev->pci->bar[index].address;

		dev->bar_at[index] = is_mapped ? at.addr - offset : 0;
	}
	dma_devices_unlock();
}
