// SPDX-License-Identifier: MIT
/*
 * PASID sub-devices through the library's tables; every function where there is
 * no interface; the race that a token can lose.
 */
#include "inproc_fixture.h"

static PIOMMU_DMA_PASID_DEVICE pasid;
static ULONG number;

static void boot_tagged(uint32_t pasids)
{
	IOMMU_DEVICE_CREATION_CONFIGURATION tagged = {
		.ConfigType = IommuDeviceCreationConfigTypePasid,
		.Pasid.ConfigType = PasidConfigTypePasidTaggedDma};

	fake_nest_boot(&(struct fake_nest_config){.can_nest = true,
						  .pasid_count = pasids});
	use(guest_with(2, D1));
	ANSWERS(STATUS_SUCCESS, v3.CreateDevice(&pdo, &tagged, &device));
}

START_TEST(sub_devices_live_in_one_order)
{
	DEVICE_OBJECT second = {.Sbdf = V2};
	uint64_t word = 7;

	boot_tagged(64);
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v3.CreatePasidDevice(device, NULL, &number));
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		v3.CreatePasidDevice(device, &pasid, NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.CreatePasidDevice(NOTHING, &pasid, &number));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.CreatePasidDevice(token_of(&second), &pasid, &number));
	ANSWERS(STATUS_SUCCESS, v3.CreatePasidDevice(device, &pasid, &number));
	ANSWERS(STATUS_RESOURCE_IN_USE, v3.DeleteDevice(device));
	domain = make(DomainTypePassThrough);
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.DetachPasidDevice(pasid));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.DetachPasidDevice(NOTHING));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.AttachPasidDevice(NOTHING, pasid));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v3.AttachPasidDevice(domain, NOTHING));
	fake_nest_refusals.attach = -XEN_ENOMEM;
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		v3.AttachPasidDevice(domain, pasid));
	fake_nest_refusals.attach = 0;
	ANSWERS(STATUS_SUCCESS, v3.AttachPasidDevice(domain, pasid));
	ck_assert_int_eq(fake_nest_dma(D1, number, P(1), &word, true),
			 FAKE_DMA_OK);
	ANSWERS(STATUS_UNSUCCESSFUL, v3.AttachPasidDevice(domain, pasid));
	ANSWERS(STATUS_RESOURCE_IN_USE, v3.DeletePasidDevice(pasid));
	ANSWERS(STATUS_SUCCESS, v3.DetachPasidDevice(pasid));
	ANSWERS(STATUS_SUCCESS, set_types(g, 1u << DomainTypeTranslate));
	ANSWERS(STATUS_ACCESS_DENIED, v3.AttachPasidDevice(domain, pasid));
	ANSWERS(STATUS_SUCCESS, v3.DeletePasidDevice(pasid));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.DeletePasidDevice(pasid));
	machine_shutdown();
}
END_TEST

START_TEST(without_tags_there_are_no_sub_devices)
{
	/* Both vendors' units: a token is a token, and no more. */
	IOMMU_DMA_DEVICE_INFORMATION info = {.PasidTaggedDmaEnabled = 9};
	ULONG written;

	boot_service(_i);
	use(guest_with(1, D1));
	domain = make(DomainTypeTranslate);
	device = token_of(&pdo);
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.CreatePasidDevice(device, &pasid, &number));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.DeletePasidDevice(NOTHING));
	ANSWERS(STATUS_INVALID_PARAMETER_2,
		v3.AttachPasidDevice(domain, NOTHING));
	ANSWERS(STATUS_INVALID_PARAMETER_1, v3.DetachPasidDevice(NOTHING));
	ANSWERS(STATUS_SUCCESS, v3.QueryDeviceInfo(device, 3, &written, &info));
	ck_assert_uint_eq(info.PasidTaggedDmaEnabled, 0);
	machine_shutdown();
}
END_TEST

START_TEST(numbers_and_records_run_out)
{
	NTSTATUS status;

	boot_tagged(8);
	do {
		status = v3.CreatePasidDevice(device, &pasid, &number);
	} while (status == STATUS_SUCCESS);
	ck_assert_int_eq(status, STATUS_NONE_MAPPED);
	machine_shutdown();

	boot_tagged(1024);
	do {
		status = v3.CreatePasidDevice(device, &pasid, &number);
	} while (status == STATUS_SUCCESS);
	ck_assert_int_eq(status, STATUS_INSUFFICIENT_RESOURCES);
	machine_shutdown();
}
END_TEST

START_TEST(token_tells_how_it_was_made)
{
	IOMMU_DMA_DEVICE_INFORMATION info = {.PasidTaggedDmaEnabled = 9};
	ULONG written = 0;

	boot_tagged(64);
	ANSWERS(STATUS_INVALID_PARAMETER_3,
		v3.QueryDeviceInfo(device, 3, NULL, &info));
	ANSWERS(STATUS_INVALID_PARAMETER_4,
		v3.QueryDeviceInfo(device, 3, &written, NULL));
	ANSWERS(STATUS_INVALID_PARAMETER_1,
		v3.QueryDeviceInfo(NOTHING, 3, &written, &info));
	ANSWERS(STATUS_BUFFER_TOO_SMALL,
		v3.QueryDeviceInfo(device, 2, &written, &info));
	ck_assert_uint_eq(info.PasidTaggedDmaEnabled, 9);
	ANSWERS(STATUS_SUCCESS, v3.QueryDeviceInfo(device, 3, &written, &info));
	ck_assert_uint_eq(written, 3);
	ck_assert_uint_eq(info.PasidTaggedDmaEnabled, 1);
	machine_shutdown();
}
END_TEST

static PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token;

/* The hypervisor's side of a Free that another thread is in. */
static long carry_and_map(uint32_t op, void *argument, size_t size)
{
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(P(0), 1);
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment;

	if (op == SLUICE_OP_free_token) {
		ANSWERS(STATUS_UNSUCCESSFUL,
			v3.MapReservedLogicalRange(token, 0, RW, &run,
						   &segment));
	}
	return sluice_carry_inproc(op, argument, size);
}

START_TEST(map_loses_against_free)
{
	ULONGLONG at = 0x40000;

	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeTranslate);
	ANSWERS(STATUS_SUCCESS,
		v3.ReserveLogicalAddressRange(domain, PAGE_BYTES, &at, NULL,
					      NULL, &token));
	sluice_set_carrier(carry_and_map);
	ANSWERS(STATUS_SUCCESS, v3.FreeReservedLogicalAddressRange(token));
	machine_shutdown();
}
END_TEST

static void expect_no_domain_calls(void)
{
	DOMAIN_CONFIGURATION c = {.Type = DomainConfigurationArm64};
	uint64_t list[1] = {0};

	ANSWERS(STATUS_NOT_SUPPORTED, CREATED(DomainTypeMax));
	ANSWERS(STATUS_NOT_SUPPORTED, v1.CreateDomain(1, &domain));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.DeleteDomain(NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.ConfigureDomain(NOTHING, &c));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.FlushDomain(NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.FlushDomainByVaList(NOTHING, 0, 1, list));
}

static void expect_no_device_calls(void)
{
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS types = {.AvailableDomainTypes = 1};
	IOMMU_DMA_DEVICE_INFORMATION info;
	ULONG written;

	ANSWERS(STATUS_NOT_SUPPORTED, v3.CreateDevice(&pdo, NULL, &device));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.DeleteDevice(NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.AttachDeviceEx(NOTHING, NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.DetachDeviceEx(NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED, v1.AttachDevice(NOTHING, &pdo, 0, 1));
	ANSWERS(STATUS_NOT_SUPPORTED, v1.DetachDevice(NOTHING, &pdo, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.RegisterInterfaceStateChangeCallback(
					      NULL, NULL, NOTHING, &types));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.UnregisterInterfaceStateChangeCallback(NULL, NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.QueryInputMappings(&pdo, NULL, 0, NULL));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v1.SetDeviceFaultReporting(&pdo, 0, 0, NULL));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.CreatePasidDevice(NOTHING, &pasid, &number));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.DeletePasidDevice(NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.AttachPasidDevice(NOTHING, NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.DetachPasidDevice(NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.QueryDeviceInfo(NOTHING, 3, &written, &info));
}

static void expect_no_map_calls(void)
{
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(P(0), 1);
	PFN_NUMBER frame = P(0) / PAGE_BYTES;
	MDL mdl = {.ByteCount = PAGE_BYTES, .PageFrame = &frame};
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment = {
		.Size = PAGE_BYTES};
	ULONGLONG at = 0, out;

	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.MapLogicalRangeEx(NOTHING, 0, &run, &at, NULL, NULL, &out));
	ANSWERS(STATUS_NOT_SUPPORTED, v1.MapLogicalRange(NOTHING, 0, &mdl, 0));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.UnmapLogicalRange(NOTHING, 0, 1));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.MapIdentityRangeEx(NOTHING, 0, &run));
	ANSWERS(STATUS_NOT_SUPPORTED, v1.MapIdentityRange(NOTHING, 0, &mdl));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.UnmapIdentityRangeEx(NOTHING, &run));
	ANSWERS(STATUS_NOT_SUPPORTED, v1.UnmapIdentityRange(NOTHING, &mdl));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.ReserveLogicalAddressRange(NOTHING, 0, NULL, NULL, NULL,
					      &token));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.FreeReservedLogicalAddressRange(NOTHING));
	ANSWERS(STATUS_NOT_SUPPORTED,
		v3.MapReservedLogicalRange(NOTHING, 0, 0, &run, &segment));
	ANSWERS(STATUS_NOT_SUPPORTED, v3.UnmapReservedLogicalRange(&segment));
}

START_TEST(without_an_interface_all_refuse)
{
	/* Before they look at any argument but a NULL to write to. */
	struct machine_config c = machine_default();

	c.unit_count = 0;
	machine_boot(&c);
	use(guest_with(0, 0));
	expect_no_domain_calls();
	expect_no_device_calls();
	expect_no_map_calls();
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(inproc_pasid, sub_devices_live_in_one_order,
	      without_tags_there_are_no_sub_devices,
	      numbers_and_records_run_out, token_tells_how_it_was_made,
	      map_loses_against_free, without_an_interface_all_refuse)
