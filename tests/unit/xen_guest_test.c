// SPDX-License-Identifier: MIT
/* A guest's life as the tools drive it: memory, registers, devices, end. */
#include "fake_cpu.h"
#include "xen_fixture.h"

#include <xen/hvm/save.h>

#define GFN(n)                                                                 \
	(UINT64_C(0x100000) + (n)) /* the control domain's free space          \
				    */

static uint64_t pool_free(void)
{
	return machine_counts().pool[PAGE_POOL_GUEST].free;
}

static struct guest *guest_of(uint16_t id)
{
	struct guest *g = guest_by_id(id);

	EXPECT(g != NULL, "no guest %u", id);
	return g;
}

START_TEST(creation_is_checked)
{
	/* Each field that Xen 4.17 asks for is asked for; ids are unique. */
	struct xen_domctl good = good_creation(0), op;
	uint16_t id;

#define REFUSED(answer, field, value)                                          \
	do {                                                                   \
		op = good;                                                     \
		op.field = (value);                                            \
		ANSWERS(answer, domctl(&op));                                  \
	} while (0)

	boot_service(0);
	REFUSED(-XEN_EINVAL, u.createdomain.flags, XEN_DOMCTL_CDF_hvm);
	REFUSED(-XEN_EINVAL, u.createdomain.flags, XEN_DOMCTL_CDF_hap);
	REFUSED(-XEN_EINVAL, u.createdomain.flags, 0);
	REFUSED(-XEN_EINVAL, u.createdomain.flags,
		good.u.createdomain.flags | XEN_DOMCTL_CDF_nested_virt);
	REFUSED(-XEN_EINVAL, u.createdomain.flags,
		good.u.createdomain.flags | BIT(31));
	REFUSED(-XEN_EINVAL, u.createdomain.max_vcpus, 0);
	REFUSED(-XEN_EINVAL, u.createdomain.max_vcpus, 2);
	REFUSED(-XEN_EINVAL, u.createdomain.max_evtchn_port, 0);
	REFUSED(-XEN_EINVAL, u.createdomain.max_grant_frames, 0);
	REFUSED(-XEN_EINVAL, u.createdomain.grant_opts, 0);
	REFUSED(0, domain, 5);
	REFUSED(-XEN_EEXIST, domain, 5);
	for (unsigned i = 2; i < GUESTS_MAX; i++) {
		REFUSED(0, domain, 0);
		id = op.domain;
	}
	REFUSED(-XEN_ENOMEM, domain, 0);
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	for (unsigned n = 1;; n++) {
		int64_t got;

		fail_at(n);
		op = good;
		got = domctl(&op);
		if (!fail_hit()) {
			break;
		}
		ANSWERS(-XEN_ENOMEM, got);
	}
	fail_off();
	for (id = 1; id < 40; id++) {
		domctl_simple(XEN_DOMCTL_destroydomain, id);
	}
	machine_shutdown();
}
END_TEST

START_TEST(guests_are_named_rightly)
{
	/* Unknown ids are ESRCH, the control domain EPERM, for each command. */
	static const uint32_t commands[] = {
		XEN_DOMCTL_destroydomain,  XEN_DOMCTL_pausedomain,
		XEN_DOMCTL_unpausedomain,  XEN_DOMCTL_max_mem,
		XEN_DOMCTL_max_vcpus,	   XEN_DOMCTL_getvcpuinfo,
		XEN_DOMCTL_gethvmcontext,  XEN_DOMCTL_sethvmcontext,
		XEN_DOMCTL_assign_device,  XEN_DOMCTL_deassign_device,
		XEN_DOMCTL_memory_mapping, XEN_DOMCTL_set_paging_mempool_size,
	};

	boot_service(0);
	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		ANSWERS(-XEN_ESRCH, domctl_simple(commands[i], 99));
		ANSWERS(-XEN_EPERM, domctl_simple(commands[i], 0));
	}
	machine_shutdown();
}
END_TEST

