// SPDX-License-Identifier: MIT
/*
 * ConfigureDomain, FlushDomain, FlushDomainByVaList. The caller's table is
 * never read here: its root is checked to be the caller's memory, and all that
 * lies below goes through the second stage, which no caller can write.
 */
#include "dma/configure.h"

#include "dma/device.h"
#include "dma/dma.h"
#include "dma/pasid.h"
#include "dma/policy.h"
#include "dma/service.h"
#include "guest/copy.h"
#include "lib/bits.h"
#include "lib/error.h"

/* What a walker of 4 KiB pages can start from (Arm ARM, VMSAv8-64: TxSZ). */
#define INPUT_BITS_MIN 25u
#define INPUT_BITS_MAX 48u

/*
 * From here on one flush of the whole id is cheaper than the list, and bounds
 * the time that a call keeps a unit's queue.
 */
#define FLUSH_ONE_BY_ONE 32u

bool dma_domain_is_identity(const struct dma_domain *dma)
{
	return dma->type == DomainTypePassThrough ||
	       (dma->is_configured && !dma->nest.is_enabled);
}

bool dma_domain_is_allowed(const struct guest *g, const struct dma_domain *dma)
{
	if ((dma_policy_types(g) & 1u << dma->type) == 0) {
		return false;
	}
	/* A bypassed table is PassThrough by another name (contract Q27). */
	return !dma_domain_is_identity(dma) || dma_policy_passes(g);
}

bool dma_domain_target(struct dma_guest *dg, struct dma_domain *dma,
		       struct iommu_target *target)
{
	const struct pt *pt = dma_domain_pt(dg, dma);

	if (dma_domain_is_identity(dma) && !dma_policy_passes(dg->guest)) {
		return false;
	}
	if (dma->type == DomainTypeUnmanaged) {
		if (!dma->is_configured) {
			return false;
		}
		pt = &dg->passthrough.pt;
	}
	*target = (struct iommu_target){
		.asid = dma_domain_asid(dg, dma),
		.root = pt->root,
		.levels = pt->levels,
		.nest = dma->type == DomainTypeUnmanaged ? &dma->nest : NULL,
	};
	return true;
}

static struct dma_domain *find_unmanaged(const struct dma_guest *dg,
					 uint64_t handle)
{
	struct dma_domain *dma = dma_domain_find(dg, handle);

	return dma != NULL && dma->type == DomainTypeUnmanaged ? dma : NULL;
}

/*
 * One half of the input range: unused, or a root in the caller's RAM. The
 * memory map is frozen, so that what is RAM now remains RAM.
 */
static bool is_half(struct guest *g, uint64_t root, uint8_t bits)
{
	hpa_t page;

	if (bits == 0) {
		return root == 0;
	}
	return is_aligned(root, PAGE_BYTES) && bits >= INPUT_BITS_MIN &&
	       bits <= INPUT_BITS_MAX &&
	       p2m_lookup(&g->p2m, to_gpa(root), &page) == P2M_RAM;
}

/* Refusals of ConfigureDomain, in the order of struct sluice_configure. */
static NTSTATUS check(struct guest *g, const struct sluice_configure *a)
{
	if (a->arch == DomainConfigurationX64 ||
	    !dma_service_limits()->can_nest_arm64) {
		return STATUS_NOT_SUPPORTED;
	}
	if (a->arch != DomainConfigurationArm64 || a->coherent_walks > 1 ||
	    a->translation_enabled > 1 ||
	    !is_half(g, a->ttbr0, a->input_size0) ||
	    !is_half(g, a->ttbr1, a->input_size1)) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (a->translation_enabled != 0 && a->input_size0 == 0 &&
	    a->input_size1 == 0) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (a->translation_enabled == 0 && !dma_policy_passes(g)) {
		return STATUS_ACCESS_DENIED;
	}
	return STATUS_SUCCESS;
}

static struct iommu_nest nest_of(const struct sluice_configure *a)
{
	return (struct iommu_nest){
		.ttbr = {a->ttbr0, a->ttbr1},
		.mair = {a->mair0, a->mair1},
		.input_bits = {a->input_size0, a->input_size1},
		.is_coherent = a->coherent_walks != 0,
		.is_enabled = a->translation_enabled != 0,
	};
}

/* Show the domain's table, or that it has none, to all that is attached. */
static int retarget(struct dma_guest *dg, struct dma_domain *dma)
{
	int first = 0;
	int err;

	for (unsigned i = 0; i < dma_device_count(); i++) {
		struct dma_device *dev = dma_device_at(i);

		if (dev->domain != dma) {
			continue;
		}
		err = dma_device_retarget(dev);
		if (err && first == 0) {
			first = err;
		}
	}
	err = dma_pasids_retarget(dg, dma);
	return first != 0 ? first : err;
}

/*
 * Switch, then flush, then return (contract Q27). If a unit does not do all of
 * it the domain is as it was made: without a table, its devices blocked.
 */
