// SPDX-License-Identifier: MIT
/*
 * The service's start when a unit or memory fails it: everything stays blocked,
 * and whoever asks is told so. And what reports say at the edges of a life.
 */
#include "hypercall/dma_calls.h"
#include "iommu/unit.h"
#include "service_fixture.h"

static struct machine_config config;
static unsigned broken; /* the n-th request to the unit, or page, is refused */

static uint32_t start_and_break_unit(void)
{
	uint32_t no = iommu_start();

	fake_unit_queue_error(machine_unit(0), broken);
	return no;
}

static uint32_t start_and_break_memory(void)
{
	uint32_t no = iommu_start();

	fail_at(broken);
	return no;
}

static void boot(void *arg)
{
	(void)arg;
	machine_boot(&config);
}

/* No device reaches anything, and no domain can be had. */
static void expect_shut(void)
{
	const uint64_t ram = machine_control()->ram.addr;

	ck_assert_uint_eq(dma_no_interface(), SLUICE_INTERFACE_UNIT_FAILED);
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t sbdf = D1 + SLUICE_SBDF(0, 0, i, 0);

		EXPECT(is_blocked(sbdf, ram), "device %u", i);
	}
}

START_TEST(unit_that_fails_the_start_lets_nothing_through)
{
	/* Whichever request is the first that it refuses. */
	unsigned failed = 0;

	for (broken = 1; broken < 40; broken++) {
		config = service_machine(_i);
		config.start_units = start_and_break_unit;
		if (!machine_panics(boot, NULL)) {
			break;
		}
		failed++;
		expect_shut();
		machine_reset();
	}
	/*
	 * One request at least for each of the four devices and the bridge; a
	 * VT-d unit that does not cache absence is asked nothing.
	 */
	ck_assert_uint_ge(failed, _i == 1 || _i >= 4 ? 5 : 0);
	machine_reset();
}
END_TEST

START_TEST(start_without_memory_lets_nothing_through)
{
	/* Whichever page is the first that is missing. */
	unsigned failed = 0;

	for (broken = 1;; broken++) {
		bool is_over;

		config = service_machine(_i);
		config.start_units = start_and_break_memory;
		is_over = !machine_panics(boot, NULL);
		fail_off();
		if (is_over) {
			break;
		}
		/* Pages of the control domain's own map come first. */
		if (dma_no_interface() == SLUICE_INTERFACE_UNIT_FAILED) {
			expect_shut();
			failed++;
		}
		machine_reset();
	}
	ck_assert_uint_ge(failed, 1);
	machine_reset();
}
END_TEST

/* ---- reports ---- */

START_TEST(guest_that_has_gone_is_not_reported)
{
	/* Its number is still known, what it had is not. */
	struct sluice_inventory counts = {0};
	struct sluice_domain_info domain = {0};
	struct fake_guest *g;

	boot_service(_i);
	g = guest_with(1, D1);
	(void)new_domain(g, DomainTypeTranslate);
	counts.guest = domain.guest = g->guest->id;
	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), inventory, counts));
	ck_assert_uint_eq(counts.domain_count, 1);
	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), list_domains, domain));
	ck_assert_int_eq(dma_guest_destroy(g->guest), 0);
	ANSWERS(STATUS_NOT_FOUND, CALL(machine_control(), inventory, counts));
	ANSWERS(STATUS_NOT_FOUND,
		CALL(machine_control(), list_domains, domain));
	/* Policy is the guest's, not the service's: it can still be set. */
	ANSWERS(STATUS_SUCCESS, set_types(g, 1u << DomainTypeTranslate));
	machine_shutdown();
}
END_TEST

static uint32_t nine(void)
{
	return 9;
}

static uint32_t seven(void)
{
	return 7;
}

START_TEST(platform_tells_what_boot_counted)
{
	/* CPUs and RAM as boot/ says, or what can be told without it. */
	struct sluice_platform p = {.cpu_count = 0};

	boot_service(_i);
	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), platform, p));
	ck_assert_uint_eq(p.memory_pages,
			  p.control_pages + p.pool_pages + p.hypervisor_pages);
	hypercall_cpu_count = nine;
	hypercall_free_cpu_count = seven;
	hypercall_ram_pages = 123456;
	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), platform, p));
	hypercall_cpu_count = NULL;
	hypercall_free_cpu_count = NULL;
	hypercall_ram_pages = 0;
	ck_assert_uint_eq(p.cpu_count, 9);
	ck_assert_uint_eq(p.free_cpu_count, 7);
	ck_assert_uint_eq(p.memory_pages, 123456);
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(service_start, unit_that_fails_the_start_lets_nothing_through,
	      start_without_memory_lets_nothing_through,
	      guest_that_has_gone_is_not_reported,
	      platform_tells_what_boot_counted)
