// SPDX-License-Identifier: MIT
/* Devices: token, attachment, and whose address space their DMA goes through.
 */
#include "service_fixture.h"

#include <string.h>

#define LA UINT64_C(0x40000)

static struct fake_guest *g;

static void expect_counts(uint32_t domains, uint32_t tokens, uint32_t attached)
{
	struct sluice_inventory i = snap(g).inventory;

	EXPECT(i.domain_count == domains && i.device_count == tokens &&
		       i.attached_count == attached,
	       "%u domains, %u tokens, %u attached", i.domain_count,
	       i.device_count, i.attached_count);
}

START_TEST(life_of_a_device_goes_in_one_order)
{
	/* Create, attach, detach, delete: each step once, none out of turn. */
	uint64_t domain, device;
	struct snapshot before;

	boot_service(_i);
	g = guest_with(1, D1);
	before = snap(g);
	domain = new_domain(g, DomainTypeTranslate);
	device = new_device(g, V1);
	expect_counts(1, 1, 0);
	ANSWERS(STATUS_RESOURCE_IN_USE, create_device(g, V1));
	ANSWERS(STATUS_INVALID_PARAMETER_1, detach(g, device));
	ck_assert(!fake_function_is_master(D1));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	expect_counts(1, 1, 1);
	ck_assert(fake_function_is_master(D1));
	ANSWERS(STATUS_INVALID_PARAMETER, attach(g, domain, device));
	ANSWERS(STATUS_INVALID_PARAMETER,
		attach(g, new_domain(g, DomainTypeTranslate), device));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_device(g, device));
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_domain(g, domain));
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	ck_assert(lands(D1, LA, g, P(1)));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(!fake_function_is_master(D1));
	ck_assert(is_blocked(D1, LA));
	ANSWERS(STATUS_INVALID_PARAMETER_1, detach(g, device));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert(lands(D1, LA, g, P(1)));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	ANSWERS(STATUS_SUCCESS, delete_device(g, device));
	ANSWERS(STATUS_INVALID_PARAMETER_1, delete_device(g, device));
	expect_counts(1, 0, 0);
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	g = guest_with(1, D2);
	ck_assert_uint_eq(snap(g).asids.in_use, before.asids.in_use);
	machine_shutdown();
}
END_TEST

START_TEST(create_device_refuses_in_order)
{
	/* Unknown before configuration type before a second token. */
	const struct {
		uint32_t sbdf, config_type;
		NTSTATUS answer;
	} rows[] = {
		{V1, 0, STATUS_RESOURCE_IN_USE},
		{V1, 1, STATUS_INVALID_PARAMETER_2},
		{V1, ~0u, STATUS_INVALID_PARAMETER_2},
		{V2, 0, STATUS_NOT_FOUND},
		{V2, 1, STATUS_NOT_FOUND},
		{D1, 0, STATUS_NOT_FOUND}, /* the machine's address */
		{0, 0, STATUS_NOT_FOUND},
		{V1 | SLUICE_SBDF(1, 0, 0, 0), 0, STATUS_NOT_FOUND},
		{V1 | SLUICE_SBDF(0, 1, 0, 0), 0, STATUS_NOT_FOUND},
	};

	boot_service(_i);
	g = guest_with(1, D1);
	new_device(g, V1);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snapshot before = snap(g);
		struct sluice_create_device a = {
			.sbdf = rows[i].sbdf,
			.config_type = rows[i].config_type,
			.device = 0xa5a5,
		};
		NTSTATUS status = CALL(g, create_device, a);

		EXPECT(status == rows[i].answer, "row %u: %x", i, status);
		ck_assert_uint_eq(a.device, 0xa5a5);
		expect_same(g, before, "refused");
	}
	machine_shutdown();
}
END_TEST

/* Every call that takes a handle, and what it says to one that is not ours. */
static NTSTATUS call_delete_domain(uint64_t h)
{
	return delete_domain(g, h);
}

static NTSTATUS call_map(uint64_t h)
{
	return map(g, h, LA, P(0), 1, RW);
}

static NTSTATUS call_unmap(uint64_t h)
{
	return unmap(g, h, LA, 1);
}

static uint64_t own_domain, own_device;

static NTSTATUS call_attach_domain(uint64_t h)
{
	return attach(g, h, own_device);
}

static NTSTATUS call_attach_device(uint64_t h)
{
	return attach(g, own_domain, h);
}

static NTSTATUS call_delete_device(uint64_t h)
{
	return delete_device(g, h);
}

static NTSTATUS call_detach(uint64_t h)
{
	return detach(g, h);
}

static NTSTATUS call_query(uint64_t h)
{
	uint32_t types;

	return query_types(g, h, &types);
}

