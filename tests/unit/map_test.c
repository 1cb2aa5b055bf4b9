// SPDX-License-Identifier: MIT
/* MapLogicalRangeEx and UnmapLogicalRange: refusals, and what devices reach. */
#include "guest/p2m.h"
#include "service_fixture.h"

#include <string.h>

#define LA     UINT64_C(0x40000)
#define PAGES  SLUICE_MAP_MAX
#define BORDER UINT64_C(0x200000) /* where another table page begins */

static struct fake_guest *g;
static uint64_t domain, device;

/* A guest whose D1 is attached to an empty Translate domain. */
static void set_up(int kind)
{
	boot_service(kind);
	g = guest_with(1, D1);
	domain = new_domain(g, DomainTypeTranslate);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
}

/* ---- refusals ---- */

#define SPOIL(name, type, ...)                                                 \
	static void name(void *request)                                        \
	{                                                                      \
		type *a = request;                                             \
                                                                               \
		__VA_ARGS__;                                                   \
	}

/* clang-format off */
SPOIL(map_reserved, struct sluice_map, a->reserved = 1)
SPOIL(map_domain, struct sluice_map, a->domain ^= BIT(16))
SPOIL(map_permissions, struct sluice_map, a->permissions |= 4)
SPOIL(map_kind, struct sluice_map, a->kind = 3)
SPOIL(map_automatic, struct sluice_map, a->has_logical_address = 0)
SPOIL(map_misaligned, struct sluice_map, a->logical_address |= 1)
SPOIL(map_in_use, struct sluice_map,
      a->logical_address = BORDER - PAGE_BYTES; a->pages = 2)
SPOIL(map_quota, struct sluice_map, a->logical_address = BORDER)
SPOIL(unmap_flags, struct sluice_unmap, a->header.flags = 1)
SPOIL(unmap_domain, struct sluice_unmap, a->domain = 0)
SPOIL(unmap_misaligned, struct sluice_unmap, a->logical_address |= 0x800)
SPOIL(unmap_pages, struct sluice_unmap, a->pages = 0)
SPOIL(unmap_absent, struct sluice_unmap, a->logical_address -= 2 * PAGE_BYTES)
/* clang-format on */

static void spoil_both(const struct defect *early, const struct defect *late,
		       void *request)
{
	if (late != NULL) {
		late->spoil(request);
	}
	early->spoil(request);
}

static int64_t attempt_map(const struct defect *early,
			   const struct defect *late)
{
	struct sluice_map a = {.domain = domain,
			       .permissions = RW,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = P(0),
			       .pages = 1,
			       .logical_address = LA,
			       .has_logical_address = 1};
	struct snapshot before = snap(g);
	NTSTATUS status;

	spoil_both(early, late, &a);
	status = CALL(g, map, a);
	expect_same(g, before, early->name);
	return status;
}

START_TEST(map_refuses_in_order)
{
	/* Of any two defects of one map the earlier in the order answers. */
	static const struct defect defects[] = {
		{"reserved", STATUS_INVALID_PARAMETER, map_reserved},
		{"domain", STATUS_INVALID_PARAMETER_1, map_domain},
		{"permissions", STATUS_INVALID_PARAMETER_2, map_permissions},
		{"kind", STATUS_INVALID_PARAMETER_3, map_kind},
		{"automatic", STATUS_NOT_SUPPORTED, map_automatic},
		{"misaligned", STATUS_INVALID_PARAMETER_4, map_misaligned},
		{"in use", STATUS_IN_USE, map_in_use},
		{"quota", STATUS_INSUFFICIENT_RESOURCES, map_quota},
	};
	struct fake_guest_config c = {.table_page_quota = 1};

	/* Depth - 1 tables below the root: enough for addresses below 2 MiB. */
	c.table_page_quota += _i == 2 ? 2 : 3;
	boot_service(_i);
	g = fake_guest_create(&c);
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS,
		map(g, domain, BORDER - PAGE_BYTES, P(0), 1, READ));
	expect_order(defects, sizeof(defects) / sizeof(defects[0]),
		     attempt_map);
	machine_shutdown();
}
END_TEST

static int64_t attempt_unmap(const struct defect *early,
			     const struct defect *late)
{
	struct sluice_unmap a = {
		.domain = domain, .logical_address = LA, .pages = 4};
	struct snapshot before = snap(g);
	NTSTATUS status;

	spoil_both(early, late, &a);
	status = CALL(g, unmap, a);
	expect_same(g, before, early->name);
	return status;
}

