// SPDX-License-Identifier: MIT
/*
 * Devices that share requester ids: one owner, one domain, all ids together;
 * seen from the unit, which knows nothing but ids.
 */
#include "dma/device.h"
#include "fake_firmware.h"
#include "iommu/intr.h"
#include "region_tables.h"
#include "service_fixture.h"

#include <string.h>

/* Behind a bridge to PCI, 00:06.0: its bus is 1. */
#define BRIDGE D4
#define D5     SLUICE_SBDF(0, 1, 3, 0)
#define D6     SLUICE_SBDF(0, 1, 4, 0)
#define BUS    SLUICE_SBDF(0, 1, 0, 0)

#define LA UINT64_C(0x40000)

#define EXPRESS_ENDPOINT 0x0002u
#define EXPRESS_TO_PCI	 0x0072u
#define PHANTOM_ALL	 (3u << 3)

static const uint32_t ids[] = {D5, D6, BUS, BRIDGE};
static struct fake_guest *g, *other;

static struct machine_config config(int kind)
{
	struct machine_config c = service_machine(kind);

	c.function[4].is_bridge = true;
	c.function[4].class_code = 0x060400;
	c.function[4].express = EXPRESS_TO_PCI;
	c.function[4].secondary = 1;
	c.function[4].subordinate = 1;
	memset(c.function[4].bar, 0, sizeof(c.function[4].bar));
	for (unsigned i = 0; i < 2; i++) {
		c.function[c.function_count++] = (struct fake_function_config){
			.sbdf = i == 0 ? D5 : D6,
			.vendor = 0x1234,
			.device = 0x11e8,
			.class_code = 0x00ff00,
		};
	}
	return c;
}

static void boot(int kind)
{
	struct machine_config c = config(kind);

	machine_boot(&c);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	g = fake_guest_create(NULL);
	other = fake_guest_create(NULL);
}

/* Both devices the guest's, as V1 and V2. */
static void give_both(void)
{
	ck_assert_int_eq(dma_device_quarantine(D5), 0);
	ck_assert_int_eq(dma_device_quarantine(D6), 0);
	ck_assert_int_eq(
		dma_device_assign(g->guest, D5, SLUICE_ASSIGN_RESET_WAIVED), 0);
	ck_assert_int_eq(
		dma_device_assign(g->guest, D6, SLUICE_ASSIGN_RESET_WAIVED), 0);
	fake_guest_run(g);
}

static void boot_whole(int kind)
{
	boot(kind);
	give_both();
}

static bool all_blocked(uint64_t la)
{
	for (unsigned i = 0; i < ARRAY_COUNT(ids); i++) {
		if (!is_blocked(ids[i], la)) {
			return false;
		}
	}
	return true;
}

static bool goes(uint32_t id, uint64_t la, uint64_t gpa)
{
	return reach(id, la, true) == fake_guest_hpa(g, gpa);
}

/* An interrupt message under an id passes; where nothing remaps all do. */
static bool is_heard(uint32_t id)
{
	struct fake_arrival arrival;

	return fake_unit_interrupt(machine_unit(0), (uint16_t)id, 0xfee00000,
				   0x41, &arrival);
}

static struct sluice_device_info describe(uint32_t sbdf)
{
	struct sluice_device_info a = {.scope = SLUICE_SCOPE_MACHINE};

	while (CALL(machine_control(), list_devices, a) == STATUS_SUCCESS &&
	       a.sbdf != sbdf) {
		a.index++;
	}
	return a;
}

START_TEST(list_shows_who_shares_an_id)
{
	/* Members have one number, others none; at home all ids lead there. */
	uint64_t ram;

	boot(_i);
	ram = machine_control()->ram.addr;
	ck_assert_uint_ne(describe(D5).group, 0);
	ck_assert_uint_eq(describe(D5).group, describe(D6).group);
	ck_assert_uint_eq(describe(D1).group, 0);
	ck_assert_uint_eq(describe(BRIDGE).unfit, SLUICE_UNFIT_BRIDGE);
	ck_assert(describe(D5).is_assignable && describe(D6).is_assignable);
	for (unsigned i = 0; i < ARRAY_COUNT(ids); i++) {
		ck_assert_uint_eq(reach(ids[i], ram, true), ram);
	}
	machine_shutdown();
}
END_TEST

