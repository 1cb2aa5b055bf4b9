// SPDX-License-Identifier: MIT
/* Caller-owned tables on a unit that nests them: from the call to the DMA. */
#include "nest_fixture.h"

START_TEST(dma_goes_through_the_callers_table)
{
	const struct iommu_target *told;

	boot_nest();
	ck_assert(is_shut(D1, LA));
	ck_assert_ptr_null(fake_nest_target(D1, UNTAGGED));
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	told = fake_nest_target(D1, UNTAGGED);
	ck_assert(told != NULL && told->nest != NULL);
	ck_assert_uint_eq(told->nest->ttbr[0], ROOT);
	ck_assert(writes(D1, LA, P(1)));
	ck_assert(is_shut(D1, LA + PAGE_BYTES));
	ck_assert(is_shut(D1, P(1)));
	ck_assert(is_shut(D2, LA));
	machine_shutdown();
}
END_TEST

START_TEST(the_callers_table_leads_into_its_own_memory_alone)
{
	uint64_t beyond = UINT64_C(512) * PAGE_BYTES, word = 0;

	boot_nest();
	point(ROOT, 0x8000, beyond | LEAF);
	point(ROOT, 0x9000, MACHINE_RAM_BASE | LEAF);
	point(ROOT, 0xa000, P(3) | LEAF | ARM64_READ_ONLY);
	point(ROOT, 0xb000, P(3) | ARM64_PAGE);
	/* A table that is no memory of the caller's. */
	put(ROOT + 2 * PAGE_BYTES, 1, MACHINE_RAM_BASE | ARM64_TABLE);
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	ck_assert(is_shut(D1, 0x8000));
	ck_assert(is_shut(D1, 0x9000));
	ck_assert(is_shut(D1, 0xb000));
	ck_assert(is_shut(D1, 0x200000));
	ck_assert_int_eq(fake_nest_dma(D1, UNTAGGED, 0xa000, &word, true),
			 FAKE_DMA_FAULT);
	ck_assert_int_eq(fake_nest_dma(D1, UNTAGGED, 0xa000, &word, false),
			 FAKE_DMA_OK);
	machine_shutdown();
}
END_TEST

START_TEST(each_half_has_its_root)
{
	struct sluice_configure a;
	uint64_t high = ~BIT(48) + 1 + LA;

	boot_nest();
	a = good(ROOT);
	a.ttbr1 = ROOT2;
	a.input_size1 = 48;
	ANSWERS(STATUS_SUCCESS, CALL(g, configure_domain, a));
	ck_assert(writes(D1, LA, P(1)));
	ck_assert(writes(D1, high, P(2)));
	/* Three levels: the root is what was the second table. */
	a = good(ROOT + PAGE_BYTES);
	a.input_size0 = 39;
	ANSWERS(STATUS_SUCCESS, CALL(g, configure_domain, a));
	ck_assert(writes(D1, LA, P(1)));
	ck_assert(is_shut(D1, BIT(39) + LA));
	ck_assert(is_shut(D1, high));
	machine_shutdown();
}
END_TEST

START_TEST(flushes_drop_what_the_caller_changed)
{
	uint64_t list[SLUICE_FLUSH_MAX];

	boot_nest();
	point(ROOT, 0x8000, P(3) | LEAF);
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	ck_assert(writes(D1, LA, P(1)));
	ck_assert(writes(D1, 0x8000, P(3)));
	point(ROOT, LA, P(4) | LEAF);
	point(ROOT, 0x8000, P(5) | LEAF);
	ck_assert(writes(D1, LA, P(1)));
	list[0] = LA;
	ANSWERS(STATUS_SUCCESS, flush_list(list, 1));
	ck_assert(writes(D1, LA, P(4)));
	ck_assert(writes(D1, 0x8000, P(3)));
	ANSWERS(STATUS_SUCCESS, flush(domain));
	ck_assert(writes(D1, 0x8000, P(5)));
	/* A long list, its last element the one that matters. */
	point(ROOT, LA, 0);
	for (unsigned i = 0; i < SLUICE_FLUSH_MAX; i++) {
		list[i] = (SLUICE_FLUSH_MAX - 1 - i) * PAGE_BYTES + LA;
	}
	ANSWERS(STATUS_SUCCESS, flush_list(list, SLUICE_FLUSH_MAX));
	ck_assert(is_shut(D1, LA));
	machine_shutdown();
}
END_TEST