START_TEST(virtual_cpu_is_described)
{
	/* One virtual CPU, number 0, that runs when its guest does. */
	struct xen_domctl op = {.cmd = XEN_DOMCTL_getvcpuinfo}, most;
	uint16_t id;

	boot_service(0);
	id = new_guest(4);
	most = (struct xen_domctl){.cmd = XEN_DOMCTL_max_vcpus, .domain = id};
	ANSWERS(-XEN_EINVAL, domctl(&most));
	most.u.max_vcpus.max = 2;
	ANSWERS(-XEN_EINVAL, domctl(&most));
	most.u.max_vcpus.max = 1;
	ANSWERS(0, domctl(&most));
	ANSWERS(0, domctl_simple(XEN_DOMCTL_set_paging_mempool_size, id));
	for (unsigned runs = 0; runs < 2; runs++) {
		op.domain = id;
		op.u.getvcpuinfo.vcpu = 0;
		ANSWERS(0, domctl(&op));
		ck_assert_uint_eq(op.u.getvcpuinfo.online, 1);
		ck_assert_uint_eq(op.u.getvcpuinfo.running, runs);
		op.u.getvcpuinfo.vcpu = 1;
		ANSWERS(-XEN_ESRCH, domctl(&op));
		ck_assert_int_eq(fake_cpu_runs(guest_of(id)), runs != 0);
		if (runs == 0) {
			ANSWERS(0, domctl_simple(XEN_DOMCTL_unpausedomain, id));
		}
	}
	ANSWERS(0, domctl_simple(XEN_DOMCTL_pausedomain, id));
	ck_assert(!fake_cpu_runs(guest_of(id)));
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	machine_shutdown();
}
END_TEST

START_TEST(memory_is_populated_by_extents)
{
	/* An extent is whole or absent, up to the limit, before the guest runs.
	 */
	uint64_t before, list[] = {0, 8, 16, 24};
	struct xen_memory_reservation r = {.nr_extents = 1};
	uint16_t id;

	boot_service(0);
	before = pool_free();
	id = new_guest(22);
	ANSWERS(4, populate(id, list, 4, 2));
	ck_assert_uint_eq(info_of(id).tot_pages, 16);
	list[1] = 8; /* there already: stops at the second */
	list[0] = 32;
	ANSWERS(1, populate(id, list, 4, 2));
	ck_assert_uint_eq(info_of(id).tot_pages, 20);
	list[0] = 40; /* 2 pages of room: half an extent is none */
	ANSWERS(0, populate(id, list, 1, 2));
	ck_assert_uint_eq(info_of(id).tot_pages, 20);
	list[0] = UINT64_MAX;
	ANSWERS(0, populate(id, list, 1, 0));
	list[0] = BIT(52) | 50;
	ANSWERS(0, populate(id, list, 1, 0));
	list[0] = BIT(36);
	ANSWERS(0, populate(id, list, 1, 0));
	list[0] = 60;
	ANSWERS(-XEN_EINVAL, populate(id, list, 1, 10));
	ANSWERS(-XEN_EINVAL, populate(id, list, BIT(18) + 1, 0));
	ANSWERS(-XEN_EINVAL, populate(id, list, BIT(9) + 1, 9));
	ANSWERS(-XEN_ESRCH, populate(99, list, 1, 0));
	ANSWERS(-XEN_EINVAL, populate(DOMID_SELF, list, 1, 0));
	ANSWERS(-XEN_EINVAL, populate(0, list, 1, 0));
	r.domid = id;
	ANSWERS(0, memory(XENMEM_populate_physmap, &r, sizeof(r)));
	ck_assert_uint_eq(pool_free(), before - 20);
	for (unsigned n = 1; n <= 2; n++) {
		fail_at(n);
		ANSWERS(0, populate(id, list, 1, 1));
		fail_off();
		ck_assert_uint_eq(pool_free(), before - 20);
	}
	ANSWERS(0, domctl_simple(XEN_DOMCTL_unpausedomain, id));
	ANSWERS(0, populate(id, list, 1, 0));
	ck_assert_uint_eq(info_of(id).tot_pages, 20);
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	ck_assert_uint_eq(pool_free(), before);
	ANSWERS(-XEN_ENOSYS, memory(XENMEM_exchange, &r, sizeof(r)));
	machine_shutdown();
}
END_TEST

/* Lend frames @from.. of @owner to the control domain at GFN(0)... */
static int64_t lend(uint16_t owner, uint64_t from, uint16_t count,
		    uint16_t space, int *errors)
{
	struct fake_guest *g = machine_control();
	struct xen_add_to_physmap_batch b = {
		.domid = DOMID_SELF, .space = space, .size = count};
	int64_t result;

	for (unsigned i = 0; i < count && i < 64; i++) {
		uint64_t frame = from + i, to = GFN(i);
		int error = 77;

		fake_guest_write(g, buffer_gpa(1) + i * 8, &frame, 8);
		fake_guest_write(g, buffer_gpa(2) + i * 8, &to, 8);
		fake_guest_write(g, buffer_gpa(3) + i * 4, &error, 4);
	}
	b.u.foreign_domid = owner;
	b.idxs.p = buffer(1);
	b.gpfns.p = buffer(2);
	b.errs.p = buffer(3);
	result = memory(XENMEM_add_to_physmap_batch, &b, sizeof(b));
	fake_guest_read(g, buffer_gpa(3), errors,
			(count < 64 ? count : 64) * sizeof(int));
	return result;
}

