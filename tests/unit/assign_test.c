// SPDX-License-Identifier: MIT
/*
 * Devices change hands, policy changes, guests go: what a device reaches at
 * each of these moments.
 */
#include "guest/p2m.h"
#include "mm/page.h"
#include "service_fixture.h"

#include <string.h>

#define LA UINT64_C(0x40000)

static struct fake_guest *g;

/* D1 is at home: it reaches the control domain's memory and nothing else. */
static bool is_at_home(void)
{
	uint64_t ram = machine_control()->ram.addr;

	return reach(D1, ram + 8, true) == ram + 8 &&
	       reach(D1, ram + 0x5000, false) == ram + 0x5000 &&
	       is_blocked(D1, MACHINE_RAM_BASE) &&
	       is_blocked(D1, ram - PAGE_BYTES) &&
	       is_blocked(D1, ram + machine_control()->ram_pages * PAGE_BYTES);
}

START_TEST(device_changes_hands_through_quarantine)
{
	/* Control, nobody, guest and back: each step from its state alone. */
	struct fake_guest *other;

	boot_service(_i);
	g = fake_guest_create(NULL);
	other = fake_guest_create(NULL);
	ck_assert(is_at_home());
	fake_function_set_master(D1, true);
	ck_assert_int_eq(
		dma_device_assign(g->guest, D1, SLUICE_ASSIGN_RESET_WAIVED),
		-XEN_EBUSY);
	ck_assert_int_eq(dma_device_release(D1), -XEN_EBUSY);
	ck_assert(!dma_device_is_assignable(D1));
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
	ck_assert(is_blocked(D1, machine_control()->ram.addr));
	ck_assert(!fake_function_is_master(D1));
	ck_assert(dma_device_is_assignable(D1));
	ck_assert_int_eq(dma_device_quarantine(D1), -XEN_EBUSY);
	ck_assert_int_eq(dma_device_release(D1), 0);
	ck_assert(is_at_home());
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
	ck_assert_int_eq(dma_device_assign(machine_control()->guest, D1, 0),
			 -XEN_EBUSY);
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), -XEN_ENODEV);
	ck_assert_int_eq(
		dma_device_assign(g->guest, D1, SLUICE_ASSIGN_RESET_WAIVED), 0);
	ck_assert_int_eq(
		dma_device_assign(other->guest, D1, SLUICE_ASSIGN_RESET_WAIVED),
		-XEN_EBUSY);
	ck_assert_int_eq(dma_device_release(D1), -XEN_EBUSY);
	ck_assert_int_eq(dma_device_quarantine(D1), -XEN_EBUSY);
	ck_assert_int_eq(dma_device_deassign(other->guest, D1), -XEN_ENODEV);
	ck_assert(is_blocked(D1, 0));
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert_int_eq(
		dma_device_assign(other->guest, D1, SLUICE_ASSIGN_RESET_WAIVED),
		0);
	ck_assert_int_eq(dma_device_deassign(other->guest, D1), 0);
	ck_assert_int_eq(dma_device_release(D1), 0);
	ck_assert(is_at_home());
	machine_shutdown();
}
END_TEST

static void expect_unfit(uint32_t sbdf)
{
	ck_assert_int_eq(dma_device_quarantine(sbdf), -XEN_ENODEV);
	ck_assert_int_eq(dma_device_release(sbdf), -XEN_ENODEV);
	ck_assert_int_eq(
		dma_device_assign(g->guest, sbdf, SLUICE_ASSIGN_RESET_WAIVED),
		-XEN_ENODEV);
	ck_assert(!dma_device_is_assignable(sbdf));
	ANSWERS(STATUS_NOT_FOUND, create_device(machine_control(), sbdf));
}

START_TEST(unfit_functions_are_never_assigned)
{
	/* Unknown ones, bridges, those behind no unit stay with the control. */
	struct machine_config c = machine_default();

	c.function[1].is_bridge = true;
	c.function[1].class_code = 0x060400;
	machine_boot(&c);
	g = fake_guest_create(NULL);
	expect_unfit(SLUICE_SBDF(0, 9, 0, 0));
	expect_unfit(D1);
	ck_assert(is_blocked(D1, machine_control()->ram.addr));
	c = machine_default();
	c.unit[0].explicit_scope = true;
	c.function[2].unit = FAKE_NO_UNIT;
	machine_boot(&c);
	g = fake_guest_create(NULL);
	expect_unfit(D2);
	ck_assert_int_eq(dma_device_quarantine(D3), 0);
	ck_assert_int_eq(
		dma_device_assign(g->guest, D3, SLUICE_ASSIGN_RESET_WAIVED), 0);
	/* Once it has run, nothing is added to a guest. */
	ck_assert_int_eq(dma_device_quarantine(D4), 0);
	fake_guest_run(g);
	ck_assert_int_eq(
		dma_device_assign(g->guest, D4, SLUICE_ASSIGN_RESET_WAIVED),
		-XEN_EBUSY);
	machine_shutdown();
}
END_TEST

