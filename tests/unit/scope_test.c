// SPDX-License-Identifier: MIT
/*
 * Device scopes of DMAR that lead through bridges: whose requester ids they
 * are, and which scopes no machine can have. Alias entries of IVRS.
 */
#include "fake_firmware.h"
#include "iommu/region.h"
#include "iommu_fixture.h"
#include "platform/pci.h"

#include <string.h>

/*
 * 00:03.0 port, buses 1 and 2; 01:00.0 switch, bus 2; 02:00.0 endpoint;
 * 00:04.0 endpoint; 00:05.0 port, bus 3 behind it, which is empty.
 */
#define PORT   D1
#define INNER  SLUICE_SBDF(0, 1, 0, 0)
#define DEEP   SLUICE_SBDF(0, 2, 0, 0)
#define BESIDE D2
#define EMPTY  SLUICE_SBDF(0, 0, 5, 0)

#define ENDPOINT 1u
#define BRIDGE	 2u

#define EXPRESS_PORT 0x0042u

static uint8_t table[FIRMWARE_TABLE_MAX];
static uint32_t size;

static void put(uint32_t at, uint64_t value, unsigned bytes)
{
	memcpy(table + at, &value, bytes);
}

/* Begin a structure: a unit, or reserved memory. Return: where it is. */
static uint32_t begin_unit(unsigned n, bool includes_all)
{
	uint32_t at = size;

	memset(table + at, 0, 16);
	table[at + 4] = includes_all;
	put(at + 8, MACHINE_VTD_BASE + n * PAGE_BYTES, 8);
	size += 16;
	return at;
}

static uint32_t begin_rmrr(uint64_t base)
{
	uint32_t at = size;

	memset(table + at, 0, 24);
	put(at, 1, 2);
	put(at + 8, base, 8);
	put(at + 16, base + PAGE_MASK, 8);
	size += 24;
	return at;
}

static void add_scope(uint8_t type, uint8_t bus, const uint8_t *path,
		      unsigned hops)
{
	uint32_t at = size;

	memset(table + at, 0, 6);
	table[at] = type;
	table[at + 1] = (uint8_t)(6 + 2 * hops);
	table[at + 5] = bus;
	for (unsigned i = 0; i < hops; i++) {
		table[at + 6 + 2 * i] = path[i] >> 3;
		table[at + 7 + 2 * i] = path[i] & 7;
	}
	size += 6 + 2 * hops;
}

#define SCOPE(type, bus, ...)                                                  \
	add_scope(type, bus, (const uint8_t[]){__VA_ARGS__},                   \
		  sizeof((const uint8_t[]){__VA_ARGS__}))

static void end(uint32_t at)
{
	put(at + 2, size - at, 2);
}

static void begin(void)
{
	struct machine_config none = {.unit_count = 0};

	size = firmware_dmar(&none, table);
}

static struct fake_function_config function(uint32_t sbdf, uint8_t secondary,
					    uint8_t subordinate)
{
	return (struct fake_function_config){
		.sbdf = sbdf,
		.vendor = 0x1234,
		.device = 0x11e8,
		.class_code = secondary != 0 ? 0x060400 : 0x00ff00,
		.is_bridge = secondary != 0,
		.secondary = secondary,
		.subordinate = subordinate,
		.express = secondary != 0 ? EXPRESS_PORT : 2,
	};
}

/* Two units, the second one with explicit scopes. */
static void boot(void)
{
	struct machine_config c = machine_default();

	put(4, size, 4);
	firmware_checksum(table, size);
	c.stage = MACHINE_IOMMU;
	c.unit_count = 2;
	c.unit[1] = FAKE_VTD_DEFAULT;
	c.unit[1].explicit_scope = true;
	c.dmar = table;
	c.dmar_bytes = size;
	c.function_count = 5;
	c.function[0] = function(PORT, 1, 2);
	c.function[1] = function(INNER, 2, 2);
	c.function[2] = function(DEEP, 0, 0);
	c.function[3] = function(BESIDE, 0, 0);
	c.function[4] = function(EMPTY, 3, 3);
	c.function[2].unit = 1;
	machine_boot(&c);
}

static unsigned unit_of(uint32_t sbdf)
{
	const struct iommu_unit *unit = iommu_unit_of(sbdf);

	return unit == NULL
		       ? UINT32_MAX
		       : (unsigned)((unit->registers.addr - MACHINE_VTD_BASE) /
				    PAGE_BYTES);
}

START_TEST(bridge_stands_for_all_buses_behind_it)
{
	/* The bridge, its buses whole, nobody else; DMA finds its unit. */
	struct pt pt;
	hpa_t page;
	uint32_t at;

	begin();
	at = begin_unit(1, false);
	SCOPE(BRIDGE, 0, 3 << 3);
	end(at);
	at = begin_unit(0, true);
	end(at);
	boot();
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	ck_assert_uint_eq(unit_of(PORT), 1);
	ck_assert_uint_eq(unit_of(INNER), 1);
	ck_assert_uint_eq(unit_of(DEEP), 1);
	ck_assert_uint_eq(unit_of(0x1ff), 1);
	ck_assert_uint_eq(unit_of(0x2ff), 1);
	ck_assert_uint_eq(unit_of(PORT + 1), 0);
	ck_assert_uint_eq(unit_of(BESIDE), 0);
	ck_assert_uint_eq(unit_of(0x300), 0);
	pt = new_table();
	page = memory_page();
	map(&pt, 0x40000, page, RW);
	ck_assert_int_eq(probe(DEEP, 0x40000, true), FAKE_DMA_FAULT);
	ck_assert_int_eq(iommu_attach(DEEP, target(&pt, 1)), 0);
	ck_assert(lands_in(DEEP, 0x40000, page));
}
END_TEST

