// SPDX-License-Identifier: MIT
/*
 * Interrupts of a device that changes hands: each owner gets what was set for
 * it, and from the moment that it is not the owner nothing.
 */
#include "handover_fixture.h"
#include "iommu/storm.h"
#include "iommu/unit.h"

#include <sluice/assign.h>

#define WINDOW	 UINT64_C(0xfee00000)
#define REMAPPED 0x18u
#define VECTOR	 0x51u

static struct fake_guest *g;

static struct iommu_message set(uint32_t sbdf, unsigned n)
{
	struct iommu_vector to = {VECTOR, 2};
	struct iommu_message message = {0, 0};

	ck_assert_int_eq(iommu_intr_set(sbdf, n, &to, &message), 0);
	return message;
}

static bool sends(uint32_t sbdf, struct iommu_message message)
{
	return fake_msi(sbdf, message.address, message.data);
}

/* Ordinary messages of either format: how many arrive? */
static unsigned forge_all(uint32_t sbdf)
{
	unsigned before = fake_arrivals();

	for (uint32_t data = 0; data < 0x100; data++) {
		fake_msi(sbdf, WINDOW, data);
		fake_msi(sbdf, WINDOW | REMAPPED, data);
		fake_msi(sbdf, WINDOW, data | FAKE_INTR_NMI << 8);
		fake_msi(sbdf, WINDOW, data | FAKE_INTR_INIT << 8);
	}
	return fake_arrivals() - before;
}

/* The control domain's vectors from 32 on, of two formats that AMD knows not
 * apart; VT-d passes none. */
static unsigned at_home(void)
{
	return iommu_format() == &pt_format_amdv1 ? 2 * (256 - 32) : 0;
}

START_TEST(each_owner_gets_its_own_alone)
{
	/* Home, quarantine, a guest, another, home: a message of the one before
	 * never arrives. */
	struct fake_guest *other;
	struct iommu_message message;

	boot_service(_i);
	g = fake_guest_create(NULL);
	other = fake_guest_create(NULL);
	ck_assert_uint_eq(forge_all(D1), at_home());
	take(D1);
	ck_assert_uint_eq(forge_all(D1), 0);
	ck_assert_int_eq(assign_to(g, D1, SLUICE_ASSIGN_RESET_WAIVED), 0);
	ck_assert_uint_eq(forge_all(D1), 0);
	message = set(D1, 7);
	ck_assert(sends(D1, message));
	ck_assert(!sends(D2, message) || at_home() != 0);
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert(!sends(D1, message));
	ck_assert_uint_eq(forge_all(D1), 0);
	ck_assert_int_eq(assign_to(other, D1, SLUICE_ASSIGN_RESET_WAIVED), 0);
	ck_assert(!sends(D1, message));
	message = set(D1, 9);
	ck_assert(sends(D1, message));
	ck_assert_int_eq(dma_device_deassign(other->guest, D1), 0);
	ck_assert_int_eq(send_home(D1), 0);
	ck_assert_uint_eq(forge_all(D1), at_home());
	machine_shutdown();
}
END_TEST

START_TEST(destroyed_guest_raises_nothing)
{
	/* What a guest's device has set dies with the guest. */
	struct iommu_message one, two;

	boot_service(_i);
	g = guest_with(2, D1);
	one = set(D1, 0);
	two = set(D2, 255);
	ck_assert(sends(D1, one) && sends(D2, two));
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	ck_assert_uint_eq(forge_all(D1) + forge_all(D2), 0);
	ck_assert(!sends(D1, one));
	ck_assert(!sends(D2, two));
	machine_shutdown();
}
END_TEST

/* One forged message, and its record. */
static void forge_one(void)
{
	(void)fake_msi(D1, WINDOW | REMAPPED, 0xff);
	(void)iommu_poll_faults();
}

