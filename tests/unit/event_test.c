// SPDX-License-Identifier: MIT
/* What a guest learns of its devices: changes of their types, their faults. */
#include "iommu/fault.h"
#include "iommu/unit.h"
#include "service_fixture.h"

#include <string.h>

#define ALL	15u
#define NO_PASS (ALL & ~(1u << DomainTypePassThrough))

static struct fake_guest *g;

static uint64_t changes(struct fake_guest *of, uint64_t device)
{
	struct sluice_device_state a = {.device = device};
	uint32_t types;

	ANSWERS(STATUS_SUCCESS, CALL(of, device_state, a));
	ANSWERS(STATUS_SUCCESS, query_types(of, device, &types));
	ck_assert_uint_eq(a.types, types);
	return a.sequence;
}

static struct sluice_read_faults faults(struct fake_guest *of, uint64_t from)
{
	struct sluice_read_faults a;

	memset(&a, 0xee, sizeof(a));
	memset(&a.header, 0, sizeof(a.header));
	a.sequence = from;
	ANSWERS(STATUS_SUCCESS, CALL(of, read_own_faults, a));
	for (unsigned i = a.count; i < SLUICE_FAULTS_MAX; i++) {
		const struct sluice_fault none = {.sequence = 0};

		EXPECT(memcmp(&a.fault[i], &none, sizeof(none)) == 0,
		       "record %u of %u is not blank", i, a.count);
	}
	return a;
}

static void record(uint32_t sbdf, uint64_t address)
{
	fault_record((struct sluice_fault){
		.sbdf = sbdf,
		.address = address,
		.guest = iommu_fault_owner(sbdf),
	});
}

START_TEST(changes_of_the_types_are_counted)
{
	struct fake_guest *other;
	uint64_t mine, its;

	boot_service(_i);
	g = guest_with(1, D1);
	other = guest_with(1, D2);
	mine = new_device(g, V1);
	its = new_device(other, V1);
	ck_assert_uint_eq(changes(g, mine), 1);
	ANSWERS(STATUS_SUCCESS, set_types(g, NO_PASS));
	ck_assert_uint_eq(changes(g, mine), 2);
	/* The same again, or what no unit offers, is no change. */
	ANSWERS(STATUS_SUCCESS, set_types(g, NO_PASS));
	ANSWERS(STATUS_SUCCESS,
		set_types(g, NO_PASS & ~(1u << DomainTypeTranslateS1)));
	ck_assert_uint_eq(changes(g, mine), 2);
	ANSWERS(STATUS_SUCCESS, set_types(g, ALL));
	ANSWERS(STATUS_SUCCESS, set_types(g, NO_PASS));
	ck_assert_uint_eq(changes(g, mine), 4);
	ck_assert_uint_eq(changes(other, its), 1);
	/* A token's count is its own. */
	ANSWERS(STATUS_SUCCESS, delete_device(g, mine));
	mine = new_device(g, V1);
	ck_assert_uint_eq(changes(g, mine), 1);
	machine_shutdown();
}
END_TEST

START_TEST(state_is_of_the_callers_tokens_alone)
{
	struct sluice_device_state a = {.sequence = 0};
	struct fake_guest *other;
	uint64_t device;

	boot_service(_i);
	g = guest_with(1, D1);
	other = guest_with(0, 0);
	a.device = device = new_device(g, V1);
	ANSWERS(STATUS_INVALID_PARAMETER_1, CALL(other, device_state, a));
	a.device = new_domain(g, DomainTypeTranslate);
	ANSWERS(STATUS_INVALID_PARAMETER_1, CALL(g, device_state, a));
	ANSWERS(STATUS_SUCCESS, delete_device(g, device));
	a.device = device;
	ANSWERS(STATUS_INVALID_PARAMETER_1, CALL(g, device_state, a));
	ck_assert_uint_eq(a.sequence, 0);
	machine_shutdown();
}
END_TEST

