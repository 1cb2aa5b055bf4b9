// SPDX-License-Identifier: MIT
/* Mapping of a BAR that holds an MSI-X table, as the tools ask for it. */
#include "dma/device.h"
#include "vpci_fixture.h"
#include "xen_fixture.h"

#define PAGES	   (BAR_BYTES >> PAGE_SHIFT)
#define TABLE_HOLE (TABLE_PAGE >> PAGE_SHIFT)

static const struct fake_register registers[] = {
	{0x04, 0x00100000, 0},
	{0x34, AT_MSIX, 0},
	{AT_MSIX, 0x00040011, 0},
	{AT_MSIX + 4, (uint32_t)TABLE, 0},
};

static uint16_t boot(void)
{
	struct machine_config c = machine_default();
	uint16_t id;

	c.function[1].registers = registers;
	c.function[1].register_count = ARRAY_COUNT(registers);
	machine_boot(&c);
	set_control_bars(true);
	id = new_guest(512);
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
	ck_assert_int_eq(dma_device_assign(guest_by_id(id), D1,
					   SLUICE_ASSIGN_RESET_WAIVED),
			 0);
	return id;
}

static void finish(uint16_t id)
{
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	ck_assert_int_eq(dma_device_release(D1), 0);
	set_control_bars(false);
	machine_shutdown();
}

static int64_t map_part(uint16_t id, bool add, uint64_t first, uint64_t pages)
{
	struct xen_domctl op = {.cmd = XEN_DOMCTL_memory_mapping, .domain = id};

	op.u.memory_mapping.first_gfn = (BAR_AT >> PAGE_SHIFT) + first;
	op.u.memory_mapping.first_mfn = (BAR_MACHINE >> PAGE_SHIFT) + first;
	op.u.memory_mapping.nr_mfns = pages;
	op.u.memory_mapping.add_mapping = add;
	return domctl(&op);
}

static bool is_mapped(uint16_t id, uint64_t page)
{
	hpa_t at;

	return p2m_lookup(&guest_by_id(id)->p2m,
			  to_gpa(BAR_AT + (page << PAGE_SHIFT)),
			  &at) == P2M_DEVICE;
}

/* True when exactly these pages of the BAR are mapped. */
static bool are_mapped(uint16_t id, uint64_t first, uint64_t end)
{
	for (uint64_t n = 0; n < PAGES; n++) {
		if (is_mapped(id, n) !=
		    (n >= first && n < end && n != TABLE_HOLE)) {
			return false;
		}
	}
	return true;
}

START_TEST(tables_page_is_left_out)
{
	/* Whole, in parts, or alone: the rest is mapped, that page never. */
	uint16_t id = boot();

	ANSWERS(0, map_part(id, true, 0, PAGES));
	ck_assert(are_mapped(id, 0, PAGES));
	ck_assert_uint_eq(dma_device_find(D1)->bar_at[0], BAR_AT);
	ck_assert(vpci_owns(guest_by_id(id), to_gpa(BAR_AT + TABLE)));
	ANSWERS(0, map_part(id, false, 0, PAGES));
	ck_assert(are_mapped(id, 0, 0));
	ANSWERS(0, map_part(id, true, 0, TABLE_HOLE + 1));
	ck_assert(are_mapped(id, 0, TABLE_HOLE + 1));
	ANSWERS(0, map_part(id, false, 0, TABLE_HOLE + 1));
	ANSWERS(0, map_part(id, true, TABLE_HOLE, 3));
	ck_assert(are_mapped(id, TABLE_HOLE, TABLE_HOLE + 3));
	ANSWERS(0, map_part(id, false, TABLE_HOLE, 3));
	ANSWERS(0, map_part(id, true, TABLE_HOLE, 1));
	ck_assert(are_mapped(id, 0, 0));
	ck_assert(vpci_owns(guest_by_id(id), to_gpa(BAR_AT + TABLE)));
	ANSWERS(0, map_part(id, false, TABLE_HOLE, 1));
	ck_assert(!vpci_owns(guest_by_id(id), to_gpa(BAR_AT + TABLE)));
	finish(id);
}
END_TEST

START_TEST(half_a_mapping_is_none)
{
	/* A page in the way behind the table: nothing of the rest is mapped,
	 * or taken away.
	 */
	uint16_t id = boot();

	ANSWERS(0, map_part(id, true, TABLE_HOLE + 5, 1));
	ANSWERS(-XEN_EBUSY, map_part(id, true, 0, PAGES));
	ck_assert(are_mapped(id, TABLE_HOLE + 5, TABLE_HOLE + 6));
	ANSWERS(0, map_part(id, false, TABLE_HOLE + 5, 1));
	ANSWERS(0, map_part(id, true, 0, TABLE_HOLE + 2));
	ANSWERS(-XEN_ENOENT, map_part(id, false, 0, TABLE_HOLE + 3));
	ck_assert(are_mapped(id, 0, TABLE_HOLE + 2));
	finish(id);
}
END_TEST

UNIT_SUITE(vpci_map, tables_page_is_left_out, half_a_mapping_is_none)