START_TEST(unmap_refuses_in_order)
{
	/* Of any two defects of one unmap the earlier in the order answers. */
	static const struct defect defects[] = {
		{"flags", STATUS_INVALID_PARAMETER, unmap_flags},
		{"domain", STATUS_INVALID_PARAMETER_1, unmap_domain},
		{"misaligned", STATUS_INVALID_PARAMETER_2, unmap_misaligned},
		{"pages", STATUS_INVALID_PARAMETER_3, unmap_pages},
		{"absent", STATUS_INVALID_PARAMETER, unmap_absent},
	};

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(0), 4, RW));
	expect_order(defects, sizeof(defects) / sizeof(defects[0]),
		     attempt_unmap);
	ck_assert(lands(D1, LA + 3 * PAGE_BYTES, g, P(3)));
	machine_shutdown();
}
END_TEST

START_TEST(arguments_are_bounded)
{
	/* Rights, counts, addresses: each edge is on its own side. */
	const uint64_t top = BIT(_i == 2 ? 39 : 48);
	const uint64_t none = ~PAGE_MASK;
	const struct {
		uint64_t la, base, pages;
		uint32_t permissions;
		NTSTATUS answer;
	} rows[] = {
		{LA, P(0), 1, 0, STATUS_INVALID_PARAMETER_2},
		{LA, P(0), 1, 4, STATUS_INVALID_PARAMETER_2},
		{LA, P(0), 1, BIT(31) | RW, STATUS_INVALID_PARAMETER_2},
		{LA, P(0), 0, RW, STATUS_INVALID_PARAMETER_3},
		{LA, 0, PAGES, RW, STATUS_SUCCESS},
		{LA, 0, PAGES + 1, RW, STATUS_INVALID_PARAMETER_3},
		{LA, 0, BIT(61), RW, STATUS_INVALID_PARAMETER_3},
		{LA, 0, BIT(52) + 1, RW, STATUS_INVALID_PARAMETER_3},
		{LA, 0, UINT64_MAX, RW, STATUS_INVALID_PARAMETER_3},
		{LA, P(0) + 8, 1, RW, STATUS_INVALID_PARAMETER_3},
		{LA, 511 * PAGE_BYTES, 1, RW, STATUS_SUCCESS},
		{LA, 511 * PAGE_BYTES, 2, RW, STATUS_INVALID_PARAMETER_3},
		{LA, none, 1, RW, STATUS_INVALID_PARAMETER_3},
		{LA, none, 2, RW, STATUS_INVALID_PARAMETER_3},
		{0, P(0), 1, RW, STATUS_SUCCESS},
		{LA + 8, P(0), 1, RW, STATUS_INVALID_PARAMETER_4},
		{top - PAGE_BYTES, P(0), 1, RW, STATUS_SUCCESS},
		{top - PAGE_BYTES, P(0), 2, RW, STATUS_INVALID_PARAMETER_4},
		{top, P(0), 1, RW, STATUS_INVALID_PARAMETER_4},
		{none, P(0), 1, RW, STATUS_INVALID_PARAMETER_4},
		{none, P(0), 2, RW, STATUS_INVALID_PARAMETER_4},
		/* The interrupt window, by one page at either end. */
		{0xfedff000, P(0), 1, RW, STATUS_SUCCESS},
		{0xfedff000, P(0), 2, RW, STATUS_IN_USE},
		{0xfee00000, P(0), 1, RW, STATUS_IN_USE},
		{0xfeeff000, P(0), 1, RW, STATUS_IN_USE},
		{0xfeeff000, P(0), 2, RW, STATUS_IN_USE},
		{0xfef00000, P(0), 1, RW, STATUS_SUCCESS},
		{0xfed00000, 0, PAGES, RW, STATUS_IN_USE},
	};

	set_up(_i);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snapshot before = snap(g);
		NTSTATUS status = map(g, domain, rows[i].la, rows[i].base,
				      rows[i].pages, rows[i].permissions);

		EXPECT(status == rows[i].answer, "row %u: %x", i, status);
		if (status != STATUS_SUCCESS) {
			expect_same(g, before, "refused");
			continue;
		}
		ck_assert(lands(D1, rows[i].la, g, rows[i].base));
		ANSWERS(STATUS_SUCCESS,
			unmap(g, domain, rows[i].la, rows[i].pages));
		ck_assert(is_blocked(D1, rows[i].la));
	}
	ANSWERS(STATUS_INVALID_PARAMETER_3, unmap(g, domain, LA, PAGES + 1));
	ANSWERS(STATUS_INVALID_PARAMETER_3, unmap(g, domain, LA, UINT64_MAX));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, none, 1));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, none, 2));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, top, 1));
	machine_shutdown();
}
END_TEST