START_TEST(each_sees_the_faults_of_its_devices)
{
	struct sluice_read_faults a;
	struct fake_guest *other;
	uint64_t word = 0;

	boot_service(_i);
	g = guest_with(2, D1);
	other = guest_with(1, D3);
	fake_function_set_master(D2, true);
	fake_function_set_master(D3, true);
	ck_assert_int_eq(fake_dma(D2, 0x5000, &word, 8, true), FAKE_DMA_FAULT);
	a = faults(g, 0);
	ck_assert_uint_eq(a.count, 1);
	ck_assert_uint_eq(a.fault[0].sbdf, V2);
	ck_assert_uint_eq(a.fault[0].address, 0x5000);
	ck_assert_uint_eq(a.fault[0].is_write, 1);
	ck_assert_uint_eq(a.fault[0].guest, g->guest->id);
	ck_assert_uint_eq(faults(g, a.sequence).count, 0);
	ck_assert_uint_eq(faults(other, 0).count, 0);
	ck_assert_uint_eq(faults(machine_control(), 0).count, 0);
	ck_assert_int_eq(fake_dma(D3, 0x6000, &word, 8, false), FAKE_DMA_FAULT);
	a = faults(other, 0);
	ck_assert_uint_eq(a.count, 1);
	ck_assert_uint_eq(a.fault[0].sbdf, V1);
	ck_assert_uint_eq(a.fault[0].sequence, 0);
	ck_assert_uint_eq(a.sequence, 1);
	ck_assert_uint_eq(a.total, 1);
	ck_assert_uint_eq(faults(g, 0).count, 1);
	machine_shutdown();
}
END_TEST

START_TEST(a_device_brings_no_faults_along)
{
	struct sluice_read_faults a;

	boot_service(_i);
	g = fake_guest_create(NULL);
	record(D1, 0x1000);
	fake_guest_assign(g, D1);
	fake_guest_run(g);
	record(D1, 0x2000);
	a = faults(g, 0);
	ck_assert_uint_eq(a.count, 1);
	ck_assert_uint_eq(a.fault[0].address, 0x2000);
	/* Nor can its earlier owner say by which address it knew the device. */
	ck_assert_uint_eq(faults(machine_control(), 0).count, 0);
	machine_shutdown();
}
END_TEST

START_TEST(others_faults_are_not_counted)
{
	/* Numbers, losses and totals are of the caller's devices alone. */
	struct sluice_read_faults a;
	struct fake_guest *other;
	uint64_t next = 0, found = 0;

	boot_service(_i);
	g = guest_with(1, D1);
	other = guest_with(1, D2);
	for (unsigned i = 0; i < 100; i++) {
		record(i % 3 == 0 ? D1 : D2, i * PAGE_BYTES);
	}
	do {
		a = faults(g, next);
		for (unsigned i = 0; i < a.count; i++) {
			EXPECT(a.fault[i].sbdf == V1, "record %u", i);
			EXPECT(a.fault[i].sequence == found, "record %u", i);
			EXPECT(a.fault[i].address == 3 * found * PAGE_BYTES,
			       "record %u", i);
			found++;
		}
		EXPECT(a.count == 0 || a.sequence > next, "no progress");
		next = a.sequence;
	} while (a.count != 0);
	ck_assert_uint_eq(found, 34);
	ck_assert_uint_eq(next, 34);
	ck_assert_uint_eq(faults(other, 0).count, SLUICE_FAULTS_MAX);
	for (unsigned i = 0; i < 2 * FAULT_LOG_RECORDS; i++) {
		record(D2, 0);
	}
	a = faults(g, next);
	ck_assert_uint_eq(a.count, 0);
	ck_assert_uint_eq(a.sequence, 34);
	ck_assert_uint_eq(a.total, 34);
	ck_assert_uint_eq(a.dropped, 0);
	/* Another's flood has not pushed out what is the caller's. */
	ck_assert_uint_eq(faults(g, 0).fault[0].sequence, 0);
	ck_assert_uint_eq(faults(other, 0).dropped,
			  66 + 2 * FAULT_LOG_RECORDS - FAULT_GUEST_RECORDS);
	ck_assert_uint_eq(faults(g, UINT64_MAX).sequence, a.sequence);
	machine_shutdown();
}
END_TEST

