// SPDX-License-Identifier: MIT
/* Calls, snapshots and probes for the suites of the service and of the gate. */
#include "service_fixture.h"

#include <string.h>

static const struct fake_vtd_config vtd_kinds[] = {
	{.width = 48, .nd = 6, .mamv = 18, .superpages = 3, .fault_count = 1},
	{.width = 48,
	 .nd = 6,
	 .mamv = 9,
	 .superpages = 1,
	 .fault_count = 8,
	 .caching_mode = true},
	{.width = 39,
	 .nd = 2,
	 .mamv = 18,
	 .superpages = 3,
	 .fault_count = 4,
	 .snoop_control = true,
	 .is_coherent = true},
	{.width = 48,
	 .nd = 6,
	 .no_psi = true,
	 .fault_count = 1,
	 .needs_wbf = true},
};

static const struct fake_amdvi_config amdvi_kinds[] = {
	{.hats = 2, .np_cache = true},
	{.hats = 0, .left_enabled = true},
};

static const struct fake_vtd_config first_stage_kinds[] = {
	{.width = 48,
	 .nd = 6,
	 .mamv = 18,
	 .superpages = 3,
	 .fault_count = 1,
	 .scalable = true,
	 .first_stage = true},
	{.width = 48,
	 .nd = 2,
	 .superpages = 1,
	 .fault_count = 4,
	 .walks_snoop = true,
	 .caching_mode = true,
	 .scalable = true,
	 .first_stage = true},
};

#define VTD_KINDS ((int)ARRAY_COUNT(vtd_kinds))

static_assert(ARRAY_COUNT(vtd_kinds) + ARRAY_COUNT(amdvi_kinds) ==
		      SERVICE_KINDS,
	      "each kind has its run");
static_assert(ARRAY_COUNT(first_stage_kinds) == FIRST_STAGE_KINDS,
	      "each kind has its run");

struct machine_config service_machine(int kind)
{
	bool is_vtd = kind < VTD_KINDS || kind >= SERVICE_KINDS;
	struct machine_config c = is_vtd ? machine_default() : machine_amd();

	if (kind >= SERVICE_KINDS) {
		c.unit[0] = first_stage_kinds[kind - SERVICE_KINDS];
	} else if (is_vtd) {
		c.unit[0] = vtd_kinds[kind];
	} else {
		c.amdvi[0] = amdvi_kinds[kind - VTD_KINDS];
	}
	return c;
}

void boot_service(int kind)
{
	struct machine_config c = service_machine(kind);

	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
}

struct fake_guest *guest_with(unsigned devices, uint32_t first)
{
	struct fake_guest *g = fake_guest_create(NULL);

	for (unsigned i = 0; i < devices; i++) {
		fake_guest_assign(g, first + SLUICE_SBDF(0, 0, i, 0));
	}
	fake_guest_run(g);
	return g;
}

Suite *service_suite(const char *name, const TTest *const *tests, size_t count,
		     int kind_count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < count; i++) {
		tcase_add_loop_test(tcase, tests[i], 0, kind_count);
	}
	suite_add_tcase(suite, tcase);
	return suite;
}

/* ---- calls ---- */

uint64_t new_domain(struct fake_guest *g, uint32_t type)
{
	struct sluice_create_domain a = {.type = type};

	ANSWERS(STATUS_SUCCESS, CALL(g, create_domain, a));
	EXPECT(a.domain != 0, "handle 0");
	return a.domain;
}

uint64_t new_device(struct fake_guest *g, uint32_t sbdf)
{
	struct sluice_create_device a = {.sbdf = sbdf};

	ANSWERS(STATUS_SUCCESS, CALL(g, create_device, a));
	EXPECT(a.device != 0, "handle 0");
	return a.device;
}

NTSTATUS create_domain(struct fake_guest *g, uint32_t type)
{
	struct sluice_create_domain a = {.type = type};

	return CALL(g, create_domain, a);
}

NTSTATUS create_device(struct fake_guest *g, uint32_t sbdf)
{
	struct sluice_create_device a = {.sbdf = sbdf};

	return CALL(g, create_device, a);
}

NTSTATUS delete_domain(struct fake_guest *g, uint64_t domain)
{
	struct sluice_domain_ref a = {.domain = domain};

	return CALL(g, delete_domain, a);
}

NTSTATUS delete_device(struct fake_guest *g, uint64_t device)
{
	struct sluice_device_ref a = {.device = device};

	return CALL(g, delete_device, a);
}

NTSTATUS attach(struct fake_guest *g, uint64_t domain, uint64_t device)
{
	struct sluice_attach_device a = {.domain = domain, .device = device};

	return CALL(g, attach_device, a);
}

NTSTATUS detach(struct fake_guest *g, uint64_t device)
{
	struct sluice_device_ref a = {.device = device};

	return CALL(g, detach_device, a);
}

NTSTATUS map(struct fake_guest *g, uint64_t domain, uint64_t la, uint64_t gpa,
	     uint64_t pages, uint32_t permissions)
{
	struct sluice_map a = {
		.domain = domain,
		.permissions = permissions,
		.kind = SLUICE_MAP_CONTIGUOUS,
		.base = gpa,
		.pages = pages,
		.logical_address = la,
		.has_logical_address = 1,
	};

	return CALL(g, map, a);
}

