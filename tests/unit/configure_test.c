// SPDX-License-Identifier: MIT
/* Caller-owned tables and their flushes: what is refused, and in which order.
 */
#include "nest_fixture.h"

/* clang-format off */
#define SPOIL(name, ...)                                                       \
	static void name(void *request)                                        \
	{                                                                      \
		struct sluice_configure *a = request;                          \
                                                                               \
		__VA_ARGS__;                                                   \
	}
SPOIL(spoil_domain, a->domain ^= 16)
SPOIL(spoil_arch, a->arch = DomainConfigurationX64)
SPOIL(spoil_root, a->ttbr1 = 0x800)
SPOIL(spoil_policy, a->translation_enabled = 0)
/* clang-format on */

static int64_t attempt(const struct defect *early, const struct defect *late)
{
	struct sluice_configure a = good(ROOT);

	if (late != NULL) {
		late->spoil(&a);
	}
	early->spoil(&a);
	return CALL(g, configure_domain, a);
}

START_TEST(configure_is_refused_in_order)
{
	static const struct defect defects[] = {
		{"domain", STATUS_INVALID_PARAMETER_1, spoil_domain},
		{"x64", STATUS_NOT_SUPPORTED, spoil_arch},
		{"root", STATUS_INVALID_PARAMETER_2, spoil_root},
		{"bypass", STATUS_ACCESS_DENIED, spoil_policy},
	};
	struct snapshot before;

	boot_nest();
	ANSWERS(STATUS_SUCCESS, set_types(g, NO_PASS));
	before = snap(g);
	expect_order(defects, sizeof(defects) / sizeof(defects[0]), attempt);
	expect_same(g, before, "refused");
	ck_assert(is_shut(D1, LA));
	machine_shutdown();
}
END_TEST

START_TEST(what_no_unit_can_walk_is_refused)
{
	struct sluice_configure bad[11];
	const unsigned count = sizeof(bad) / sizeof(bad[0]);

	boot_nest();
	for (unsigned i = 0; i < count; i++) {
		bad[i] = good(ROOT);
	}
	bad[0].arch = DomainConfigurationInvalid;
	bad[1].ttbr0 = ROOT + 8;
	bad[2].ttbr0 = UINT64_C(512) * PAGE_BYTES;
	bad[3].ttbr0 = ROOT | BIT(56);
	bad[4].input_size0 = 24;
	bad[5].input_size0 = 49;
	bad[6].coherent_walks = 2;
	bad[7].translation_enabled = 2;
	bad[8].ttbr1 = ROOT;
	bad[9].input_size1 = 48;
	bad[9].ttbr1 = UINT64_C(512) * PAGE_BYTES;
	bad[10].ttbr0 = 0;
	bad[10].input_size0 = 0;
	for (unsigned i = 0; i < count; i++) {
		EXPECT(CALL(g, configure_domain, bad[i]) ==
			       STATUS_INVALID_PARAMETER_2,
		       "case %u", i);
		EXPECT(is_shut(D1, LA), "case %u", i);
	}
	machine_shutdown();
}
END_TEST

START_TEST(other_domains_have_no_table_of_the_caller)
{
	boot_nest();
	domain = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_INVALID_PARAMETER_1, configure(ROOT));
	ANSWERS(STATUS_INVALID_PARAMETER_1, flush(domain));
	ANSWERS(STATUS_INVALID_PARAMETER_1, flush_list(NULL, 0));
	domain = new_domain(g, DomainTypePassThrough);
	ANSWERS(STATUS_INVALID_PARAMETER_1, configure(ROOT));
	ANSWERS(STATUS_INVALID_PARAMETER_1, flush(domain));
	machine_shutdown();
}
END_TEST

START_TEST(units_that_cannot_nest_refuse)
{
	const uint64_t page = LA;

	for (int kind = 0; kind < SERVICE_KINDS; kind++) {
		struct sluice_configure a;

		boot_service(kind);
		g = guest_with(1, D1);
		domain = new_domain(g, DomainTypeUnmanaged);
		device = new_device(g, V1);
		ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
		ANSWERS(STATUS_NOT_SUPPORTED, configure(ROOT));
		a = good(ROOT);
		a.arch = DomainConfigurationInvalid;
		ANSWERS(STATUS_NOT_SUPPORTED, CALL(g, configure_domain, a));
		ck_assert(is_blocked(D1, LA));
		/* Nothing is cached, so there is nothing to refuse. */
		ANSWERS(STATUS_SUCCESS, flush(domain));
		ANSWERS(STATUS_SUCCESS, flush_list(&page, 1));
		machine_shutdown();
	}
}
END_TEST

START_TEST(flush_lists_are_refused_in_order)
{
	struct sluice_flush_list a, ok;
	const uint64_t odd[2] = {LA, LA + 1};

	boot_nest();
	ok = (struct sluice_flush_list){
		.domain = domain,
		.addresses = fake_guest_list(g, odd, sizeof(odd)),
		.count = 1,
	};
	a = ok;
	ANSWERS(STATUS_SUCCESS, CALL(g, flush_list, a));
	a.count = 2;
	ANSWERS(STATUS_INVALID_PARAMETER_4, CALL(g, flush_list, a));
	a.addresses = 0;
	ANSWERS(STATUS_INVALID_PARAMETER_4, CALL(g, flush_list, a));
	a.count = SLUICE_FLUSH_MAX + 1;
	ANSWERS(STATUS_INVALID_PARAMETER_3, CALL(g, flush_list, a));
	a.last_level = 2;
	ANSWERS(STATUS_INVALID_PARAMETER_2, CALL(g, flush_list, a));
	a.domain ^= 16;
	ANSWERS(STATUS_INVALID_PARAMETER_1, CALL(g, flush_list, a));
	a = ok;
	a.count = 0;
	a.addresses = 0;
	ANSWERS(STATUS_SUCCESS, CALL(g, flush_list, a));
	a = ok;
	a.last_level = 1;
	ANSWERS(STATUS_SUCCESS, CALL(g, flush_list, a));
	machine_shutdown();
}
END_TEST

UNIT_SUITE(configure, configure_is_refused_in_order,
	   what_no_unit_can_walk_is_refused,
	   other_domains_have_no_table_of_the_caller,
	   units_that_cannot_nest_refuse, flush_lists_are_refused_in_order)