START_TEST(only_translated_domains_are_mapped)
{
	/* Domains whose tables are not the caller's answer as no domain. */
	boot_service(_i);
	g = guest_with(0, 0);
	for (uint32_t type = 1; type < 3; type++) {
		domain = new_domain(g, type);
		ANSWERS(STATUS_INVALID_PARAMETER_1,
			map(g, domain, LA, P(0), 1, RW));
		ANSWERS(STATUS_INVALID_PARAMETER_1, unmap(g, domain, LA, 1));
	}
	machine_shutdown();
}
END_TEST

/* ---- what a device reaches ---- */

START_TEST(inside_lands_and_outside_faults)
{
	/* Each page of the range leads to its own page; neighbours to none. */
	const uint64_t far = 3 * BORDER;
	uint64_t frames[PAGES];

	set_up(_i);
	for (unsigned i = 0; i < PAGES; i++) {
		frames[i] = (i * 7 + 3) % 500;
	}
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, 0, 500, RW));
	ANSWERS(STATUS_SUCCESS,
		map_frames(g, domain, far - PAGE_BYTES, frames, PAGES, RW));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 500 + PAGES);
	for (unsigned i = 0; i < PAGES; i++) {
		uint64_t at = far + i * PAGE_BYTES - PAGE_BYTES;

		EXPECT(reach(D1, at + 8, i & 1) ==
			       fake_guest_hpa(g, frames[i] * PAGE_BYTES + 8),
		       "frame %u", i);
		EXPECT(i >= 500 || reach(D1, LA + i * PAGE_BYTES, true) ==
					   fake_guest_hpa(g, i * PAGE_BYTES),
		       "page %u", i);
	}
	ck_assert(is_blocked(D1, LA - PAGE_BYTES));
	ck_assert(is_blocked(D1, LA + 500 * PAGE_BYTES));
	ck_assert(is_blocked(D1, far - 2 * PAGE_BYTES));
	ck_assert(is_blocked(D1, far + (PAGES - 1) * PAGE_BYTES));
	machine_shutdown();
}
END_TEST

START_TEST(rights_are_exact)
{
	/* Reading and writing pass where they were asked for and only there. */
	set_up(_i);
	for (uint32_t rights = READ; rights <= RW; rights++) {
		uint64_t la = LA + rights * PAGE_BYTES;

		ANSWERS(STATUS_SUCCESS, map(g, domain, la, P(1), 1, rights));
		ck_assert_int_eq(sees(D1, la, g, P(1)), (rights & READ) != 0);
		ck_assert_int_eq(lands(D1, la, g, P(1)), (rights & WRITE) != 0);
		/* Warm; then a downgrade must be felt at once. */
		ANSWERS(STATUS_SUCCESS, unmap(g, domain, la, 1));
		ANSWERS(STATUS_SUCCESS, map(g, domain, la, P(1), 1, READ));
		ck_assert(!lands(D1, la, g, P(1)));
		ck_assert(sees(D1, la, g, P(1)));
	}
	machine_shutdown();
}
END_TEST

START_TEST(addresses_are_not_truncated)
{
	/* X, X + 4 GiB and X + 256 GiB are three mappings. */
	static const uint64_t at[] = {LA, LA + BIT(32), LA + BIT(38)};

	set_up(_i);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert(is_blocked(D1, at[i]));
		ANSWERS(STATUS_SUCCESS, map(g, domain, at[i], P(i), 1, RW));
	}
	for (unsigned i = 0; i < 3; i++) {
		ck_assert(lands(D1, at[i], g, P(i)));
	}
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, at[1], 1));
	ck_assert(lands(D1, at[0], g, P(0)));
	ck_assert(is_blocked(D1, at[1]));
	ck_assert(lands(D1, at[2], g, P(2)));
	machine_shutdown();
}
END_TEST

/* ---- whose memory ---- */

