// SPDX-License-Identifier: MIT
/* Devices and the end of guests, as the tools drive them. */
#include "dma/device.h"
#include "xen_fixture.h"

#define OWN_BAR	 (MACHINE_BAR_BASE + (UINT64_C(1) << 20)) /* of D1 */
#define AT	 UINT64_C(0x80000000)
#define BAR_SIZE UINT64_C(256) /* pages */

static int64_t device_call(uint32_t command, uint16_t id, uint32_t sbdf)
{
	struct xen_domctl op = {.cmd = command, .domain = id};

	op.u.assign_device.dev = XEN_DOMCTL_DEV_PCI;
	op.u.assign_device.u.pci.machine_sbdf = sbdf;
	/* The machine's functions have no reset. */
	if (command == XEN_DOMCTL_assign_device && id != DOMID_IO) {
		op.u.assign_device.flags = SLUICE_ASSIGN_RESET_WAIVED;
	}
	return domctl(&op);
}

#define ASSIGN(id, sbdf)   device_call(XEN_DOMCTL_assign_device, id, sbdf)
#define DEASSIGN(id, sbdf) device_call(XEN_DOMCTL_deassign_device, id, sbdf)
#define TEST(sbdf)	   device_call(XEN_DOMCTL_test_assign_device, DOMID_IO, sbdf)

static int64_t map_bar(uint16_t id, bool add, uint64_t gfn, uint64_t mfn,
		       uint64_t pages)
{
	struct xen_domctl op = {.cmd = XEN_DOMCTL_memory_mapping, .domain = id};

	op.u.memory_mapping.first_gfn = gfn;
	op.u.memory_mapping.first_mfn = mfn;
	op.u.memory_mapping.nr_mfns = pages;
	op.u.memory_mapping.add_mapping = add;
	return domctl(&op);
}

static enum p2m_type type_at(uint16_t id, uint64_t gpa)
{
	hpa_t page;

	return p2m_lookup(&guest_by_id(id)->p2m, to_gpa(gpa), &page);
}

/* Where the owner is told that its first BAR is. */
static uint64_t bar_told(uint32_t sbdf)
{
	return dma_device_find(sbdf)->bar_at[0];
}

static uint16_t guest_with_device(void)
{
	const uint64_t list[] = {0};
	uint16_t id;

	boot_service(0);
	set_control_bars(true);
	id = new_guest(512);
	ANSWERS(1, populate(id, list, 1, 3));
	ANSWERS(0, ASSIGN(DOMID_IO, D1));
	ANSWERS(0, ASSIGN(id, D1));
	return id;
}

START_TEST(quarantine_takes_the_bars_away)
{
	/* DOMID_IO is quarantine: out, the BARs leave the control domain. */
	struct xen_domctl op = {.cmd = XEN_DOMCTL_assign_device,
				.domain = DOMID_IO};

	boot_service(0);
	ANSWERS(-XEN_ENOENT, ASSIGN(DOMID_IO, D1)); /* it has no BAR of it */
	ANSWERS(-XEN_EINVAL, TEST(D1));		    /* and keeps the device */
	set_control_bars(true);
	ANSWERS(0, ASSIGN(DOMID_IO, D1));
	ck_assert_int_eq(type_at(0, OWN_BAR), P2M_HOLE);
	ck_assert_int_eq(type_at(0, OWN_BAR + (1 << 20)), P2M_DEVICE);
	ANSWERS(0, TEST(D1));
	ANSWERS(-XEN_EINVAL, TEST(D2));
	ANSWERS(-XEN_EBUSY, ASSIGN(DOMID_IO, D1));
	ANSWERS(0, DEASSIGN(DOMID_IO, D1));
	ck_assert_int_eq(type_at(0, OWN_BAR + PAGE_BYTES), P2M_DEVICE);
	ANSWERS(-XEN_EBUSY, DEASSIGN(DOMID_IO, D1));
	ANSWERS(-XEN_ENODEV, ASSIGN(DOMID_IO, 0x7777));
	ANSWERS(-XEN_ENODEV, DEASSIGN(DOMID_IO, 0x7777));
	ANSWERS(-XEN_ESRCH, ASSIGN(DOMID_XEN, D1));
	op.u.assign_device.dev = XEN_DOMCTL_DEV_DT;
	op.u.assign_device.u.pci.machine_sbdf = D1;
	ANSWERS(-XEN_EINVAL, domctl(&op));
	op.u.assign_device.dev = XEN_DOMCTL_DEV_PCI;
	op.u.assign_device.flags = 1;
	ANSWERS(-XEN_EINVAL, domctl(&op));
	ANSWERS(-XEN_EINVAL, TEST(D1));
	set_control_bars(false);
	machine_shutdown();
}
END_TEST

