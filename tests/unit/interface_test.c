/* SPDX-License-Identifier: MIT */
/*
 * The contract's tables: each version is written whole and not a byte more.
 */
#include "suites.h"

#include <sluice/sluice.h>
#include <string.h>

/* A table in a larger buffer whose bytes tell whether they were written. */
struct guarded {
	union {
		DMA_IOMMU_INTERFACE_EX ex;
		DMA_IOMMU_INTERFACE legacy;
		unsigned char bytes[sizeof(DMA_IOMMU_INTERFACE_EX) + 64];
	};
};

#define UNTOUCHED 0xa5

static struct guarded guarded(void)
{
	struct guarded g;

	memset(&g, UNTOUCHED, sizeof(g));
	return g;
}

/* Index of the first byte from @from on that was written, or the size. */
static size_t first_written(const struct guarded *g, size_t from)
{
	while (from < sizeof(g->bytes) && g->bytes[from] == UNTOUCHED) {
		from++;
	}
	return from;
}

static const struct {
	ULONG version;
	size_t bytes;
} versions[] = {{1, 0x78}, {2, 0xc0}, {3, 0xe8}};

START_TEST(test_each_version_writes_its_own_size_and_no_more)
{
	struct guarded g = guarded();

	ck_assert_int_eq(IoGetIommuInterfaceEx(versions[_i].version, 0, &g.ex),
			 STATUS_SUCCESS);

	ck_assert_uint_eq(g.ex.Size, versions[_i].bytes);
	ck_assert_uint_eq(g.ex.Version, versions[_i].version);
	ck_assert_uint_eq(first_written(&g, versions[_i].bytes),
			  sizeof(g.bytes));
}
END_TEST

START_TEST(test_each_version_fills_every_slot)
{
	struct guarded g = guarded();
	const uintptr_t *slot = (const uintptr_t *)(g.bytes + 0x10);
	uintptr_t untouched;

	memset(&untouched, UNTOUCHED, sizeof(untouched));
	ck_assert_int_eq(IoGetIommuInterfaceEx(versions[_i].version, 0, &g.ex),
			 STATUS_SUCCESS);

	for (size_t i = 0; i < (versions[_i].bytes - 0x10) / 8; i++) {
		ck_assert_uint_ne(slot[i], 0);
		ck_assert_uint_ne(slot[i], untouched);
	}
}
END_TEST

START_TEST(test_legacy_table_is_version_1_with_its_own_layout)
{
	struct guarded legacy = guarded();
	struct guarded ex = guarded();

	ck_assert_int_eq(IoGetIommuInterface(1, &legacy.legacy),
			 STATUS_SUCCESS);
	ck_assert_int_eq(IoGetIommuInterfaceEx(1, 0, &ex.ex), STATUS_SUCCESS);

	ck_assert_uint_eq(legacy.legacy.Version, 1);
	ck_assert_mem_eq(legacy.bytes + 0x08, ex.bytes + 0x10, 13 * 8);
	ck_assert_uint_eq(first_written(&legacy, 0x70), sizeof(legacy.bytes));
}
END_TEST

START_TEST(test_version_3_begins_as_version_2)
{
	struct guarded two = guarded();
	struct guarded three = guarded();

	(void)IoGetIommuInterfaceEx(2, 0, &two.ex);
	(void)IoGetIommuInterfaceEx(3, 0, &three.ex);

	ck_assert_mem_eq(two.bytes + 0x10, three.bytes + 0x10, 0xc0 - 0x10);
}
END_TEST

