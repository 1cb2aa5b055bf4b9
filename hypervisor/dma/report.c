// SPDX-License-Identifier: MIT
/*
 * What the service tells about itself: info, lists, live counts. Works without
 * an interface. Registry lock for devices, guest lock for domains, both for the
 * counts, so that each answer is one moment's.
 */
#include "dma/device.h"
#include "dma/dma.h"
#include "dma/handover.h"
#include "dma/policy.h"
#include "dma/service.h"
#include "mm/page.h"

/**
 * dma_info() - What the service offers the caller.
 * Return: STATUS_SUCCESS always.
 */
NTSTATUS dma_info(struct guest *g, struct sluice_info *a)
{
	a->abi_version = SLUICE_ABI_VERSION;
	a->no_interface = dma_no_interface();
	a->available_types = dma_policy_types(g);
	a->address_bits = dma_service_limits()->address_bits;
	a->guest = g->id;
	a->machine = read_once(g->policy.machine);
	a->is_control = g->is_control;
	a->domain_quota = read_once(g->policy.domain_quota);
	a->table_page_quota = read_once(g->policy.table_page_quota);
	return STATUS_SUCCESS;
}

/* The n-th device of a scope; @dg NULL = the machine's. */
static const struct dma_device *nth_device(const struct dma_guest *dg,
					   uint32_t n)
{
	for (unsigned i = 0; i < dma_device_count(); i++) {
		const struct dma_device *dev = dma_device_at(i);

		if ((dg == NULL || dev->owner == dg) && n-- == 0) {
			return dev;
		}
	}
	return NULL;
}

/* The machine's address of a BAR, or the place its owner sees it at. */
static uint64_t bar_address(const struct dma_device *dev, unsigned i,
			    bool is_machine)
{
	bool is_identity = dev->owner != NULL && dev->owner->guest->is_control;

	return is_machine || is_identity ? dev->pci->bar[i].address
					 : dev->bar_at[i];
}

static uint8_t count_regions(const struct dma_device *dev)
{
	uint8_t count = 0;

	for (uint32_t left = dev->regions; left != 0; left &= left - 1) {
		count++;
	}
	return count;
}

static void describe_device(const struct dma_device *dev, bool is_machine,
			    struct sluice_device_info *a)
{
	a->sbdf = is_machine ? dev->pci->sbdf : dev->guest_sbdf;
	a->guest_sbdf = dev->guest_sbdf;
	a->vendor = dev->pci->vendor;
	a->device = dev->pci->device;
	a->class_code = dev->pci->class_code;
	a->owner = dev->owner_id;
	a->has_unit = dev->has_unit;
	a->is_attached = dev->domain != NULL;
	a->is_assignable = dma_device_is_fit(dev);
	a->unfit = dev->unfit;
	a->group = dev->pci->ids.group;
	a->region_count = count_regions(dev);
	a->reset_way = (uint8_t)dev->reset.way;
	a->reset_state = dma_handover_state(dev);
	a->is_remapped = iommu_intr_covers(dev->pci->sbdf);
	a->domain = dev->domain != NULL ? dev->domain->handle : 0;
	a->token = dev->token;
	for (unsigned i = 0; i < SLUICE_BARS_MAX; i++) {
		a->bar[i].address = bar_address(dev, i, is_machine);
		a->bar[i].bytes = dev->pci->bar[i].bytes;
	}
}

/**
 * dma_list_devices() - One device of the caller, or of the machine.
 * Return: as listed at struct sluice_device_info, in that order.
 */
NTSTATUS dma_list_devices(struct guest *g, struct sluice_device_info *a)
{
	bool is_machine = a->scope == SLUICE_SCOPE_MACHINE;
	const struct dma_device *dev;

	if (a->scope != SLUICE_SCOPE_OWN && !is_machine) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (is_machine && !g->is_control) {
		return STATUS_ACCESS_DENIED;
	}
	dma_devices_lock();
	dev = nth_device(is_machine ? NULL : dma_guest_of(g), a->index);
	if (dev != NULL) {
		describe_device(dev, is_machine, a);
	}
	dma_devices_unlock();
	return dev != NULL ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}

/*
 * The guest that a report is about. A guest that asks about another one learns
 * nothing, not even whether there is one.
 */
static NTSTATUS subject(struct guest *g, uint32_t id, struct guest **found)
{
	if (id == SLUICE_GUEST_SELF || id == g->id) {
		*found = g;
		return STATUS_SUCCESS;
	}
	if (!g->is_control) {
		return STATUS_ACCESS_DENIED;
	}
	*found = id <= UINT16_MAX ? guest_by_id((uint16_t)id) : NULL;
	return *found != NULL ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}

/*
 * Another guest comes and goes under the list's lock. A guest that asks about
 * itself is there, and need not wait for what the tools do to others.
 */
