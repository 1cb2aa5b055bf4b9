// SPDX-License-Identifier: MIT
/* The control domain's say over a guest, and what the service tells to whom. */
#include "platform/pci.h"
#include "service_fixture.h"

static struct fake_guest *g;

/* clang-format off */
#define SPOIL(name, ...)                                                       \
	static void name(void *request)                                        \
	{                                                                      \
		struct sluice_guest_policy *a = request;                       \
                                                                               \
		__VA_ARGS__;                                                   \
	}
SPOIL(spoil_operation, a->operation |= 2)
SPOIL(spoil_guest, a->guest = 99)
SPOIL(spoil_machine, a->machine = SLUICE_MACHINE_ARM64)
SPOIL(spoil_types, a->allowed_types = 1u << DomainTypeMax)
SPOIL(spoil_quota, a->table_page_quota = 0)
SPOIL(change_quota, a->domain_quota = 3)
/* clang-format on */

static struct sluice_guest_policy read_policy(void)
{
	struct sluice_guest_policy a = {.guest = g->guest->id};

	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), guest_policy, a));
	return a;
}

static int64_t attempt(const struct defect *early, const struct defect *late)
{
	struct sluice_guest_policy a = read_policy(), was = a, now;
	NTSTATUS status;

	a.operation = SLUICE_POLICY_SET;
	if (late != NULL) {
		late->spoil(&a);
	}
	early->spoil(&a);
	status = CALL(machine_control(), guest_policy, a);
	now = read_policy();
	EXPECT(now.machine == was.machine &&
		       now.allowed_types == was.allowed_types &&
		       now.domain_quota == was.domain_quota &&
		       now.table_page_quota == was.table_page_quota,
	       "%s: changed", early->name);
	return status;
}

START_TEST(policy_is_refused_in_order)
{
	/* Of any two defects of one order the earlier in the order answers. */
	static const struct defect defects[] = {
		{"operation", STATUS_INVALID_PARAMETER_1, spoil_operation},
		{"guest", STATUS_NOT_FOUND, spoil_guest},
		{"machine", STATUS_INVALID_PARAMETER_2, spoil_machine},
		{"types", STATUS_INVALID_PARAMETER_3, spoil_types},
		{"quota", STATUS_INVALID_PARAMETER_4, spoil_quota},
		{"frozen", STATUS_ACCESS_DENIED, change_quota},
	};

	boot_service(_i);
	g = guest_with(0, 0);
	expect_order(defects, sizeof(defects) / sizeof(defects[0]), attempt);
	machine_shutdown();
}
END_TEST

START_TEST(policy_freezes_when_the_guest_runs)
{
	/* Machine and quotas can be set before the first run, types always. */
	struct sluice_guest_policy a;
	struct sluice_info info = {.machine = 0};

	boot_service(_i);
	g = fake_guest_create(NULL);
	for (unsigned run = 0; run < 2; run++) {
		const struct {
			uint16_t machine;
			uint32_t domains, tables;
			NTSTATUS before, after;
		} rows[] = {
			{SLUICE_MACHINE_I386, 16, 256, 0, STATUS_ACCESS_DENIED},
			{SLUICE_MACHINE_AMD64, 65, 256,
			 STATUS_INVALID_PARAMETER_4,
			 STATUS_INVALID_PARAMETER_4},
			{SLUICE_MACHINE_AMD64, 16, 1025,
			 STATUS_INVALID_PARAMETER_4,
			 STATUS_INVALID_PARAMETER_4},
			{SLUICE_MACHINE_AMD64, 16, 255, 0,
			 STATUS_ACCESS_DENIED},
			{SLUICE_MACHINE_AMD64, 64, 1024, 0, 0},
		};

		for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			NTSTATUS want = run ? rows[i].after : rows[i].before;
			NTSTATUS status;

			a = read_policy();
			a.operation = SLUICE_POLICY_SET;
			a.machine = rows[i].machine;
			a.domain_quota = rows[i].domains;
			a.table_page_quota = rows[i].tables;
			status = CALL(machine_control(), guest_policy, a);
			EXPECT(status == want, "run %u row %u: %x", run, i,
			       status);
		}
		fake_guest_run(g);
	}
	ANSWERS(STATUS_SUCCESS, CALL(g, info, info));
	ck_assert_uint_eq(info.machine, SLUICE_MACHINE_AMD64);
	ck_assert_uint_eq(info.domain_quota, 64);
	ck_assert_uint_eq(info.table_page_quota, 1024);
	ck_assert_uint_eq(info.available_types, 7);
	ck_assert_uint_eq(info.guest, g->guest->id);
	ck_assert_uint_eq(info.is_control, 0);
	ck_assert_uint_eq(info.address_bits, _i == 2 ? 39 : 48);
	ANSWERS(STATUS_SUCCESS, set_types(g, 0));
	ANSWERS(STATUS_SUCCESS, set_types(g, 15));
	machine_shutdown();
}
END_TEST

