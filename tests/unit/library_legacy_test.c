/* SPDX-License-Identifier: MIT */
/*
 * Version 1: devices by address, with a token that nobody sees, and faults that
 * reach the handler that asked for them.
 */
#include "fake_carrier.h"
#include "suites.h"

static DMA_IOMMU_INTERFACE_EX one;
static DEVICE_OBJECT pdo = {.Sbdf = 0x20};

/* The domain is asked about by an attach of no device. */
static void setup_v1(void)
{
	setup();
	(void)IoGetIommuInterfaceEx(1, 0, &one);
}

static NTSTATUS attach(PDEVICE_OBJECT device)
{
	/* The question, refused as it should be; then the real one. */
	fail_at(fake.count, STATUS_INVALID_PARAMETER_2);
	return one.V1.AttachDevice(DOMAIN, device, 0, 1);
}

static NTSTATUS detach(PDEVICE_OBJECT device)
{
	fail_at(fake.count, STATUS_INVALID_PARAMETER_2);
	return one.V1.DetachDevice(DOMAIN, device, 0);
}

START_TEST(test_attach_makes_a_token_that_detach_deletes)
{
	ck_assert_int_eq(attach(&pdo), STATUS_SUCCESS);
	ck_assert_int_eq(fake.count, 3);
	ck_assert_uint_eq(fake.call[0].attach.device, 0);
	ck_assert_uint_eq(fake.call[1].device.sbdf, 0x20);
	ck_assert_uint_eq(fake.call[2].attach.domain, 0xd0);
	ck_assert_uint_eq(fake.call[2].attach.device, 0xdede);
	ck_assert_int_eq(detach(&pdo), STATUS_SUCCESS);
	ck_assert_uint_eq(fake.call[4].op, SLUICE_OP_detach_device);
	ck_assert_uint_eq(fake.call[5].op, SLUICE_OP_delete_device);
	ck_assert_int_eq(detach(&pdo), STATUS_INVALID_PARAMETER_2);
}
END_TEST