START_TEST(attached_device_can_be_taken_away)
{
	/* De-assigned hot, it is silent, and its old token names nothing. */
	uint64_t domain, device, theirs;
	struct fake_guest *other;

	boot_service(_i);
	g = guest_with(1, D1);
	other = fake_guest_create(NULL);
	domain = new_domain(g, 0);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	ck_assert(lands(D1, LA, g, P(1)));
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert(is_blocked(D1, LA));
	ck_assert(!fake_function_is_master(D1));
	ck_assert_int_eq(
		dma_device_assign(other->guest, D1, SLUICE_ASSIGN_RESET_WAIVED),
		0);
	theirs = new_device(other, V1);
	ANSWERS(STATUS_SUCCESS, attach(other, new_domain(other, 1), theirs));
	ck_assert(lands(D1, P(3), other, P(3)));
	/* The old owner's calls do not touch the new owner's device. */
	ANSWERS(STATUS_INVALID_PARAMETER_1, detach(g, device));
	ANSWERS(STATUS_INVALID_PARAMETER_1, delete_device(g, device));
	ANSWERS(STATUS_NOT_FOUND, create_device(g, V1));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, 1));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	ck_assert(lands(D1, P(3), other, P(3)));
	machine_shutdown();
}
END_TEST

START_TEST(control_domain_lends_its_own_device_to_a_domain)
{
	/* A token moves nothing; attach leaves home; delete goes back home. */
	uint64_t domain, device, ram;

	boot_service(_i);
	g = machine_control();
	ram = g->ram.addr;
	device = new_device(g, D1);
	domain = new_domain(g, 0);
	ck_assert(is_at_home());
	ck_assert_int_eq(dma_device_quarantine(D1), -XEN_EBUSY);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert(is_blocked(D1, ram));
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, ram + P(1), 1, RW));
	ck_assert_uint_eq(reach(D1, LA, true), ram + P(1));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(is_blocked(D1, ram) && is_blocked(D1, LA));
	ANSWERS(STATUS_SUCCESS, delete_device(g, device));
	ck_assert(is_at_home());
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	machine_shutdown();
}
END_TEST

/* ---- domain types ---- */

START_TEST(pass_through_is_the_guests_own_space)
{
	/* Each page of the guest's RAM at its own address, no other address. */
	const struct fake_guest_config config = {.hole_page = 100,
						 .hole_pages = 3};
	const uint64_t bar = UINT64_C(0x80000000);
	uint64_t pass, second, device;

	boot_service(_i);
	g = fake_guest_create(&config);
	fake_guest_assign(g, D1);
	ck_assert_int_eq(p2m_add(&g->guest->p2m, to_gpa(bar),
				 to_hpa(MACHINE_BAR_BASE + (1 << 20)), 1,
				 P2M_DEVICE),
			 0);
	pass = new_domain(g, DomainTypePassThrough);
	second = new_domain(g, DomainTypePassThrough);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, pass, device));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, second));
	for (uint64_t i = 0; i < 520; i++) {
		bool is_hole = i >= 512 || (i >= 100 && i < 103);
		uint64_t at = i * PAGE_BYTES;

		EXPECT(is_hole ? is_blocked(D1, at)
			       : reach(D1, at, i & 1) == fake_guest_hpa(g, at),
		       "page %lu", i);
	}
	ck_assert(is_blocked(D1, bar));
	ck_assert(is_blocked(D1, MACHINE_RAM_BASE));
	ck_assert(is_blocked(D1, fake_guest_hpa(g, P(1))));
	ck_assert(is_blocked(D1, MACHINE_VTD_BASE));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(is_blocked(D1, P(1)));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, pass));
	machine_shutdown();
}
END_TEST

START_TEST(unmanaged_domain_blocks)
{
	/* Attached to a domain without a table, a device reaches nothing. */
	uint64_t domain, device;

	boot_service(_i);
	g = guest_with(1, D1);
	domain = new_domain(g, DomainTypeUnmanaged);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	for (uint64_t i = 0; i < 512; i++) {
		EXPECT(is_blocked(D1, i * PAGE_BYTES), "page %lu", i);
	}
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_domain(g, domain));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	machine_shutdown();
}
END_TEST

