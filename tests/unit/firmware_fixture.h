/* SPDX-License-Identifier: MIT */
/*
 * A machine whose firmware keeps memory for devices, for the firmware suites.
 * They run on every kind of unit of the service's, and on units that walk
 * first-stage tables alone, where TranslateS1 is what Translate is elsewhere.
 */
#pragma once

#include "dma/device.h"
#include "region_tables.h"
#include "service_fixture.h"

/* D1 and D2 share A; D1 alone has B, to read where the table can say so. */
#define A	UINT64_C(0x4f000000)
#define A_PAGES 16u
#define B	UINT64_C(0x4f020000)
/* Where a guest's RAM is as well, by its guest-physical address. */
#define LOW UINT64_C(0x40000)

static const struct kept two[] = {
	{D1, D2, A, A_PAGES *PAGE_BYTES, RW},
	{D1, D1, B, PAGE_BYTES, READ},
};
static const struct kept low[] = {{D1, D1, LOW, PAGE_BYTES, RW}};

static uint8_t table[FIRMWARE_TABLE_MAX];
static struct fake_guest *g;
static int kind;

#define FIRMWARE_KINDS (SERVICE_KINDS + FIRST_STAGE_KINDS)

static inline bool is_amd(void)
{
	return service_machine(kind).vendor == MACHINE_AMD;
}

static inline bool is_first_stage(void)
{
	return kind >= SERVICE_KINDS;
}

/* The type whose domains map and unmap. */
static inline uint32_t translating(void)
{
	return is_first_stage() ? DomainTypeTranslateS1 : DomainTypeTranslate;
}

/* A set of types in which Translate stands for that one. */
static inline uint32_t types_of(uint32_t set)
{
	return (set & ~1u) | (set & 1u) << translating();
}

/* It may have every type; the default is without those of the first stage. */
static inline void allow_types(void)
{
	ANSWERS(STATUS_SUCCESS, set_types(g, types_of(7)));
}

static inline struct fake_guest *firmware_guest(unsigned devices,
						uint32_t first)
{
	g = guest_with(devices, first);
	allow_types();
	return g;
}

static inline void boot_with(int wanted, const struct kept *kept,
			     unsigned count)
{
	struct machine_config c = service_machine(wanted);

	kind = wanted;
	region_tables(&c, kept, count, table);
	c.reserved[0] = (struct range){A, 0x100000};
	c.reserved[1] = (struct range){LOW, 0x10000};
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
}

/* Everybody home, where the regions are mapped as they were after boot. */
static inline void finish(void)
{
	if (g != NULL) {
		ck_assert_int_eq(fake_guest_destroy(g), 0);
	}
	for (uint32_t dev = D1; dev <= D4; dev += D2 - D1) {
		ck_assert(!dma_device_is_assignable(dev) ||
			  dma_device_release(dev) == 0);
	}
	machine_shutdown();
}

static inline bool reads(uint32_t sbdf, uint64_t at)
{
	return reach(sbdf, at, false) == at;
}

static inline bool writes(uint32_t sbdf, uint64_t at)
{
	return reach(sbdf, at, true) == at;
}

/* D1 reaches A and B as the firmware said, and nothing beside them. */
static inline bool d1_is_kept(void)
{
	for (unsigned i = 0; i < A_PAGES; i++) {
		if (!reads(D1, A + i * PAGE_BYTES) ||
		    !writes(D1, A + i * PAGE_BYTES)) {
			return false;
		}
	}
	for (unsigned i = A_PAGES; i < (B - A) / PAGE_BYTES; i++) {
		if (!is_blocked(D1, A + i * PAGE_BYTES)) {
			return false;
		}
	}
	return reads(D1, B) && writes(D1, B) == !is_amd() &&
	       is_blocked(D1, A - PAGE_BYTES) && is_blocked(D1, B + PAGE_BYTES);
}

static inline bool d1_is_quarantined(void)
{
	return d1_is_kept() && is_blocked(D1, P(1)) &&
	       is_blocked(D1, machine_control()->ram.addr);
}

static inline uint32_t region_count(uint64_t domain)
{
	struct snapshot s = snap(g);

	for (unsigned i = 0; i < 8; i++) {
		if (s.domain[i].domain == domain) {
			return s.domain[i].region_count;
		}
	}
	return UINT32_MAX;
}

static inline uint64_t
allocator_domain(const struct sluice_reserved_region *hole)
{
	struct sluice_create_domain a = {
		.type = translating(),
		.allocator_type = IommuDmaLogicalAllocatorBuddy,
		.allocator_width = 20,
		.region_count = hole != NULL,
	};

	if (hole != NULL) {
		a.regions = fake_guest_list(g, hole, sizeof(*hole));
	}
	ANSWERS(STATUS_SUCCESS, CALL(g, create_domain, a));
	return a.domain;
}

#define FIRMWARE_SUITE(name, ...) KINDS_SUITE(name, FIRMWARE_KINDS, __VA_ARGS__)
