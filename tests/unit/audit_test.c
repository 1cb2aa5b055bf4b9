// SPDX-License-Identifier: MIT
/* Reading the units' tables back: sub-op audit, and what each test ends with.
 */
#include "iommu/unit.h"
#include "service_fixture.h"

#define IDS 0x10000u

/* Sums over one segment. */
struct sums {
	uint32_t checked, open, uncovered, wrong, calls;
	uint32_t last_wrong;
	bool last_is_open;
};

static struct sluice_audit audit(uint32_t first)
{
	struct sluice_audit a = {.first = first};

	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), audit, a));
	return a;
}

static struct sums audit_all(void)
{
	struct sums s = {0};

	while (s.checked < IDS) {
		struct sluice_audit a = audit(s.checked);

		EXPECT(a.checked > 0 && a.checked <= SLUICE_AUDIT_IDS, "%u ids",
		       a.checked);
		s.checked += a.checked;
		s.open += a.open;
		s.uncovered += a.uncovered;
		s.wrong += a.wrong_count;
		s.calls++;
		if (a.wrong_count != 0) {
			s.last_wrong = a.wrong[a.wrong_count - 1];
			s.last_is_open =
				(a.wrong_open >> (a.wrong_count - 1) & 1) != 0;
		}
	}
	ck_assert_uint_eq(s.checked, IDS);
	return s;
}

/* Any table will do: what an entry leads to is not what is asked. */
static struct iommu_target some_target(struct pt *pt)
{
	struct pt_memory memory = {.owner = 0};

	ck_assert_int_eq(pt_init(pt, iommu_format(), memory,
				 iommu_limits().levels,
				 iommu_limits().address_bits, true),
			 0);
	return (struct iommu_target){
		.asid = 77, .root = pt->root, .levels = pt->levels};
}

START_TEST(every_id_is_blocked_unless_attached)
{
	/* Of 65,536 ids those of attached devices alone are let through. */
	struct fake_guest *g;
	uint64_t domain, device;
	uint32_t home;

	boot_service(_i);
	home = audit_all().open;
	ck_assert_uint_gt(home, 3); /* D1 to D4 at least */
	g = guest_with(2, D1);
	ck_assert_uint_eq(audit_all().open, home - 2);
	domain = new_domain(g, DomainTypeTranslate);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert_uint_eq(audit_all().open, home - 1);
	ck_assert_uint_eq(audit_all().wrong, 0);
	ck_assert_uint_eq(audit_all().calls, IDS / SLUICE_AUDIT_IDS);
	ANSWERS(STATUS_SUCCESS, detach(g, device));
	ck_assert_uint_eq(audit_all().open, home - 2);
	machine_shutdown();
}
END_TEST

START_TEST(open_entry_of_nobody_is_reported)
{
	/* An entry that nobody asked for is named, whoever's id it is. */
	static const uint32_t ids[] = {0x0008, D1, 0x1234, 0xffff};
	struct sums s;
	struct pt pt;

	for (unsigned i = 0; i < 4; i++) {
		boot_service(_i);
		guest_with(1, D1);
		ck_assert_int_eq(iommu_attach(ids[i], some_target(&pt)), 0);
		s = audit_all();
		EXPECT(s.wrong == 1 && s.last_wrong == ids[i] && s.last_is_open,
		       "id %x: %u wrong, the last %x", ids[i], s.wrong,
		       s.last_wrong);
		ck_assert_int_eq(iommu_block(ids[i], 77), 0);
		ck_assert_uint_eq(audit_all().wrong, 0);
		machine_reset(); /* A bus's table stays with the unit. */
	}
}
END_TEST

START_TEST(blocked_entry_of_an_attached_device_is_reported)
{
	/* A device that should be let through and is not is named. */
	struct sums s;

	boot_service(_i);
	ck_assert_int_eq(iommu_block(D4, 1), 0);
	s = audit_all();
	ck_assert_uint_eq(s.wrong, 1);
	ck_assert_uint_eq(s.last_wrong, D4);
	ck_assert(!s.last_is_open);
	machine_reset();
}
END_TEST