START_TEST(a_new_root_serves_all_that_is_attached)
{
	uint64_t second;

	boot_nest();
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	second = new_device(g, V2);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, second));
	ck_assert(writes(D1, LA, P(1)));
	ck_assert(writes(D2, LA, P(1)));
	ANSWERS(STATUS_SUCCESS, configure(ROOT2));
	ck_assert(writes(D1, LA, P(2)));
	ck_assert(writes(D2, LA, P(2)));
	ANSWERS(STATUS_SUCCESS, detach(g, second));
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	ck_assert(is_shut(D2, LA));
	ck_assert(writes(D1, LA, P(1)));
	machine_shutdown();
}
END_TEST

START_TEST(a_bypassed_table_obeys_the_passthrough_policy)
{
	uint64_t second;

	boot_nest();
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	ck_assert(writes(D1, LA, P(1)));
	ANSWERS(STATUS_SUCCESS, bypass());
	ck_assert(writes(D1, P(3), P(3)));
	ck_assert(writes(D1, LA, LA));
	ANSWERS(STATUS_SUCCESS, set_types(g, NO_PASS));
	ck_assert(is_shut(D1, P(3)));
	ANSWERS(STATUS_ACCESS_DENIED, bypass());
	second = new_device(g, V2);
	ANSWERS(STATUS_ACCESS_DENIED, attach(g, domain, second));
	ANSWERS(STATUS_SUCCESS, set_types(g, ALL));
	ck_assert(writes(D1, P(3), P(3)));
	ANSWERS(STATUS_SUCCESS, set_types(g, NO_PASS));
	/* A table of its own is no PassThrough: it may have one at any time. */
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, second));
	ck_assert(writes(D1, LA, P(1)));
	ck_assert(is_shut(D1, P(3)));
	machine_shutdown();
}
END_TEST

START_TEST(a_unit_that_does_not_obey_leaves_it_blocked)
{
	static const struct {
		struct fake_nest_refusals refusals;
		NTSTATUS answer;
	} cases[] = {
		{{.attach = -XEN_EIO}, STATUS_UNSUCCESSFUL},
		{{.attach = -XEN_ENOMEM}, STATUS_INSUFFICIENT_RESOURCES},
		{{.flush = -XEN_EIO}, STATUS_UNSUCCESSFUL},
	};

	boot_nest();
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ANSWERS(STATUS_SUCCESS, configure(ROOT));
		EXPECT(writes(D1, LA, P(1)), "case %u", i);
		fake_nest_refusals = cases[i].refusals;
		EXPECT(configure(ROOT2) == cases[i].answer, "case %u", i);
		fake_nest_refusals = (struct fake_nest_refusals){.attach = 0};
		EXPECT(is_shut(D1, LA), "case %u", i);
	}
	ANSWERS(STATUS_SUCCESS, configure(ROOT2));
	ck_assert(writes(D1, LA, P(2)));
	fake_nest_refusals.flush = -XEN_EIO;
	ANSWERS(STATUS_UNSUCCESSFUL, flush(domain));
	ANSWERS(STATUS_UNSUCCESSFUL, flush_list(&(uint64_t){LA}, 1));
	fake_nest_refusals.flush = 0;
	machine_shutdown();
}
END_TEST

/* A sub-device of the second device, attached; its PASID. */
static uint32_t attach_pasid(void)
{
	struct sluice_create_device d = {
		.sbdf = V2,
		.config_type = IommuDeviceCreationConfigTypePasid,
		.pasid_type = PasidConfigTypePasidTaggedDma,
	};
	struct sluice_create_pasid p = {.pasid = 0};
	struct sluice_attach_pasid a = {.domain = domain};

	ANSWERS(STATUS_SUCCESS, CALL(g, create_device, d));
	p.device = d.device;
	ANSWERS(STATUS_SUCCESS, CALL(g, create_pasid, p));
	a.pasid = p.pasid;
	ANSWERS(STATUS_SUCCESS, CALL(g, attach_pasid, a));
	return p.asid;
}

