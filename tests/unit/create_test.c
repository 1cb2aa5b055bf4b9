// SPDX-License-Identifier: MIT
/* CreateDomainEx: what is refused, in which order, and what runs out. */
#include "service_fixture.h"

#include <string.h>

#define LIST (FAKE_GUEST_LINEAR + FAKE_GUEST_LIST)

static struct fake_guest *roomy; /* may create */
static struct fake_guest *full;	 /* its quota of one domain is used up */
static struct fake_guest *caller;

static void spoil_reserved(void *request)
{
	((struct sluice_create_domain *)request)->reserved2 = 1;
}

static void spoil_type(void *request)
{
	((struct sluice_create_domain *)request)->type = DomainTypeMax;
}

static void spoil_flags(void *request)
{
	((struct sluice_create_domain *)request)->creation_flags = BIT(63);
}

static void spoil_allocator(void *request)
{
	struct sluice_create_domain *a = request;

	a->allocator_type = IommuDmaLogicalAllocatorBuddy;
	a->allocator_width = 11;
}

static void spoil_regions(void *request)
{
	((struct sluice_create_domain *)request)->region_count = 1;
}

static void want_first_stage(void *request)
{
	((struct sluice_create_domain *)request)->type = DomainTypeTranslateS1;
}

static void use_up(void *request)
{
	(void)request;
	caller = full;
}

static const struct defect defects[] = {
	{"reserved field", STATUS_INVALID_PARAMETER, spoil_reserved},
	{"type", STATUS_INVALID_PARAMETER_1, spoil_type},
	{"flags", STATUS_INVALID_PARAMETER_2, spoil_flags},
	{"allocator", STATUS_INVALID_PARAMETER_3, spoil_allocator},
	{"regions", STATUS_INVALID_PARAMETER_4, spoil_regions},
	{"S1", STATUS_NOT_SUPPORTED, want_first_stage},
	{"quota", STATUS_INSUFFICIENT_RESOURCES, use_up},
};

#define DEFECTS (sizeof(defects) / sizeof(defects[0]))

/* A good request, spoilt; the answer, and nothing but the status is written. */
static int64_t attempt(const struct defect *early, const struct defect *late)
{
	static const struct sluice_reserved_region misaligned = {
		.base = 0x20001, .pages = 1};
	struct sluice_create_domain a, sent;
	struct snapshot before;
	NTSTATUS status;

	memset(&a, 0, sizeof(a));
	a.header.size = sizeof(a);
	a.header.status = 0x5a5a5a5a;
	a.regions = LIST;
	a.domain = UINT64_C(0xa5a5a5a5a5a5a5a5);
	caller = roomy;
	if (late != NULL) {
		late->spoil(&a);
	}
	early->spoil(&a);
	before = snap(caller);
	fake_guest_list(caller, &misaligned, sizeof(misaligned));
	sent = a;
	status = CALL(caller, create_domain, a);
	sent.header.status = status;
	EXPECT(memcmp(&a, &sent, sizeof(a)) == 0, "%s: output written",
	       early->name);
	expect_same(caller, before, early->name);
	return status;
}

START_TEST(first_defect_in_order_decides)
{
	/* Of any two defects of one request the earlier in the order answers.
	 */
	boot_service(_i);
	roomy = guest_with(0, 0);
	full = fake_guest_create(
		&(struct fake_guest_config){.domain_quota = 1});
	new_domain(full, DomainTypeTranslate);
	expect_order(defects, DEFECTS, attempt);
	machine_shutdown();
}
END_TEST

START_TEST(x86_guest_is_refused_whatever_it_asks)
{
	/* A guest of type x86 gets NOT_SUPPORTED, and nothing changes. */
	boot_service(_i);
	roomy = fake_guest_create(
		&(struct fake_guest_config){.machine = SLUICE_MACHINE_I386});
	full = roomy;
	for (unsigned i = 1; i < DEFECTS; i++) {
		ANSWERS(STATUS_NOT_SUPPORTED, attempt(&defects[i], NULL));
	}
	for (uint32_t type = 0; type < 6; type++) {
		ANSWERS(STATUS_NOT_SUPPORTED, create_domain(roomy, type));
	}
	machine_shutdown();
}
END_TEST