static NTSTATUS list_domains(struct fake_guest *who, uint32_t about,
			     uint32_t index)
{
	struct sluice_domain_info a = {.guest = about, .index = index};

	return CALL(who, list_domains, a);
}

static NTSTATUS count(struct fake_guest *who, uint32_t about)
{
	struct sluice_inventory a = {.guest = about};

	return CALL(who, inventory, a);
}

START_TEST(guest_learns_nothing_of_others)
{
	/* Only the control domain sees others; ids of units are for it alone.
	 */
	struct sluice_domain_info own = {.guest = SLUICE_GUEST_SELF}, full;
	struct fake_guest *control, *other;
	const uint32_t nobody[] = {99, 0x10000, 0x17ff0, UINT32_MAX};

	boot_service(_i);
	control = machine_control();
	g = guest_with(0, 0);
	other = guest_with(0, 0);
	new_domain(g, DomainTypeTranslate);
	for (unsigned i = 0; i < 4; i++) {
		ANSWERS(STATUS_ACCESS_DENIED, list_domains(g, nobody[i], 0));
		ANSWERS(STATUS_ACCESS_DENIED, count(g, nobody[i]));
		ANSWERS(STATUS_NOT_FOUND, list_domains(control, nobody[i], 0));
		ANSWERS(STATUS_NOT_FOUND, count(control, nobody[i]));
	}
	ANSWERS(STATUS_ACCESS_DENIED, list_domains(other, g->guest->id, 0));
	ANSWERS(STATUS_ACCESS_DENIED, count(other, g->guest->id));
	ANSWERS(STATUS_ACCESS_DENIED, count(g, 0));
	ANSWERS(STATUS_SUCCESS, list_domains(g, g->guest->id, 0));
	ANSWERS(STATUS_NOT_FOUND, list_domains(g, g->guest->id, 1));
	ANSWERS(STATUS_NOT_FOUND, list_domains(g, g->guest->id, UINT32_MAX));
	ANSWERS(STATUS_SUCCESS, count(control, g->guest->id));
	full = own;
	full.guest = g->guest->id;
	ANSWERS(STATUS_SUCCESS, CALL(g, list_domains, own));
	ANSWERS(STATUS_SUCCESS, CALL(control, list_domains, full));
	ck_assert_uint_eq(own.asid, 0);
	ck_assert_uint_ne(full.asid, 0);
	ck_assert_uint_eq(own.domain, full.domain);
	machine_shutdown();
}
END_TEST

/* The machine's list is in the order of enumeration. */
static uint32_t index_of(uint32_t sbdf)
{
	uint32_t n = 0;

	while (n < pci_device_count() && pci_device_at(n)->sbdf != sbdf) {
		n++;
	}
	return n;
}

START_TEST(devices_are_listed_to_whom_they_belong)
{
	/* A guest lists its own in its own view, the control domain all. */
	struct sluice_device_info a = {.scope = 2};

	boot_service(_i);
	g = guest_with(2, D1);
	ANSWERS(STATUS_INVALID_PARAMETER_1, CALL(g, list_devices, a));
	a.scope = SLUICE_SCOPE_MACHINE;
	ANSWERS(STATUS_ACCESS_DENIED, CALL(g, list_devices, a));
	a.scope = SLUICE_SCOPE_OWN;
	a.index = 2;
	ANSWERS(STATUS_NOT_FOUND, CALL(g, list_devices, a));
	a.index = 1;
	ANSWERS(STATUS_SUCCESS, CALL(g, list_devices, a));
	ck_assert_uint_eq(a.sbdf, V2);
	ck_assert_uint_eq(a.guest_sbdf, V2);
	ck_assert_uint_eq(a.owner, g->guest->id);
	ck_assert_uint_eq(a.bar[0].bytes, 1 << 20);
	ck_assert_uint_eq(a.bar[0].address, 0); /* nobody has mapped it */
	ck_assert_uint_eq(a.has_unit, 1);
	a.scope = SLUICE_SCOPE_MACHINE;
	a.index = index_of(D2);
	ANSWERS(STATUS_SUCCESS, CALL(machine_control(), list_devices, a));
	ck_assert_uint_eq(a.sbdf, D2);
	ck_assert_uint_eq(a.guest_sbdf, V2);
	ck_assert_uint_eq(a.owner, g->guest->id);
	ck_assert_uint_eq(a.bar[0].address, MACHINE_BAR_BASE + (2 << 20));
	a.index = pci_device_count();
	ANSWERS(STATUS_NOT_FOUND, CALL(machine_control(), list_devices, a));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(policy, policy_is_refused_in_order,
	      policy_freezes_when_the_guest_runs,
	      guest_learns_nothing_of_others,
	      devices_are_listed_to_whom_they_belong)
