// SPDX-License-Identifier: MIT
/* PASID sub-devices, on a unit that can tell them apart, and on others. */
#include "dma/dma_guest.h"
#include "fake_nest.h"
#include "service_fixture.h"

#define ALL	 15u
#define NO_PASS	 (ALL & ~(1u << DomainTypePassThrough))
#define UNTAGGED FAKE_NEST_UNTAGGED
#define LA	 UINT64_C(0x7000)

static struct fake_guest *g;
static uint64_t device;

static NTSTATUS create_with_pasids(uint32_t sbdf, uint32_t type, uint8_t quiet,
				   uint64_t *token)
{
	struct sluice_create_device a = {
		.sbdf = sbdf,
		.config_type = IommuDeviceCreationConfigTypePasid,
		.pasid_type = type,
		.suppress_faults = quiet,
	};
	NTSTATUS status = CALL(g, create_device, a);

	*token = a.device;
	return status;
}

static void boot_pasids(uint32_t pasids)
{
	fake_nest_boot(&(struct fake_nest_config){.can_nest = true,
						  .pasid_count = pasids});
	g = guest_with(2, D1);
	ANSWERS(STATUS_SUCCESS,
		create_with_pasids(V1, PasidConfigTypePasidTaggedDma, 0,
				   &device));
}

static NTSTATUS create(struct fake_guest *by, uint64_t of,
		       struct sluice_create_pasid *a)
{
	*a = (struct sluice_create_pasid){.device = of};
	return CALL(by, create_pasid, *a);
}

static struct sluice_create_pasid new_pasid(void)
{
	struct sluice_create_pasid a;

	ANSWERS(STATUS_SUCCESS, create(g, device, &a));
	EXPECT(a.pasid != 0 && a.asid != 0, "handle or number 0");
	return a;
}

static NTSTATUS attach_to(uint64_t domain, uint64_t pasid)
{
	struct sluice_attach_pasid a = {.domain = domain, .pasid = pasid};

	return CALL(g, attach_pasid, a);
}

static NTSTATUS detach_it(uint64_t pasid)
{
	struct sluice_pasid_ref a = {.pasid = pasid};

	return CALL(g, detach_pasid, a);
}

static NTSTATUS delete_by(struct fake_guest *by, uint64_t pasid)
{
	struct sluice_pasid_ref a = {.pasid = pasid};

	return CALL(by, delete_pasid, a);
}

static bool arrives(uint32_t pasid, uint64_t la, uint64_t gpa)
{
	static uint64_t mark = UINT64_C(0xabc0000000);
	uint64_t found;

	mark++;
	if (fake_nest_dma(D1, pasid, la, &mark, true) != FAKE_DMA_OK) {
		return false;
	}
	fake_guest_read(g, gpa, &found, sizeof(found));
	return found == mark;
}

static uint64_t fault_total(void)
{
	struct sluice_read_faults a = {.sequence = 0};

	ANSWERS(STATUS_SUCCESS, CALL(g, read_own_faults, a));
	return a.total;
}

START_TEST(units_that_cannot_tag_refuse)
{
	for (int kind = 0; kind < SERVICE_KINDS; kind++) {
		struct sluice_query_device q = {.device = 0};
		struct sluice_create_pasid a;

		boot_service(kind);
		g = guest_with(1, D1);
		for (uint32_t type = 0; type < PasidConfigTypeMax; type++) {
			ANSWERS(STATUS_INVALID_PARAMETER_2,
				create_with_pasids(V1, type, 0, &device));
		}
		q.device = device = new_device(g, V1);
		ANSWERS(STATUS_INVALID_PARAMETER_1, create(g, device, &a));
		q.default_pasid = q.tagged_dma = q.faults_suppressed = 1;
		ANSWERS(STATUS_SUCCESS, CALL(g, query_device, q));
		ck_assert(!q.default_pasid && !q.tagged_dma &&
			  !q.faults_suppressed);
		machine_shutdown();
	}
}
END_TEST