START_TEST(a_sub_device_walks_it_too)
{
	uint64_t mark = 0x1234567890, found;
	uint32_t pasid;

	boot_nest();
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	domain = new_domain(g, DomainTypeUnmanaged);
	pasid = attach_pasid();
	ck_assert_int_eq(fake_nest_dma(D2, pasid, LA, &mark, true),
			 FAKE_DMA_FAULT);
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	ck_assert_int_eq(fake_nest_dma(D2, pasid, LA, &mark, true),
			 FAKE_DMA_OK);
	ck_assert(is_shut(D2, LA));
	ANSWERS(STATUS_SUCCESS, configure(ROOT2));
	ck_assert_int_eq(fake_nest_dma(D2, pasid, LA, &mark, true),
			 FAKE_DMA_OK);
	fake_guest_read(g, P(2), &found, sizeof(found));
	ck_assert_uint_eq(found, mark);
	point(ROOT2, LA, 0);
	ANSWERS(STATUS_SUCCESS, flush(domain));
	ck_assert_int_eq(fake_nest_dma(D2, pasid, LA, &mark, true),
			 FAKE_DMA_FAULT);
	/* A unit that refuses leaves it blocked, as it does a device. */
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	fake_nest_refusals.attach = -XEN_EIO;
	ANSWERS(STATUS_UNSUCCESSFUL, configure(ROOT2));
	fake_nest_refusals.attach = 0;
	ck_assert_int_eq(fake_nest_dma(D2, pasid, LA, &mark, true),
			 FAKE_DMA_FAULT);
	machine_shutdown();
}
END_TEST

START_TEST(sub_device_without_a_reply_is_undone)
{
	/* Whichever write of the reply fails, its number is free again. */
	struct sluice_create_device d = {
		.sbdf = V2,
		.config_type = IommuDeviceCreationConfigTypePasid,
		.pasid_type = PasidConfigTypePasidTaggedDma,
	};
	struct snapshot before;

	boot_nest();
	ANSWERS(STATUS_SUCCESS, CALL(g, create_device, d));
	before = snap(g);
	for (unsigned n = 1; n <= 2; n++) {
		struct sluice_create_pasid a = {.device = d.device};

		fail_reply_at(n);
		ck_assert_int_eq(fake_guest_call(g, SLUICE_OP_create_pasid, &a,
						 sizeof(a)),
				 -XEN_EFAULT);
		fail_reply_at(0);
		expect_same(g, before, "no reply");
	}
	ANSWERS(STATUS_SUCCESS, delete_device(g, d.device));
	machine_shutdown();
}
END_TEST

START_TEST(deletion_gives_all_back)
{
	struct snapshot before;
	uint16_t asid;

	boot_nest();
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	before = snap(g);
	domain = new_domain(g, DomainTypeUnmanaged);
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert(writes(D1, LA, P(1)));
	asid = fake_nest_target(D1, UNTAGGED)->asid;
	ANSWERS(STATUS_RESOURCE_IN_USE, delete_domain(g, domain));
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	ck_assert_uint_eq(fake_nest_cached(asid), 0);
	expect_same(g, before, "deleted");
	/* And a guest that goes with all of it in use: seen by shutdown. */
	domain = new_domain(g, DomainTypeUnmanaged);
	ANSWERS(STATUS_SUCCESS, configure(ROOT));
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert(writes(D1, LA, P(1)));
	machine_shutdown();
}
END_TEST

UNIT_SUITE(nest, dma_goes_through_the_callers_table,
	   the_callers_table_leads_into_its_own_memory_alone,
	   each_half_has_its_root, flushes_drop_what_the_caller_changed,
	   a_new_root_serves_all_that_is_attached,
	   a_bypassed_table_obeys_the_passthrough_policy,
	   a_unit_that_does_not_obey_leaves_it_blocked,
	   a_sub_device_walks_it_too, sub_device_without_a_reply_is_undone,
	   deletion_gives_all_back)
