// SPDX-License-Identifier: MIT
/* Devices through the library's tables: tokens, both ways to attach, events. */
#include "inproc_fixture.h"

static DEVICE_OBJECT nobody = {.Sbdf = SLUICE_SBDF(0, 9, 9, 0)};
static unsigned called;

static void note_change(PIOMMU_INTERFACE_STATE_CHANGE change, PVOID context)
{
	(void)context;
	called += change->PresentFields.AvailableDomainTypes;
}

static void register_again(PIOMMU_INTERFACE_STATE_CHANGE change, PVOID context)
{
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS types = {.AvailableDomainTypes = 1};

	(void)change;
	ANSWERS(STATUS_UNSUCCESSFUL,
		v3.RegisterInterfaceStateChangeCallback(note_change, NULL,
							context, &types));
	ANSWERS(STATUS_UNSUCCESSFUL, v3.UnregisterInterfaceStateChangeCallback(
					     register_again, context));
}

static void note_fault(PVOID context, PFAULT_INFORMATION fault)
{
	(void)fault;
	++*(unsigned *)context;
}

START_TEST(tokens_are_refused_by_position)
{
	/* NULLs, who is nobody, a wrong configuration, a second token. */
	IOMMU_DEVICE_CREATION_CONFIGURATION one = {
		.ConfigType = IommuDeviceCreationConfigTypePasid};
	IOMMU_DEVICE_CREATION_CONFIGURATION two = {
		.ConfigType = IommuDeviceCreationConfigTypePasid};

	boot_service(_i);
	use(guest_with(1, D1));
	ANSWERS(STATUS_INVALID_PARAMETER_3, v3.CreateDevice(&pdo, NULL, NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.CreateDevice(NULL, NULL, &device));
	ANSWERS(STATUS_NOT_FOUND, v3.CreateDevice(&nobody, NULL, &device));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v3.CreateDevice(&pdo, &one, &device));
	ck_assert_ptr_null(device);
	device = token_of(&pdo);
	ANSWERS(STATUS_RESOURCE_IN_USE, v3.CreateDevice(&pdo, NULL, &device));
	ANSWERS(STATUS_SUCCESS, v3.DeleteDevice(device));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.DeleteDevice(device));
	machine_shutdown();

	boot_nesting();
	use(guest_with(1, D1));
	one.ConfigType = IommuDeviceCreationConfigTypeAcpi;
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v3.CreateDevice(&pdo, &one, &device));
	one.ConfigType = IommuDeviceCreationConfigTypePasid;
	one.NextConfiguration.Flink = one.NextConfiguration.Blink =
		&two.NextConfiguration;
	two.NextConfiguration.Flink = two.NextConfiguration.Blink =
		&one.NextConfiguration;
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v3.CreateDevice(&pdo, &one, &device));
	machine_shutdown();
}
END_TEST

START_TEST(device_without_unit_has_no_token)
{
	/* Nobody filters a bridge's requests: it is nobody's device. */
	struct machine_config c = machine_default();

	c.function[1].is_bridge = true;
	c.function[1].class_code = 0x060400;
	machine_boot(&c);
	use(machine_control());
	pdo.Sbdf = D1;
	ANSWERS(STATUS_NOT_FOUND, v3.CreateDevice(&pdo, NULL, &device));
	domain = make(DomainTypeTranslate);
	ANSWERS(STATUS_NOT_FOUND, v1.AttachDevice(domain, &pdo, 0, 1));
	ANSWERS(STATUS_SUCCESS, v1.DeleteDomain(domain));
	machine_shutdown();
}
END_TEST

