/* SPDX-License-Identifier: MIT */
/*
 * Caller-owned tables, their flushes, and PASID sub-devices: arguments reach
 * the hypervisor whole, outputs are written on success alone.
 */
#include "fake_carrier.h"
#include "suites.h"

#define PASID ((PIOMMU_DMA_PASID_DEVICE)0xaa)

START_TEST(test_arm_table_goes_out_whole)
{
	DOMAIN_CONFIGURATION configuration = {
		.Type = DomainConfigurationArm64,
		.Arm64 = {.Ttbr0 = 0x1000,
			  .Ttbr1 = 0x2000,
			  .Mair0 = 3,
			  .Mair1 = 4,
			  .InputSize0 = 48,
			  .InputSize1 = 39,
			  .CoherentTableWalks = 0x10,
			  .TranslationEnabled = 2},
	};
	const struct sluice_configure *c = &fake.call[0].configure;

	ck_assert_int_eq(table.V3.ConfigureDomain(DOMAIN, &configuration),
			 STATUS_SUCCESS);
	ck_assert_uint_eq(c->domain, 0xd0);
	ck_assert_uint_eq(c->arch, 0);
	ck_assert_uint_eq(c->ttbr0, 0x1000);
	ck_assert_uint_eq(c->ttbr1, 0x2000);
	ck_assert_uint_eq(c->mair0, 3);
	ck_assert_uint_eq(c->mair1, 4);
	ck_assert_uint_eq(c->input_size0, 48);
	ck_assert_uint_eq(c->input_size1, 39);
	ck_assert_uint_eq(c->coherent_walks, 1);
	ck_assert_uint_eq(c->translation_enabled, 1);
}
END_TEST

START_TEST(test_other_tables_go_out_as_their_architecture_alone)
{
	DOMAIN_CONFIGURATION configuration = {
		.Type = DomainConfigurationX64,
		.X64 = {.FirstLevelPageTableRoot = 0x1000},
	};

	(void)table.V3.ConfigureDomain(DOMAIN, &configuration);
	(void)table.V3.ConfigureDomain(DOMAIN, NULL);
	ck_assert_uint_eq(fake.call[0].configure.arch, 1);
	ck_assert_uint_eq(fake.call[0].configure.ttbr0, 0);
	ck_assert_uint_eq(fake.call[1].configure.arch,
			  DomainConfigurationInvalid);
}
END_TEST

