/* SPDX-License-Identifier: MIT */
/*
 * State-change callbacks: told at once, told of each change, one a device, and
 * nothing that would confuse them works from inside one.
 */
#include "fake_carrier.h"
#include "suites.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

static struct {
	int calls;
	ULONG types;
	ULONG fields;
	PVOID context;
	NTSTATUS registered, unregistered, deleted, polled;
	ULONG queried;
} seen;

static void note(PIOMMU_INTERFACE_STATE_CHANGE change, PVOID context)
{
	seen.calls++;
	seen.types = change->AvailableDomainTypes;
	seen.fields = change->PresentFields.AsULONG;
	seen.context = context;
}

static void reenter(PIOMMU_INTERFACE_STATE_CHANGE change, PVOID context);

static IOMMU_INTERFACE_STATE_CHANGE_FIELDS wanted = {.AsULONG = 1};

static NTSTATUS watch(PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK function,
		      PIOMMU_DMA_DEVICE device)
{
	return table.V3.RegisterInterfaceStateChangeCallback(function, &seen,
							     device, &wanted);
}

static NTSTATUS unwatch(PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK function)
{
	return table.V3.UnregisterInterfaceStateChangeCallback(function,
							       DEVICE);
}

static void reenter(PIOMMU_INTERFACE_STATE_CHANGE change, PVOID context)
{
	note(change, context);
	seen.registered = watch(note, (PIOMMU_DMA_DEVICE)0xdf);
	seen.unregistered = unwatch(reenter);
	seen.deleted = table.V3.DeleteDevice(DEVICE);
	seen.polled = sluice_poll_events(NULL);
	table.V3.QueryAvailableDomainTypes(DEVICE, &seen.queried);
}

START_TEST(test_registration_tells_the_state_at_once)
{
	memset(&seen, 0, sizeof(seen));
	fake.types = 0x3;
	ck_assert_int_eq(watch(note, DEVICE), STATUS_SUCCESS);
	ck_assert_int_eq(seen.calls, 1);
	ck_assert_uint_eq(seen.types, 0x3);
	ck_assert_uint_eq(seen.fields, 1);
	ck_assert_ptr_eq(seen.context, &seen);
}
END_TEST