START_TEST(attach_and_detach_are_refused_by_position)
{
	uint32_t types = 0;

	boot_service(_i);
	use(guest_with(1, D1));
	attach_new(DomainTypePassThrough);
	ck_assert(lands(D1, P(2), g, P(2)));
	ANSWERS(STATUS_INVALID_PARAMETER, v3.AttachDeviceEx(domain, device));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.AttachDeviceEx(NOTHING, device));
	ANSWERS(STATUS_INVALID_PARAMETER_2, v3.AttachDeviceEx(domain, NOTHING));
	ANSWERS(STATUS_RESOURCE_IN_USE, v3.DeleteDevice(device));
	ANSWERS(STATUS_SUCCESS, v3.DetachDeviceEx(device));
	ck_assert(is_blocked(D1, P(2)));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.DetachDeviceEx(device));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.DetachDeviceEx(NOTHING));
	v3.QueryAvailableDomainTypes(device, &types);
	ck_assert_uint_eq(types, 7);
	ANSWERS(STATUS_SUCCESS, set_types(g, 1u << DomainTypeTranslate));
	ANSWERS(STATUS_ACCESS_DENIED, v3.AttachDeviceEx(domain, device));
	v3.QueryAvailableDomainTypes(device, &types);
	ck_assert_uint_eq(types, 1);
	machine_shutdown();
}
END_TEST

START_TEST(version_1_attaches_by_address)
{
	PIOMMU_DMA_DOMAIN other;

	boot_service(_i);
	use(guest_with(1, D1));
	domain = make(DomainTypePassThrough);
	other = make(DomainTypeTranslate);
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v1.AttachDevice(NOTHING, &pdo, 0, 1));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v1.AttachDevice(domain, NULL, 0, 1));
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		v1.AttachDevice(domain, &pdo, 1, 1));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v1.AttachDevice(domain, &pdo, 0, 2));
	ANSWERS(STATUS_NOT_FOUND, v1.AttachDevice(domain, &nobody, 0, 1));
	ANSWERS(STATUS_SUCCESS, v1.AttachDevice(domain, &pdo, 0, 1));
	ck_assert(lands(D1, P(2), g, P(2)));
	ANSWERS(STATUS_INVALID_PARAMETER, v1.AttachDevice(domain, &pdo, 0, 1));
	ANSWERS(STATUS_INVALID_PARAMETER_2, v1.DetachDevice(domain, NULL, 0));
	ANSWERS(STATUS_INVALID_PARAMETER_3, v1.DetachDevice(domain, &pdo, 1));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v1.DetachDevice(domain, &nobody, 0));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v1.DetachDevice(other, &pdo, 0));
	ANSWERS(STATUS_SUCCESS, v1.DetachDevice(domain, &pdo, 0));
	ck_assert(is_blocked(D1, P(2)));
	ANSWERS(STATUS_SUCCESS, set_types(g, 1u << DomainTypeTranslate));
	ANSWERS(STATUS_ACCESS_DENIED, v1.AttachDevice(domain, &pdo, 0, 1));
	device = token_of(&pdo);
	ANSWERS(STATUS_RESOURCE_IN_USE, v1.AttachDevice(other, &pdo, 0, 1));
	machine_shutdown();
}
END_TEST

START_TEST(version_1_detaches_from_what_is_a_domain)
{
	boot_service(_i);
	use(guest_with(1, D1));
	domain = make(DomainTypePassThrough);
	ANSWERS(STATUS_SUCCESS, v1.AttachDevice(domain, &pdo, 0, 1));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v1.DetachDevice(NOTHING, &pdo, 0));
	ck_assert(lands(D1, P(2), g, P(2)));
	machine_shutdown();
}
END_TEST

START_TEST(unit_that_refuses_leaves_it_blocked)
{
	boot_nesting();
	use(guest_with(1, D1));
	domain = make(DomainTypePassThrough);
	device = token_of(&pdo);
	fake_nest_refusals.attach = -XEN_ENOMEM;
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		v3.AttachDeviceEx(domain, device));
	ANSWERS(STATUS_SUCCESS, v3.DeleteDevice(device));
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		v1.AttachDevice(domain, &pdo, 0, 1));
	fake_nest_refusals.attach = 0;
	ANSWERS(STATUS_SUCCESS, v1.AttachDevice(domain, &pdo, 0, 1));
	machine_shutdown();
}
END_TEST

