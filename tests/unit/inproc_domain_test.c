// SPDX-License-Identifier: MIT
/* Domains through the library's tables: each refusal, and what holds after. */
#include "inproc_fixture.h"

START_TEST(domains_are_refused_by_position)
{
	/* Of each argument a wrong one has its own status; nothing is made. */
	const IOMMU_DMA_DOMAIN_CREATION_FLAGS flags = {.AsUlonglong = BIT(40)};
	const struct {
		ULONG type, width;
		IOMMU_DMA_DOMAIN_TYPE domain;
	} allocators[] = {
		{IommuDmaLogicalAllocatorMax, 32, DomainTypeTranslate},
		{IommuDmaLogicalAllocatorBuddy, 11, DomainTypeTranslate},
		{IommuDmaLogicalAllocatorBuddy, 63, DomainTypeTranslate},
		{IommuDmaLogicalAllocatorBuddy, 32, DomainTypeUnmanaged},
	};

	boot_service(_i);
	use(guest_with(0, 0));
	ANSWERS(STATUS_INVALID_PARAMETER_5,
		v3.CreateDomainEx(DomainTypeTranslate, no_flags, NULL, NULL,
				  NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_2, v1.CreateDomain(1, NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_1, CREATED(DomainTypeMax));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v3.CreateDomainEx(DomainTypeTranslate, flags, NULL, NULL,
				  &domain));
	for (unsigned i = 0; i < 4; i++) {
		IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG c = {
			.LogicalAllocatorType = allocators[i].type,
			.BuddyAllocatorConfig.AddressWidth =
				allocators[i].width};

		EXPECT(v3.CreateDomainEx(allocators[i].domain, no_flags, &c,
					 NULL,
					 &domain) == STATUS_INVALID_PARAMETER_3,
		       "allocator %u", i);
	}
	ck_assert_ptr_null(domain);
	machine_shutdown();
}
END_TEST

START_TEST(region_lists_are_refused_whole)
{
	/* One bad region, or one that contradicts another, refuses the list. */
	const IOMMU_DMA_RESERVED_REGION bad[] = {
		{.Base = 0x20001, .NumberOfPages = 1},
		{.Base = 0x20000, .NumberOfPages = 0},
		{.Base = 0x20000, .NumberOfPages = BIT(40)},
		{.Base = BIT(50), .NumberOfPages = 1},
		{.Base = 0x30000, .NumberOfPages = 1, .ShouldMap = 1},
	};
	IOMMU_DMA_RESERVED_REGION good = {.Base = 0x30000, .NumberOfPages = 2};

	boot_service(_i);
	use(guest_with(0, 0));
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		IOMMU_DMA_RESERVED_REGION list = bad[i];

		list.RegionNext = &good;
		EXPECT(v3.CreateDomainEx(DomainTypeTranslate, no_flags, NULL,
					 &list,
					 &domain) == STATUS_INVALID_PARAMETER_4,
		       "region %u", i);
	}
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.CreateDomainEx(DomainTypePassThrough, no_flags, NULL, &good,
				  &domain));
	machine_shutdown();
}
END_TEST

START_TEST(region_list_of_65_is_too_long)
{
	IOMMU_DMA_RESERVED_REGION list[SLUICE_REGIONS_MAX + 1];

	boot_service(_i);
	use(guest_with(0, 0));
	for (unsigned i = 0; i <= SLUICE_REGIONS_MAX; i++) {
		list[i] = (IOMMU_DMA_RESERVED_REGION){
			.RegionNext = i == 0 ? NULL : &list[i - 1],
			.Base = (2 * i + 1) * PAGE_BYTES,
			.NumberOfPages = 1};
	}
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.CreateDomainEx(DomainTypeTranslate, no_flags, NULL,
				  &list[SLUICE_REGIONS_MAX], &domain));
	ANSWERS(STATUS_SUCCESS,
		v3.CreateDomainEx(DomainTypeTranslate, no_flags, NULL,
				  &list[SLUICE_REGIONS_MAX - 1], &domain));
	list[0].RegionNext = &list[0]; /* endless */
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.CreateDomainEx(DomainTypeTranslate, no_flags, NULL, list,
				  &domain));
	machine_shutdown();
}
END_TEST

START_TEST(types_and_quota_are_the_policys)
{
	/* A type that is not allowed, and one domain over the quota. */
	boot_service(_i);
	use(fake_guest_create(&(struct fake_guest_config){.domain_quota = 1}));
	ANSWERS(STATUS_SUCCESS, set_types(g, 1u << DomainTypePassThrough));
	ANSWERS(STATUS_NOT_SUPPORTED, CREATED(DomainTypeUnmanaged));
	ANSWERS(STATUS_NOT_SUPPORTED, v1.CreateDomain(0, &domain));
	ANSWERS(STATUS_SUCCESS, set_types(g, 7));
	fail_at(1);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, CREATED(DomainTypeUnmanaged));
	fail_off();
	ANSWERS(STATUS_SUCCESS, v1.CreateDomain(1, &domain));
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, CREATED(DomainTypeTranslate));
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, v1.CreateDomain(0, &domain));
	ANSWERS(STATUS_SUCCESS, v1.DeleteDomain(domain));
	ANSWERS(STATUS_SUCCESS, v1.CreateDomain(0, &domain));
	machine_shutdown();
}
END_TEST

