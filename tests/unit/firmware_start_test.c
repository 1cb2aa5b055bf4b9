// SPDX-License-Identifier: MIT
/*
 * Start-up with memory that the firmware keeps for devices, when pages, ids or
 * a unit fail: what cannot be kept is told, and the device is nobody's to have.
 */
#include "dma/asid.h"
#include "dma/requester.h"
#include "dma/service.h"
#include "fake_nest.h"
#include "firmware_fixture.h"

static unsigned broken; /* the n-th page, or request, from the units' start */
static struct machine_config config;

static uint32_t start_without_page(void)
{
	uint32_t no = iommu_start();

	fail_at(broken);
	return no;
}

static uint32_t start_with_refusal(void)
{
	uint32_t no = iommu_start();

	fake_unit_queue_error(machine_unit(0), broken);
	return no;
}

static void boot(void *arg)
{
	(void)arg;
	machine_boot(&config);
}

static void configure(int wanted, uint32_t (*start)(void))
{
	config = service_machine(wanted);
	kind = wanted;
	region_tables(&config, two, 2, table);
	config.reserved[0] = (struct range){A, 0x100000};
	config.start_units = start;
}

/* Why D1 is not to be assigned; 0 = it is. */
static uint16_t unfit_reason(void)
{
	struct sluice_device_info info = {.scope = SLUICE_SCOPE_MACHINE};

	while (CALL(machine_control(), list_devices, info) == STATUS_SUCCESS) {
		if (info.sbdf == D1) {
			return info.unfit;
		}
		info = (struct sluice_device_info){
			.scope = SLUICE_SCOPE_MACHINE, .index = info.index + 1};
	}
	return UINT16_MAX;
}

/* Starts until nothing fails any more. Return: how often D1 was spoiled. */
static unsigned spoiled_starts(int wanted, uint32_t (*start)(void))
{
	unsigned spoiled = 0;

	for (broken = 1; broken < 60; broken++) {
		configure(wanted, start);
		if (machine_panics(boot, NULL)) {
			/* Pages of the control domain's own map come first. */
			ck_assert(!dma_service_is_present());
		} else if (unfit_reason() != 0) {
			ck_assert_uint_eq(unfit_reason(), SLUICE_UNFIT_REGION);
			ck_assert_int_eq(dma_device_quarantine(D1),
					 -XEN_EOPNOTSUPP);
			spoiled++;
		}
		fail_off();
		machine_reset();
	}
	return spoiled;
}

START_TEST(missing_page_leaves_the_device_at_home)
{
	/* Whichever page of the regions' own tables it is. */
	ck_assert_uint_ge(spoiled_starts(_i, start_without_page), 2);
}
END_TEST

static bool asks_at_attach(int wanted)
{
	struct machine_config c = service_machine(wanted);

	return c.vendor == MACHINE_AMD || c.unit[0].caching_mode;
}

START_TEST(refusal_leaves_the_device_at_home)
{
	/* A unit that is asked nothing for a new entry cannot refuse it. */
	unsigned spoiled = spoiled_starts(_i, start_with_refusal);

	ck_assert_uint_ge(spoiled, asks_at_attach(_i) ? 1 : 0);
}
END_TEST

START_TEST(device_without_an_id_is_nobodys)
{
	/* All ids of the units are taken before the regions' tables get one. */
	boot_with(_i, two, 2);
	ck_assert_uint_eq(unfit_reason(), 0);
	while (dma_asid_alloc() != ASID_NONE) {
	}
	dma_requesters_keep();
	ck_assert_uint_eq(unfit_reason(), SLUICE_UNFIT_REGION);
	ck_assert_int_eq(dma_device_quarantine(D1), -XEN_EOPNOTSUPP);
	machine_reset();
}
END_TEST

START_TEST(domain_that_owes_a_flush_takes_no_region)
{
	/* What an earlier unmap left in a cache must not stand in for it. */
	uint64_t domain, device, token;

	boot_with(_i, two, 2);
	g = fake_guest_create(NULL);
	(void)fake_guest_assign(g, D1);
	(void)fake_guest_assign(g, D3);
	allow_types();
	device = new_device(g, V1);
	token = new_device(g, V2);
	domain = new_domain(g, translating());
	ANSWERS(STATUS_SUCCESS, attach(g, domain, token));
	ANSWERS(STATUS_SUCCESS, map(g, domain, 0x10000, P(1), 1, RW));
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, unmap(g, domain, 0x10000, 1));
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, attach(g, domain, device));
	ck_assert(d1_is_quarantined());
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert(d1_is_kept());
	machine_reset();
	g = NULL;
}
END_TEST

START_TEST(allocator_without_page_takes_no_region)
{
	/* However much of a page its bookkeeping has left: as before. */
	struct sluice_create_domain wide = {
		.allocator_type = IommuDmaLogicalAllocatorBuddy,
		.allocator_width = 39,
	};
	uint64_t device;

	boot_with(_i, two, 2);
	wide.type = translating();
	g = firmware_guest(1, D1);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, CALL(g, create_domain, wide));
	for (unsigned i = 0; i < 100; i++) {
		struct sluice_allocate_range range = {
			.domain = wide.domain,
			.pages = 128,
		};

		ANSWERS(STATUS_SUCCESS, CALL(g, allocate_range, range));
		fail_at(1);
		ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
			attach(g, wide.domain, device));
		fail_off();
		ck_assert(d1_is_quarantined());
	}
	ANSWERS(STATUS_SUCCESS, attach(g, wide.domain, device));
	ck_assert(d1_is_kept());
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	finish();
}
END_TEST

static uint32_t (*start_nest)(void);

static uint32_t start_with_region(void)
{
	uint32_t no = start_nest();

	ck_assert_int_eq(
		iommu_add_region((struct iommu_region){{A, PAGE_BYTES}, RW}, 0,
				 (uint16_t)D1, (uint16_t)D1),
		0);
	return no;
}

START_TEST(unit_that_leaves_a_gap_keeps_no_region)
{
	/* Behind one whose entries cannot be exchanged at once, if there is. */
	config = machine_default();
	fake_nest_prepare(&config,
			  &(struct fake_nest_config){.can_nest = true});
	start_nest = config.start_units;
	config.start_units = start_with_region;
	config.reserved[0] = (struct range){A, 0x100000};
	machine_boot(&config);
	ck_assert_uint_eq(unfit_reason(), SLUICE_UNFIT_REGION);
	ck_assert_int_eq(dma_device_quarantine(D1), -XEN_EOPNOTSUPP);
	machine_shutdown();
}
END_TEST

FIRMWARE_SUITE(firmware_start, missing_page_leaves_the_device_at_home,
	       refusal_leaves_the_device_at_home,
	       device_without_an_id_is_nobodys,
	       domain_that_owes_a_flush_takes_no_region,
	       allocator_without_page_takes_no_region,
	       unit_that_leaves_a_gap_keeps_no_region)