START_TEST(path_leads_through_bridges)
{
	/* Three hops name one function; where none is, nobody, with a line. */
	uint32_t at;

	begin();
	at = begin_unit(1, false);
	SCOPE(ENDPOINT, 0, 3 << 3, 0, 0);
	SCOPE(ENDPOINT, 0, 9 << 3, 0);
	SCOPE(BRIDGE, 0, 5 << 3);
	end(at);
	at = begin_unit(0, true);
	end(at);
	at = begin_rmrr(0x4f000000);
	SCOPE(ENDPOINT, 0, 3 << 3, 0, 0);
	SCOPE(BRIDGE, 0, 5 << 3);
	end(at);
	boot();
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	ck_assert_uint_eq(unit_of(DEEP), 1);
	ck_assert_uint_eq(unit_of(DEEP + 1), 0);
	ck_assert_uint_eq(unit_of(INNER), 0);
	ck_assert_uint_eq(unit_of(0x3ff), 1);
	ck_assert_uint_eq(unit_of(0x48), 0);
	ck_assert_ptr_nonnull(
		strstr(machine_serial(), "bridge 00:09.0, which is not there"));
	ck_assert_uint_eq(iommu_region_count(), 1);
	ck_assert_uint_eq(iommu_region_at(0)->at.start, 0x4f000000);
	ck_assert_uint_eq(iommu_region_at(0)->rights, RW);
	ck_assert(iommu_region_is_for(0, DEEP));
	ck_assert(iommu_region_is_for(0, EMPTY));
	ck_assert(iommu_region_is_for(0, 0x300));
	ck_assert(!iommu_region_is_for(0, INNER));
	ck_assert(!iommu_region_is_for(0, 0x10000 | DEEP));
}
END_TEST

START_TEST(impossible_scope_is_refused_with_its_byte)
{
	/* Through an endpoint, an endpoint as a bridge, one named twice. */
	static const char *const lines[] = {
		"byte 64: scope leads to 00:04.0, and on, which is no bridge",
		"byte 64: scope leads to 00:04.0, which is no bridge",
		"byte 88: scope leads to 02:00.0, which another unit names as "
		"well",
		"byte 112: scope leads to 00:04.0, which is no bridge",
	};

	for (unsigned i = 0; i < ARRAY_COUNT(lines); i++) {
		uint32_t at;

		begin();
		at = begin_unit(1, false);
		switch (i) {
		case 0:
			SCOPE(ENDPOINT, 0, 4 << 3, 0);
			break;
		case 1:
			SCOPE(BRIDGE, 0, 4 << 3);
			break;
		default:
			SCOPE(BRIDGE, 0, 3 << 3);
		}
		end(at);
		at = begin_unit(0, i != 2);
		if (i == 2) {
			SCOPE(ENDPOINT, 2, 0);
		}
		end(at);
		if (i == 3) {
			at = begin_rmrr(0x4f000000);
			SCOPE(BRIDGE, 0, 4 << 3);
			end(at);
		}
		boot();
		ck_assert_uint_eq(machine_no_interface(),
				  SLUICE_INTERFACE_BAD_TABLE);
		ck_assert_msg(strstr(machine_serial(), lines[i]) != NULL,
			      "row %u: %s", i, machine_serial());
		ck_assert(!fake_unit_is_translating(machine_unit(0)));
		ck_assert(!fake_unit_is_translating(machine_unit(1)));
	}
}
END_TEST

START_TEST(deep_path_is_refused)
{
	/* One hop more than fits: not cut off, refused. */
	static const uint8_t hops[PCI_HOPS_MAX + 1];
	uint32_t at;

	for (unsigned n = PCI_HOPS_MAX; n <= PCI_HOPS_MAX + 1; n++) {
		begin();
		at = begin_unit(1, false);
		add_scope(ENDPOINT, 9, hops, n);
		end(at);
		at = begin_unit(0, true);
		end(at);
		boot();
		ck_assert_uint_eq(machine_no_interface(),
				  n > PCI_HOPS_MAX ? SLUICE_INTERFACE_UNFIT_UNIT
						   : SLUICE_INTERFACE_PRESENT);
	}
}
END_TEST

START_TEST(alias_goes_to_the_unit_of_its_function)
{
	/* IVRS: function and alias have one unit, and one group. */
	struct machine_config c = machine_amd();
	uint8_t entry[8] = {66};
	uint32_t bytes;

	c.stage = MACHINE_IOMMU;
	c.amdvi[0].explicit_scope = true;
	c.amdvi[0].block_type = 0x10;
	c.function_count = 2;
	bytes = firmware_ivrs(&c, table);
	memcpy(entry + 1, &(uint16_t){(uint16_t)D1}, 2);
	memcpy(entry + 5, &(uint16_t){0x1a8}, 2);
	memcpy(table + bytes, entry, sizeof(entry));
	table[50] = (uint8_t)(table[50] + 8);
	bytes += 8;
	put(4, bytes, 4);
	firmware_checksum(table, bytes);
	c.ivrs = table;
	c.ivrs_bytes = bytes;
	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	ck_assert_ptr_nonnull(iommu_unit_of(0x1a8));
	ck_assert_ptr_null(iommu_unit_of(0x1a9));
	pci_find_groups();
	ck_assert(pci_has_id(pci_device_find(D1), 0, 0x1a8));
}
END_TEST

UNIT_SUITE(scope, bridge_stands_for_all_buses_behind_it,
	   path_leads_through_bridges,
	   impossible_scope_is_refused_with_its_byte, deep_path_is_refused,
	   alias_goes_to_the_unit_of_its_function)