START_TEST(configurations_are_checked_and_kept)
{
	struct sluice_query_device q = {.device = 0};
	struct sluice_create_pasid a;
	uint64_t token;

	boot_pasids(1024);
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		create_with_pasids(V2, PasidConfigTypeMax, 0, &token));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		create_with_pasids(V2, 0, 2, &token));
	ANSWERS(STATUS_NOT_FOUND, create_with_pasids(D4, 9, 2, &token));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		create_with_pasids(V1, PasidConfigTypeMax, 0, &token));
	ANSWERS(STATUS_RESOURCE_IN_USE, create_with_pasids(V1, 1, 0, &token));
	ANSWERS(STATUS_SUCCESS, create_with_pasids(V2, 0, 1, &token));
	q.device = token;
	ANSWERS(STATUS_SUCCESS, CALL(g, query_device, q));
	ck_assert(q.default_pasid && !q.tagged_dma && q.faults_suppressed);
	ANSWERS(STATUS_INVALID_PARAMETER_1, create(g, token, &a));
	q.device = device;
	ANSWERS(STATUS_SUCCESS, CALL(g, query_device, q));
	ck_assert(q.default_pasid && q.tagged_dma && !q.faults_suppressed);
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		CALL(machine_control(), query_device, q));
	/* The next token of the device starts afresh. */
	ANSWERS(STATUS_SUCCESS, delete_device(g, device));
	device = new_device(g, V1);
	ANSWERS(STATUS_INVALID_PARAMETER_1, create(g, device, &a));
	machine_shutdown();
}
END_TEST

START_TEST(a_sub_device_has_a_domain_of_its_own)
{
	struct sluice_create_pasid one, two;
	uint64_t first, second;

	boot_pasids(1024);
	one = new_pasid();
	two = new_pasid();
	ck_assert_uint_ne(one.asid, two.asid);
	first = new_domain(g, DomainTypeTranslate);
	second = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, map(g, first, LA, P(1), 1, RW));
	ANSWERS(STATUS_SUCCESS, map(g, second, LA, P(2), 1, RW));
	ck_assert(!arrives(one.asid, LA, P(1)));
	ANSWERS(STATUS_SUCCESS, attach_to(first, one.pasid));
	ANSWERS(STATUS_SUCCESS, attach_to(second, two.pasid));
	ck_assert(fake_function_is_master(D1));
	ck_assert(arrives(one.asid, LA, P(1)));
	ck_assert(arrives(two.asid, LA, P(2)));
	ck_assert(!arrives(UNTAGGED, LA, P(1)));
	ANSWERS(STATUS_SUCCESS, attach(g, second, device));
	ck_assert(arrives(UNTAGGED, LA, P(2)));
	/* What is unmapped is gone for all of them. */
	ANSWERS(STATUS_SUCCESS, unmap(g, second, LA, 1));
	ck_assert(!arrives(two.asid, LA, P(2)));
	ck_assert(!arrives(UNTAGGED, LA, P(2)));
	ANSWERS(STATUS_SUCCESS, detach_it(two.pasid));
	ck_assert(fake_function_is_master(D1));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(arrives(one.asid, LA, P(1)));
	ANSWERS(STATUS_SUCCESS, detach_it(one.pasid));
	ck_assert(!arrives(one.asid, LA, P(1)));
	ck_assert(!fake_function_is_master(D1));
	ANSWERS(STATUS_SUCCESS, attach_to(first, one.pasid));
	ck_assert(fake_function_is_master(D1));
	ANSWERS(STATUS_SUCCESS, detach_it(one.pasid));
	ck_assert(!fake_function_is_master(D1));
	machine_shutdown();
}
END_TEST