START_TEST(vcpu_outside_64_bit_mode_is_refused)
{
	/* The same guest is served in 64-bit mode and refused outside of it. */
	struct sluice_create_domain a = {.type = 0, .domain = 0xa5a5};
	struct snapshot before;

	boot_service(_i);
	roomy = guest_with(0, 0);
	before = snap(roomy);
	roomy->caller.is_64bit = false;
	ANSWERS(-XEN_EOPNOTSUPP,
		fake_guest_call(roomy, SLUICE_OP_create_domain, &a, sizeof(a)));
	ck_assert_uint_eq(a.domain, 0xa5a5);
	roomy->caller.is_64bit = true;
	expect_same(roomy, before, "compat mode");
	ANSWERS(STATUS_SUCCESS, create_domain(roomy, DomainTypeTranslate));
	machine_shutdown();
}
END_TEST

START_TEST(allocator_is_judged_by_type_and_width)
{
	/* Each allocator, width and domain type has the answer of Q5 and Q6. */
	uint32_t bits = _i == 2 ? 39 : 48;
	const struct {
		uint32_t type, allocator, width;
		NTSTATUS answer;
	} rows[] = {
		{DomainTypeTranslate, 0, 0, STATUS_SUCCESS},
		{DomainTypeTranslate, 0, 11, STATUS_SUCCESS},
		{DomainTypePassThrough, 0, 99, STATUS_SUCCESS},
		{DomainTypeTranslate, 1, 11, STATUS_INVALID_PARAMETER_3},
		{DomainTypeTranslate, 1, 12, STATUS_SUCCESS},
		{DomainTypeTranslate, 1, bits, STATUS_SUCCESS},
		{DomainTypeTranslate, 1, bits + 1, STATUS_INVALID_PARAMETER_3},
		{DomainTypeTranslate, 1, 63, STATUS_INVALID_PARAMETER_3},
		{DomainTypeTranslate, 1, 64, STATUS_INVALID_PARAMETER_3},
		{DomainTypeTranslate, 1, 0, STATUS_INVALID_PARAMETER_3},
		{DomainTypeTranslate, 2, 32, STATUS_INVALID_PARAMETER_3},
		{DomainTypeTranslate, ~0u, 32, STATUS_INVALID_PARAMETER_3},
		{DomainTypePassThrough, 1, 32, STATUS_INVALID_PARAMETER_3},
		{DomainTypeUnmanaged, 1, 32, STATUS_INVALID_PARAMETER_3},
		{DomainTypeTranslateS1, 1, 32, STATUS_NOT_SUPPORTED},
	};

	boot_service(_i);
	roomy = guest_with(0, 0);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snapshot before = snap(roomy);
		struct sluice_create_domain a = {
			.type = rows[i].type,
			.allocator_type = rows[i].allocator,
			.allocator_width = rows[i].width,
		};
		NTSTATUS status = CALL(roomy, create_domain, a);

		EXPECT(status == rows[i].answer, "row %u: %x", i, status);
		if (status == STATUS_SUCCESS) {
			ANSWERS(STATUS_SUCCESS, delete_domain(roomy, a.domain));
		}
		expect_same(roomy, before, "allocator");
	}
	machine_shutdown();
}
END_TEST