START_TEST(group_has_one_owner)
{
	/* Each goes to quarantine; to two guests, or half home, they do not. */
	boot(_i);
	ck_assert_int_eq(dma_device_quarantine(D5), 0);
	ck_assert_int_eq(
		dma_device_assign(g->guest, D5, SLUICE_ASSIGN_RESET_WAIVED),
		-XEN_EXDEV);
	ck_assert(dma_device_is_assignable(D5));
	ck_assert_int_eq(dma_device_quarantine(D6), 0);
	ck_assert(all_blocked(machine_control()->ram.addr));
	ck_assert_int_eq(
		dma_device_assign(g->guest, D5, SLUICE_ASSIGN_RESET_WAIVED), 0);
	ck_assert_int_eq(
		dma_device_assign(other->guest, D6, SLUICE_ASSIGN_RESET_WAIVED),
		-XEN_EXDEV);
	ck_assert_int_eq(dma_device_release(D6), -XEN_EXDEV);
	ck_assert_int_eq(
		dma_device_assign(g->guest, D6, SLUICE_ASSIGN_RESET_WAIVED), 0);
	ck_assert(all_blocked(0));
	/* Whoever is behind the bridge cannot send interrupts as another. */
	for (unsigned i = 0; i < ARRAY_COUNT(ids); i++) {
		ck_assert(!iommu_intr_is_present() || !is_heard(ids[i]));
	}
	ck_assert_int_eq(dma_device_deassign(g->guest, D5), 0);
	ck_assert_int_eq(
		dma_device_assign(other->guest, D5, SLUICE_ASSIGN_RESET_WAIVED),
		-XEN_EXDEV);
	ck_assert_int_eq(dma_device_deassign(g->guest, D6), 0);
	ck_assert_int_eq(dma_device_release(D6), 0);
	ck_assert_int_eq(dma_device_release(D5), 0);
	machine_shutdown();
}
END_TEST

/* Whom a fault is told under each id of the group: all the same. */
static uint16_t told(void)
{
	uint16_t owner = dma_device_owner_id(ids[0]);

	for (unsigned i = 1; i < ARRAY_COUNT(ids); i++) {
		ck_assert_uint_eq(dma_device_owner_id(ids[i]), owner);
	}
	return owner;
}

START_TEST(faults_under_any_id_are_its_owners)
{
	/* The bridge's own id too, although the bridge is the control
	 * domain's. */
	boot(_i);
	ck_assert_uint_eq(told(), machine_control()->guest->id);
	give_both();
	ck_assert_uint_eq(told(), g->guest->id);
	ck_assert_int_eq(dma_device_deassign(g->guest, D5), 0);
	ck_assert_int_eq(dma_device_deassign(g->guest, D6), 0);
	ck_assert_uint_eq(told(), SLUICE_GUEST_NONE);
	machine_shutdown();
}
END_TEST

START_TEST(part_of_a_group_is_attached_to_nothing)
{
	/* No type is offered for it, and attach is refused. */
	uint64_t domain, device;
	uint32_t types;

	boot(_i);
	fake_guest_assign(g, D1);
	ck_assert_int_eq(dma_device_quarantine(D6), 0);
	fake_guest_assign(g, D5);
	fake_guest_run(g);
	domain = new_domain(g, 0);
	device = new_device(g, V2);
	ANSWERS(STATUS_SUCCESS, query_types(g, device, &types));
	ck_assert_uint_eq(types, 0);
	ANSWERS(STATUS_ACCESS_DENIED, attach(g, domain, device));
	ck_assert(all_blocked(LA));
	machine_shutdown();
}
END_TEST

START_TEST(all_ids_go_through_one_domain)
{
	/* With the first member shared ids go, with the last one they stop. */
	uint64_t domain, second, one, two;

	boot_whole(_i);
	domain = new_domain(g, 0);
	second = new_domain(g, 0);
	one = new_device(g, V1);
	two = new_device(g, V2);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, one));
	ck_assert(goes(D5, LA, P(1)) && goes(BUS, LA, P(1)) &&
		  goes(BRIDGE, LA, P(1)) && is_blocked(D6, LA));
	ANSWERS(STATUS_INVALID_PARAMETER, attach(g, second, two));
	ck_assert(goes(BUS, LA, P(1)) && is_blocked(D6, LA));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, two));
	for (unsigned i = 0; i < ARRAY_COUNT(ids); i++) {
		ck_assert(goes(ids[i], LA, P(1)));
	}
	ANSWERS(STATUS_SUCCESS, detach(g, one));
	ck_assert(is_blocked(D5, LA) && goes(D6, LA, P(1)) &&
		  goes(BUS, LA, P(1)) && goes(BRIDGE, LA, P(1)));
	ANSWERS(STATUS_SUCCESS, detach(g, two));
	ck_assert(all_blocked(LA));
	ANSWERS(STATUS_SUCCESS, attach(g, second, two));
	ck_assert(all_blocked(LA));
	machine_shutdown();
}
END_TEST

START_TEST(failed_attach_leaves_no_mixture)
{
	/* Whichever request or page fails: every id is as before. */
	unsigned failures = 0;
	struct snapshot before;
	uint64_t domain, one;

	boot_whole(_i);
	domain = new_domain(g, 0);
	one = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	before = snap(g);
	for (unsigned n = 1; n < 24; n++) {
		NTSTATUS status;

		fake_unit_queue_error(machine_unit(0), n);
		status = attach(g, domain, one);
		fake_unit_queue_error(machine_unit(0), 0);
		if (status == STATUS_SUCCESS) {
			ck_assert(goes(D5, LA, P(1)) && goes(BUS, LA, P(1)));
			ANSWERS(STATUS_SUCCESS, detach(g, one));
		} else {
			ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
			failures++;
		}
		expect_same(g, before, "attach");
		ck_assert(all_blocked(LA));
	}
	/* A unit that has nothing to ask for at an attach cannot refuse it. */
	ck_assert(failures != 0 || fake_unit_counts(machine_unit(0)).waits > 0);
	machine_shutdown();
}
END_TEST