/* Neither contiguous nor as one frame of 512, wherever it stands. */
static void expect_unmappable(uint64_t gpa, const char *what)
{
	static const unsigned place[] = {0, 255, 511};
	struct snapshot before = snap(g);
	uint64_t frames[PAGES];

	EXPECT(map(g, domain, LA, gpa, 1, RW) == STATUS_INVALID_PARAMETER_3,
	       "%s: contiguous", what);
	for (unsigned p = 0; p < 3; p++) {
		for (unsigned i = 0; i < PAGES; i++) {
			frames[i] = (g->ram.addr + P(i % 400)) >> PAGE_SHIFT;
		}
		frames[place[p]] = gpa >> PAGE_SHIFT;
		EXPECT(map_frames(g, domain, LA, frames, PAGES, READ) ==
			       STATUS_INVALID_PARAMETER_3,
		       "%s: frame %u", what, place[p]);
		for (unsigned i = 0; i < PAGES; i += 73) {
			EXPECT(is_blocked(D1, LA + i * PAGE_BYTES), "%s", what);
		}
	}
	expect_same(g, before, what);
}

START_TEST(guest_maps_nothing_but_its_memory)
{
	/* Holes, BARs and any machine address are refused, all of the call. */
	const struct fake_guest_config config = {.hole_page = 480,
						 .hole_pages = 2};
	const uint64_t bar = UINT64_C(0x80000000);
	uint64_t frame = BIT(52);

	boot_service(_i);
	g = fake_guest_create(&config);
	fake_guest_assign(g, D1);
	ck_assert_int_eq(p2m_add(&g->guest->p2m, to_gpa(bar),
				 to_hpa(MACHINE_BAR_BASE + (1 << 20)), 256,
				 P2M_DEVICE),
			 0);
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, new_device(g, V1)));
	expect_unmappable(480 * PAGE_BYTES, "hole");
	expect_unmappable(512 * PAGE_BYTES, "behind its memory");
	expect_unmappable(bar, "BAR");
	expect_unmappable(MACHINE_RAM_BASE, "hypervisor");
	expect_unmappable(fake_guest_hpa(g, P(1)), "own, by machine address");
	expect_unmappable(MACHINE_VTD_BASE, "unit");
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		map_frames(g, domain, LA, &frame, 1, RW));
	frame = BIT(52) | P(1) >> PAGE_SHIFT;
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		map_frames(g, domain, LA, &frame, 1, RW));
	machine_shutdown();
}
END_TEST

START_TEST(control_domain_maps_nothing_but_its_memory)
{
	/* Identity-mapped as it is, it reaches no frame of anybody else. */
	struct fake_guest *other;
	uint64_t lent = UINT64_C(0x100000000);
	struct p2m *p2m;

	boot_service(_i);
	other = guest_with(0, 0);
	g = machine_control();
	p2m = &g->guest->p2m;
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, new_device(g, D1)));
	ck_assert_int_eq(p2m_add(p2m, to_gpa(lent),
				 to_hpa(fake_guest_hpa(other, P(2))), 1,
				 P2M_FOREIGN),
			 0);
	ck_assert_int_eq(p2m_add(p2m, to_gpa(MACHINE_BAR_BASE),
				 to_hpa(MACHINE_BAR_BASE), 256, P2M_DEVICE),
			 0);
	ck_assert_int_eq(
		p2m_add(p2m, to_gpa(0xf0000), to_hpa(0xf0000), 1, P2M_BLANK),
		0);
	expect_unmappable(lent, "lent page");
	expect_unmappable(MACHINE_BAR_BASE, "BAR");
	expect_unmappable(0xf0000, "blank page");
	expect_unmappable(fake_guest_hpa(other, P(2)), "other guest");
	expect_unmappable(MACHINE_RAM_BASE, "first page of the hypervisor");
	expect_unmappable(MACHINE_RAM_BASE + 2047 * PAGE_BYTES, "last page");
	expect_unmappable(MACHINE_VTD_BASE, "unit");
	expect_unmappable(MACHINE_ECAM_BASE, "configuration space");
	expect_unmappable(g->ram.addr + g->ram_pages * PAGE_BYTES, "no RAM");
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, g->ram.addr + P(0), 1, RW));
	ck_assert_int_eq(p2m_remove(p2m, to_gpa(lent), 1, P2M_FOREIGN), 0);
	machine_reset();
}
END_TEST

SERVICE_SUITE(map, map_refuses_in_order, unmap_refuses_in_order,
	      arguments_are_bounded, only_translated_domains_are_mapped,
	      inside_lands_and_outside_faults, rights_are_exact,
	      addresses_are_not_truncated, guest_maps_nothing_but_its_memory,
	      control_domain_maps_nothing_but_its_memory)