START_TEST(ids_run_out_exactly_and_come_back)
{
	/* Each usable id serves once; one freed lets exactly one more succeed.
	 */
	struct machine_config c = machine_default();
	uint64_t domain[16];
	unsigned room;

	c.unit[0].nd = 0; /* 16 ids: 0 unused, one the control domain's */
	machine_boot(&c);
	roomy = fake_guest_create(
		&(struct fake_guest_config){.domain_quota = 64});
	room = dma_asid_counts().capacity - dma_asid_counts().in_use;
	ck_assert_uint_eq(room, 14);
	for (unsigned i = 0; i < room; i++) {
		domain[i] = new_domain(roomy, i % 2 ? DomainTypeTranslate
						    : DomainTypeUnmanaged);
	}
	for (uint32_t type = 0; type < 3; type++) {
		struct snapshot before = snap(roomy);

		ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
			create_domain(roomy, type));
		expect_same(roomy, before, "no id");
	}
	ANSWERS(STATUS_SUCCESS, delete_domain(roomy, domain[5]));
	new_domain(roomy, DomainTypePassThrough);
	/* A second PassThrough domain shares the first one's id. */
	new_domain(roomy, DomainTypePassThrough);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		create_domain(roomy, DomainTypeTranslate));
	machine_shutdown();
}
END_TEST

START_TEST(quota_is_hit_exactly)
{
	/* Quota many domains of any type; one deleted, one more; others free.
	 */
	uint64_t domain[GUEST_DOMAIN_QUOTA_MAX] = {0};
	static const uint32_t quotas[] = {1, 5};
	struct fake_guest *other;

	boot_service(_i);
	other = guest_with(0, 0);
	for (unsigned q = 0; q < 2; q++) {
		struct fake_guest_config c = {.domain_quota = quotas[q]};

		roomy = fake_guest_create(&c);
		for (unsigned i = 0; i < quotas[q]; i++) {
			domain[i] = new_domain(roomy, i % 3);
		}
		ANSWERS(STATUS_INSUFFICIENT_RESOURCES, create_domain(roomy, 0));
		ANSWERS(STATUS_INSUFFICIENT_RESOURCES, create_domain(roomy, 1));
		new_domain(other, 0);
		ANSWERS(STATUS_SUCCESS, delete_domain(roomy, domain[0]));
		new_domain(roomy, DomainTypeTranslate);
		ANSWERS(STATUS_INSUFFICIENT_RESOURCES, create_domain(roomy, 2));
	}
	machine_shutdown();
}
END_TEST

START_TEST(withheld_type_is_not_supported)
{
	/* Exactly the types that policy allows can be created. */
	boot_service(_i);
	roomy = guest_with(0, 0);
	for (uint32_t mask = 0; mask < 16; mask++) {
		ANSWERS(STATUS_SUCCESS, set_types(roomy, mask));
		for (uint32_t type = 0; type < DomainTypeMax; type++) {
			bool may = type < 3 && (mask & 1u << type) != 0;
			uint64_t domain;

			if (!may) {
				ANSWERS(STATUS_NOT_SUPPORTED,
					create_domain(roomy, type));
				continue;
			}
			domain = new_domain(roomy, type);
			ANSWERS(STATUS_SUCCESS, delete_domain(roomy, domain));
		}
	}
	machine_shutdown();
}
END_TEST

START_TEST(no_memory_leaves_nothing_behind)
{
	/* The n-th allocation failing refuses cleanly, until none fails. */
	static const struct sluice_reserved_region regions[] = {
		{.base = 0x20000, .pages = 4, .should_map = 1},
		{.base = UINT64_C(0x1000000000), .pages = 16},
		{.base = 0x100000, .pages = 3, .should_map = 1},
	};
	struct snapshot before;
	uint64_t domain;

	boot_service(_i);
	roomy = guest_with(0, 0);
	before = snap(roomy);
	for (unsigned form = 0; form < 4; form++) {
		for (unsigned n = 1;; n++) {
			NTSTATUS status;

			fail_at(n);
			status = form == 3 ? create_with(roomy, 0, regions, 3,
							 &domain)
					   : create_domain(roomy, form);
			if (!fail_hit()) {
				ck_assert_uint_gt(n, 1);
				break;
			}
			fail_off();
			ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
			expect_same(roomy, before, "no memory");
		}
		fail_off();
		before = snap(roomy);
	}
	ck_assert_uint_eq(before.inventory.domain_count, 4);
	machine_shutdown();
}
END_TEST