static int64_t take_back(uint64_t gfn)
{
	struct xen_remove_from_physmap r = {.domid = DOMID_SELF, .gpfn = gfn};

	return memory(XENMEM_remove_from_physmap, &r, sizeof(r));
}

START_TEST(lent_page_outlives_its_guest)
{
	/* A lent page keeps its contents until it is given back, then is free.
	 */
	const uint64_t list[] = {0, 1, 2, 3};
	struct p2m *control;
	uint64_t before;
	hpa_t page;
	int errors[64];
	uint16_t id;

	boot_service(0);
	control = &machine_control()->guest->p2m;
	before = pool_free();
	id = new_guest(4);
	ANSWERS(4, populate(id, list, 4, 0));
	ANSWERS(0, lend(id, 2, 3, XENMAPSPACE_gmfn_foreign, errors));
	ck_assert_int_eq(errors[0], 0);
	ck_assert_int_eq(errors[1], 0);
	ck_assert_int_eq(errors[2], -XEN_EINVAL); /* beyond its memory */
	ANSWERS(0, lend(id, 0, 1, XENMAPSPACE_gmfn_foreign, errors));
	ck_assert_int_eq(errors[0], -XEN_EBUSY);
	ck_assert_int_eq(p2m_lookup(control, to_gpa(GFN(0) << 12), &page),
			 P2M_FOREIGN);
	memset(machine_ram(page.addr, PAGE_BYTES), 0xc5, PAGE_BYTES);
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	ck_assert_uint_eq(pool_free(), before - 2);
	ck_assert(!machine_page_is_freed(page.addr));
	id = new_guest(512);
	ANSWERS(1, populate(id, list, 1, 9));
	ck_assert_uint_eq(*(uint8_t *)machine_ram(page.addr, 1), 0xc5);
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	/* A caller's structure in a lent page is no memory of its own. */
	fake_guest_remap(machine_control(), buffer_gpa(0), GFN(0) << 12);
	ANSWERS(-XEN_EFAULT,
		fake_guest_hypercall(machine_control(), __HYPERVISOR_domctl,
				     (uintptr_t)buffer(0), 0, 0));
	fake_guest_remap(machine_control(), buffer_gpa(0), buffer_gpa(0));
	ANSWERS(0, take_back(GFN(0)));
	ck_assert(machine_page_is_freed(page.addr));
	ANSWERS(-XEN_ENOENT, take_back(GFN(0)));
	ck_assert_uint_eq(pool_free(), before - 1);
	ANSWERS(0, take_back(GFN(1)));
	ck_assert_uint_eq(pool_free(), before);
	machine_shutdown();
}
END_TEST

START_TEST(lending_is_checked)
{
	/* Only another guest's RAM is lent, only lent pages are taken back. */
	struct xen_remove_from_physmap r = {.domid = 5};
	struct xen_add_to_physmap shared = {.domid = DOMID_SELF,
					    .space = XENMAPSPACE_shared_info};
	const uint64_t list[] = {0};
	int errors[64];
	uint16_t id;

	boot_service(0);
	id = new_guest(4);
	ANSWERS(1, populate(id, list, 1, 0));
	ANSWERS(-XEN_EINVAL, lend(id, 0, 1, XENMAPSPACE_gmfn, errors));
	ANSWERS(-XEN_EINVAL, lend(id, 0, 1, XENMAPSPACE_dev_mmio, errors));
	ANSWERS(-XEN_EINVAL, lend(id, 0, 65, XENMAPSPACE_gmfn_foreign, errors));
	ANSWERS(-XEN_ESRCH, lend(99, 0, 1, XENMAPSPACE_gmfn_foreign, errors));
	ANSWERS(-XEN_ESRCH, lend(0, 0, 1, XENMAPSPACE_gmfn_foreign, errors));
	ANSWERS(-XEN_ESRCH,
		lend(DOMID_SELF, 0, 1, XENMAPSPACE_gmfn_foreign, errors));
	ANSWERS(0, lend(id, BIT(52), 1, XENMAPSPACE_gmfn_foreign, errors));
	ck_assert_int_eq(errors[0], -XEN_EINVAL);
	ANSWERS(-XEN_ENOENT, take_back(machine_control()->ram.addr >> 12));
	ANSWERS(-XEN_EINVAL, take_back(BIT(52)));
	ANSWERS(-XEN_EINVAL, memory(XENMEM_remove_from_physmap, &r, sizeof(r)));
	ANSWERS(0, memory(XENMEM_add_to_physmap, &shared, sizeof(shared)));
	shared.space = XENMAPSPACE_grant_table;
	ANSWERS(-XEN_ENOSYS,
		memory(XENMEM_add_to_physmap, &shared, sizeof(shared)));
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	machine_shutdown();
}
END_TEST

