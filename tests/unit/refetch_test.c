// SPDX-License-Identifier: MIT
/* A second vCPU that changes an argument while it is read (class G). */
#include "service_fixture.h"

#include <string.h>

#define LA UINT64_C(0x40000)

static struct fake_guest *g, *other;
static uint64_t domain, foreign;

static void set_up(int kind)
{
	boot_service(kind);
	g = guest_with(1, D1);
	other = guest_with(1, D3);
	domain = new_domain(g, 0);
	foreign = new_domain(other, 0);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, new_device(g, V1)));
}

/* After the first read of it, @bytes of the guest's memory become others. */
static void change(uint64_t gpa, const void *to, size_t bytes)
{
	guestmem_change_after_read(to_hpa(fake_guest_hpa(g, gpa)), to, bytes);
}

START_TEST(argument_is_what_was_read_first)
{
	/* A map whose fields change under it is the first or no map at all. */
	const struct {
		const char *name;
		size_t at, bytes;
		uint64_t value;
	} rows[] = {
		{"pages", offsetof(struct sluice_map, pages), 8, BIT(20)},
		{"permissions", offsetof(struct sluice_map, permissions), 4,
		 0xffffffff},
		{"domain", offsetof(struct sluice_map, domain), 8, 0},
		{"base", offsetof(struct sluice_map, base), 8,
		 MACHINE_RAM_BASE},
		{"address", offsetof(struct sluice_map, logical_address), 8,
		 UINT64_C(0xfee00000)},
		{"kind", offsetof(struct sluice_map, kind), 4, 77},
		{"size", offsetof(struct sluice_header, size), 4, 4096},
	};

	set_up(_i);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value = rows[i].value;

		if (rows[i].at == offsetof(struct sluice_map, domain)) {
			value = foreign;
		}
		change(FAKE_GUEST_ARGUMENT + rows[i].at, &value, rows[i].bytes);
		EXPECT(map(g, domain, LA, P(1), 2, READ) == STATUS_SUCCESS,
		       "%s", rows[i].name);
		EXPECT(reach(D1, LA, false) == fake_guest_hpa(g, P(1)),
		       "%s: elsewhere", rows[i].name);
		EXPECT(reach(D1, LA, true) == 0, "%s: more rights",
		       rows[i].name);
		ck_assert(is_blocked(D1, LA + 2 * PAGE_BYTES));
		ck_assert_uint_eq(snap(g).inventory.mapped_pages, 2);
		ck_assert_uint_eq(snap(other).inventory.mapped_pages, 0);
		ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, 2));
	}
	machine_shutdown();
}
END_TEST

START_TEST(frame_list_is_what_was_read_first)
{
	/* A list that turns foreign once read maps what was checked. */
	uint64_t frames[8], evil[8];

	set_up(_i);
	for (unsigned i = 0; i < 8; i++) {
		frames[i] = P(i) >> PAGE_SHIFT;
		evil[i] = fake_guest_hpa(other, P(i)) >> PAGE_SHIFT;
	}
	change(FAKE_GUEST_LIST, evil, sizeof(evil));
	ANSWERS(STATUS_SUCCESS, map_frames(g, domain, LA, frames, 8, RW));
	for (unsigned i = 0; i < 8; i++) {
		EXPECT(lands(D1, LA + i * PAGE_BYTES, g, P(i)), "frame %u", i);
	}
	machine_shutdown();
}
END_TEST

START_TEST(region_list_is_what_was_read_first)
{
	/* A region that moves to others' memory stays where it was checked. */
	const struct sluice_reserved_region good = {P(1), 1, 1, {0}};
	const struct sluice_reserved_region evil = {
		MACHINE_RAM_BASE, 9, 1, {0}};
	uint64_t with_region, device;

	boot_service(_i);
	g = guest_with(1, D1);
	device = new_device(g, V1);
	change(FAKE_GUEST_LIST, &evil, sizeof(evil));
	ANSWERS(STATUS_SUCCESS, create_with(g, 0, &good, 1, &with_region));
	ANSWERS(STATUS_SUCCESS, attach(g, with_region, device));
	ck_assert(lands(D1, P(1), g, P(1)));
	ck_assert(is_blocked(D1, MACHINE_RAM_BASE));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(refetch, argument_is_what_was_read_first,
	      frame_list_is_what_was_read_first,
	      region_list_is_what_was_read_first)