START_TEST(what_is_in_use_stays)
{
	struct sluice_create_pasid a, b;
	struct snapshot before;
	uint64_t domain;

	boot_pasids(1024);
	before = snap(g);
	a = new_pasid();
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_INVALID_PARAMETER_1, detach_it(a.pasid));
	ANSWERS(STATUS_INVALID_PARAMETER_1, attach_to(domain ^ 16, a.pasid));
	ANSWERS(STATUS_INVALID_PARAMETER_1, attach_to(a.pasid, domain));
	ANSWERS(STATUS_INVALID_PARAMETER_2, attach_to(domain, a.pasid ^ 16));
	ANSWERS(STATUS_INVALID_PARAMETER_2, attach_to(domain, device));
	ANSWERS(STATUS_SUCCESS, attach_to(domain, a.pasid));
	ANSWERS(STATUS_UNSUCCESSFUL, attach_to(domain, a.pasid));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_by(g, a.pasid));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_domain(g, domain));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_device(g, device));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		delete_by(machine_control(), a.pasid));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		create(machine_control(), device, &b));
	ANSWERS(STATUS_SUCCESS, detach_it(a.pasid));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_device(g, device));
	ANSWERS(STATUS_SUCCESS, delete_by(g, a.pasid));
	ANSWERS(STATUS_INVALID_PARAMETER_1, delete_by(g, a.pasid));
	expect_same(g, before, "deleted");
	ANSWERS(STATUS_SUCCESS, delete_device(g, device));
	machine_shutdown();
}
END_TEST

START_TEST(numbers_and_quota_run_out)
{
	struct sluice_create_pasid a[DMA_PASIDS_MAX + 1];
	struct snapshot before;
	unsigned count = 0;

	/* Numbers below 8 alone; the control domain's table has one of them. */
	boot_pasids(8);
	while (create(g, device, &a[count]) == STATUS_SUCCESS) {
		ck_assert_uint_lt(a[count].asid, 8);
		count++;
	}
	ck_assert_uint_eq(count, 6);
	before = snap(g);
	ANSWERS(STATUS_NONE_MAPPED, create(g, device, &a[count]));
	expect_same(g, before, "no number");
	/* Domains are named from the same pool, beyond the PASIDs' width. */
	new_domain(g, DomainTypeUnmanaged);
	ANSWERS(STATUS_SUCCESS, delete_by(g, a[3].pasid));
	ANSWERS(STATUS_SUCCESS, create(g, device, &a[count]));
	ck_assert_uint_eq(a[count].asid, a[3].asid);
	machine_shutdown();

	boot_pasids(1024);
	for (unsigned i = 0; i < DMA_PASIDS_MAX; i++) {
		ANSWERS(STATUS_SUCCESS, create(g, device, &a[i]));
	}
	before = snap(g);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		create(g, device, &a[DMA_PASIDS_MAX]));
	expect_same(g, before, "quota");
	machine_shutdown();
}
END_TEST

START_TEST(policy_rules_sub_devices_too)
{
	struct sluice_create_pasid a, b;
	uint64_t pass, unmanaged;
	struct sluice_configure c = {.translation_enabled = 0};

	boot_pasids(1024);
	a = new_pasid();
	b = new_pasid();
	pass = new_domain(g, DomainTypePassThrough);
	c.domain = unmanaged = new_domain(g, DomainTypeUnmanaged);
	ANSWERS(STATUS_SUCCESS, attach_to(pass, a.pasid));
	ANSWERS(STATUS_SUCCESS, attach_to(unmanaged, b.pasid));
	ck_assert(arrives(a.asid, P(1), P(1)));
	ck_assert(!arrives(b.asid, P(1), P(1)));
	ANSWERS(STATUS_SUCCESS, CALL(g, configure_domain, c));
	ck_assert(arrives(b.asid, P(1), P(1)));
	ANSWERS(STATUS_SUCCESS, set_types(g, NO_PASS));
	ck_assert(!arrives(a.asid, P(1), P(1)));
	ck_assert(!arrives(b.asid, P(1), P(1)));
	ANSWERS(STATUS_SUCCESS, detach_it(a.pasid));
	ANSWERS(STATUS_ACCESS_DENIED, attach_to(pass, a.pasid));
	ANSWERS(STATUS_ACCESS_DENIED, attach_to(unmanaged, a.pasid));
	ANSWERS(STATUS_SUCCESS, set_types(g, ALL));
	ck_assert(arrives(b.asid, P(1), P(1)));
	ck_assert(!arrives(a.asid, P(1), P(1)));
	machine_shutdown();
}
END_TEST

