/* SPDX-License-Identifier: MIT */
/*
 * The library asks the hypervisor exactly what its caller asked, and touches
 * no output on failure: domains, devices, transport codes.
 */
#include "fake_carrier.h"
#include "suites.h"

#include <xen/errno.h>

static const IOMMU_DMA_DOMAIN_CREATION_FLAGS no_flags = {.AsUlonglong = 0};

static NTSTATUS create(PIOMMU_DMA_RESERVED_REGION regions)
{
	PIOMMU_DMA_DOMAIN domain;

	return table.V3.CreateDomainEx(DomainTypeTranslate, no_flags, NULL,
				       regions, &domain);
}

static IOMMU_MAP_PHYSICAL_ADDRESS contiguous(uint64_t base, uint64_t bytes)
{
	return (IOMMU_MAP_PHYSICAL_ADDRESS){
		.MapType = MapPhysicalAddressTypeContiguousRange,
		.ContiguousRange = {.Base = (PHYSICAL_ADDRESS)base,
				    .Size = bytes},
	};
}

START_TEST(test_missing_outputs_are_refused_before_the_gate)
{
	uint64_t logical = 0;
	DEVICE_OBJECT pdo = {.Sbdf = 0x20};
	IOMMU_MAP_PHYSICAL_ADDRESS memory = contiguous(0x1000, 0x1000);
	DMA_IOMMU_INTERFACE_EX one;

	(void)IoGetIommuInterfaceEx(1, 0, &one);
	ck_assert_int_eq(table.V3.CreateDomainEx(DomainTypeTranslate, no_flags,
						 NULL, NULL, NULL),
			 STATUS_INVALID_PARAMETER_5);
	ck_assert_int_eq(one.V1.CreateDomain(1, NULL),
			 STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(table.V3.CreateDevice(&pdo, NULL, NULL),
			 STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(table.V3.MapLogicalRangeEx(DOMAIN, 1, &memory,
						    &logical, NULL, NULL, NULL),
			 STATUS_INVALID_PARAMETER_7);
	table.V3.QueryAvailableDomainTypes(DEVICE, NULL);
	ck_assert_int_eq(fake.count, 0);
}
END_TEST

START_TEST(test_create_domain_passes_every_argument)
{
	const IOMMU_DMA_DOMAIN_CREATION_FLAGS flags = {.AsUlonglong = 9};
	IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG config = {
		.LogicalAllocatorType = IommuDmaLogicalAllocatorBuddy,
		.BuddyAllocatorConfig = {.AddressWidth = 40},
	};
	IOMMU_DMA_RESERVED_REGION second = {.Base = 0x5000, .NumberOfPages = 2};
	IOMMU_DMA_RESERVED_REGION first = {.RegionNext = &second,
					   .Base = 0x1000,
					   .NumberOfPages = 1,
					   .ShouldMap = 0x40};
	PIOMMU_DMA_DOMAIN domain = NULL;
	const struct call *c = &fake.call[0];

	ck_assert_int_eq(table.V3.CreateDomainEx(DomainTypeTranslateS1, flags,
						 &config, &first, &domain),
			 STATUS_SUCCESS);

	ck_assert_uint_eq((uintptr_t)domain, 0xd0d0);
	ck_assert_uint_eq(c->op, SLUICE_OP_create_domain);
	ck_assert_uint_eq(c->size, sizeof(c->create));
	ck_assert_uint_eq(c->header.size, sizeof(c->create));
	ck_assert_uint_eq(c->header.flags, 0);
	ck_assert_uint_eq(c->create.type, 3);
	ck_assert_uint_eq(c->create.creation_flags, 9);
	ck_assert_uint_eq(c->create.allocator_type, 1);
	ck_assert_uint_eq(c->create.allocator_width, 40);
	ck_assert_uint_eq(c->create.region_count, 2);
	ck_assert_uint_eq(c->region[0].base, 0x1000);
	ck_assert_uint_eq(c->region[0].pages, 1);
	ck_assert_uint_eq(c->region[0].should_map, 1);
	ck_assert_uint_eq(c->region[1].base, 0x5000);
	ck_assert_uint_eq(c->region[1].pages, 2);
	ck_assert_uint_eq(c->region[1].should_map, 0);
}
END_TEST

START_TEST(test_version_1_domains_are_of_the_equivalent_type)
{
	DMA_IOMMU_INTERFACE_EX one;
	PIOMMU_DMA_DOMAIN domain;

	(void)IoGetIommuInterfaceEx(1, 0, &one);
	ck_assert_int_eq(one.V1.CreateDomain(1, &domain), STATUS_SUCCESS);
	ck_assert_int_eq(one.V1.CreateDomain(0, &domain), STATUS_SUCCESS);

	ck_assert_uint_eq(fake.call[0].create.type, DomainTypeTranslate);
	ck_assert_uint_eq(fake.call[1].create.type, DomainTypeUnmanaged);
}
END_TEST

START_TEST(test_longest_region_list_goes_out_whole)
{
	IOMMU_DMA_RESERVED_REGION list[SLUICE_REGIONS_MAX];

	for (size_t i = 0; i < SLUICE_REGIONS_MAX; i++) {
		list[i] = (IOMMU_DMA_RESERVED_REGION){
			.RegionNext = i + 1 < SLUICE_REGIONS_MAX ? &list[i + 1]
								 : NULL,
			.Base = i << 12,
		};
	}
	ck_assert_int_eq(create(list), STATUS_SUCCESS);

	ck_assert_uint_eq(fake.call[0].create.region_count, SLUICE_REGIONS_MAX);
	ck_assert_uint_eq(fake.call[0].region[SLUICE_REGIONS_MAX - 1].base,
			  (uint64_t)(SLUICE_REGIONS_MAX - 1) << 12);
}
END_TEST

START_TEST(test_endless_region_list_goes_out_as_a_count_too_high)
{
	IOMMU_DMA_RESERVED_REGION loop = {.Base = 0x1000, .NumberOfPages = 1};

	loop.RegionNext = &loop;
	fail_at(0, STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(create(&loop), STATUS_INVALID_PARAMETER_4);

	ck_assert_uint_eq(fake.call[0].create.region_count,
			  SLUICE_REGIONS_MAX + 1);
}
END_TEST

START_TEST(test_refused_calls_leave_outputs_untouched)
{
	PIOMMU_DMA_DOMAIN domain = DOMAIN;
	PIOMMU_DMA_DEVICE device = DEVICE;
	DEVICE_OBJECT pdo = {.Sbdf = 0x20};
	IOMMU_DMA_LOGICAL_ADDRESS out = 77, logical = 0;
	IOMMU_MAP_PHYSICAL_ADDRESS memory = contiguous(0x1000, 0x1000);

	for (int i = 0; i < 3; i++) {
		fail_at(i, STATUS_INSUFFICIENT_RESOURCES);
		NTSTATUS status =
			i == 0	 ? table.V3.CreateDomainEx(DomainTypeTranslate,
							   no_flags, NULL, NULL,
							   &domain)
			: i == 1 ? table.V3.CreateDevice(&pdo, NULL, &device)
				 : table.V3.MapLogicalRangeEx(DOMAIN, 1,
							      &memory, &logical,
							      NULL, NULL, &out);
		ck_assert_int_eq(status, STATUS_INSUFFICIENT_RESOURCES);
	}
	ck_assert_ptr_eq(domain, DOMAIN);
	ck_assert_ptr_eq(device, DEVICE);
	ck_assert_uint_eq(out, 77);
	ck_assert_int_eq(fake.count, 3);
}
END_TEST

START_TEST(test_configurations_that_cannot_be_go_out_as_none_that_is)
{
	DEVICE_OBJECT pdo = {.Sbdf = 0x20};
	PIOMMU_DMA_DEVICE device;
	IOMMU_DEVICE_CREATION_CONFIGURATION second = {
		.ConfigType = IommuDeviceCreationConfigTypePasid,
	};
	IOMMU_DEVICE_CREATION_CONFIGURATION config = {
		.ConfigType = (IOMMU_DEVICE_CREATION_CONFIGURATION_TYPE)_i,
	};

	if (_i == IommuDeviceCreationConfigTypePasid) {
		/* Alone it would do; two of a type are refused. */
		config.NextConfiguration.Flink = &second.NextConfiguration;
		config.NextConfiguration.Blink = &second.NextConfiguration;
	}
	(void)table.V3.CreateDevice(&pdo, &config, &device);
	ck_assert_uint_eq(fake.call[0].device.sbdf, 0x20);
	ck_assert_uint_eq(fake.call[0].device.config_type,
			  IommuDeviceCreationConfigTypeMax);

	/* One link alone is no list. */
	config.ConfigType = IommuDeviceCreationConfigTypePasid;
	config.NextConfiguration = (LIST_ENTRY){.Flink = NULL};
	config.NextConfiguration.Blink = &config.NextConfiguration;
	(void)table.V3.CreateDevice(&pdo, &config, &device);
	ck_assert_uint_eq(fake.call[1].device.config_type,
			  IommuDeviceCreationConfigTypeMax);
}
END_TEST

START_TEST(test_one_pasid_configuration_goes_out_whole)
{
	DEVICE_OBJECT pdo = {.Sbdf = 0x20};
	PIOMMU_DMA_DEVICE device;
	IOMMU_DEVICE_CREATION_CONFIGURATION config = {
		.ConfigType = IommuDeviceCreationConfigTypePasid,
		.Pasid = {.ConfigType = PasidConfigTypePasidTaggedDma,
			  .SuppressPasidFaults = 0x80},
	};

	if (_i != 0) {
		config.NextConfiguration.Flink = &config.NextConfiguration;
		config.NextConfiguration.Blink = &config.NextConfiguration;
	}
	ck_assert_int_eq(table.V3.CreateDevice(&pdo, &config, &device),
			 STATUS_SUCCESS);
	ck_assert_uint_eq(fake.call[0].device.config_type, 3);
	ck_assert_uint_eq(fake.call[0].device.pasid_type, 1);
	ck_assert_uint_eq(fake.call[0].device.suppress_faults, 1);
}
END_TEST

START_TEST(test_device_without_configuration_and_without_address)
{
	DEVICE_OBJECT pdo = {.Sbdf = 0x20};
	PIOMMU_DMA_DEVICE device;

	ck_assert_int_eq(table.V3.CreateDevice(&pdo, NULL, &device),
			 STATUS_SUCCESS);
	ck_assert_uint_eq((uintptr_t)device, 0xdede);
	ck_assert_uint_eq(fake.call[0].device.config_type, 0);
	ck_assert_int_eq(table.V3.CreateDevice(NULL, NULL, &device),
			 STATUS_INVALID_PARAMETER_1);
	answer(SLUICE_OP_info, STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(table.V3.CreateDevice(NULL, NULL, &device),
			 STATUS_NOT_SUPPORTED);
	ck_assert_int_eq(calls_of(SLUICE_OP_create_device), 1);
}
END_TEST

START_TEST(test_handles_go_out_as_they_came)
{
	ULONG types = 0;

	ck_assert_int_eq(table.V3.AttachDeviceEx(DOMAIN, DEVICE),
			 STATUS_SUCCESS);
	ck_assert_int_eq(table.V3.DetachDeviceEx(DEVICE), STATUS_SUCCESS);
	ck_assert_int_eq(table.V3.DeleteDevice(DEVICE), STATUS_SUCCESS);
	ck_assert_int_eq(table.V3.DeleteDomain(DOMAIN), STATUS_SUCCESS);
	table.V3.QueryAvailableDomainTypes(DEVICE, &types);

	ck_assert_uint_eq(fake.call[0].op, SLUICE_OP_attach_device);
	ck_assert_uint_eq(fake.call[0].attach.domain, 0xd0);
	ck_assert_uint_eq(fake.call[0].attach.device, 0xde);
	ck_assert_uint_eq(fake.call[1].op, SLUICE_OP_detach_device);
	ck_assert_uint_eq(fake.call[2].op, SLUICE_OP_delete_device);
	ck_assert_uint_eq(fake.call[3].op, SLUICE_OP_delete_domain);
	for (int i = 1; i < 5; i++) {
		uint64_t handle;

		memcpy(&handle, fake.call[i].bytes + 16, sizeof(handle));
		ck_assert_uint_eq(handle, i == 3 ? 0xd0 : 0xde);
	}
	ck_assert_uint_eq(types, 5);
}
END_TEST

START_TEST(test_transport_codes_become_statuses)
{
	static const struct {
		long code;
		NTSTATUS status;
	} rows[] = {
		{-XEN_EOPNOTSUPP, STATUS_NOT_SUPPORTED},
		{-XEN_ENOSYS, STATUS_NOT_SUPPORTED},
		{-XEN_EPERM, STATUS_ACCESS_DENIED},
		{-XEN_EFAULT, STATUS_INVALID_PARAMETER},
		{-XEN_EINVAL, STATUS_INVALID_PARAMETER},
		{-XEN_E2BIG, STATUS_INVALID_PARAMETER},
		{-XEN_ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
		{-XEN_EIO, STATUS_UNSUCCESSFUL},
		{1, STATUS_UNSUCCESSFUL},
	};

	for (int i = 0; i < (int)(sizeof(rows) / sizeof(rows[0])); i++) {
		fake.fails_at = i;
		fake.code = rows[i].code;
		ck_assert_int_eq(table.V3.DeleteDomain(DOMAIN), rows[i].status);
	}
}
END_TEST

START_TEST(test_bare_carrier_finds_no_hypervisor_on_this_machine)
{
	struct sluice_info info;

	/* This test runs in ring 3: reaching the instruction would kill it. */
	sluice_set_carrier(sluice_carry_vmmcall);
	ck_assert_int_eq(sluice_info(&info), STATUS_NOT_SUPPORTED);
}
END_TEST

START_TEST(test_statuses_have_names)
{
	ck_assert_str_eq(sluice_status_name(STATUS_NOT_SUPPORTED),
			 "STATUS_NOT_SUPPORTED");
	ck_assert_str_eq(sluice_status_name((NTSTATUS)0xC0FFEE00u), "STATUS_?");
}
END_TEST

Suite *library_suite(void)
{
	Suite *suite = suite_create("library");
	TCase *c = tcase_create("calls");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_missing_outputs_are_refused_before_the_gate);
	tcase_add_test(c, test_create_domain_passes_every_argument);
	tcase_add_test(c, test_version_1_domains_are_of_the_equivalent_type);
	tcase_add_test(c, test_longest_region_list_goes_out_whole);
	tcase_add_test(c,
		       test_endless_region_list_goes_out_as_a_count_too_high);
	tcase_add_test(c, test_refused_calls_leave_outputs_untouched);
	tcase_add_loop_test(
		c, test_configurations_that_cannot_be_go_out_as_none_that_is, 0,
		6);
	tcase_add_loop_test(c, test_one_pasid_configuration_goes_out_whole, 0,
			    2);
	tcase_add_test(c,
		       test_device_without_configuration_and_without_address);
	tcase_add_test(c, test_handles_go_out_as_they_came);
	tcase_add_test(c, test_transport_codes_become_statuses);
	tcase_add_test(c,
		       test_bare_carrier_finds_no_hypervisor_on_this_machine);
	tcase_add_test(c, test_statuses_have_names);
	suite_add_tcase(suite, c);
	return suite;
}