START_TEST(ids_run_out)
{
	/* Unmanaged domains take an id each when they are made. */
	struct machine_config c = machine_default();
	unsigned made = 0;

	c.unit[0].nd = 0; /* 16 ids */
	machine_boot(&c);
	use(fake_guest_create(&(struct fake_guest_config){.domain_quota = 64}));
	while (made < 64 && CREATED(DomainTypeUnmanaged) == STATUS_SUCCESS) {
		made++;
	}
	ck_assert_uint_eq(made, 14);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, CREATED(DomainTypeUnmanaged));
	machine_shutdown();
}
END_TEST

START_TEST(domain_with_device_or_token_stays)
{
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token;
	IOMMU_DMA_LOGICAL_ADDRESS at = 0x40000;

	boot_service(_i);
	use(guest_with(1, D1));
	attach_new(DomainTypeTranslate);
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.DeleteDomain(NOTHING));
	ANSWERS(STATUS_RESOURCE_IN_USE, v3.DeleteDomain(domain));
	ANSWERS(STATUS_SUCCESS, v3.DetachDeviceEx(device));
	ANSWERS(STATUS_SUCCESS,
		v3.ReserveLogicalAddressRange(domain, PAGE_BYTES, &at, NULL,
					      NULL, &token));
	ANSWERS(STATUS_RESOURCE_IN_USE, v3.DeleteDomain(domain));
	ANSWERS(STATUS_SUCCESS, v3.FreeReservedLogicalAddressRange(token));
	ANSWERS(STATUS_SUCCESS, v3.DeleteDomain(domain));
	machine_shutdown();
}
END_TEST

START_TEST(only_a_nesting_unit_takes_a_table)
{
	DOMAIN_CONFIGURATION c = {.Type = DomainConfigurationArm64};

	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeUnmanaged);
	ANSWERS(STATUS_NOT_SUPPORTED, v3.ConfigureDomain(domain, &c));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.ConfigureDomain(make(DomainTypeTranslate), &c));
	machine_shutdown();
}
END_TEST

static DOMAIN_CONFIGURATION good_table(void)
{
	return (DOMAIN_CONFIGURATION){.Type = DomainConfigurationArm64,
				      .Arm64 = {.Ttbr0 = (PHYSICAL_ADDRESS)P(4),
						.InputSize0 = 48,
						.TranslationEnabled = 1}};
}

START_TEST(tables_are_refused_by_what_is_wrong)
{
	DOMAIN_CONFIGURATION c = good_table();

	boot_nesting();
	use(guest_with(1, D1));
	attach_new(DomainTypeUnmanaged);
	ANSWERS(STATUS_SUCCESS, v3.ConfigureDomain(domain, &c));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.ConfigureDomain(NOTHING, &c));
	ANSWERS(STATUS_INVALID_PARAMETER_2, v3.ConfigureDomain(domain, NULL));
	c.Type = DomainConfigurationInvalid;
	ANSWERS(STATUS_INVALID_PARAMETER_2, v3.ConfigureDomain(domain, &c));
	c.Type = DomainConfigurationX64;
	ANSWERS(STATUS_NOT_SUPPORTED, v3.ConfigureDomain(domain, &c));
	c = good_table();
	c.Arm64.Ttbr0 += 8;
	ANSWERS(STATUS_INVALID_PARAMETER_2, v3.ConfigureDomain(domain, &c));
	c = good_table();
	c.Arm64.InputSize0 = 49;
	ANSWERS(STATUS_INVALID_PARAMETER_2, v3.ConfigureDomain(domain, &c));
	ANSWERS(STATUS_SUCCESS, set_types(g, 15 & ~2u));
	c = good_table();
	c.Arm64.TranslationEnabled = 0;
	ANSWERS(STATUS_ACCESS_DENIED, v3.ConfigureDomain(domain, &c));
	machine_shutdown();
}
END_TEST

START_TEST(unknown_architecture_has_no_table)
{
	DOMAIN_CONFIGURATION c = good_table();

	boot_nesting();
	use(guest_with(0, 0));
	domain = make(DomainTypeUnmanaged);
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.ConfigureDomain(make(DomainTypeTranslate), &c));
	c.Type = DomainConfigurationInvalid;
	ANSWERS(STATUS_INVALID_PARAMETER_2, v3.ConfigureDomain(domain, &c));
	machine_shutdown();
}
END_TEST

START_TEST(flushes_are_for_callers_tables)
{
	uint64_t list[2] = {0x7000, 0x8001};
	PIOMMU_DMA_DOMAIN other;

	boot_service(_i);
	use(guest_with(0, 0));
	other = make(DomainTypeTranslate);
	domain = make(DomainTypeUnmanaged);
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.FlushDomain(NOTHING));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.FlushDomain(other));
	ANSWERS(STATUS_SUCCESS, v3.FlushDomain(domain));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.FlushDomainByVaList(other, 0, 1, list));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.FlushDomainByVaList(domain, 0, 1, NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.FlushDomainByVaList(domain, 0, 2, list));
	ANSWERS(STATUS_SUCCESS, v3.FlushDomainByVaList(domain, 0, 1, list));
	ANSWERS(STATUS_SUCCESS, v3.FlushDomainByVaList(domain, 1, 0, NULL));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(inproc_domain, domains_are_refused_by_position,
	      region_lists_are_refused_whole, region_list_of_65_is_too_long,
	      types_and_quota_are_the_policys, ids_run_out,
	      domain_with_device_or_token_stays,
	      only_a_nesting_unit_takes_a_table,
	      tables_are_refused_by_what_is_wrong,
	      unknown_architecture_has_no_table, flushes_are_for_callers_tables)
