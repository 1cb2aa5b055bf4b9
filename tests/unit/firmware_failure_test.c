// SPDX-License-Identifier: MIT
/*
 * Memory that the firmware keeps for devices when things go wrong: a device
 * that hammers it, missing pages, a unit that refuses, regions not believed.
 */
#include "firmware_fixture.h"

#include <string.h>

/* ---- at no moment otherwise ---- */

static unsigned missed, hammered;

/* What the firmware does between any two steps of a unit. */
static void hammer(void *arg)
{
	uint64_t hpa;

	(void)arg;
	hammered++;
	if (fake_unit_translate(machine_unit(0), (uint16_t)D1, A, true, &hpa) !=
		    FAKE_DMA_OK ||
	    hpa != A) {
		missed++;
	}
}

static void expect_never_missed(const char *what)
{
	EXPECT(hammered != 0 && missed == 0, "%s: %u of %u accesses missed",
	       what, missed, hammered);
	hammered = 0;
}

START_TEST(region_is_never_missed_for_a_moment)
{
	/* From owner to owner, domain to domain, to the guest's end and home.
	 */
	uint64_t first, second, device;

	boot_with(_i, two, 2);
	missed = hammered = 0;
	g = fake_guest_create(NULL);
	fake_unit_between(machine_unit(0), hammer, NULL);
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
	expect_never_missed("quarantine");
	ck_assert_int_eq(
		dma_device_assign(g->guest, D1, SLUICE_ASSIGN_RESET_WAIVED), 0);
	fake_guest_run(g);
	allow_types();
	first = new_domain(g, translating());
	second = new_domain(g, DomainTypePassThrough);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, first, device));
	expect_never_missed("attach");
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	expect_never_missed("detach");
	ANSWERS(STATUS_SUCCESS, attach(g, second, device));
	expect_never_missed("pass-through");
	ANSWERS(STATUS_SUCCESS, set_types(g, types_of(5)));
	expect_never_missed("withdrawn policy");
	ANSWERS(STATUS_SUCCESS, set_types(g, types_of(7)));
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	g = NULL;
	expect_never_missed("the guest's end");
	ck_assert(d1_is_quarantined());
	ck_assert_int_eq(dma_device_release(D1), 0);
	expect_never_missed("release");
	fake_unit_between(machine_unit(0), NULL, NULL);
	finish();
}
END_TEST

START_TEST(failed_attach_changes_nothing)
{
	/* Whichever page is missing or request refused: as before, then works.
	 */
	unsigned failures[2] = {0, 0};
	uint64_t domain, device;
	struct snapshot before;

	boot_with(_i, two, 2);
	g = firmware_guest(1, D1);
	device = new_device(g, V1);
	domain = allocator_domain(NULL);
	ANSWERS(STATUS_SUCCESS, delete_domain(g, domain));
	domain = new_domain(g, translating());
	before = snap(g);
	for (unsigned n = 1; n < 60; n++) {
		bool is_memory = n % 2 != 0;
		NTSTATUS status;

		if (is_memory) {
			fail_at(n / 2 + 1);
		} else {
			fake_unit_queue_error(machine_unit(0), n / 2);
		}
		status = attach(g, domain, device);
		fail_off();
		fake_unit_queue_error(machine_unit(0), 0);
		if (status == STATUS_SUCCESS) {
			ck_assert(d1_is_quarantined());
			ANSWERS(STATUS_SUCCESS, detach(g, device));
		} else {
			ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
			failures[is_memory]++;
		}
		expect_same(g, before, "attach");
		ck_assert(d1_is_quarantined());
	}
	ck_assert_uint_ne(failures[0], 0);
	ck_assert_uint_ne(failures[1], 0);
	finish();
}
END_TEST