START_TEST(storm_of_messages_is_cut_each_time)
{
	/* Its guest switches bus-master on again: the next record ends that. */
	struct dma_device *dev;

	boot_service(_i);
	g = guest_with(1, D1);
	dev = dma_device_find(D1);
	dma_device_set_master(dev, true);
	for (unsigned i = 0; i < STORM_BURST; i++) {
		ck_assert(fake_function_is_master(D1));
		forge_one();
	}
	ck_assert(!fake_function_is_master(D1));
	for (unsigned i = 0; i < 5; i++) {
		dma_device_set_master(dev, true);
		ck_assert(fake_function_is_master(D1));
		forge_one();
		ck_assert(!fake_function_is_master(D1));
	}
	machine_shutdown();
}
END_TEST

START_TEST(unconfirmed_drop_keeps_the_owner)
{
	/* Whichever command is refused, the device stays its guest's until all
	 * of its interrupts are confirmed to be gone. */
	unsigned n = 0;
	int err;

	do {
		struct iommu_message message;

		boot_service(_i);
		g = guest_with(1, D1);
		message = set(D1, 3);
		ck_assert(sends(D1, message));
		fake_unit_queue_error(machine_unit(0), ++n);
		err = dma_device_deassign(g->guest, D1);
		if (err) {
			ck_assert_int_eq(err, -XEN_EIO);
			ck_assert(!dma_device_is_assignable(D1));
			ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
		}
		fake_unit_queue_error(machine_unit(0), 0);
		ck_assert(!sends(D1, message));
		ck_assert_uint_eq(forge_all(D1), 0);
		machine_shutdown();
	} while (err);
	ck_assert_uint_gt(n, 2);
}
END_TEST

START_TEST(assignment_without_room_is_none)
{
	/* Without a page for its interrupts the device stays nobody's. */
	unsigned n;

	boot_service(_i);
	g = fake_guest_create(NULL);
	take(D1);
	for (n = 1;; n++) {
		int err;

		fail_at(n);
		err = assign_to(g, D1, SLUICE_ASSIGN_RESET_WAIVED);
		fail_off();
		if (err == 0) {
			break;
		}
		ck_assert_int_eq(err, -XEN_ENOMEM);
		ck_assert(dma_device_is_assignable(D1));
		ck_assert_uint_eq(forge_all(D1), 0);
	}
	ck_assert_uint_eq(n, at_home() != 0 ? 2 : 1);
	machine_shutdown();
}
END_TEST

START_TEST(unsafe_interrupts_must_be_accepted)
{
	/* Behind a unit that does not remap a device goes to a guest that says
	 * so, and to no other; the list of devices tells. */
	struct sluice_device_info a = {.scope = SLUICE_SCOPE_MACHINE,
				       .index = 1};
	struct machine_config c = service_machine(_i);

	c.unit[0].no_ir = c.amdvi[0].no_ir = true;
	machine_boot(&c);
	g = fake_guest_create(NULL);
	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), list_devices, a));
	ck_assert_uint_eq(a.is_remapped, 0);
	take(D1);
	ck_assert_int_eq(assign_to(g, D1, SLUICE_ASSIGN_RESET_WAIVED),
			 -XEN_EACCES);
	ck_assert(dma_device_is_assignable(D1));
	ck_assert_int_eq(assign_to(g, D1, SLUICE_ASSIGN_FLAGS), 0);
	machine_shutdown();
	boot_service(_i);
	a.header = (struct sluice_header){0};
	a.index = 1;
	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), list_devices, a));
	ck_assert_uint_eq(a.is_remapped, 1);
	machine_shutdown();
}
END_TEST

Suite *assign_intr_suite(void);
Suite *assign_intr_suite(void)
{
	const TTest *const tests[] = {each_owner_gets_its_own_alone,
				      destroyed_guest_raises_nothing,
				      storm_of_messages_is_cut_each_time,
				      unconfirmed_drop_keeps_the_owner,
				      assignment_without_room_is_none,
				      unsafe_interrupts_must_be_accepted};
	Suite *suite = suite_create("assign_intr");
	TCase *tcase = tcase_create("assign_intr");

	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < ARRAY_COUNT(tests); i++) {
		tcase_add_loop_test(tcase, tests[i], 0, SERVICE_KINDS);
	}
	suite_add_tcase(suite, tcase);
	return suite;
}