START_TEST(policy_cuts_pass_through_off_at_once)
{
	/* Without the bit DMA stops and the record stays; with it DMA is back.
	 */
	uint64_t pass, device;
	uint32_t types;

	boot_service(_i);
	g = guest_with(1, D1);
	pass = new_domain(g, DomainTypePassThrough);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, pass, device));
	for (unsigned round = 0; round < 3; round++) {
		ck_assert(lands(D1, P(1), g, P(1)));
		ANSWERS(STATUS_SUCCESS, set_types(g, 5));
		ck_assert(is_blocked(D1, P(1)));
		ck_assert_uint_eq(snap(g).inventory.attached_count, 1);
		ANSWERS(STATUS_SUCCESS, query_types(g, device, &types));
		ck_assert_uint_eq(types, 5);
		ANSWERS(STATUS_SUCCESS, set_types(g, 15));
		ANSWERS(STATUS_SUCCESS, query_types(g, device, &types));
		ck_assert_uint_eq(types, 7);
	}
	ANSWERS(STATUS_SUCCESS, set_types(g, 5));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ANSWERS(STATUS_ACCESS_DENIED, attach(g, pass, device));
	ANSWERS(STATUS_SUCCESS, set_types(g, 7));
	ck_assert(is_blocked(D1, P(1))); /* nobody has attached it */
	/* The unit does not obey: told, and a second order works. */
	ANSWERS(STATUS_SUCCESS, attach(g, pass, device));
	ck_assert(lands(D1, P(1), g, P(1)));
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, set_types(g, 5));
	ANSWERS(STATUS_SUCCESS, set_types(g, 5));
	ck_assert(is_blocked(D1, P(1)));
	machine_shutdown();
}
END_TEST

/* ---- the end of a guest ---- */

static uint64_t hammered;

/* What a device does that nobody stops: between any two steps of the unit. */
static void hammer(void *arg)
{
	uint64_t word = hammered++;

	(void)arg;
	fake_dma_as(D1, LA, &word, sizeof(word), true);
	fake_dma_as(D2, P(1), &word, sizeof(word), true);
}

START_TEST(destroyed_guests_memory_is_still)
{
	/* A hammering device changes no page that its late guest gave back. */
	static uint8_t canary[PAGE_BYTES];
	uint64_t domain, pages = 0;
	hpa_t page[2048];

	boot_service(_i);
	g = guest_with(2, D1);
	domain = new_domain(g, 0);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, new_device(g, V1)));
	ANSWERS(STATUS_SUCCESS, attach(g, new_domain(g, DomainTypePassThrough),
				       new_device(g, V2)));
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	hammer(NULL);
	fake_unit_between(machine_unit(0), hammer, NULL);
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	memset(canary, 0xc5, sizeof(canary));
	while (!hpa_is_none(page[pages] = page_alloc(PAGE_POOL_GUEST, 9))) {
		memcpy(machine_ram(page[pages].addr, PAGE_BYTES), canary,
		       PAGE_BYTES);
		pages++;
	}
	ck_assert_uint_gt(pages, 512);
	for (unsigned i = 0; i < 100; i++) {
		hammer(NULL);
	}
	ck_assert_int_eq(dma_device_release(D1), 0);
	ck_assert_int_eq(dma_device_release(D2), 0);
	while (pages-- > 0) {
		EXPECT(memcmp(machine_ram(page[pages].addr, PAGE_BYTES), canary,
			      PAGE_BYTES) == 0,
		       "page %lx was written", page[pages].addr);
		page_put(page[pages]);
	}
	fake_unit_between(machine_unit(0), NULL, NULL);
	machine_shutdown();
}
END_TEST

START_TEST(destruction_is_tried_again_until_confirmed)
{
	/* The unit drops the n-th request: -EIO, nothing freed, then success.
	 */
	for (unsigned n = 1; n < 6; n++) {
		uint64_t first;

		boot_service(_i);
		g = guest_with(2, D1);
		first = new_domain(g, 0);
		ANSWERS(STATUS_SUCCESS, map(g, first, LA, P(1), 1, RW));
		ANSWERS(STATUS_SUCCESS, attach(g, first, new_device(g, V1)));
		ANSWERS(STATUS_SUCCESS,
			attach(g, new_domain(g, 1), new_device(g, V2)));
		hammer(NULL);
		fake_unit_queue_error(machine_unit(0), n);
		fake_unit_between(machine_unit(0), hammer, NULL);
		ck_assert_int_eq(dma_guest_destroy(g->guest), -XEN_EIO);
		ck_assert(!fake_function_is_master(D1));
		ck_assert(!fake_function_is_master(D2));
		ck_assert_int_eq(dma_guest_destroy(g->guest), 0);
		ck_assert(is_blocked(D1, LA) && is_blocked(D2, P(1)));
		ck_assert(dma_device_is_assignable(D1));
		ck_assert(dma_device_is_assignable(D2));
		ck_assert_uint_eq(dma_asid_counts().in_use, 1);
		ck_assert_int_eq(dma_guest_destroy(g->guest), 0);
		fake_unit_between(machine_unit(0), NULL, NULL);
		machine_shutdown();
	}
}
END_TEST

SERVICE_SUITE(assign, device_changes_hands_through_quarantine,
	      unfit_functions_are_never_assigned,
	      attached_device_can_be_taken_away,
	      control_domain_lends_its_own_device_to_a_domain,
	      pass_through_is_the_guests_own_space, unmanaged_domain_blocks,
	      policy_cuts_pass_through_off_at_once,
	      destroyed_guests_memory_is_still,
	      destruction_is_tried_again_until_confirmed)
