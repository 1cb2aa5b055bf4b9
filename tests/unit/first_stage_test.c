// SPDX-License-Identifier: MIT
/*
 * The service over units that walk first-stage tables alone: TranslateS1 is
 * what Translate is elsewhere, and PassThrough is a table too.
 */
#include "iommu/unit.h"
#include "service_fixture.h"

#define LA	  UINT64_C(0x40000)
#define ALL_TYPES 0xfu

static struct fake_guest *g;
static uint64_t domain, device;

/* A guest that may have every type, with D1 and a token for it. */
static void set_up(int kind)
{
	boot_service(SERVICE_KINDS + kind);
	g = guest_with(1, D1);
	ANSWERS(STATUS_SUCCESS, set_types(g, ALL_TYPES));
	device = new_device(g, V1);
}

static void attach_to(uint32_t type)
{
	domain = new_domain(g, type);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
}

START_TEST(types_are_those_of_the_stage)
{
	/* Translate is not there; the three others are. */
	struct sluice_info info = {.abi_version = 0};
	uint32_t types = 0;

	set_up(_i);
	ANSWERS(STATUS_SUCCESS, query_types(g, device, &types));
	ck_assert_uint_eq(types, 0xe);
	ANSWERS(STATUS_SUCCESS, CALL(g, info, info));
	ck_assert_uint_eq(info.available_types, 0xe);
	ck_assert_uint_eq(info.address_bits, 47);
	ANSWERS(STATUS_NOT_SUPPORTED, create_domain(g, DomainTypeTranslate));
	ANSWERS(STATUS_SUCCESS, create_domain(g, DomainTypePassThrough));
	ANSWERS(STATUS_SUCCESS, create_domain(g, DomainTypeUnmanaged));
	ANSWERS(STATUS_SUCCESS, create_domain(g, DomainTypeTranslateS1));
	machine_shutdown();
}
END_TEST

START_TEST(mapped_page_is_reached_until_unmapped)
{
	/* What is mapped is reached with its rights, and after unmap it is not.
	 */
	set_up(_i);
	attach_to(DomainTypeTranslateS1);
	ck_assert(is_blocked(D1, LA));
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA, P(0), 2, RW));
	ANSWERS(STATUS_SUCCESS, map(g, domain, LA + 0x8000, P(3), 1, READ));
	ck_assert(lands(D1, LA, g, P(0)));
	ck_assert(lands(D1, LA + PAGE_BYTES, g, P(1)));
	ck_assert(sees(D1, LA + 0x8000, g, P(3)));
	ck_assert_uint_eq(reach(D1, LA + 0x8000, true), 0);
	ck_assert(is_blocked(D1, LA + 2 * PAGE_BYTES));
	ck_assert(is_blocked(D1, P(0)));
	ANSWERS(STATUS_SUCCESS, unmap(g, domain, LA, 1));
	ck_assert(is_blocked(D1, LA));
	ck_assert(lands(D1, LA + PAGE_BYTES, g, P(1)));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(is_blocked(D1, LA + PAGE_BYTES));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	machine_shutdown();
}
END_TEST

START_TEST(write_alone_is_refused)
{
	/* The format cannot say it, and rights are never widened. */
	struct snapshot before;

	set_up(_i);
	attach_to(DomainTypeTranslateS1);
	before = snap(g);
	ANSWERS(STATUS_INVALID_PARAMETER_2, map(g, domain, LA, P(0), 1, WRITE));
	expect_same(g, before, "write alone");
	ck_assert(is_blocked(D1, LA));
	machine_shutdown();
}
END_TEST

START_TEST(width_is_the_positive_half)
{
	/* The last page below bit 47 maps and works, the one behind does not.
	 */
	uint64_t end = BIT(47);

	set_up(_i);
	attach_to(DomainTypeTranslateS1);
	ANSWERS(STATUS_SUCCESS, map(g, domain, end - PAGE_BYTES, P(0), 1, RW));
	ANSWERS(STATUS_INVALID_PARAMETER_4, map(g, domain, end, P(1), 1, RW));
	ck_assert(lands(D1, end - PAGE_BYTES, g, P(0)));
	ck_assert(is_blocked(D1, end));
	ck_assert(is_blocked(D1, ~UINT64_C(0) & ~PAGE_MASK));
	machine_shutdown();
}
END_TEST

START_TEST(pass_through_is_the_guests_memory)
{
	/* Its own pages at their own addresses: no more, and until it ends. */
	set_up(_i);
	attach_to(DomainTypePassThrough);
	ck_assert(lands(D1, P(0), g, P(0)));
	ck_assert(lands(D1, P(7), g, P(7)));
	ck_assert(is_blocked(D1, 512 * PAGE_BYTES));
	ck_assert(is_blocked(D1, MACHINE_RAM_BASE));
	ck_assert(is_blocked(D1, MACHINE_VTD_BASE));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert(is_blocked(D1, P(0)));
	machine_shutdown();
}
END_TEST

START_TEST(policy_stops_pass_through_and_gives_it_back)
{
	/* Cut off while attached, warm and with bus-master on. */
	set_up(_i);
	attach_to(DomainTypePassThrough);
	ck_assert(lands(D1, P(0), g, P(0)));
	ANSWERS(STATUS_SUCCESS, set_types(g, 1u << DomainTypeTranslateS1));
	ck_assert(is_blocked(D1, P(0)));
	ANSWERS(STATUS_SUCCESS, set_types(g, ALL_TYPES));
	ck_assert(lands(D1, P(0), g, P(0)));
	machine_shutdown();
}
END_TEST

START_TEST(control_domain_has_a_table_too)
{
	/* Its devices reach its own RAM and not the hypervisor's or a guest's.
	 */
	set_up(_i);
	ck_assert_uint_eq(reach(D2, machine_control()->ram.addr, true),
			  machine_control()->ram.addr);
	ck_assert(is_blocked(D2, MACHINE_RAM_BASE));
	ck_assert(is_blocked(D2, fake_guest_hpa(g, P(0))));
	machine_shutdown();
}
END_TEST

START_TEST(unmanaged_stays_blocked)
{
	/* No table, so nothing passes, whatever the unit could walk. */
	set_up(_i);
	attach_to(DomainTypeUnmanaged);
	ck_assert(is_blocked(D1, P(0)));
	ck_assert(is_blocked(D1, LA));
	ANSWERS(STATUS_INVALID_PARAMETER_1, map(g, domain, LA, P(0), 1, RW));
	machine_shutdown();
}
END_TEST

Suite *first_stage_suite(void);
Suite *first_stage_suite(void)
{
	const TTest *const tests[] = {
		types_are_those_of_the_stage,
		mapped_page_is_reached_until_unmapped,
		write_alone_is_refused,
		width_is_the_positive_half,
		pass_through_is_the_guests_memory,
		policy_stops_pass_through_and_gives_it_back,
		control_domain_has_a_table_too,
		unmanaged_stays_blocked,
	};
	Suite *suite = suite_create("first_stage");
	TCase *tcase = tcase_create("first_stage");

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		tcase_add_loop_test(tcase, tests[i], 0, FIRST_STAGE_KINDS);
	}
	suite_add_tcase(suite, tcase);
	return suite;
}