START_TEST(handles_of_others_are_no_handles)
{
	/* Foreign, stale, invented, of the other kind: one answer, no effect.
	 */
	static const struct {
		const char *name;
		NTSTATUS (*call)(uint64_t handle);
		bool is_domain;
		NTSTATUS answer;
	} rows[] = {
		{"delete_domain", call_delete_domain, true,
		 STATUS_INVALID_PARAMETER_1},
		{"map", call_map, true, STATUS_INVALID_PARAMETER_1},
		{"unmap", call_unmap, true, STATUS_INVALID_PARAMETER_1},
		{"attach to", call_attach_domain, true,
		 STATUS_INVALID_PARAMETER_1},
		{"attach", call_attach_device, false,
		 STATUS_INVALID_PARAMETER_2},
		{"delete_device", call_delete_device, false,
		 STATUS_INVALID_PARAMETER_1},
		{"detach", call_detach, false, STATUS_INVALID_PARAMETER_1},
		{"query", call_query, false, STATUS_INVALID_PARAMETER_1},
	};
	struct fake_guest *other, *control;
	uint64_t theirs, token, control_domain, control_token, stale, old_token;
	struct snapshot before, before_other;

	boot_service(_i);
	control = machine_control();
	g = guest_with(2, D1);
	other = guest_with(1, D3);
	own_domain = new_domain(g, DomainTypeTranslate);
	own_device = new_device(g, V1);
	theirs = new_domain(other, DomainTypeTranslate);
	token = new_device(other, V1);
	ANSWERS(STATUS_SUCCESS, attach(other, theirs, token));
	ANSWERS(STATUS_SUCCESS, map(other, theirs, LA, P(9), 1, RW));
	control_domain = new_domain(control, DomainTypeTranslate);
	control_token = new_device(control, D4);
	stale = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, delete_domain(g, stale));
	old_token = new_device(g, V2);
	ANSWERS(STATUS_SUCCESS, delete_device(g, old_token));
	before = snap(g);
	before_other = snap(other);
	for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		bool d = rows[r].is_domain;
		uint64_t own = d ? own_domain : own_device;
		const uint64_t bad[] = {
			d ? theirs : token,
			d ? control_domain : control_token,
			d ? stale : old_token,
			d ? own_device : own_domain,
			0,
			UINT64_MAX,
			own + BIT(4),
			own + BIT(16),
			own ^ BIT(63),
			own ^ BIT(56),
		};

		for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			NTSTATUS status = rows[r].call(bad[i]);

			EXPECT(status == rows[r].answer, "%s, handle %u: %x",
			       rows[r].name, i, status);
			expect_same(g, before, rows[r].name);
			expect_same(other, before_other, rows[r].name);
		}
	}
	ck_assert(lands(D3, LA, other, P(9)));
	ck_assert(is_blocked(D1, LA));
	ANSWERS(STATUS_SUCCESS, delete_domain(control, control_domain));
	machine_shutdown();
}
END_TEST

START_TEST(stale_handle_never_names_a_later_object)
{
	/* After 1000 further objects in its slot a dead handle is dead. */
	uint64_t domain, device, next;

	boot_service(_i);
	g = guest_with(1, D1);
	domain = new_domain(g, 0);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	ANSWERS(STATUS_SUCCESS, delete_device(g, device));
	for (unsigned i = 0; i < 1000; i++) {
		next = new_domain(g, i % 3);
		EXPECT(next != domain, "handle %lx again", next);
		ANSWERS(STATUS_INVALID_PARAMETER_1, delete_domain(g, domain));
		ANSWERS(STATUS_SUCCESS, delete_domain(g, next));
		next = new_device(g, V1);
		EXPECT(next != device, "handle %lx again", next);
		ANSWERS(STATUS_INVALID_PARAMETER_1, delete_device(g, device));
		ANSWERS(STATUS_SUCCESS, delete_device(g, next));
	}
	machine_shutdown();
}
END_TEST

START_TEST(moved_device_writes_to_its_new_domain_only)
{
	/* From domain A to domain B at one address: only B's page changes. */
	uint64_t a, b, device, was, is;

	boot_service(_i);
	g = guest_with(1, D1);
	a = new_domain(g, 0);
	b = new_domain(g, 0);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, map(g, a, LA, P(1), 1, RW));
	ANSWERS(STATUS_SUCCESS, map(g, b, LA, P(2), 1, RW));
	ANSWERS(STATUS_SUCCESS, attach(g, a, device));
	ck_assert(lands(D1, LA, g, P(1)));
	for (unsigned i = 0; i < 4; i++) {
		fake_guest_read(g, P(1 + i % 2), &was, sizeof(was));
		ANSWERS(STATUS_SUCCESS, detach(g, device));
		ANSWERS(STATUS_SUCCESS, attach(g, i % 2 ? a : b, device));
		ck_assert(lands(D1, LA, g, P(2 - i % 2)));
		fake_guest_read(g, P(1 + i % 2), &is, sizeof(is));
		ck_assert_uint_eq(was, is);
	}
	machine_shutdown();
}
END_TEST