START_TEST(refused_detach_is_repeated)
{
	/* A unit that does not confirm: still attached, or gone; never less. */
	for (unsigned n = 1; n < 8; n++) {
		uint64_t domain, device;
		NTSTATUS status;

		boot_with(_i, two, 2);
		missed = hammered = 0;
		g = firmware_guest(1, D1);
		device = new_device(g, V1);
		domain = new_domain(g, translating());
		ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
		ANSWERS(STATUS_SUCCESS, map(g, domain, 0x7000, P(1), 1, RW));
		fake_unit_between(machine_unit(0), hammer, NULL);
		fake_unit_queue_error(machine_unit(0), n);
		status = detach(g, device);
		fake_unit_queue_error(machine_unit(0), 0);
		if (status != STATUS_SUCCESS) {
			ANSWERS(STATUS_UNSUCCESSFUL, status);
			ANSWERS(STATUS_SUCCESS, detach(g, device));
		}
		fake_unit_between(machine_unit(0), NULL, NULL);
		expect_never_missed("detach");
		ck_assert(d1_is_quarantined() && is_blocked(D1, 0x7000));
		ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
		ck_assert(d1_is_kept() && lands(D1, 0x7000, g, P(1)));
		/* Tables of an unmap that no unit confirmed are lost. */
		machine_reset();
	}
}
END_TEST

/* ---- what is not believed ---- */

static uint8_t unfit_of(uint32_t sbdf)
{
	struct sluice_device_info a = {.scope = SLUICE_SCOPE_MACHINE};

	while (CALL(machine_control(), list_devices, a) == STATUS_SUCCESS) {
		if (a.sbdf == sbdf) {
			ck_assert(a.is_assignable == (a.unfit == SLUICE_FIT));
			return a.unfit;
		}
		a.index++;
	}
	return UINT8_MAX;
}

START_TEST(region_where_none_can_be_is_not_believed)
{
	/* RAM, registers, half inside: the device stays, a line says why. */
	static const struct {
		struct kept kept;
		const char *line;
	} rows[] = {
		{{D1, D1, MACHINE_RAM_BASE, PAGE_BYTES, RW},
		 "not in memory that the firmware reserves"},
		{{D1, D1, A + 0xff000, 2 * PAGE_BYTES, RW},
		 "not in memory that the firmware reserves"},
		{{D1, D1, 0xfee00000, PAGE_BYTES, RW}, "over registers"},
		{{D1, D1, MACHINE_ECAM_BASE, PAGE_BYTES, RW}, "over registers"},
		{{D1, D1, MACHINE_BAR_BASE + (1 << 20), PAGE_BYTES, RW},
		 "over registers"},
	};

	g = NULL;
	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
		struct machine_config c = service_machine(_i);
		struct kept k[2] = {rows[i].kept, {D2, D2, A, PAGE_BYTES, RW}};

		region_tables(&c, k, 2, table);
		c.reserved[0] = (struct range){A, 0x100000};
		c.reserved[1] = (struct range){MACHINE_ECAM_BASE, 0x4fffffff};
		machine_boot(&c);
		ck_assert_ptr_nonnull(strstr(machine_serial(), rows[i].line));
		ck_assert_uint_eq(unfit_of(D1), SLUICE_UNFIT_REGION);
		ck_assert_uint_eq(unfit_of(D2), SLUICE_FIT);
		ck_assert_int_eq(dma_device_quarantine(D1), -XEN_EOPNOTSUPP);
		if (rows[i].kept.base != MACHINE_RAM_BASE) {
			ck_assert(is_blocked(D1, rows[i].kept.base));
		}
		ck_assert(writes(D1, machine_control()->ram.addr));
		ck_assert_int_eq(dma_device_quarantine(D2), 0);
		ck_assert(writes(D2, A));
		finish();
	}
}
END_TEST

START_TEST(overlapping_regions_are_not_merged)
{
	/* One range twice is one; two that overlap in part are not believed. */
	const struct kept twice[] = {{D1, D1, A, 4 * PAGE_BYTES, RW},
				     {D2, D2, A, 4 * PAGE_BYTES, RW},
				     {D3, D3, A + PAGE_BYTES, PAGE_BYTES, RW}};

	boot_with(_i, twice, 3);
	ck_assert_uint_eq(unfit_of(D1), SLUICE_FIT);
	ck_assert_uint_eq(unfit_of(D2), SLUICE_FIT);
	ck_assert_uint_eq(unfit_of(D3), SLUICE_UNFIT_REGION);
	ck_assert(writes(D1, A) && writes(D2, A + 3 * PAGE_BYTES));
	ck_assert(is_blocked(D1, A + 4 * PAGE_BYTES));
	g = firmware_guest(2, D1);
	finish();
}
END_TEST

FIRMWARE_SUITE(firmware_failure, region_is_never_missed_for_a_moment,
	       failed_attach_changes_nothing, refused_detach_is_repeated,
	       region_where_none_can_be_is_not_believed,
	       overlapping_regions_are_not_merged)