START_TEST(faults_do_not_outlive_their_guest)
{
	const struct fake_guest_config same = {.id = 7};
	struct fake_guest *later;

	boot_service(_i);
	g = fake_guest_create(&same);
	fake_guest_assign(g, D1);
	fake_guest_assign(g, D2);
	fake_guest_run(g);
	record(D1, 0x1000);
	record(D2, 0x2000);
	ck_assert_uint_eq(faults(g, 0).count, 2);
	/* A device that was taken away has no address in the guest's view. */
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert_uint_eq(faults(g, 0).count, 1);
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	ck_assert_int_eq(dma_device_release(D2), 0);
	later = fake_guest_create(&same);
	fake_guest_assign(later, D2);
	fake_guest_run(later);
	ck_assert_uint_eq(faults(later, 0).count, 0);
	record(D2, 0x3000);
	ck_assert_uint_eq(faults(later, 0).count, 1);
	machine_shutdown();
}
END_TEST

/* ---- a storm beside somebody's work ---- */

#define ROUNDS 1000u
#define STORM  1000u /* faults a round */
#define LA     UINT64_C(0x40000)

static bool is_announced;

static void announced(uint64_t address, uint32_t data)
{
	(void)address;
	(void)data;
	is_announced = true;
}

/* Virtual time that ROUNDS of a guest's map and unmap take. */
static uint64_t work(uint64_t domain, unsigned faults_a_round)
{
	uint64_t began = machine_clock_now();

	for (unsigned i = 0; i < ROUNDS; i++) {
		EXPECT(map(g, domain, LA, P(1), 1, RW) == STATUS_SUCCESS,
		       "map");
		for (unsigned k = 0; k < faults_a_round; k++) {
			uint64_t word = k;

			(void)fake_dma(D2, PAGE_BYTES * (k % 512), &word, 8,
				       true);
			/* The CPU that takes the message does what it says. */
			if (is_announced) {
				is_announced = false;
				(void)iommu_poll_faults();
			}
		}
		EXPECT(unmap(g, domain, LA, 1) == STATUS_SUCCESS, "unmap");
	}
	return machine_clock_now() - began;
}

START_TEST(storm_leaves_others_their_rate)
{
	/* 10^6 faults of one guest's device: another's operations per unit of
	 * time stay above 80 %, and it sees none of them. */
	struct fake_guest *stormy;
	uint64_t domain, calm;

	boot_service(_i);
	iommu_start_fault_events(1, 0xf1);
	g = guest_with(1, D1);
	stormy = guest_with(1, D2);
	domain = new_domain(g, 0);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, new_device(g, V1)));
	ANSWERS(STATUS_SUCCESS,
		attach(stormy, new_domain(stormy, 0), new_device(stormy, V1)));
	calm = work(domain, 0);
	machine_on_message = announced;
	ck_assert_uint_le(work(domain, STORM) * 8, calm * 10);
	ck_assert_uint_eq(faults(g, 0).total, 0);
	ck_assert_uint_eq(faults(stormy, 0).storms, 1);
	ck_assert_uint_le(faults(stormy, 0).total, 64);
	ck_assert(lands(D1, LA, g, P(1)) == false);
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(event, changes_of_the_types_are_counted,
	      state_is_of_the_callers_tokens_alone,
	      each_sees_the_faults_of_its_devices,
	      a_device_brings_no_faults_along, others_faults_are_not_counted,
	      faults_do_not_outlive_their_guest, storm_leaves_others_their_rate)