START_TEST(detached_device_is_in_no_cache)
{
	/* On return of a detach the unit holds no translation of the domain. */
	struct sluice_domain_info info = {.guest = 0};
	uint64_t device;

	boot_service(_i);
	g = guest_with(1, D1);
	device = new_device(g, V1);
	info.guest = g->guest->id;
	for (uint32_t type = 0; type < 2; type++) {
		uint64_t domain = new_domain(g, type);

		ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
		if (type == DomainTypeTranslate) {
			ANSWERS(STATUS_SUCCESS,
				map(g, domain, P(1), P(1), 1, RW));
		}
		ck_assert(lands(D1, P(1), g, P(1)));
		ANSWERS(STATUS_SUCCESS,
			CALL(machine_control(), list_domains, info));
		ck_assert_uint_gt(
			fake_unit_cached(machine_unit(0), (uint16_t)info.asid),
			0);
		ANSWERS(STATUS_SUCCESS, detach(g, device));
		ck_assert_uint_eq(
			fake_unit_cached(machine_unit(0), (uint16_t)info.asid),
			0);
		ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	}
	machine_shutdown();
}
END_TEST

START_TEST(reused_id_never_meets_an_old_translation)
{
	/* 300 domains over 14 ids: each device write lands where it must. */
	struct machine_config c = machine_default();
	uint64_t device;

	c.unit[0].nd = 0;
	c.unit[0].caching_mode = _i & 1;
	c.unit[0].is_coherent = _i & 2;
	machine_boot(&c);
	g = guest_with(1, D1);
	device = new_device(g, V1);
	for (unsigned i = 0; i < 300; i++) {
		uint64_t domain = new_domain(g, 0);

		ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
		EXPECT(is_blocked(D1, LA), "round %u: stale", i);
		ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(i % 100), 1, RW));
		EXPECT(lands(D1, LA, g, P(i % 100)), "round %u", i);
		ANSWERS(STATUS_SUCCESS, detach(g, device));
		ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	}
	machine_shutdown();
}
END_TEST

START_TEST(attach_without_an_answer_blocks)
{
	/* The unit refuses the n-th request of an attach: blocked, then works.
	 */
	uint64_t domain, device;
	unsigned n;

	boot_service(1); /* a unit that must be told of a new entry */
	g = guest_with(1, D1);
	domain = new_domain(g, 0);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	for (n = 1;; n++) {
		struct snapshot before = snap(g);
		NTSTATUS status;

		ck_assert(is_blocked(D1, LA));
		fake_unit_queue_error(machine_unit(0), n);
		status = attach(g, domain, device);
		if (status == STATUS_SUCCESS) {
			break;
		}
		ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
		expect_same(g, before, "attach");
		ck_assert(!fake_function_is_master(D1));
	}
	fake_unit_queue_error(machine_unit(0), 0);
	ck_assert_uint_gt(n, 2);
	ck_assert(lands(D1, LA, g, P(1)));
	machine_shutdown();
}
END_TEST

START_TEST(attach_is_refused_in_order)
{
	/* Domain before device before attachment before policy. */
	uint64_t pass, device;

	boot_service(_i);
	g = guest_with(1, D1);
	pass = new_domain(g, DomainTypePassThrough);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, set_types(g, 1u << DomainTypeTranslate));
	ANSWERS(STATUS_INVALID_PARAMETER_1, attach(g, device, pass));
	ANSWERS(STATUS_INVALID_PARAMETER_2, attach(g, pass, pass));
	ANSWERS(STATUS_ACCESS_DENIED, attach(g, pass, device));
	ck_assert(is_blocked(D1, 0));
	ANSWERS(STATUS_SUCCESS,
		attach(g, new_domain(g, DomainTypeTranslate), device));
	ANSWERS(STATUS_INVALID_PARAMETER, attach(g, pass, device));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(device, life_of_a_device_goes_in_one_order,
	      create_device_refuses_in_order, handles_of_others_are_no_handles,
	      stale_handle_never_names_a_later_object,
	      moved_device_writes_to_its_new_domain_only,
	      detached_device_is_in_no_cache,
	      reused_id_never_meets_an_old_translation,
	      attach_without_an_answer_blocks, attach_is_refused_in_order)
