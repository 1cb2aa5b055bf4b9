/* SPDX-License-Identifier: MIT */
/*
 * The DMA-domain service: what the gate and the guest life cycle call.
 *
 *   domain   an address space for devices: type, ASID, table, reserved regions
 *   device   a PCI function: owner (guest or nobody), token, attached domain
 *
 *   life of a device:
 *     control domain --quarantine--> nobody (blocked) --assign--> guest
 * (blocked) guest: CreateDevice -> token; AttachDeviceEx -> DMA goes through a
 * domain; DetachDeviceEx -> blocked; DeleteDevice guest destroyed or device
 * de-assigned -> nobody (blocked) nobody --release--> control domain (in its
 * PassThrough domain)
 *
 * Every function takes the calling guest from the gate, never from an argument.
 * Knows nothing of x86 but the caller's machine type. Locks: registry of
 * devices, then the guest's own DMA lock (base/lock_rank.h).
 */
#pragma once

#include "guest/guest.h"
#include "guest/linear.h"

#include <sluice/dma.h>
#include <sluice/dma_map.h>

/**
 * dma_start() - Take over every PCI function: blocked, then those of the
 * control domain attached to its PassThrough domain.
 * @no_interface: what iommu_start() answered
 * The control domain's memory map is complete. Return: 0, -XEN_ENOMEM,
 * -XEN_EIO; after an error no device of the control domain may do DMA.
 */
int dma_start(uint32_t no_interface) __must_check;

/* dma_no_interface() - enum sluice_no_interface. */
uint32_t dma_no_interface(void);

/*
 * Life cycle of a guest: domctl calls both, dma_start() the first for the
 * control domain.
 */
void dma_guest_create(struct guest *guest);

/**
 * dma_guest_destroy() - Block its devices, delete its domains, return its ids.
 * Return: 0; -XEN_EIO a unit did not confirm: the guest's pages must not be
 * reused until a later call succeeds, its slot neither.
 */
int dma_guest_destroy(struct guest *guest) __must_check;

/*
 * Assignment, for domctl. @sbdf is the machine's. Errors: dma/assign.c.
 *   quarantine   control domain -> nobody, blocked
 *   start_reset  the control domain's map has lost its registers
 *   release      nobody -> control domain
 *   assign       nobody -> guest, which has not run yet; sluice/assign.h:
 * @flags deassign     guest -> nobody; first detached, and its token deleted
 *
 * release and assign answer -XEN_EAGAIN while the device is being reset.
 */
int dma_device_quarantine(uint32_t sbdf) __must_check;
void dma_device_start_reset(uint32_t sbdf);
int dma_device_release(uint32_t sbdf) __must_check;
int dma_device_assign(struct guest *guest, uint32_t sbdf,
		      uint32_t flags) __must_check;
int dma_device_deassign(struct guest *guest, uint32_t sbdf) __must_check;

/* dma_device_is_assignable() - True when assign() would take it now. */
bool dma_device_is_assignable(uint32_t sbdf);

/**
 * dma_device_owns_bar() - Is [machine_address, +bytes) inside one BAR of a
 * device assigned to @guest?
 */
bool dma_device_owns_bar(struct guest *guest, uint64_t machine_address,
			 uint64_t bytes);

/* dma_device_note_bar() - Where the guest sees it from now on, if anywhere. */
void dma_device_note_bar(struct guest *guest, uint64_t machine_address,
			 uint64_t bytes, gpa_t at, bool is_mapped);

/*
 * The sub-ops: one function each, argument structure already copied in and its
 * header checked. Each returns the NTSTATUS and fills [out] fields on success.
 */
NTSTATUS dma_info(struct guest *g, struct sluice_info *a);
NTSTATUS dma_create_domain(const struct guest_caller *c,
			   struct sluice_create_domain *a);
NTSTATUS dma_delete_domain(struct guest *g, uint64_t domain);
NTSTATUS dma_create_device(struct guest *g, struct sluice_create_device *a);
NTSTATUS dma_delete_device(struct guest *g, uint64_t device);
NTSTATUS dma_attach_device(struct guest *g, uint64_t domain, uint64_t device);
NTSTATUS dma_detach_device(struct guest *g, uint64_t device);
NTSTATUS dma_map(const struct guest_caller *c, struct sluice_map *a);
NTSTATUS dma_unmap(struct guest *g, const struct sluice_unmap *a);
void dma_undo_part(struct guest *g, const struct sluice_unmap *a);
NTSTATUS dma_query_domain_types(struct guest *g, struct sluice_domain_types *a);
NTSTATUS dma_list_devices(struct guest *g, struct sluice_device_info *a);
NTSTATUS dma_list_domains(struct guest *g, struct sluice_domain_info *a);
NTSTATUS dma_inventory(struct guest *g, struct sluice_inventory *a);
NTSTATUS dma_guest_policy(struct sluice_guest_policy *a);
NTSTATUS dma_audit(struct sluice_audit *a);

/* Pool of ASIDs, for `sluice info`. */
struct dma_asid_counts {
	uint32_t capacity;
	uint32_t in_use;
};
struct dma_asid_counts dma_asid_counts(void);

/* dma_reset() - Forget everything; for the tests' next machine. */
void dma_reset(void);