START_TEST(test_arguments_are_checked_by_position_before_the_state)
{
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS none = {.AsULONG = 0};
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS more = {.AsULONG = 3};

	ck_assert_int_eq(watch(note, DEVICE), STATUS_SUCCESS);
	ck_assert_int_eq(watch(NULL, DEVICE), STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(table.V3.RegisterInterfaceStateChangeCallback(
				 note, NULL, DEVICE, &none),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(table.V3.RegisterInterfaceStateChangeCallback(
				 note, NULL, DEVICE, &more),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(table.V3.RegisterInterfaceStateChangeCallback(
				 note, NULL, DEVICE, NULL),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(watch(note, DEVICE), STATUS_UNSUCCESSFUL);
	answer(SLUICE_OP_device_state, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(watch(note, DEVICE), STATUS_INVALID_PARAMETER_3);
	answer(SLUICE_OP_device_state, STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(watch(NULL, DEVICE), STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(unwatch(NULL), STATUS_NOT_SUPPORTED);
}
END_TEST

START_TEST(test_poll_tells_changes_once)
{
	uint32_t delivered = 9;

	memset(&seen, 0, sizeof(seen));
	ck_assert_int_eq(watch(note, DEVICE), STATUS_SUCCESS);
	ck_assert_int_eq(sluice_poll_events(&delivered), STATUS_SUCCESS);
	ck_assert_uint_eq(delivered, 0);
	fake.sequence = 4;
	fake.types = 0x1;
	ck_assert_int_eq(sluice_poll_events(&delivered), STATUS_SUCCESS);
	ck_assert_uint_eq(delivered, 1);
	ck_assert_uint_eq(seen.types, 1);
	ck_assert_int_eq(sluice_poll_events(NULL), STATUS_SUCCESS);
	ck_assert_int_eq(seen.calls, 2);

	/* A device that went away has no types left; told once as well. */
	answer(SLUICE_OP_device_state, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(sluice_poll_events(NULL), STATUS_SUCCESS);
	ck_assert_int_eq(sluice_poll_events(NULL), STATUS_SUCCESS);
	ck_assert_int_eq(seen.calls, 3);
	ck_assert_uint_eq(seen.types, 0);
	answer(SLUICE_OP_device_state, STATUS_UNSUCCESSFUL);
	ck_assert_int_eq(sluice_poll_events(NULL), STATUS_UNSUCCESSFUL);
	ck_assert_int_eq(seen.calls, 3);
}
END_TEST

START_TEST(test_callback_may_query_and_no_more)
{
	memset(&seen, 0, sizeof(seen));
	ck_assert_int_eq(watch(reenter, DEVICE), STATUS_SUCCESS);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(seen.registered, STATUS_UNSUCCESSFUL);
		ck_assert_int_eq(seen.unregistered, STATUS_UNSUCCESSFUL);
		ck_assert_int_eq(seen.deleted, STATUS_RESOURCE_IN_USE);
		ck_assert_int_eq(seen.polled, STATUS_UNSUCCESSFUL);
		ck_assert_uint_eq(seen.queried, 5);
		memset(&seen, 0, sizeof(seen));
		fake.sequence++;
		ck_assert_int_eq(sluice_poll_events(NULL), STATUS_SUCCESS);
	}
	/* Outside it works again. */
	ck_assert_int_eq(unwatch(reenter), STATUS_SUCCESS);
}
END_TEST

START_TEST(test_device_with_a_callback_cannot_be_deleted)
{
	ck_assert_int_eq(watch(note, DEVICE), STATUS_SUCCESS);
	ck_assert_int_eq(table.V3.DeleteDevice(DEVICE), STATUS_RESOURCE_IN_USE);
	ck_assert_int_eq(calls_of(SLUICE_OP_delete_device), 0);
	ck_assert_int_eq(unwatch(reenter), STATUS_UNSUCCESSFUL);
	ck_assert_int_eq(unwatch(NULL), STATUS_UNSUCCESSFUL);
	ck_assert_int_eq(unwatch(note), STATUS_SUCCESS);
	ck_assert_int_eq(unwatch(note), STATUS_UNSUCCESSFUL);
	ck_assert_int_eq(table.V3.DeleteDevice(DEVICE), STATUS_SUCCESS);
}
END_TEST

START_TEST(test_exhausted_pool_of_callbacks_recovers)
{
	for (uintptr_t i = 1; i < SLUICE_CALLBACKS_MAX; i++) {
		ck_assert_int_eq(watch(note, (PIOMMU_DMA_DEVICE)(0x1000 + i)),
				 STATUS_SUCCESS);
	}
	ck_assert_int_eq(watch(note, DEVICE), STATUS_SUCCESS);
	ck_assert_int_eq(watch(note, (PIOMMU_DMA_DEVICE)0x1000),
			 STATUS_INSUFFICIENT_RESOURCES);
	ck_assert_int_eq(unwatch(note), STATUS_SUCCESS);
	ck_assert_int_eq(watch(note, (PIOMMU_DMA_DEVICE)0x1000),
			 STATUS_SUCCESS);
}
END_TEST

static uintptr_t self(void)
{
	static __thread char here;

	return (uintptr_t)&here;
}

static void yield(void)
{
	(void)sched_yield();
}

static const struct sluice_threads posix = {.self = self, .yield = yield};

static int stage; /* 1: the callback runs; 2: it has ended */

static void linger(PIOMMU_INTERFACE_STATE_CHANGE change, PVOID context)
{
	(void)change;
	(void)context;
	__atomic_store_n(&stage, 1, __ATOMIC_SEQ_CST);
	(void)usleep(20000);
	__atomic_store_n(&stage, 2, __ATOMIC_SEQ_CST);
}

static void *register_lingering(void *nothing)
{
	(void)watch(linger, DEVICE);
	return nothing;
}

START_TEST(test_unregister_waits_for_a_callback_of_another_thread)
{
	pthread_t thread;

	sluice_set_threads(&posix);
	ck_assert_int_eq(
		pthread_create(&thread, NULL, register_lingering, NULL), 0);
	while (__atomic_load_n(&stage, __ATOMIC_SEQ_CST) == 0) {
		yield();
	}
	ck_assert_int_eq(unwatch(linger), STATUS_SUCCESS);
	ck_assert_int_eq(__atomic_load_n(&stage, __ATOMIC_SEQ_CST), 2);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	sluice_set_threads(NULL);
}
END_TEST

Suite *library_event_suite(void)
{
	Suite *suite = suite_create("library_event");
	TCase *c = tcase_create("callbacks");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_registration_tells_the_state_at_once);
	tcase_add_test(c,
		       test_arguments_are_checked_by_position_before_the_state);
	tcase_add_test(c, test_poll_tells_changes_once);
	tcase_add_test(c, test_callback_may_query_and_no_more);
	tcase_add_test(c, test_device_with_a_callback_cannot_be_deleted);
	tcase_add_test(c, test_exhausted_pool_of_callbacks_recovers);
	tcase_add_test(c,
		       test_unregister_waits_for_a_callback_of_another_thread);
	suite_add_tcase(suite, c);
	return suite;
}