START_TEST(callbacks_are_refused_by_position)
{
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS types = {.AvailableDomainTypes = 1};
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS none = {.AsULONG = 0};
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS odd = {.AsULONG = 3};
	uint32_t delivered;

	boot_service(_i);
	use(guest_with(1, D1));
	device = token_of(&pdo);
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.RegisterInterfaceStateChangeCallback(NULL, NULL, device,
							&types));
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		v3.RegisterInterfaceStateChangeCallback(note_change, NULL,
							NOTHING, &types));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.RegisterInterfaceStateChangeCallback(note_change, NULL,
							device, NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.RegisterInterfaceStateChangeCallback(note_change, NULL,
							device, &none));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.RegisterInterfaceStateChangeCallback(note_change, NULL,
							device, &odd));
	ck_assert_uint_eq(called, 0);
	ANSWERS(STATUS_SUCCESS, v3.RegisterInterfaceStateChangeCallback(
					note_change, NULL, device, &types));
	ck_assert_uint_eq(called, 1);
	ANSWERS(STATUS_UNSUCCESSFUL,
		v3.RegisterInterfaceStateChangeCallback(note_change, NULL,
							device, &types));
	ANSWERS(STATUS_RESOURCE_IN_USE, v3.DeleteDevice(device));
	ANSWERS(STATUS_SUCCESS, set_types(g, 1u << DomainTypeTranslate));
	ANSWERS(STATUS_SUCCESS, sluice_poll_events(&delivered));
	ck_assert_uint_eq(called, 2);
	ANSWERS(STATUS_UNSUCCESSFUL, v3.UnregisterInterfaceStateChangeCallback(
					     register_again, device));
	ANSWERS(STATUS_SUCCESS,
		v3.UnregisterInterfaceStateChangeCallback(note_change, device));
	ANSWERS(STATUS_SUCCESS,
		v3.RegisterInterfaceStateChangeCallback(register_again, device,
							device, &types));
	machine_shutdown();
}
END_TEST

START_TEST(faults_reach_the_handler)
{
	unsigned seen = 0;
	DEVICE_FAULT_CONFIGURATION c = {.FaultHandler = note_fault,
					.FaultContext = &seen};
	DEVICE_FAULT_CONFIGURATION none = {.FaultContext = &seen};

	boot_service(_i);
	use(guest_with(1, D1));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v1.SetDeviceFaultReporting(NULL, 0, 1, &c));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v1.SetDeviceFaultReporting(&pdo, 1, 1, &c));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v1.SetDeviceFaultReporting(&pdo, 0, 1, NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v1.SetDeviceFaultReporting(&pdo, 0, 1, &none));
	ANSWERS(STATUS_NOT_FOUND,
		v1.SetDeviceFaultReporting(&nobody, 0, 1, &c));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v1.SetDeviceFaultReporting(&pdo, 0, 1, &c));
	attach_new(DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS, v1.SetDeviceFaultReporting(&pdo, 0, 1, &c));
	ck_assert(is_blocked(D1, 0x7000));
	ANSWERS(STATUS_SUCCESS, sluice_poll_events(NULL));
	ck_assert_uint_gt(seen, 0);
	ANSWERS(STATUS_NOT_IMPLEMENTED,
		v3.SetDeviceFaultReportingEx(device, 0, 1, &c));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.QueryInputMappings(NULL, NULL, 0, NULL));
	ANSWERS(STATUS_UNSUCCESSFUL,
		v3.QueryInputMappings(&pdo, NULL, 0, NULL));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(inproc_device, tokens_are_refused_by_position,
	      device_without_unit_has_no_token,
	      attach_and_detach_are_refused_by_position,
	      version_1_attaches_by_address,
	      version_1_detaches_from_what_is_a_domain,
	      unit_that_refuses_leaves_it_blocked,
	      callbacks_are_refused_by_position, faults_reach_the_handler)