START_TEST(faults_of_tagged_dma_can_be_silenced)
{
	struct sluice_create_pasid a;
	uint64_t domain;

	boot_pasids(1024);
	ANSWERS(STATUS_SUCCESS, delete_device(g, device));
	ANSWERS(STATUS_SUCCESS,
		create_with_pasids(V1, PasidConfigTypePasidTaggedDma, 1,
				   &device));
	a = new_pasid();
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, attach_to(domain, a.pasid));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert(!arrives(a.asid, LA, P(1)));
	ck_assert_uint_eq(fault_total(), 0);
	ck_assert(!arrives(UNTAGGED, LA, P(1)));
	ck_assert_uint_eq(fault_total(), 1);
	machine_shutdown();
}
END_TEST

START_TEST(a_unit_that_does_not_obey_keeps_it)
{
	struct sluice_create_pasid a;
	struct snapshot before;
	uint64_t domain;

	boot_pasids(1024);
	a = new_pasid();
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	before = snap(g);
	fake_nest_refusals.attach = -XEN_ENOMEM;
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, attach_to(domain, a.pasid));
	fake_nest_refusals.attach = 0;
	expect_same(g, before, "not attached");
	ANSWERS(STATUS_SUCCESS, attach_to(domain, a.pasid));
	fake_nest_refusals.block = -XEN_EIO;
	ANSWERS(STATUS_UNSUCCESSFUL, detach_it(a.pasid));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_by(g, a.pasid));
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), -XEN_EIO);
	ck_assert(!fake_function_is_master(D1));
	ck_assert_int_eq(dma_guest_destroy(g->guest), -XEN_EIO);
	ck_assert(arrives(a.asid, LA, P(1)));
	fake_nest_refusals.block = 0;
	/* The rest is the shutdown's, which finds what stays behind. */
	machine_shutdown();
}
END_TEST

START_TEST(who_loses_the_device_loses_its_sub_devices)
{
	struct sluice_create_pasid a;
	uint64_t domain;

	boot_pasids(1024);
	a = new_pasid();
	new_pasid();
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	ANSWERS(STATUS_SUCCESS, attach_to(domain, a.pasid));
	ck_assert(arrives(a.asid, LA, P(1)));
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert(!arrives(a.asid, LA, P(1)));
	ck_assert(!fake_function_is_master(D1));
	ANSWERS(STATUS_INVALID_PARAMETER_1, detach_it(a.pasid));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	ck_assert_uint_eq(snap(g).inventory.asid_count, 0);
	machine_shutdown();

	boot_pasids(1024);
	a = new_pasid();
	domain = new_domain(g, DomainTypePassThrough);
	ANSWERS(STATUS_SUCCESS, attach_to(domain, a.pasid));
	ck_assert(arrives(a.asid, P(1), P(1)));
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	ck_assert_ptr_null(fake_nest_target(D1, a.asid));
	/* The control domain's own table has one. */
	ck_assert_uint_eq(dma_asid_counts().in_use, 1);
	machine_shutdown();
}
END_TEST

UNIT_SUITE(pasid, units_that_cannot_tag_refuse,
	   configurations_are_checked_and_kept,
	   a_sub_device_has_a_domain_of_its_own, what_is_in_use_stays,
	   numbers_and_quota_run_out, policy_rules_sub_devices_too,
	   faults_of_tagged_dma_can_be_silenced,
	   a_unit_that_does_not_obey_keeps_it,
	   who_loses_the_device_loses_its_sub_devices)