START_TEST(test_wrong_arguments_are_refused_by_position)
{
	answer(SLUICE_OP_attach_device, STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(one.V1.AttachDevice(DOMAIN, NULL, 1, 0),
			 STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(one.V1.AttachDevice(DOMAIN, &pdo, 1, 0),
			 STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(one.V1.AttachDevice(DOMAIN, &pdo, 0, 0),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(one.V1.AttachDevice(DOMAIN, &pdo, 0, 2),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(one.V1.DetachDevice(DOMAIN, NULL, 1),
			 STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(one.V1.DetachDevice(DOMAIN, &pdo, 1),
			 STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(calls_of(SLUICE_OP_create_device), 0);
	answer(SLUICE_OP_attach_device, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(one.V1.AttachDevice(DOMAIN, NULL, 1, 0),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(one.V1.DetachDevice(DOMAIN, NULL, 1),
			 STATUS_INVALID_PARAMETER_1);
	answer(SLUICE_OP_attach_device, STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(one.V1.AttachDevice(NULL, NULL, 1, 0),
			 STATUS_NOT_SUPPORTED);
}
END_TEST

START_TEST(test_refused_attach_leaves_no_token)
{
	answer(SLUICE_OP_attach_device, STATUS_ACCESS_DENIED);
	ck_assert_int_eq(attach(&pdo), STATUS_ACCESS_DENIED);
	ck_assert_int_eq(calls_of(SLUICE_OP_delete_device), 1);
	ck_assert_int_eq(detach(&pdo), STATUS_INVALID_PARAMETER_2);

	answer(SLUICE_OP_create_device, STATUS_NOT_FOUND);
	ck_assert_int_eq(attach(&pdo), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(test_second_attach_and_wrong_domain_are_refused)
{
	ck_assert_int_eq(attach(&pdo), STATUS_SUCCESS);
	answer(SLUICE_OP_attach_device, STATUS_INVALID_PARAMETER);
	ck_assert_int_eq(attach(&pdo), STATUS_INVALID_PARAMETER);
	ck_assert_int_eq(calls_of(SLUICE_OP_create_device), 1);

	fail_at(fake.count, STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(one.V1.DetachDevice((PIOMMU_DMA_DOMAIN)0xd1, &pdo, 0),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(detach(&pdo), STATUS_SUCCESS);
}
END_TEST

START_TEST(test_token_that_went_with_its_device_is_made_anew)
{
	ck_assert_int_eq(attach(&pdo), STATUS_SUCCESS);
	answer(SLUICE_OP_detach_device, STATUS_INVALID_PARAMETER_1);
	answer(SLUICE_OP_delete_device, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(detach(&pdo), STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(attach(&pdo), STATUS_SUCCESS);
	ck_assert_int_eq(calls_of(SLUICE_OP_create_device), 2);
}
END_TEST

START_TEST(test_attach_does_not_trust_a_token_of_before)
{
	ck_assert_int_eq(attach(&pdo), STATUS_SUCCESS);
	/* The device went to another guest and came back: its token is gone. */
	answer(SLUICE_OP_attach_device, STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(attach(&pdo), STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(calls_of(SLUICE_OP_create_device), 2);
}
END_TEST

START_TEST(test_exhausted_pool_leaves_no_token)
{
	DEVICE_OBJECT device = {.Sbdf = 0x100};

	for (uint32_t i = 0; i < SLUICE_V1_DEVICES_MAX; i++) {
		device.Sbdf = 0x100 + i;
		ck_assert_int_eq(attach(&device), STATUS_SUCCESS);
	}
	ck_assert_int_eq(attach(&pdo), STATUS_INSUFFICIENT_RESOURCES);
	ck_assert_int_eq(calls_of(SLUICE_OP_delete_device), 1);
	ck_assert_int_eq(detach(&device), STATUS_SUCCESS);
	ck_assert_int_eq(attach(&pdo), STATUS_SUCCESS);
}
END_TEST

START_TEST(test_no_device_of_this_architecture_has_input_mappings)
{
	INPUT_MAPPING_ELEMENT element = {.InputMappingId = 77};
	ULONG length = 77;

	ck_assert_int_eq(one.V1.QueryInputMappings(&pdo, &element, 4, &length),
			 STATUS_UNSUCCESSFUL);
	ck_assert_int_eq(one.V1.QueryInputMappings(&pdo, NULL, 0, NULL),
			 STATUS_UNSUCCESSFUL);
	ck_assert_int_eq(one.V1.QueryInputMappings(NULL, &element, 4, &length),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_uint_eq(element.InputMappingId, 77);
	ck_assert_uint_eq(length, 77);
}
END_TEST

static struct {
	int calls;
	FAULT_INFORMATION last;
	NTSTATUS polled;
} seen;

static void note(PVOID context, PFAULT_INFORMATION fault)
{
	ck_assert_ptr_eq(context, &seen);
	seen.calls++;
	seen.last = *fault;
	seen.polled = sluice_poll_events(NULL);
}

static DEVICE_FAULT_CONFIGURATION config = {note, &seen};

static void add_faults(uint64_t count, uint32_t sbdf)
{
	for (; count != 0; count--) {
		fake.fault[fake.fault_count] = (struct sluice_fault){
			.sequence = fake.fault_count,
			.address = 0xabc000 + fake.fault_count,
			.sbdf = sbdf,
			.kind = SLUICE_FAULT_PERMISSION,
		};
		fake.fault_count++;
	}
}

static NTSTATUS report(BOOLEAN enable)
{
	return one.V1.SetDeviceFaultReporting(&pdo, 0, enable, &config);
}

START_TEST(test_faults_from_now_on_reach_the_handler)
{
	uint32_t delivered;

	memset(&seen, 0, sizeof(seen));
	add_faults(3, 0x20);
	ck_assert_int_eq(report(1), STATUS_SUCCESS);
	add_faults(17, 0x20);
	add_faults(1, 0x28);
	ck_assert_int_eq(sluice_poll_events(&delivered), STATUS_SUCCESS);
	ck_assert_uint_eq(delivered, 17);
	ck_assert_int_eq(seen.calls, 17);
	ck_assert_int_eq(seen.polled, STATUS_UNSUCCESSFUL);
	ck_assert_uint_eq(seen.last.Type, FaultInformationX64);
	ck_assert_uint_eq(seen.last.IsStage1, 1);
	ck_assert_uint_eq((uintptr_t)seen.last.X64.DomainHandle, 0xd0);
	ck_assert_uint_eq((uintptr_t)seen.last.X64.FaultAddress, 0xabc000 + 19);
	ck_assert_uint_eq(seen.last.X64.Flags.AsULONG, 1);
	ck_assert_uint_eq(seen.last.X64.Type, PermissionFault);

	/* Disabled, and enabled again: what fell between is not told. */
	ck_assert_int_eq(report(0), STATUS_SUCCESS);
	add_faults(1, 0x20);
	ck_assert_int_eq(report(1), STATUS_SUCCESS);
	ck_assert_int_eq(sluice_poll_events(&delivered), STATUS_SUCCESS);
	ck_assert_uint_eq(delivered, 0);
}
END_TEST

START_TEST(test_later_handler_is_not_told_of_earlier_faults)
{
	DEVICE_OBJECT other = {.Sbdf = 0x28};
	uint32_t delivered;

	ck_assert_int_eq(report(1), STATUS_SUCCESS);
	add_faults(2, 0x20);
	add_faults(2, 0x28);
	fake.owned.sbdf = 0x28;
	ck_assert_int_eq(one.V1.SetDeviceFaultReporting(&other, 0, 1, &config),
			 STATUS_SUCCESS);
	add_faults(1, 0x28);
	ck_assert_int_eq(sluice_poll_events(&delivered), STATUS_SUCCESS);
	ck_assert_uint_eq(delivered, 3);
}
END_TEST

START_TEST(test_detach_ends_fault_reporting)
{
	uint32_t delivered;

	ck_assert_int_eq(attach(&pdo), STATUS_SUCCESS);
	ck_assert_int_eq(report(1), STATUS_SUCCESS);
	ck_assert_int_eq(detach(&pdo), STATUS_SUCCESS);
	add_faults(1, 0x20);
	ck_assert_int_eq(sluice_poll_events(&delivered), STATUS_SUCCESS);
	ck_assert_uint_eq(delivered, 0);
}
END_TEST

START_TEST(test_fault_reporting_checks_its_arguments)
{
	DEVICE_OBJECT other = {.Sbdf = 0x28};
	DEVICE_FAULT_CONFIGURATION nobody = {NULL, NULL};

	ck_assert_int_eq(one.V1.SetDeviceFaultReporting(NULL, 1, 1, NULL),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(one.V1.SetDeviceFaultReporting(&pdo, 1, 1, NULL),
			 STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(one.V1.SetDeviceFaultReporting(&pdo, 0, 1, NULL),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(one.V1.SetDeviceFaultReporting(&pdo, 0, 1, &nobody),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(one.V1.SetDeviceFaultReporting(&other, 0, 1, &config),
			 STATUS_NOT_FOUND);
	ck_assert_int_eq(one.V1.SetDeviceFaultReporting(&pdo, 0, 0, NULL),
			 STATUS_SUCCESS);
	fake.owned.is_attached = 0;
	ck_assert_int_eq(report(1), STATUS_INVALID_PARAMETER_1);
	answer(SLUICE_OP_info, STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(one.V1.SetDeviceFaultReporting(NULL, 1, 1, NULL),
			 STATUS_NOT_SUPPORTED);
}
END_TEST

START_TEST(test_exhausted_pool_of_handlers)
{
	for (uint32_t i = 0; i <= SLUICE_FAULT_HANDLERS_MAX; i++) {
		DEVICE_OBJECT device = {.Sbdf = 0x100 + i};

		fake.owned.sbdf = device.Sbdf;
		ck_assert_int_eq(
			one.V1.SetDeviceFaultReporting(&device, 0, 1, &config),
			i < SLUICE_FAULT_HANDLERS_MAX
				? STATUS_SUCCESS
				: STATUS_INSUFFICIENT_RESOURCES);
	}
}
END_TEST

Suite *library_legacy_suite(void)
{
	Suite *suite = suite_create("library_legacy");
	TCase *c = tcase_create("version 1");

	tcase_add_checked_fixture(c, setup_v1, teardown);
	tcase_add_test(c, test_attach_makes_a_token_that_detach_deletes);
	tcase_add_test(c, test_wrong_arguments_are_refused_by_position);
	tcase_add_test(c, test_refused_attach_leaves_no_token);
	tcase_add_test(c, test_second_attach_and_wrong_domain_are_refused);
	tcase_add_test(c, test_token_that_went_with_its_device_is_made_anew);
	tcase_add_test(c, test_attach_does_not_trust_a_token_of_before);
	tcase_add_test(c, test_exhausted_pool_leaves_no_token);
	tcase_add_test(c, test_later_handler_is_not_told_of_earlier_faults);
	tcase_add_test(c,
		       test_no_device_of_this_architecture_has_input_mappings);
	tcase_add_test(c, test_faults_from_now_on_reach_the_handler);
	tcase_add_test(c, test_detach_ends_fault_reporting);
	tcase_add_test(c, test_fault_reporting_checks_its_arguments);
	tcase_add_test(c, test_exhausted_pool_of_handlers);
	suite_add_tcase(suite, c);
	return suite;
}
