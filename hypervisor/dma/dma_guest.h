/* SPDX-License-Identifier: MIT */
/*
 * What one guest holds of the DMA service: its domains, its device tokens, its
 * table pages, its PassThrough table. One per guest slot, found through it, so
 * that a handle of another guest is looked up in the wrong table and not found.
 */
#pragma once

#include "base/spinlock.h"
#include "dma/firmware.h"
#include "dma/reserved.h"
#include "guest/guest.h"
#include "lib/idmap.h"
#include "platform/pci.h"
#include "pt/pt.h"

#define DMA_KIND_DOMAIN 1u
#define DMA_KIND_DEVICE 2u
#define DMA_KIND_TOKEN	3u
#define DMA_KIND_PASID	4u

#define DMA_TOKENS_MAX 32u /* reserved ranges that one guest may have */
#define DMA_PASIDS_MAX 32u /* sub-devices that one guest may have */

/* The table behind every PassThrough domain of one guest: its RAM, 1:1. */
struct dma_passthrough {
	uint32_t users;	      /* domains of this type, and the control domain */
	uint16_t asid;	      /* valid while users != 0, as the table        */
	bool was_attached;    /* a unit may have cached something            */
	uint64_t table_count; /* pages; bounded by the guest's RAM, no quota */
	struct pt pt;
	struct dma_firmware firmware; /* regions of devices that go through */
};

struct dma_device;
struct dma_domain;

/* A sub-device: what a device does under one PASID (dma/pasid.h). */
struct dma_pasid {
	struct dma_device *device; /* NULL = unused                          */
	struct dma_domain *domain; /* attached, or NULL                      */
	uint64_t handle;
	uint16_t number; /* the PASID, an id of the pool of ASIDs            */
	uint16_t asid;	 /* the unit's name for the domain, while live       */
	bool is_live;	 /* a unit lets its DMA through                      */
};

struct dma_guest {
	struct spinlock lock;

	/* Protected by lock. */
	struct guest *guest; /* NULL = slot unused                           */
	struct idmap domains;
	struct idmap_slot domain_slots[GUEST_DOMAIN_QUOTA_MAX];
	struct idmap reservations; /* handle -> struct dma_token             */
	struct idmap_slot reservation_slots[DMA_TOKENS_MAX];
	uint64_t table_count; /* table pages of its Translate domains        */
	uint64_t table_quota; /* the policy's, as wide as pt/ wants it       */
	struct dma_passthrough passthrough;

	/* Protected by the registry's lock. */
	struct idmap tokens; /* handle -> struct dma_device                  */
	struct idmap_slot token_slots[PCI_DEVICES_MAX];

	/* Changed under both. */
	struct idmap pasids; /* handle -> struct dma_pasid                   */
	struct idmap_slot pasid_slots[DMA_PASIDS_MAX];
	struct dma_pasid pasid[DMA_PASIDS_MAX];

	/* Protected by lock: the one copy of a list that a caller passes. */
	struct {
		uint64_t
			at[SLUICE_MAP_MAX]; /* logical addresses of the pages */
		union {
			uint64_t frames[SLUICE_MAP_MAX]; /* then, in place, */
			hpa_t pages[SLUICE_MAP_MAX]; /* machine addresses     */
			struct {
				struct sluice_reserved_region
					list[SLUICE_REGIONS_MAX];
				struct dma_regions regions;
			};
		};
	} scratch;
};

/* dma_guest_start() - Give every slot's lock its rank; the rest is zero. */
void dma_guest_start(void);

/* dma_guest_of() - State of a guest's slot. */
struct dma_guest *dma_guest_of(const struct guest *guest);

/* dma_guest_at() - State in a slot below GUESTS_MAX. */
struct dma_guest *dma_guest_at(unsigned slot);

/* dma_guest_reset() - Forget all; for the tests' next machine. */
void dma_guest_reset(void);