START_TEST(refused_detach_is_repeated_for_all)
{
	/* Until each id is confirmed the device is attached; then none goes. */
	for (unsigned n = 1; n < 16; n++) {
		uint64_t domain, one;
		NTSTATUS status;

		boot_whole(_i);
		domain = new_domain(g, 0);
		one = new_device(g, V1);
		ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
		ANSWERS(STATUS_SUCCESS, attach(g, domain, one));
		ck_assert(goes(BUS, LA, P(1)) && goes(BRIDGE, LA, P(1)));
		fake_unit_queue_error(machine_unit(0), n);
		status = detach(g, one);
		fake_unit_queue_error(machine_unit(0), 0);
		if (status != STATUS_SUCCESS) {
			ANSWERS(STATUS_UNSUCCESSFUL, status);
			ANSWERS(STATUS_RESOURCE_IN_USE,
				delete_domain(g, domain));
			ANSWERS(STATUS_SUCCESS, detach(g, one));
		}
		ck_assert(all_blocked(LA));
		ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
		machine_shutdown();
	}
}
END_TEST

START_TEST(control_domain_lends_no_part_of_a_group)
{
	/* While a member is at home another one cannot go elsewhere. */
	uint64_t ram, device;

	boot(_i);
	ram = machine_control()->ram.addr;
	device = new_device(machine_control(), D5);
	ANSWERS(STATUS_INVALID_PARAMETER,
		attach(machine_control(), new_domain(machine_control(), 0),
		       device));
	ck_assert_uint_eq(reach(D5, ram, true), ram);
	ck_assert_uint_eq(reach(BUS, ram, true), ram);
	machine_reset();
}
END_TEST

START_TEST(phantom_functions_go_with_their_device)
{
	/* Each number that the device may use leads where the device does. */
	struct machine_config c = service_machine(_i);
	uint64_t domain, device;

	c.function[1].express = EXPRESS_ENDPOINT;
	c.function[1].express_device = PHANTOM_ALL;
	machine_boot(&c);
	ck_assert_uint_eq(describe(D1).group, 0);
	g = guest_with(1, D1);
	domain = new_domain(g, 0);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	for (uint32_t f = 0; f < 8; f++) {
		ck_assert(goes(D1 + f, LA, P(1)));
	}
	ck_assert(is_blocked(D1 + 8, LA));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	for (uint32_t f = 0; f < 8; f++) {
		ck_assert(is_blocked(D1 + f, LA));
	}
	machine_shutdown();
}
END_TEST

START_TEST(regions_of_a_member_are_the_groups)
{
	/* Under whichever id: the firmware's memory is reached while blocked.
	 */
	static const struct kept kept[] = {
		{D5, D5, 0x4f000000, PAGE_BYTES, RW}};
	static uint8_t table[FIRMWARE_TABLE_MAX];
	struct machine_config c = config(_i);
	uint64_t domain, device;

	region_tables(&c, kept, 1, table);
	c.reserved[0] = (struct range){0x4f000000, PAGE_BYTES};
	machine_boot(&c);
	g = fake_guest_create(NULL);
	give_both();
	ck_assert_uint_eq(describe(D6).region_count, 1);
	for (unsigned i = 0; i < ARRAY_COUNT(ids); i++) {
		ck_assert_uint_eq(reach(ids[i], 0x4f000000, true), 0x4f000000);
		ck_assert(is_blocked(ids[i], LA));
	}
	domain = new_domain(g, 0);
	device = new_device(g, V2);
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(1), 1, RW));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert(goes(BUS, LA, P(1)) && is_blocked(D5, LA));
	for (unsigned i = 0; i < ARRAY_COUNT(ids); i++) {
		ck_assert_uint_eq(reach(ids[i], 0x4f000000, true), 0x4f000000);
	}
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(all_blocked(LA));
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	ck_assert_int_eq(dma_device_release(D5), 0);
	ck_assert_int_eq(dma_device_release(D6), 0);
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(group, list_shows_who_shares_an_id, group_has_one_owner,
	      faults_under_any_id_are_its_owners,
	      part_of_a_group_is_attached_to_nothing,
	      all_ids_go_through_one_domain, failed_attach_leaves_no_mixture,
	      refused_detach_is_repeated_for_all,
	      control_domain_lends_no_part_of_a_group,
	      phantom_functions_go_with_their_device,
	      regions_of_a_member_are_the_groups)