START_TEST(test_flush_lists_go_in_parts)
{
	static uint64_t list[SLUICE_FLUSH_MAX + 2];

	for (size_t i = 0; i < SLUICE_FLUSH_MAX + 2; i++) {
		list[i] = i << 12;
	}
	ck_assert_int_eq(table.V3.FlushDomain(DOMAIN), STATUS_SUCCESS);
	ck_assert_uint_eq(fake.call[0].op, SLUICE_OP_flush_domain);
	ck_assert_int_eq(table.V3.FlushDomainByVaList(
				 DOMAIN, 0x80, SLUICE_FLUSH_MAX + 2, list),
			 STATUS_SUCCESS);
	ck_assert_int_eq(fake.count, 3);
	ck_assert_uint_eq(fake.call[1].flush.count, SLUICE_FLUSH_MAX);
	ck_assert_uint_eq(fake.call[1].flush.last_level, 1);
	ck_assert_uint_eq(fake.call[2].flush.count, 2);
	ck_assert_uint_eq(fake.call[2].first, SLUICE_FLUSH_MAX << 12);

	fail_at(3, STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(table.V3.FlushDomainByVaList(
				 DOMAIN, 0, SLUICE_FLUSH_MAX + 2, list),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(fake.count, 4);
}
END_TEST

START_TEST(test_empty_and_missing_flush_lists_still_ask_about_the_domain)
{
	ck_assert_int_eq(table.V3.FlushDomainByVaList(DOMAIN, 0, 0, NULL),
			 STATUS_SUCCESS);
	ck_assert_int_eq(table.V3.FlushDomainByVaList(DOMAIN, 0, 1, NULL),
			 STATUS_INVALID_PARAMETER_4);
	ck_assert_int_eq(fake.count, 2);
	ck_assert_uint_eq(fake.call[1].flush.count, 0);
	answer(SLUICE_OP_flush_list, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(table.V3.FlushDomainByVaList(DOMAIN, 0, 1, NULL),
			 STATUS_INVALID_PARAMETER_1);
}
END_TEST

START_TEST(test_sub_devices_are_made_and_named)
{
	PIOMMU_DMA_PASID_DEVICE sub = NULL;
	ULONG asid = 0;

	ck_assert_int_eq(table.V3.CreatePasidDevice(DEVICE, &sub, &asid),
			 STATUS_SUCCESS);
	ck_assert_ptr_eq(sub, PASID);
	ck_assert_uint_eq(asid, 7);
	ck_assert_int_eq(table.V3.AttachPasidDevice(DOMAIN, sub),
			 STATUS_SUCCESS);
	ck_assert_uint_eq(fake.call[1].pasid.domain, 0xd0);
	ck_assert_uint_eq(fake.call[1].pasid.pasid, 0xaa);
	ck_assert_int_eq(table.V3.DetachPasidDevice(sub), STATUS_SUCCESS);
	ck_assert_int_eq(table.V3.DeletePasidDevice(sub), STATUS_SUCCESS);
	ck_assert_uint_eq(fake.call[2].op, SLUICE_OP_detach_pasid);
	ck_assert_uint_eq(fake.call[3].op, SLUICE_OP_delete_pasid);
}
END_TEST

START_TEST(test_refused_sub_device_leaves_outputs_untouched)
{
	PIOMMU_DMA_PASID_DEVICE sub = PASID;
	ULONG asid = 77;

	answer(SLUICE_OP_create_pasid, STATUS_NONE_MAPPED);
	ck_assert_int_eq(table.V3.CreatePasidDevice(DEVICE, &sub, &asid),
			 STATUS_NONE_MAPPED);
	ck_assert_ptr_eq(sub, PASID);
	ck_assert_uint_eq(asid, 77);
	ck_assert_int_eq(table.V3.CreatePasidDevice(DEVICE, NULL, NULL),
			 STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(table.V3.CreatePasidDevice(DEVICE, &sub, NULL),
			 STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(fake.count, 1);
}
END_TEST

START_TEST(test_device_information_is_three_bytes)
{
	unsigned char bytes[5] = {9, 9, 9, 9, 9};
	PIOMMU_DMA_DEVICE_INFORMATION out = (void *)bytes;
	ULONG written = 77;

	ck_assert_int_eq(table.V3.QueryDeviceInfo(DEVICE, 2, &written, out),
			 STATUS_BUFFER_TOO_SMALL);
	ck_assert_uint_eq(bytes[0], 9);
	ck_assert_uint_eq(written, 77);
	ck_assert_int_eq(table.V3.QueryDeviceInfo(DEVICE, 5, &written, out),
			 STATUS_SUCCESS);
	ck_assert_mem_eq(bytes, "\1\0\1\11\11", 5);
	ck_assert_uint_eq(written, 3);
	ck_assert_int_eq(table.V3.QueryDeviceInfo(DEVICE, 3, NULL, NULL),
			 STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(table.V3.QueryDeviceInfo(DEVICE, 3, &written, NULL),
			 STATUS_INVALID_PARAMETER_4);
	answer(SLUICE_OP_query_device, STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(table.V3.QueryDeviceInfo(DEVICE, 2, &written, out),
			 STATUS_INVALID_PARAMETER_1);
}
END_TEST

Suite *library_domain_suite(void)
{
	Suite *suite = suite_create("library_domain");
	TCase *c = tcase_create("domains");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_arm_table_goes_out_whole);
	tcase_add_test(c, test_other_tables_go_out_as_their_architecture_alone);
	tcase_add_test(c, test_flush_lists_go_in_parts);
	tcase_add_test(
		c,
		test_empty_and_missing_flush_lists_still_ask_about_the_domain);
	tcase_add_test(c, test_sub_devices_are_made_and_named);
	tcase_add_test(c, test_refused_sub_device_leaves_outputs_untouched);
	tcase_add_test(c, test_device_information_is_three_bytes);
	suite_add_tcase(suite, c);
	return suite;
}