/* ---- registers ---- */

static int64_t context(uint32_t command, uint16_t id, uint32_t *size, void *at)
{
	struct xen_domctl op = {.cmd = command, .domain = id};
	int64_t result;

	op.u.hvmcontext.size = *size;
	op.u.hvmcontext.buffer.p = at;
	result = domctl(&op);
	*size = op.u.hvmcontext.size;
	return result;
}

START_TEST(register_stream_is_parsed_with_care)
{
	/* What was read can be written back; anything malformed is refused. */
	uint8_t good[2048], bad[2049], now[2048];
	struct fake_guest *g;
	uint32_t size = 0, room;
	const unsigned cpu = 8 + HVM_SAVE_LENGTH(HEADER); /* its descriptor */
	uint16_t id;

	boot_service(0);
	g = machine_control();
	id = new_guest(4);
	ANSWERS(0, context(XEN_DOMCTL_gethvmcontext, id, &size, NULL));
	room = size - 1;
	ANSWERS(-XEN_ENOSPC,
		context(XEN_DOMCTL_gethvmcontext, id, &room, buffer(0)));
	ANSWERS(0, context(XEN_DOMCTL_gethvmcontext, id, &size, buffer(0)));
	fake_guest_read(g, buffer_gpa(0), good, size);
	good[cpu + 8] = 0x42; /* rax */
	fake_guest_write(g, buffer_gpa(0), good, size);
	ANSWERS(0, context(XEN_DOMCTL_sethvmcontext, id, &size, buffer(0)));
	for (room = 0; room < size; room++) {
		uint32_t cut = room;

		ANSWERS(-XEN_EINVAL,
			context(XEN_DOMCTL_sethvmcontext, id, &cut, buffer(0)));
	}
	for (unsigned i = 0; i < 5; i++) {
		struct hvm_save_descriptor d;

		memcpy(bad, good, size);
		memcpy(&d, bad + cpu, sizeof(d));
		d.typecode = i == 0 ? 99 : d.typecode;
		d.instance = i == 1 ? 1 : d.instance;
		d.length = i == 2   ? d.length - 1
			   : i == 3 ? UINT32_MAX
			   : i == 4 ? size
				    : d.length;
		memcpy(bad + cpu, &d, sizeof(d));
		bad[cpu + 8] = 0x66;
		fake_guest_write(g, buffer_gpa(0), bad, size);
		EXPECT(context(XEN_DOMCTL_sethvmcontext, id, &size,
			       buffer(0)) == -XEN_EINVAL,
		       "row %u", i);
	}
	room = 2049;
	ANSWERS(-XEN_EINVAL,
		context(XEN_DOMCTL_sethvmcontext, id, &room, buffer(0)));
	ANSWERS(-XEN_EFAULT,
		context(XEN_DOMCTL_sethvmcontext, id, &size, (void *)0x1000));
	ANSWERS(-XEN_EFAULT,
		context(XEN_DOMCTL_gethvmcontext, id, &size, (void *)0x1000));
	ANSWERS(0, context(XEN_DOMCTL_gethvmcontext, id, &size, buffer(0)));
	fake_guest_read(g, buffer_gpa(0), now, size);
	ck_assert_mem_eq(now, good, size);
	ANSWERS(0, domctl_simple(XEN_DOMCTL_unpausedomain, id));
	ANSWERS(-XEN_EINVAL, domctl_simple(XEN_DOMCTL_unpausedomain, id));
	ANSWERS(-XEN_EBUSY,
		context(XEN_DOMCTL_sethvmcontext, id, &size, buffer(0)));
	ANSWERS(-XEN_EBUSY,
		context(XEN_DOMCTL_gethvmcontext, id, &size, buffer(0)));
	ANSWERS(0, domctl_simple(XEN_DOMCTL_pausedomain, id));
	ANSWERS(0, context(XEN_DOMCTL_sethvmcontext, id, &size, buffer(0)));
	ck_assert(guest_of(id)->has_run);
	ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, id));
	machine_shutdown();
}
END_TEST

UNIT_SUITE(xen_guest, creation_is_checked, guests_are_named_rightly,
	   virtual_cpu_is_described, memory_is_populated_by_extents,
	   lent_page_outlives_its_guest, lending_is_checked,
	   register_stream_is_parsed_with_care)
