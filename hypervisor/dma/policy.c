// SPDX-License-Identifier: MIT
/*
 * The control domain's say over a guest: machine type, domain types, quotas.
 * Written under the guest-list lock and the two DMA locks; types are read
 * without any, one word at a time.
 */
#include "dma/policy.h"

#include "dma/device.h"
#include "dma/dma.h"
#include "dma/dma_guest.h"
#include "dma/event.h"
#include "dma/service.h"
#include "lib/check.h"

#include <sluice/dma_iommu_types.h>

#define TYPES_KNOWN ((1u << DomainTypeMax) - 1)

/* PassThrough is a table of whichever stage there is; Unmanaged has none. */
static uint32_t types_offered(void)
{
	const struct iommu_limits *limits = dma_service_limits();
	uint32_t types =
		1u << DomainTypePassThrough | 1u << DomainTypeUnmanaged;

	if (limits->has_second_stage) {
		types |= 1u << DomainTypeTranslate;
	}
	if (limits->has_first_stage) {
		types |= 1u << DomainTypeTranslateS1;
	}
	return types;
}

uint32_t dma_policy_types(const struct guest *guest)
{
	if (!dma_service_is_present() ||
	    read_once(guest->policy.machine) == SLUICE_MACHINE_I386) {
		return 0;
	}
	return read_once(guest->policy.allowed_types) & types_offered();
}

bool dma_policy_passes(const struct guest *guest)
{
	return (dma_policy_types(guest) & 1u << DomainTypePassThrough) != 0;
}

/* Does @a keep all that may not change once the guest has run? */
static bool keeps_frozen(const struct guest_policy *now,
			 const struct sluice_guest_policy *a)
{
	return a->machine == now->machine &&
	       a->domain_quota == now->domain_quota &&
	       a->table_page_quota == now->table_page_quota;
}

static NTSTATUS check(const struct guest *guest,
		      const struct sluice_guest_policy *a)
{
	if (a->machine != SLUICE_MACHINE_I386 &&
	    a->machine != SLUICE_MACHINE_AMD64) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if ((a->allowed_types & ~TYPES_KNOWN) != 0) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (a->domain_quota == 0 || a->table_page_quota == 0 ||
	    a->domain_quota > GUEST_DOMAIN_QUOTA_MAX ||
	    a->table_page_quota > GUEST_TABLE_PAGE_QUOTA_MAX) {
		return STATUS_INVALID_PARAMETER_4;
	}
	if (guest->has_run && !keeps_frozen(&guest->policy, a)) {
		return STATUS_ACCESS_DENIED;
	}
	return STATUS_SUCCESS;
}

/*
 * Write the policy, then make it so for devices that are attached already: the
 * PassThrough bit cuts their DMA off at once and gives it back (contract Q33).
 */
static NTSTATUS apply(struct guest *guest, const struct sluice_guest_policy *a)
{
	struct dma_guest *dg = dma_guest_of(guest);
	uint32_t before;
	int err = 0;

	dma_devices_lock();
	spin_lock(&dg->lock);
	before = dma_policy_types(guest);
	/* Read bare by the guest's own calls, word by word. */
	write_once(guest->policy.machine, a->machine);
	write_once(guest->policy.allowed_types, a->allowed_types);
	write_once(guest->policy.domain_quota, a->domain_quota);
	write_once(guest->policy.table_page_quota, a->table_page_quota);
	if (dg->guest == guest) {
		dg->table_quota = a->table_page_quota;
		err = dma_devices_apply_policy(dg);
		if (dma_policy_types(guest) != before) {
			dma_event_types_changed(dg);
		}
	}
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return err ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}

static void report(const struct guest *guest, struct sluice_guest_policy *a)
{
	a->machine = guest->policy.machine;
	a->allowed_types = guest->policy.allowed_types;
	a->domain_quota = guest->policy.domain_quota;
	a->table_page_quota = guest->policy.table_page_quota;
}

/**
 * dma_guest_policy() - Read or set what a guest may do.
 *
 * Return: as listed at struct sluice_guest_policy; then UNSUCCESSFUL: the
 * policy is set, but a unit did not obey for a device that is attached.
 */
NTSTATUS dma_guest_policy(struct sluice_guest_policy *a)
{
	NTSTATUS status = STATUS_SUCCESS;
	struct guest *guest;

	if ((a->operation & ~SLUICE_POLICY_SET) != 0) {
		return STATUS_INVALID_PARAMETER_1;
	}
	spin_lock(&guest_list_lock);
	guest = guest_by_id(a->guest);
	if (guest == NULL) {
		status = STATUS_NOT_FOUND;
		goto unlock;
	}
	if ((a->operation & SLUICE_POLICY_SET) != 0) {
		status = check(guest, a);
		if (status == STATUS_SUCCESS) {
			status = apply(guest, a);
		}
	}
	if (status == STATUS_SUCCESS) {
		report(guest, a);
	}
unlock:
	spin_unlock(&guest_list_lock);
	return status;
}