START_TEST(only_own_bars_are_mapped)
{
	/* Within one BAR of a device of the guest; nothing else of the machine.
	 */
	const uint64_t bar = OWN_BAR >> 12, gfn = AT >> 12;
	const struct {
		uint64_t gfn, mfn, pages;
		int64_t answer;
	} rows[] = {
		{gfn, bar, 0, -XEN_EINVAL},
		{gfn, bar, BAR_SIZE + 1, -XEN_EPERM},
		{gfn, bar - 1, 1, -XEN_EPERM},
		{gfn, bar - 1, 2, -XEN_EPERM},
		{gfn, bar + BAR_SIZE, 1, -XEN_EPERM},
		{gfn, bar + BAR_SIZE - 1, 2, -XEN_EPERM},
		{gfn, MACHINE_RAM_BASE >> 12, 1, -XEN_EPERM},
		{gfn, MACHINE_VTD_BASE >> 12, 1, -XEN_EPERM},
		{gfn, MACHINE_ECAM_BASE >> 12, 1, -XEN_EPERM},
		{gfn, 0, 1, -XEN_EPERM},
		{gfn, bar, BIT(52) - 1, -XEN_EPERM},
		{gfn, bar, UINT64_MAX, -XEN_EINVAL},
		{gfn, BIT(52) | bar, 1, -XEN_EINVAL},
		{BIT(52) | gfn, bar, 1, -XEN_EINVAL},
		{gfn, bar + BAR_SIZE - 1, 1, 0},
		{gfn + 8, bar, 1, 0},
		{gfn, bar, 1, -XEN_EBUSY},
		{0, bar, 1, -XEN_EBUSY},
	};
	uint16_t id = guest_with_device();

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t got = map_bar(id, true, rows[i].gfn, rows[i].mfn,
				      rows[i].pages);

		EXPECT(got == rows[i].answer, "row %u: %ld", i, (long)got);
	}
	ck_assert_int_eq(type_at(id, AT), P2M_DEVICE);
	ck_assert_int_eq(type_at(id, AT + PAGE_BYTES), P2M_HOLE);
	ANSWERS(-XEN_ENOENT, map_bar(id, false, gfn + 1, 0, 1));
	ANSWERS(-XEN_ENOENT, map_bar(id, false, 0, 0, 1));
	ANSWERS(0, map_bar(id, false, gfn, 0, 1));
	ck_assert_int_eq(type_at(id, AT), P2M_HOLE);
	ANSWERS(0, domctl_simple(XEN_DOMCTL_unpausedomain, id));
	ANSWERS(-XEN_EBUSY, map_bar(id, false, gfn + 8, 0, 1));
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	ANSWERS(0, DEASSIGN(DOMID_IO, D1));
	set_control_bars(false);
	machine_shutdown();
}
END_TEST

START_TEST(place_of_a_bar_is_told_truly)
{
	/* A BAR's place is that of a mapping made; refused ones tell nothing.
	 */
	uint16_t id = guest_with_device();

	ANSWERS(-XEN_EBUSY, map_bar(id, true, 0, OWN_BAR >> 12, BAR_SIZE));
	ck_assert_uint_eq(bar_told(D1), 0);
	ANSWERS(0, map_bar(id, true, AT >> 12, OWN_BAR >> 12, BAR_SIZE));
	ck_assert_uint_eq(bar_told(D1), AT);
	ANSWERS(-XEN_EBUSY, map_bar(id, true, 0, OWN_BAR >> 12, BAR_SIZE));
	ck_assert_uint_eq(bar_told(D1), AT);
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	ck_assert_uint_eq(bar_told(D1), 0);
	ANSWERS(0, DEASSIGN(DOMID_IO, D1));
	set_control_bars(false);
	machine_shutdown();
}
END_TEST

START_TEST(device_is_taken_from_a_running_guest)
{
	/* Its BARs leave the guest's map, it runs on, the device is nobody's.
	 */
	uint16_t id = guest_with_device();

	ANSWERS(0, map_bar(id, true, AT >> 12, OWN_BAR >> 12, BAR_SIZE));
	ANSWERS(-XEN_ENODEV, DEASSIGN(id, D2));
	ANSWERS(0, domctl_simple(XEN_DOMCTL_unpausedomain, id));
	ANSWERS(0, DEASSIGN(id, D1));
	for (uint64_t i = 0; i < BAR_SIZE; i++) {
		EXPECT(type_at(id, AT + i * PAGE_BYTES) == P2M_HOLE, "page %lu",
		       i);
	}
	ck_assert_uint_eq(info_of(id).flags & XEN_DOMINF_running,
			  XEN_DOMINF_running);
	ANSWERS(-XEN_EBUSY, ASSIGN(id, D1)); /* it has run */
	ANSWERS(-XEN_EPERM,
		map_bar(id, true, AT >> 12, OWN_BAR >> 12, BAR_SIZE));
	ANSWERS(0, TEST(D1));
	ANSWERS(0, DEASSIGN(DOMID_IO, D1));
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	set_control_bars(false);
	machine_shutdown();
}
END_TEST