START_TEST(test_refused_request_names_its_argument_and_writes_nothing)
{
	static const struct {
		ULONG version;
		ULONGLONG flags;
		NTSTATUS status;
	} rows[] = {
		{0, 0, STATUS_INVALID_PARAMETER_1},
		{4, 0, STATUS_INVALID_PARAMETER_1},
		{UINT32_MAX, 0, STATUS_INVALID_PARAMETER_1},
		{4, 1, STATUS_INVALID_PARAMETER_1},
		{3, 1, STATUS_INVALID_PARAMETER_3},
		{2, UINT64_C(1) << 63, STATUS_INVALID_PARAMETER_3},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct guarded g = guarded();

		ck_assert_int_eq(IoGetIommuInterfaceEx(rows[i].version,
						       rows[i].flags, &g.ex),
				 rows[i].status);
		ck_assert_uint_eq(first_written(&g, 0), sizeof(g.bytes));
	}
}
END_TEST

START_TEST(test_missing_output_is_refused_by_position)
{
	ck_assert_int_eq(IoGetIommuInterfaceEx(3, 0, NULL),
			 STATUS_INVALID_PARAMETER_3);
	ck_assert_int_eq(IoGetIommuInterfaceEx(9, 0, NULL),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_int_eq(IoGetIommuInterface(1, NULL),
			 STATUS_INVALID_PARAMETER_2);
	ck_assert_int_eq(IoGetIommuInterface(2, NULL),
			 STATUS_INVALID_PARAMETER_1);
}
END_TEST

START_TEST(test_legacy_call_knows_version_1_alone)
{
	struct guarded g = guarded();

	ck_assert_int_eq(IoGetIommuInterface(2, &g.legacy),
			 STATUS_INVALID_PARAMETER_1);
	ck_assert_uint_eq(first_written(&g, 0), sizeof(g.bytes));
}
END_TEST

START_TEST(test_fault_reporting_ex_is_never_implemented)
{
	DMA_IOMMU_INTERFACE_EX ex;

	(void)IoGetIommuInterfaceEx(3, 0, &ex);

	ck_assert_int_eq(ex.V3.SetDeviceFaultReportingEx(NULL, 0, 1, NULL),
			 STATUS_NOT_IMPLEMENTED);
}
END_TEST

START_TEST(test_table_without_a_hypervisor_answers_not_supported)
{
	const IOMMU_DMA_DOMAIN_CREATION_FLAGS none = {.AsUlonglong = 0};
	DMA_IOMMU_INTERFACE_EX ex;
	PIOMMU_DMA_DOMAIN domain = (PIOMMU_DMA_DOMAIN)&ex;
	ULONG types = 7;

	sluice_set_carrier(NULL);
	(void)IoGetIommuInterfaceEx(3, 0, &ex);

	ck_assert_int_eq(
		ex.V3.CreateDomainEx(DomainTypeMax, none, NULL, NULL, &domain),
		STATUS_NOT_SUPPORTED);
	ck_assert_ptr_eq(domain, &ex);
	ck_assert_int_eq(ex.V3.DeleteDomain(domain), STATUS_NOT_SUPPORTED);
	ex.V3.QueryAvailableDomainTypes(NULL, &types);
	ck_assert_uint_eq(types, 0);
}
END_TEST

Suite *interface_suite(void)
{
	Suite *suite = suite_create("interface");
	TCase *c = tcase_create("tables");
	const int count = sizeof(versions) / sizeof(versions[0]);

	tcase_add_loop_test(
		c, test_each_version_writes_its_own_size_and_no_more, 0, count);
	tcase_add_loop_test(c, test_each_version_fills_every_slot, 0, count);
	tcase_add_test(c, test_legacy_table_is_version_1_with_its_own_layout);
	tcase_add_test(c, test_version_3_begins_as_version_2);
	tcase_add_test(
		c, test_refused_request_names_its_argument_and_writes_nothing);
	tcase_add_test(c, test_missing_output_is_refused_by_position);
	tcase_add_test(c, test_legacy_call_knows_version_1_alone);
	tcase_add_test(c, test_fault_reporting_ex_is_never_implemented);
	tcase_add_test(c,
		       test_table_without_a_hypervisor_answers_not_supported);
	suite_add_tcase(suite, c);
	return suite;
}