static void subject_lock(const struct guest *g, uint32_t id)
{
	if (g->is_control && id != SLUICE_GUEST_SELF && id != g->id) {
		spin_lock(&guest_list_lock);
	}
}

static void subject_unlock(const struct guest *g, uint32_t id)
{
	if (g->is_control && id != SLUICE_GUEST_SELF && id != g->id) {
		spin_unlock(&guest_list_lock);
	}
}

static void describe_domain(struct dma_guest *dg, struct dma_domain *dma,
			    bool is_control, struct sluice_domain_info *a)
{
	const struct pt *pt = dma_domain_pt(dg, dma);
	const struct dma_firmware *firmware =
		dma->type == DomainTypePassThrough ? &dg->passthrough.firmware
						   : &dma->firmware;

	a->domain = dma->handle;
	a->type = dma->type;
	a->asid = is_control ? dma_domain_asid(dg, dma) : 0;
	a->device_count = dma->device_count;
	a->region_count = dma->regions.count + dma_firmware_count(firmware);
	a->mapped_pages = dma->mapped_pages;
	a->table_pages = pt != NULL ? pt->table_pages : 0;
	a->address_bits = dma->has_allocator
				  ? dma->buddy.width_bits
				  : dma_service_limits()->address_bits;
}

static NTSTATUS list_domains(struct guest *g, struct sluice_domain_info *a)
{
	struct dma_domain *dma = NULL;
	struct dma_guest *dg;
	struct guest *about;
	uint64_t handle;
	NTSTATUS status = subject(g, a->guest, &about);

	if (status != STATUS_SUCCESS) {
		return status;
	}
	dg = dma_guest_of(about);
	spin_lock(&dg->lock);
	/* It may have gone since it was looked up. */
	if (dg->guest == about) {
		dma = idmap_at(&dg->domains, a->index, &handle);
	}
	if (dma != NULL) {
		describe_domain(dg, dma, g->is_control, a);
	}
	spin_unlock(&dg->lock);
	return dma != NULL ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}

/**
 * dma_list_domains() - One live domain of a guest.
 * Return: as listed at struct sluice_domain_info, in that order.
 */
NTSTATUS dma_list_domains(struct guest *g, struct sluice_domain_info *a)
{
	uint32_t id = a->guest;
	NTSTATUS status;

	subject_lock(g, id);
	status = list_domains(g, a);
	subject_unlock(g, id);
	return status;
}

static void count_devices(const struct dma_guest *dg,
			  struct sluice_inventory *a)
{
	a->device_count = dg->tokens.used;
	a->attached_count = 0;
	a->assigned_count = 0;
	for (unsigned i = 0; i < dma_device_count(); i++) {
		const struct dma_device *dev = dma_device_at(i);

		if (dev->owner == dg) {
			a->assigned_count++;
			a->attached_count += dev->domain != NULL;
		}
	}
}

static void count_domains(const struct dma_guest *dg,
			  struct sluice_inventory *a)
{
	bool has_passthrough = dg->passthrough.users != 0;
	const struct dma_domain *dma;
	uint64_t handle;

	a->domain_count = dg->domains.used;
	a->asid_count = has_passthrough + dg->pasids.used;
	a->mapped_pages = 0;
	a->table_pages = dg->table_count;
	if (has_passthrough) {
		a->table_pages += dg->passthrough.table_count;
	}
	for (uint32_t n = 0; n < dg->domains.used; n++) {
		dma = idmap_at(&dg->domains, n, &handle);
		a->asid_count += dma->type != DomainTypePassThrough;
		a->mapped_pages += dma->mapped_pages;
	}
}

static NTSTATUS take_inventory(struct guest *g, struct sluice_inventory *a)
{
	struct dma_guest *dg;
	struct guest *about;
	NTSTATUS status = subject(g, a->guest, &about);

	if (status != STATUS_SUCCESS) {
		return status;
	}
	dg = dma_guest_of(about);
	dma_devices_lock();
	spin_lock(&dg->lock);
	if (dg->guest == about) {
		count_devices(dg, a);
		count_domains(dg, a);
		a->memory_pages = read_once(about->p2m.ram_pages);
		a->hypervisor_pages = page_owned_count(about->id);
	} else {
		status = STATUS_NOT_FOUND;
	}
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return status;
}

/**
 * dma_inventory() - Live counts of one guest.
 * Return: as listed at struct sluice_inventory, in that order.
 */
NTSTATUS dma_inventory(struct guest *g, struct sluice_inventory *a)
{
	uint32_t id = a->guest;
	NTSTATUS status;

	subject_lock(g, id);
	status = take_inventory(g, a);
	subject_unlock(g, id);
	return status;
}