START_TEST(more_wrong_ids_than_one_call_returns_are_all_reported)
{
	/* A call ends when its list is full; the next goes on behind it. */
	const uint32_t wrong = 2 * SLUICE_AUDIT_WRONG + 3;
	struct iommu_target target;
	struct pt pt;

	boot_service(_i);
	target = some_target(&pt);
	for (uint32_t i = 0; i < wrong; i++) {
		ck_assert_int_eq(iommu_attach(0x4000 + 3 * i, target), 0);
	}
	ck_assert_uint_lt(audit(0x4000).checked, SLUICE_AUDIT_IDS);
	ck_assert_uint_eq(audit_all().wrong, wrong);
	machine_reset();
}
END_TEST

START_TEST(every_unit_is_asked_for_every_id)
{
	/* An entry in a unit that is not in front of its device is reported. */
	struct machine_config c = machine_default();
	struct iommu_unit *other;
	struct sums s;
	struct pt pt;

	c.unit_count = 2;
	c.unit[1] = c.unit[0];
	c.unit[1].explicit_scope = true;
	c.function[2].unit = 1;
	machine_boot(&c);
	ck_assert_uint_eq(audit_all().wrong, 0);
	ck_assert_uint_eq(audit_all().uncovered, 0);
	for (unsigned i = 0; i < 2; i++) {
		other = iommu_unit_at(i);
		ck_assert_int_eq(
			other->ops->attach(other, 0x2222, some_target(&pt)), 0);
		s = audit_all();
		/* The catch-all unit is in front of it, wrong all the same. */
		ck_assert_uint_eq(s.wrong, 1);
		ck_assert_uint_eq(s.last_wrong, 0x2222);
		ck_assert(s.last_is_open);
		ck_assert_int_eq(other->ops->block(other, 0x2222, 77), 0);
	}
	machine_reset();
}
END_TEST

START_TEST(walk_ends_with_its_segment)
{
	/* A walk stops at the last id, and a segment without unit is uncovered.
	 */
	struct sluice_audit a;

	boot_service(_i);
	ck_assert_uint_eq(audit(0xfffe).checked, 2);
	a = audit(0x7fff0010);
	ck_assert_uint_eq(a.checked, SLUICE_AUDIT_IDS);
	ck_assert_uint_eq(a.uncovered, SLUICE_AUDIT_IDS);
	ck_assert_uint_eq(a.open + a.wrong_count, 0);
	machine_shutdown();
}
END_TEST

START_TEST(failed_unit_is_asked_for_open_entries_alone)
{
	/* What a failed unit blocks is in order; what it lets through is not.
	 */
	struct iommu_unit *unit;
	struct pt pt;

	boot_service(_i);
	unit = iommu_unit_at(0);
	ck_assert_int_eq(iommu_attach(0x4321, some_target(&pt)), 0);
	ck_assert_int_eq(iommu_block(D4, 1), 0);
	unit->has_failed = true;
	ck_assert_uint_eq(audit_all().wrong, 1);
	ck_assert_uint_eq(audit_all().last_wrong, 0x4321);
	machine_reset();
}
END_TEST

START_TEST(audit_is_refused_without_an_interface_and_to_guests)
{
	/* CONTRACT: audit NOT_SUPPORTED no domain interface */
	struct machine_config c = machine_default();
	struct sluice_audit a = {.first = 0};

	boot_service(_i);
	ck_assert_int_eq(fake_guest_call(guest_with(0, 0), SLUICE_OP_audit, &a,
					 sizeof(a)),
			 -XEN_EPERM);
	machine_shutdown();
	c.unit_count = 0;
	for (unsigned i = 0; i < c.function_count; i++) {
		c.function[i].unit = FAKE_NO_UNIT;
	}
	machine_boot(&c);
	a = (struct sluice_audit){.first = 0};
	ANSWERS(STATUS_NOT_SUPPORTED, CALL(machine_control(), audit, a));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(audit, every_id_is_blocked_unless_attached,
	      open_entry_of_nobody_is_reported,
	      blocked_entry_of_an_attached_device_is_reported,
	      more_wrong_ids_than_one_call_returns_are_all_reported,
	      every_unit_is_asked_for_every_id, walk_ends_with_its_segment,
	      failed_unit_is_asked_for_open_entries_alone,
	      audit_is_refused_without_an_interface_and_to_guests)