START_TEST(destruction_can_be_repeated)
{
	/* A unit refuses once: EIO, dying, memory kept; again: all is back. */
	struct guest_caller caller = {.is_64bit = true};
	struct sluice_create_domain domain = {.type = DomainTypePassThrough};
	struct sluice_create_device token = {.sbdf = V1};
	uint64_t free_pages;
	const uint64_t list[] = {64};
	uint16_t id = guest_with_device();

	caller.guest = guest_by_id(id);
	ANSWERS(STATUS_SUCCESS, dma_create_domain(&caller, &domain));
	ANSWERS(STATUS_SUCCESS, dma_create_device(caller.guest, &token));
	ANSWERS(STATUS_SUCCESS,
		dma_attach_device(caller.guest, domain.domain, token.device));
	ck_assert_uint_ne(reach(D1, 0, true), 0);
	free_pages = machine_counts().pool[PAGE_POOL_GUEST].free;
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(-XEN_EIO, domctl_simple(XEN_DOMCTL_destroydomain, id));
	ck_assert_uint_eq(machine_counts().pool[PAGE_POOL_GUEST].free,
			  free_pages);
	ck_assert_uint_eq(info_of(id).flags & XEN_DOMINF_dying,
			  XEN_DOMINF_dying);
	ANSWERS(-XEN_ESRCH, domctl_simple(XEN_DOMCTL_unpausedomain, id));
	ANSWERS(-XEN_ESRCH, domctl_simple(XEN_DOMCTL_max_mem, id));
	ANSWERS(-XEN_ESRCH, DEASSIGN(id, D1));
	ANSWERS(-XEN_ESRCH, populate(id, list, 1, 0));
	ck_assert(!fake_function_is_master(D1));
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	ANSWERS(-XEN_ESRCH, domctl_simple(XEN_DOMCTL_destroydomain, id));
	ck_assert(is_blocked(D1, 0));
	ANSWERS(0, DEASSIGN(DOMID_IO, D1));
	set_control_bars(false);
	machine_shutdown();
}
END_TEST

START_TEST(assignment_waits_for_the_reset)
{
	/* One call, made again by the gate until the reset is over; in a
	 * multicall, where nothing is made again, it is told. */
	struct machine_config c = service_machine(0);
	struct xen_domctl op = {.cmd = XEN_DOMCTL_assign_device};
	struct multicall_entry entry = {.op = __HYPERVISOR_domctl};
	uint16_t id;

	c.function[1].reset.way = FAKE_RESET_FLR;
	machine_boot(&c);
	set_control_bars(true);
	id = new_guest(512);
	ANSWERS(0, ASSIGN(DOMID_IO, D1));
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op.domain = id;
	op.u.assign_device.dev = XEN_DOMCTL_DEV_PCI;
	op.u.assign_device.u.pci.machine_sbdf = D1;
	fake_guest_write(machine_control(), buffer_gpa(1), &op, sizeof(op));
	entry.args[0] = (uintptr_t)buffer(1);
	fake_guest_write(machine_control(), buffer_gpa(2), &entry,
			 sizeof(entry));
	ANSWERS(0,
		fake_guest_hypercall(machine_control(), __HYPERVISOR_multicall,
				     (uintptr_t)buffer(2), 1, 0));
	fake_guest_read(machine_control(), buffer_gpa(2), &entry,
			sizeof(entry));
	ck_assert_int_eq((int64_t)entry.result, -XEN_EAGAIN);
	ck_assert_uint_eq(fake_function_resets(D1), 1);
	op.u.assign_device.flags = SLUICE_ASSIGN_RESET_WAIVED | 1;
	ANSWERS(-XEN_EINVAL, domctl(&op));
	op.u.assign_device.flags = 0;
	ANSWERS(0, domctl(&op));
	ck_assert_uint_eq(fake_function_resets(D1), 1);
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	ANSWERS(0, DEASSIGN(DOMID_IO, D1));
	ck_assert_uint_eq(fake_function_resets(D1), 2);
	/* The waiver is a guest's: nobody waives anything for quarantine. */
	op.domain = DOMID_IO;
	op.u.assign_device.flags = SLUICE_ASSIGN_RESET_WAIVED;
	ANSWERS(-XEN_EINVAL, domctl(&op));
	set_control_bars(false);
	machine_shutdown();
}
END_TEST

UNIT_SUITE(xen_device, quarantine_takes_the_bars_away, only_own_bars_are_mapped,
	   place_of_a_bar_is_told_truly, device_is_taken_from_a_running_guest,
	   destruction_can_be_repeated, assignment_waits_for_the_reset)
