// SPDX-License-Identifier: MIT
/*
 * Calls whose answers are known whatever the other threads do: in a slice of a
 * domain that is the thread's own, for a guest that is the thread's own, in the
 * life of a guest that the thread creates.
 */
#include "dma/dma.h"
#include "fake_device.h"
#include "guest/guest.h"
#include "hammer.h"

#include <sluice/assign.h>
#include <sluice/ntstatus.h>

#define SLICE_FIRST UINT64_C(0x200000)

static uint64_t address_of(const struct hammer *h, uint64_t page)
{
	return SLICE_FIRST + ((h->number * HAMMER_SLICE + page) << 12);
}

static bool is_all(const struct hammer *h, uint64_t at, uint64_t pages,
		   bool mapped)
{
	for (uint64_t i = at; i < at + pages; i++) {
		if ((h->slice[i] != 0) != mapped) {
			return false;
		}
	}
	return true;
}

static void expect(int32_t is, int32_t must, const char *what)
{
	if (is != must) {
		machine_fail("hammer: %s answers %08x, must %08x", what,
			     (unsigned)is, (unsigned)must);
	}
}

void hammer_slice(struct hammer *h)
{
	uint64_t at = hammer_below(h, HAMMER_SLICE);
	uint64_t pages = 1 + hammer_below(h, 4);
	uint64_t base =
		h->guest->fake->ram.addr + ((64 + hammer_below(h, 64)) << 12);
	struct sluice_map m = {.domain = h->guest->kept,
			       .permissions = 3,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = base,
			       .has_logical_address = 1,
			       .logical_address = address_of(h, at)};
	struct sluice_unmap u = {.domain = h->guest->kept,
				 .logical_address = address_of(h, at)};
	bool maps = hammer_below(h, 2);
	bool can;

	if (pages > HAMMER_SLICE - at) {
		pages = HAMMER_SLICE - at;
	}
	m.pages = u.pages = pages;
	can = is_all(h, at, pages, !maps);
	if (maps) {
		expect(HAMMER_CALL(h, h->guest->fake, map, m),
		       can ? STATUS_SUCCESS : STATUS_IN_USE, "map");
	} else {
		expect(HAMMER_CALL(h, h->guest->fake, unmap, u),
		       can ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER,
		       "unmap");
	}
	for (uint64_t i = 0; can && i < pages; i++) {
		h->slice[at + i] = maps ? base + (i << 12) : 0;
	}
}

/* The guest's device is in the domain that is kept. */
void hammer_check(struct hammer *h)
{
	for (uint64_t i = 0; i < HAMMER_SLICE; i++) {
		uint64_t hpa = 0;
		uint64_t want =
			h->slice[i] == 0
				? 0
				: fake_guest_hpa(h->guest->fake, h->slice[i]);
		enum fake_dma seen;

		machine_lock();
		seen = fake_unit_translate(machine_unit(0),
					   (uint16_t)h->guest->sbdf,
					   address_of(h, i), true, &hpa);
		machine_unlock();
		if ((seen == FAKE_DMA_OK ? hpa : 0) != want) {
			machine_fail("hammer: thread %u's page %lu leads to "
				     "%lx, must %lx",
				     h->number, (unsigned long)i,
				     (unsigned long)hpa, (unsigned long)want);
		}
	}
}

void hammer_own(struct hammer *h)
{
	struct fake_guest *g = h->guest->fake;
	struct sluice_attach_device a = {.domain = h->guest->kept,
					 .device = h->guest->device};
	struct sluice_device_ref d = {.device = h->guest->device};

	for (unsigned i = 0; i < 24; i++) {
		hammer_slice(h);
	}
	expect(HAMMER_CALL(h, g, attach_device, a), STATUS_SUCCESS, "attach");
	hammer_check(h);
	for (unsigned i = 0; i < 24; i++) {
		hammer_slice(h);
	}
	hammer_check(h);
	expect(HAMMER_CALL(h, g, detach_device, d), STATUS_SUCCESS, "detach");
	if (fake_probe(h->guest->sbdf, address_of(h, 0), true) == FAKE_DMA_OK) {
		machine_fail("hammer: a detached device reaches something");
	}
}

/* As the tools do it: under the lock that each of their calls holds. */
static struct fake_guest *create_guest(uint32_t sbdf)
{
	struct fake_guest_config c = {.ram_pages = 160};
	struct fake_guest *g;

	spin_lock(&guest_list_lock);
	g = fake_guest_create(&c);
	if (dma_device_assign(g->guest, sbdf, SLUICE_ASSIGN_RESET_WAIVED) !=
	    0) {
		machine_fail("hammer: %x cannot be assigned", sbdf);
	}
	fake_guest_run(g);
	spin_unlock(&guest_list_lock);
	return g;
}

static void destroy_guest(struct fake_guest *g)
{
	spin_lock(&guest_list_lock);
	if (fake_guest_destroy(g) != 0) {
		machine_fail("hammer: a guest cannot be destroyed");
	}
	spin_unlock(&guest_list_lock);
}

void hammer_live(struct hammer *h, uint32_t sbdf)
{
	struct fake_guest *g = create_guest(sbdf);
	struct sluice_create_domain c = {.type = 0};
	struct sluice_create_device t = {.sbdf = SLUICE_SBDF(0, 0, 1, 0)};
	struct sluice_map m = {.permissions = 3,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = 64 << 12,
			       .pages = 8,
			       .has_logical_address = 1,
			       .logical_address = 0x10000};
	struct sluice_attach_device a;

	expect(HAMMER_CALL(h, g, create_domain, c), STATUS_SUCCESS, "create");
	expect(HAMMER_CALL(h, g, create_device, t), STATUS_SUCCESS, "token");
	m.domain = c.domain;
	a = (struct sluice_attach_device){.domain = c.domain,
					  .device = t.device};
	expect(HAMMER_CALL(h, g, map, m), STATUS_SUCCESS, "map");
	expect(HAMMER_CALL(h, g, attach_device, a), STATUS_SUCCESS, "attach");
	if (fake_probe(sbdf, 0x11000, true) != FAKE_DMA_OK) {
		machine_fail("hammer: a new guest's device reaches nothing");
	}
	/* With all that it holds, its device attached. */
	destroy_guest(g);
	if (fake_probe(sbdf, 0x11000, true) == FAKE_DMA_OK) {
		machine_fail("hammer: a dead guest's device reaches something");
	}
	h->lives++;
}