NTSTATUS map_frames(struct fake_guest *g, uint64_t domain, uint64_t la,
		    const uint64_t *frames, uint64_t pages,
		    uint32_t permissions)
{
	struct sluice_map a = {
		.domain = domain,
		.permissions = permissions,
		.kind = SLUICE_MAP_FRAMES,
		.frames = fake_guest_list(g, frames, pages * sizeof(frames[0])),
		.pages = pages,
		.logical_address = la,
		.has_logical_address = 1,
	};

	return CALL(g, map, a);
}

NTSTATUS unmap(struct fake_guest *g, uint64_t domain, uint64_t la,
	       uint64_t pages)
{
	struct sluice_unmap a = {
		.domain = domain, .logical_address = la, .pages = pages};

	return CALL(g, unmap, a);
}

NTSTATUS query_types(struct fake_guest *g, uint64_t device, uint32_t *types)
{
	struct sluice_domain_types a = {.device = device};
	NTSTATUS status = CALL(g, query_domain_types, a);

	*types = a.types;
	return status;
}

NTSTATUS create_with(struct fake_guest *g, uint32_t type,
		     const struct sluice_reserved_region *regions,
		     uint32_t count, uint64_t *domain)
{
	struct sluice_create_domain a = {
		.type = type,
		.regions =
			fake_guest_list(g, regions, count * sizeof(regions[0])),
		.region_count = count,
	};
	NTSTATUS status = CALL(g, create_domain, a);

	*domain = a.domain;
	return status;
}

NTSTATUS set_types(struct fake_guest *g, uint32_t allowed_types)
{
	struct sluice_guest_policy a = {.guest = g->guest->id};

	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), guest_policy, a));
	a.operation = SLUICE_POLICY_SET;
	a.allowed_types = allowed_types;
	return CALL(machine_control(), guest_policy, a);
}

/* ---- snapshots ---- */

struct snapshot snap(struct fake_guest *g)
{
	struct snapshot s;

	memset(&s, 0, sizeof(s));
	s.inventory.guest = SLUICE_GUEST_SELF;
	ANSWERS(STATUS_SUCCESS, CALL(g, inventory, s.inventory));
	for (unsigned i = 0; i < 8; i++) {
		s.domain[i].guest = SLUICE_GUEST_SELF;
		s.domain[i].index = i;
		if (CALL(g, list_domains, s.domain[i]) != STATUS_SUCCESS) {
			break;
		}
	}
	s.pages = machine_counts();
	s.asids = dma_asid_counts();
	return s;
}

#define SAME(field)                                                            \
	EXPECT(now.field == was.field, "%s: " #field " was %lu, is %lu", what, \
	       (unsigned long)was.field, (unsigned long)now.field)

void expect_same(struct fake_guest *g, struct snapshot was, const char *what)
{
	struct snapshot now = snap(g);

	SAME(inventory.domain_count);
	SAME(inventory.device_count);
	SAME(inventory.attached_count);
	SAME(inventory.assigned_count);
	SAME(inventory.asid_count);
	SAME(inventory.mapped_pages);
	SAME(inventory.table_pages);
	SAME(inventory.hypervisor_pages);
	SAME(asids.in_use);
	SAME(pages.pool[PAGE_POOL_HYPERVISOR].free);
	SAME(pages.pool[PAGE_POOL_GUEST].free);
	EXPECT(memcmp(&now, &was, sizeof(now)) == 0, "%s: changed", what);
}

void expect_order(const struct defect *defects, unsigned count,
		  int64_t (*attempt)(const struct defect *early,
				     const struct defect *late))
{
	for (unsigned i = 0; i < count; i++) {
		int64_t got = attempt(&defects[i], NULL);

		EXPECT(got == defects[i].answer, "%s: %lx", defects[i].name,
		       (unsigned long)got);
		for (unsigned j = i + 1; j < count; j++) {
			got = attempt(&defects[i], &defects[j]);
			EXPECT(got == defects[i].answer, "%s, and %s: %lx",
			       defects[i].name, defects[j].name,
			       (unsigned long)got);
		}
	}
}

/* ---- devices ---- */

static uint64_t mark = UINT64_C(0x5a5a000000000000);

bool lands(uint32_t sbdf, uint64_t la, struct fake_guest *g, uint64_t gpa)
{
	uint64_t found;

	mark++;
	if (fake_dma(sbdf, la, &mark, sizeof(mark), true) != FAKE_DMA_OK) {
		return false;
	}
	fake_guest_read(g, gpa, &found, sizeof(found));
	return found == mark;
}

bool sees(uint32_t sbdf, uint64_t la, struct fake_guest *g, uint64_t gpa)
{
	uint64_t found = 0;

	mark++;
	fake_guest_write(g, gpa, &mark, sizeof(mark));
	return fake_dma(sbdf, la, &found, sizeof(found), false) ==
		       FAKE_DMA_OK &&
	       found == mark;
}

bool is_blocked(uint32_t sbdf, uint64_t la)
{
	return reach(sbdf, la, false) == 0 && reach(sbdf, la, true) == 0;
}

uint64_t reach(uint32_t sbdf, uint64_t la, bool write)
{
	uint64_t hpa = 0;

	if (fake_unit_translate(machine_unit(0), (uint16_t)sbdf, la, write,
				&hpa) != FAKE_DMA_OK) {
		return 0;
	}
	EXPECT(!machine_page_is_freed(hpa), "%lx leads to freed %lx", la, hpa);
	return hpa;
}
