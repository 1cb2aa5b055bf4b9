// SPDX-License-Identifier: MIT
/*
 * The service's part of a guest's life. Destruction goes in one order: devices
 * silent and blocked, flushes confirmed, then tables, then ids; what a unit did
 * not confirm is not given back.
 */
#include "dma/dma_guest.h"

#include "base/log.h"
#include "dma/device.h"
#include "dma/dma.h"
#include "dma/domain.h"
#include "dma/passthrough.h"
#include "iommu/fault.h"
#include "lib/check.h"
#include "lib/error.h"
#include "lib/string.h"

/*
 * Handles of different guests differ in number as well: each guest's
 * generations start at its birth number, so that a handle passed to the wrong
 * guest misses even where both tables use the same slot.
 */
#define BIRTH_SHIFT 24

static_assert(GUESTS_MAX <= FAULT_GUESTS_MAX, "a log of faults for each");

static struct dma_guest dma_guests[GUESTS_MAX];
static uint64_t birth_count; /* Protected by the registry's lock. */

struct dma_guest *dma_guest_at(unsigned slot)
{
	CHECK(slot < GUESTS_MAX);
	return &dma_guests[slot];
}

struct dma_guest *dma_guest_of(const struct guest *guest)
{
	return dma_guest_at(guest->slot);
}

static void start_handles(struct idmap *map, struct idmap_slot *slots,
			  uint32_t count, uint8_t kind)
{
	idmap_init(map, slots, count, kind);
	for (uint32_t i = 0; i < count; i++) {
		slots[i] = (struct idmap_slot){
			.generation = birth_count << BIRTH_SHIFT,
		};
	}
}

/* Called with both locks held. */
static void guest_open(struct dma_guest *dg, struct guest *guest)
{
	start_handles(&dg->domains, dg->domain_slots,
		      ARRAY_COUNT(dg->domain_slots), DMA_KIND_DOMAIN);
	start_handles(&dg->reservations, dg->reservation_slots,
		      ARRAY_COUNT(dg->reservation_slots), DMA_KIND_TOKEN);
	start_handles(&dg->tokens, dg->token_slots,
		      ARRAY_COUNT(dg->token_slots), DMA_KIND_DEVICE);
	start_handles(&dg->pasids, dg->pasid_slots,
		      ARRAY_COUNT(dg->pasid_slots), DMA_KIND_PASID);
	birth_count++;
	fault_open(guest->id);
	dg->table_count = 0;
	dg->table_quota = guest->policy.table_page_quota;
	dg->passthrough = (struct dma_passthrough){.users = 0};
	dg->guest = guest;
}

/**
 * dma_guest_create() - Let a guest have domains and devices.
 *
 * Domctl calls it for each new guest; dma_start() does for the control domain.
 * A second call for the same guest changes nothing.
 */
void dma_guest_create(struct guest *guest)
{
	struct dma_guest *dg = dma_guest_of(guest);

	dma_devices_lock();
	spin_lock(&dg->lock);
	CHECK(dg->guest == NULL || dg->guest == guest);
	if (dg->guest == NULL) {
		guest_open(dg, guest);
	}
	spin_unlock(&dg->lock);
	dma_devices_unlock();
}

/* Delete every domain; one that a unit does not let go stays as it is. */
static int drop_domains(struct dma_guest *dg)
{
	uint32_t kept = 0;
	uint64_t handle;
	int first = 0;

	while (kept < dg->domains.used) {
		int err = dma_domain_destroy(
			dg, idmap_at(&dg->domains, kept, &handle));

		if (err) {
			kept++;
			first = err;
		}
	}
	return first;
}

/*
 * What a unit did not confirm stays the guest's: device, domain, tables, ids.
 * So a second call tries again, and never finds less to do than there is.
 */
int dma_guest_destroy(struct guest *guest)
{
	struct dma_guest *dg = dma_guest_of(guest);
	int err = 0;

	CHECK(!guest->is_control);
	dma_devices_lock();
	spin_lock(&dg->lock);
	if (dg->guest != guest) {
		goto unlock;
	}
	/* Tables may go only when no device of the guest can walk them. */
	err = dma_devices_abandon(dg);
	if (err == 0) {
		err = drop_domains(dg);
	}
	if (err) {
		log_error("dma: guest %u keeps its tables, a unit did not "
			  "confirm",
			  (unsigned)guest->id);
		goto unlock;
	}
	dg->domains.count = 0;
	dg->reservations.count = 0;
	dg->tokens.count = 0;
	dg->pasids.count = 0;
	fault_close(guest->id);
	dg->guest = NULL;
unlock:
	spin_unlock(&dg->lock);
	dma_devices_unlock();
	return err;
}

/* Not a static initialiser: 100 KiB would move from .bss into the image. */
void dma_guest_start(void)
{
	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		dma_guests[i].lock.rank = LOCK_DMA_GUEST;
	}
}

void dma_guest_reset(void)
{
	memset(dma_guests, 0, sizeof(dma_guests));
	birth_count = 0;
}