/* Sub-ops on what only an interface makes, each with its argument. */
#define NEEDS_INTERFACE(op, type)                                              \
	{                                                                      \
		SLUICE_OP_##op, sizeof(struct type)                            \
	}
static const struct {
	uint64_t op;
	size_t bytes;
} needs_interface[] = {
	NEEDS_INTERFACE(map_identity, sluice_identity),
	NEEDS_INTERFACE(unmap_identity, sluice_identity),
	NEEDS_INTERFACE(allocate_range, sluice_allocate_range),
	NEEDS_INTERFACE(free_range, sluice_range_ref),
	NEEDS_INTERFACE(reserve_token, sluice_reserve_token),
	NEEDS_INTERFACE(free_token, sluice_token_ref),
	NEEDS_INTERFACE(map_token, sluice_map_token),
	NEEDS_INTERFACE(unmap_token, sluice_unmap_token),
	NEEDS_INTERFACE(configure_domain, sluice_configure),
	NEEDS_INTERFACE(flush_domain, sluice_domain_ref),
	NEEDS_INTERFACE(flush_list, sluice_flush_list),
	NEEDS_INTERFACE(device_state, sluice_device_state),
	NEEDS_INTERFACE(create_pasid, sluice_create_pasid),
	NEEDS_INTERFACE(delete_pasid, sluice_pasid_ref),
	NEEDS_INTERFACE(attach_pasid, sluice_attach_pasid),
	NEEDS_INTERFACE(detach_pasid, sluice_pasid_ref),
	NEEDS_INTERFACE(query_device, sluice_query_device),
};

static void expect_nothing_supported(struct fake_guest *g)
{
	for (unsigned i = 0; i < ARRAY_COUNT(needs_interface); i++) {
		uint64_t a[16] = {0};

		ANSWERS(STATUS_NOT_SUPPORTED,
			fake_guest_status(g, needs_interface[i].op, a,
					  needs_interface[i].bytes));
	}
}

START_TEST(without_an_interface_nothing_is_supported)
{
	/* No unit: NOT_SUPPORTED before any argument; reports still work. */
	struct machine_config c = machine_default();
	struct sluice_info info = {.no_interface = 77};
	struct fake_guest *g;
	uint32_t types;

	c.unit_count = _i % 2;
	c.unit[0].no_qi = true;
	machine_boot(&c);
	g = guest_with(0, 0);
	roomy = full = g;
	for (unsigned i = 1; i < DEFECTS; i++) {
		ANSWERS(STATUS_NOT_SUPPORTED, attempt(&defects[i], NULL));
	}
	ANSWERS(STATUS_NOT_SUPPORTED, create_domain(g, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, delete_domain(g, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, create_device(g, 99));
	ANSWERS(STATUS_NOT_SUPPORTED, delete_device(g, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, attach(g, 0, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, detach(g, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, map(g, 0, 1, 1, 0, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, unmap(g, 0, 1, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, query_types(g, 0, &types));
	expect_nothing_supported(g);
	ANSWERS(STATUS_SUCCESS, CALL(g, info, info));
	ck_assert_uint_eq(info.no_interface,
			  _i % 2 ? SLUICE_INTERFACE_UNFIT_UNIT
				 : SLUICE_INTERFACE_NO_IOMMU);
	ck_assert_uint_eq(info.available_types, 0);
	ck_assert_int_eq(
		dma_device_assign(g->guest, D1, SLUICE_ASSIGN_RESET_WAIVED),
		-XEN_EOPNOTSUPP);
	ck_assert_int_eq(dma_device_quarantine(D1), -XEN_ENODEV);
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(create, first_defect_in_order_decides,
	      x86_guest_is_refused_whatever_it_asks,
	      vcpu_outside_64_bit_mode_is_refused,
	      allocator_is_judged_by_type_and_width,
	      ids_run_out_exactly_and_come_back, quota_is_hit_exactly,
	      withheld_type_is_not_supported, no_memory_leaves_nothing_behind,
	      without_an_interface_nothing_is_supported)