static int commit(struct dma_guest *dg, struct dma_domain *dma)
{
	int err;

	dma->is_configured = true;
	err = retarget(dg, dma);
	if (err == 0 && dma->was_attached) {
		err = iommu_flush_domain(dma->asid);
	}
	if (err) {
		dma->is_configured = false;
		/* The first error answers; a block that fails is logged. */
		(void)retarget(dg, dma);
	}
	return err;
}

static NTSTATUS configure_locked(struct guest *g,
				 const struct sluice_configure *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	struct dma_domain *dma = find_unmanaged(dg, a->domain);
	NTSTATUS status;
	int err;

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	status = check(g, a);
	if (status != STATUS_SUCCESS) {
		return status;
	}
	dma->nest = nest_of(a);
	err = commit(dg, dma);
	if (err == -XEN_ENOMEM) {
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	return err ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}

/**
 * dma_configure_domain() - ConfigureDomain: a caller's table for a domain.
 *
 * May be called while devices are attached. On return each unit walks the new
 * table and holds nothing of the old one.
 * Return: as listed at struct sluice_configure, in that order; then
 *   INSUFFICIENT_RESOURCES  no memory for a unit's tables
 *   UNSUCCESSFUL            a unit did not confirm
 * After the last two the domain has no table: its devices are blocked, unless
 * a unit has failed and confirms nothing any more.
 */
NTSTATUS dma_configure_domain(struct guest *g, const struct sluice_configure *a)
{
	struct dma_guest *dg = dma_guest_of(g);
	NTSTATUS status;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	dma_devices_lock();
	spin_lock(&dg->lock);
	status = configure_locked(g, a);
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return status;
}

/* What no unit has heard of none has cached. */
static NTSTATUS flush_all(const struct dma_domain *dma)
{
	if (dma->was_attached && iommu_flush_domain(dma->asid) != 0) {
		return STATUS_UNSUCCESSFUL;
	}
	return STATUS_SUCCESS;
}

/**
 * dma_flush_domain() - FlushDomain: drop every cached translation of a domain.
 *
 * Return: STATUS_SUCCESS, or, in the order checked,
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a domain of @g, or not Unmanaged
 *   UNSUCCESSFUL         a unit did not confirm
 */
NTSTATUS dma_flush_domain(struct guest *g, uint64_t domain)
{
	NTSTATUS status = STATUS_INVALID_PARAMETER_1;
	struct dma_guest *dg = dma_guest_of(g);
	struct dma_domain *dma;

	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	dma = find_unmanaged(dg, domain);
	if (dma != NULL) {
		status = flush_all(dma);
	}
	spin_unlock(&dg->lock);
	return status;
}

/* Bits 11..0 are kept for a page count that nobody can ask for yet (Q24). */
static bool are_pages(const uint64_t *addresses, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!is_aligned(addresses[i], PAGE_BYTES)) {
			return false;
		}
	}
	return true;
}

/* Upper levels go as well: more than last_level asks for, and never wrong. */
static NTSTATUS flush_each(const struct dma_domain *dma,
			   const uint64_t *addresses, uint32_t count)
{
	NTSTATUS status = STATUS_SUCCESS;

	if (!dma->was_attached) {
		return status;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (iommu_flush_pages(dma->asid, addresses[i], 1) != 0) {
			status = STATUS_UNSUCCESSFUL;
		}
	}
	return status;
}

static NTSTATUS flush_list(const struct guest_caller *c, struct dma_guest *dg,
			   const struct sluice_flush_list *a)
{
	const struct dma_domain *dma = find_unmanaged(dg, a->domain);
	uint64_t *addresses = dg->scratch.frames;

	if (dma == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (a->last_level > 1) {
		return STATUS_INVALID_PARAMETER_2;
	}
	if (a->count > SLUICE_FLUSH_MAX) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (a->count == 0) {
		return STATUS_SUCCESS;
	}
	if (copy_from_guest(c, addresses, a->addresses,
			    a->count * sizeof(addresses[0])) ||
	    !are_pages(addresses, a->count)) {
		return STATUS_INVALID_PARAMETER_4;
	}
	return a->count > FLUSH_ONE_BY_ONE
		       ? flush_all(dma)
		       : flush_each(dma, addresses, a->count);
}

/**
 * dma_flush_list() - FlushDomainByVaList: drop what is cached of some pages.
 * @c: caller; its list is read through it, once
 *
 * Return: as listed at struct sluice_flush_list, in that order; then
 * UNSUCCESSFUL: a unit did not confirm.
 */
NTSTATUS dma_flush_list(const struct guest_caller *c,
			const struct sluice_flush_list *a)
{
	struct dma_guest *dg = dma_guest_of(c->guest);
	NTSTATUS status;

	static_assert(ARRAY_COUNT(dg->scratch.frames) >= SLUICE_FLUSH_MAX,
		      "the list is copied whole");
	if (!dma_service_is_present()) {
		return STATUS_NOT_SUPPORTED;
	}
	spin_lock(&dg->lock);
	status = flush_list(c, dg, a);
	spin_unlock(&dg->lock);
	return status;
}
