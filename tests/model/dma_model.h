/* SPDX-License-Identifier: MIT */
/*
 * The contract as an executable model, in the plainest C: a list of domains,
 * a flat array of pages for each, lists of devices, ranges and tokens. Written
 * from contract/dma-iommu-interface.md and include/sluice/dma*.h, not from the
 * hypervisor, whose code it must never include.
 *
 *   says  = model_expect(m, guest, op, argument)   before the call
 *   ...     the call itself ...
 *   wrong = model_settle(m, guest, op, says, before, after)
 *
 * Where the contract leaves a choice (which free address, which handle) the
 * model checks that the answer is one it allows and adopts it.
 */
#pragma once

#include "model_types.h"

/* A frame list or region list that the argument points at. */
struct model_list {
	bool is_readable;
	unsigned count;
	const uint64_t *frame;
	const struct sluice_reserved_region *region;
};

/* Any argument. */
union model_argument {
	struct sluice_header header;
#define MODEL_MEMBER(nr, name, arg, who) arg name;
	SLUICE_DMA_OPS(MODEL_MEMBER)
#undef MODEL_MEMBER
};

/* What the contract says of a call before it is made. */
struct model_says {
	NTSTATUS status;
	NTSTATUS or_status; /* where the contract leaves a choice, else same */
	/* A shortage may be met: INSUFFICIENT_RESOURCES is as good. */
	bool may_be_short;
	/* The address that the allocator has to choose. */
	uint64_t logical_address;
};

/**
 * model_start() - An empty model.
 * The caller fills in .guest and .device and what is of the machine.
 */
void model_start(struct model *m);

/* model_clear() - Forget every domain; drop what it holds. */
void model_clear(struct model *m);

/* model_expect() - What @op must answer. Changes nothing. */
struct model_says model_expect(const struct model *m, unsigned guest,
			       unsigned op, const union model_argument *a,
			       const struct model_list *list);

/**
 * model_settle() - The call succeeded: check its outputs, then do it.
 * Return: NULL, or what is wrong with the outputs.
 */
const char *model_settle(struct model *m, unsigned guest, unsigned op,
			 const struct model_says *says,
			 const union model_argument *before,
			 const union model_argument *after,
			 const struct model_list *list);

/* What a device must find at a logical page. */
struct model_view {
	uint64_t address; /* machine address of the page */
	unsigned permissions;
};

struct model_view model_view(const struct model *m,
			     const struct model_device *device, uint64_t page);

/* ---- for the parts of the model and for the generator ---- */

struct model_domain *model_domain_of(const struct model *m, unsigned guest,
				     uint64_t handle);
struct model_device *model_device_of(const struct model *m, unsigned guest,
				     uint64_t handle);
/* model_token_of() - @domain receives the token's domain. */
struct model_range *model_token_of(const struct model *m, unsigned guest,
				   uint64_t handle,
				   struct model_domain **domain);
struct model_pasid *model_pasid_of(const struct model *m, unsigned guest,
				   uint64_t handle);
/* model_view_of() - What whoever is in @domain must find; 0 = in none. */
struct model_view model_view_of(const struct model *m, unsigned guest,
				uint64_t domain, uint64_t page);
uint32_t model_types(const struct model *m, unsigned guest);
bool model_is_ram(const struct model *m, unsigned guest, uint64_t frame);
/* model_handle_gone() - An object died; its handle must not come back. */
void model_handle_gone(struct model *m, unsigned guest, uint64_t handle);
bool model_handle_is_fresh(const struct model *m, uint64_t handle,
			   unsigned guest);
