// SPDX-License-Identifier: MIT
/* What the tools and the control domain's kernel ask of the machine. */
#include "hypercall/hypercall.h"
#include "xen_fixture.h"

#include <xen/features.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

START_TEST(other_interface_versions_are_refused)
{
	/* domctl and sysctl of any version but ours: EACCES, unread otherwise.
	 */
	static const int off[] = {-1, 1, 0x100};

	boot_service(0);
	for (unsigned i = 0; i < 3; i++) {
		struct xen_domctl d = good_creation(0);
		struct xen_sysctl s = {.cmd = XEN_SYSCTL_physinfo};

		d.interface_version =
			(uint32_t)(XEN_DOMCTL_INTERFACE_VERSION + off[i]);
		s.interface_version =
			(uint32_t)(XEN_SYSCTL_INTERFACE_VERSION + off[i]);
		ANSWERS(-XEN_EACCES, domctl(&d));
		ANSWERS(-XEN_EACCES, sysctl(&s));
		d.cmd = 9999;
		ANSWERS(-XEN_EACCES, domctl(&d));
	}
	ANSWERS(-XEN_ENOSYS, domctl_simple(9999, 0));
	ANSWERS(-XEN_EFAULT,
		fake_guest_hypercall(machine_control(), __HYPERVISOR_domctl,
				     0x1000, 0, 0));
	ANSWERS(-XEN_EFAULT,
		fake_guest_hypercall(machine_control(), __HYPERVISOR_sysctl,
				     BIT(63), 0, 0));
	machine_shutdown();
}
END_TEST

START_TEST(machine_is_described)
{
	/* physinfo tells CPUs, free memory and that devices can be assigned. */
	struct xen_sysctl op = {.cmd = XEN_SYSCTL_physinfo};

	boot_service(0);
	ANSWERS(0, sysctl(&op));
	ck_assert_uint_eq(op.u.physinfo.nr_cpus, 4);
	ck_assert_uint_eq(op.u.physinfo.max_cpu_id, 3);
	ck_assert_uint_eq(op.u.physinfo.free_pages,
			  machine_counts().pool[PAGE_POOL_GUEST].free);
	ck_assert_uint_eq(op.u.physinfo.capabilities,
			  XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap |
				  XEN_SYSCTL_PHYSCAP_directio);
	op.cmd = XEN_SYSCTL_sched_id;
	ANSWERS(-XEN_ENOSYS, sysctl(&op));
	machine_shutdown();
}
END_TEST

START_TEST(guests_are_listed_in_order)
{
	/* getdomaininfo finds the next id or ESRCH; the list takes a window. */
	struct xen_domctl_getdomaininfo found[4];
	struct xen_sysctl list = {.cmd = XEN_SYSCTL_getdomaininfolist};
	struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo, .domain = 1};
	static const uint16_t ids[] = {30, 7, 12};

	boot_service(0);
	for (unsigned i = 0; i < 3; i++) {
		struct xen_domctl c = good_creation(ids[i]);

		ANSWERS(0, domctl(&c));
		ck_assert_uint_eq(c.domain, ids[i]);
	}
	ANSWERS(0, domctl(&op));
	ck_assert_uint_eq(op.domain, 7);
	op.domain = 13;
	ANSWERS(0, domctl(&op));
	ck_assert_uint_eq(op.u.getdomaininfo.domain, 30);
	ck_assert_uint_eq(op.u.getdomaininfo.flags, XEN_DOMINF_hvm_guest |
							    XEN_DOMINF_hap |
							    XEN_DOMINF_paused);
	op.domain = 31;
	ANSWERS(-XEN_ESRCH, domctl(&op));
	list.u.getdomaininfolist.first_domain = 1;
	list.u.getdomaininfolist.max_domains = 2;
	list.u.getdomaininfolist.buffer.p = buffer(0);
	ANSWERS(0, sysctl(&list));
	ck_assert_uint_eq(list.u.getdomaininfolist.num_domains, 2);
	fake_guest_read(machine_control(), buffer_gpa(0), found, sizeof(found));
	ck_assert_uint_eq(found[0].domain, 7);
	ck_assert_uint_eq(found[1].domain, 12);
	list.u.getdomaininfolist.first_domain = 0;
	list.u.getdomaininfolist.max_domains = 999;
	ANSWERS(0, sysctl(&list));
	ck_assert_uint_eq(list.u.getdomaininfolist.num_domains, 4);
	list.u.getdomaininfolist.first_domain = 31;
	ANSWERS(0, sysctl(&list));
	ck_assert_uint_eq(list.u.getdomaininfolist.num_domains, 0);
	list.u.getdomaininfolist.first_domain = 0;
	list.u.getdomaininfolist.buffer.p = NULL;
	ANSWERS(-XEN_EFAULT, sysctl(&list));
	for (unsigned i = 0; i < 3; i++) {
		ANSWERS(0, domctl_simple(XEN_DOMCTL_destroydomain, ids[i]));
	}
	machine_shutdown();
}
END_TEST

START_TEST(console_is_read_in_pieces)
{
	/* Incremental reads give the log once, byte for byte. */
	char whole[PAGE_BYTES] = "", pieces[PAGE_BYTES] = "";
	struct xen_sysctl op = {.cmd = XEN_SYSCTL_readconsole};
	uint32_t length, done = 0;

	boot_service(0);
	new_guest(4); /* says so in the log */
	op.u.readconsole.buffer.p = buffer(0);
	op.u.readconsole.count = sizeof(whole);
	ANSWERS(0, sysctl(&op));
	length = op.u.readconsole.count;
	ck_assert_uint_gt(length, 0);
	fake_guest_read(machine_control(), buffer_gpa(0), whole, length);
	for (;;) {
		op.u.readconsole.incremental = 1;
		op.u.readconsole.count = 7;
		ANSWERS(0, sysctl(&op));
		if (op.u.readconsole.count == 0 || done > 4000) {
			break;
		}
		fake_guest_read(machine_control(), buffer_gpa(0), pieces + done,
				op.u.readconsole.count);
		done += op.u.readconsole.count;
	}
	/* The first read was not incremental, but it has read to the end. */
	ck_assert(done == 0 ||
		  (done == length && !memcmp(whole, pieces, done)));
	ck_assert_int_eq(memcmp(whole, machine_serial(), length), 0);
	machine_reset();
}
END_TEST

START_TEST(version_is_four_seventeen)
{
	/* xen_version speaks as 4.17 and writes no more than each text's size.
	 */
	struct fake_guest *g;
	uint64_t at;
	uint8_t page[2048];
	static const struct {
		uint64_t command;
		size_t bytes;
		const char *text;
	} rows[] = {
		{XENVER_extraversion, XEN_EXTRAVERSION_LEN, ".sluice"},
		{XENVER_compile_info, sizeof(struct xen_compile_info), "C"},
		{XENVER_capabilities, sizeof(xen_capabilities_info_t),
		 "hvm-3.0-x86_32 hvm-3.0-x86_64 "},
		{XENVER_changeset, XEN_CHANGESET_INFO_LEN, "unavailable"},
		{XENVER_platform_parameters, 8, ""},
		{XENVER_guest_handle, 16, ""},
		{XENVER_commandline, 1024, ""},
	};
	struct xen_feature_info features = {.submap_idx = 0};

	boot_service(0);
	g = machine_control();
	at = (uintptr_t)buffer(0);
	ANSWERS(4 << 16 | 17,
		fake_guest_hypercall(g, __HYPERVISOR_xen_version, 0, 0, 0));
	ANSWERS(4096, fake_guest_hypercall(g, __HYPERVISOR_xen_version,
					   XENVER_pagesize, 0, 0));
	ANSWERS(-XEN_ENOSYS,
		fake_guest_hypercall(g, __HYPERVISOR_xen_version, 99, at, 0));
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_guest_fill(g, buffer_gpa(0), 0xa5, sizeof(page));
		ANSWERS(0, fake_guest_hypercall(g, __HYPERVISOR_xen_version,
						rows[i].command, at, 0));
		fake_guest_read(g, buffer_gpa(0), page, sizeof(page));
		ck_assert_str_eq((char *)page, rows[i].text);
		ck_assert_uint_ne(page[rows[i].bytes - 1], 0xa5);
		ck_assert_uint_eq(page[rows[i].bytes], 0xa5);
		ANSWERS(-XEN_EFAULT,
			fake_guest_hypercall(g, __HYPERVISOR_xen_version,
					     rows[i].command, 0x1000, 0));
	}
	ANSWERS(0, xen_call(__HYPERVISOR_xen_version, true, XENVER_get_features,
			    &features, sizeof(features)));
	ck_assert_uint_eq(features.submap,
			  1u << XENFEAT_auto_translated_physmap);
	features.submap_idx = XENFEAT_NR_SUBMAPS;
	ANSWERS(-XEN_EINVAL,
		xen_call(__HYPERVISOR_xen_version, true, XENVER_get_features,
			 &features, sizeof(features)));
	ANSWERS(0, fake_guest_hypercall(g, __HYPERVISOR_vcpu_op,
					VCPUOP_register_vcpu_info, 0, 0));
	ANSWERS(-XEN_ENOSYS,
		fake_guest_hypercall(g, __HYPERVISOR_vcpu_op, VCPUOP_up, 0, 0));
	machine_shutdown();
}
END_TEST

static struct multicall_entry entry(uint64_t op, uint64_t first)
{
	struct multicall_entry e = {.op = op, .args = {first}};

	e.result = (xen_ulong_t)0x5a5a;
	return e;
}

START_TEST(multicall_runs_each_entry_alone)
{
	/* Each entry has its own result; no nesting; 64 at most. */
	struct fake_guest *g;
	struct multicall_entry e[5], back[5];
	const uint64_t border = P(1);

	boot_service(0);
	g = machine_control();
	e[0] = entry(__HYPERVISOR_xen_version, XENVER_version);
	e[1] = entry(__HYPERVISOR_multicall, 0);
	e[2] = entry(63, 0);
	e[3] = entry(__HYPERVISOR_sched_op, SCHEDOP_yield);
	e[4] = entry(__HYPERVISOR_xen_version, XENVER_pagesize);
	fake_guest_write(g, buffer_gpa(0), e, sizeof(e));
	ANSWERS(0, fake_guest_hypercall(g, __HYPERVISOR_multicall,
					(uintptr_t)buffer(0), 4, 0));
	fake_guest_read(g, buffer_gpa(0), back, sizeof(back));
	ck_assert_int_eq((int64_t)back[0].result, 4 << 16 | 17);
	ck_assert_int_eq((int64_t)back[1].result, -XEN_EINVAL);
	ck_assert_int_eq((int64_t)back[2].result, -XEN_ENOSYS);
	ck_assert_int_eq((int64_t)back[3].result, 0);
	ck_assert_uint_eq(back[4].result, 0x5a5a); /* not asked for */
	ck_assert_uint_eq(back[0].op, e[0].op);
	ANSWERS(0, fake_guest_hypercall(g, __HYPERVISOR_multicall, 1, 0, 0));
	ANSWERS(-XEN_E2BIG, fake_guest_hypercall(g, __HYPERVISOR_multicall,
						 (uintptr_t)buffer(0), 65, 0));
	ANSWERS(-XEN_E2BIG,
		fake_guest_hypercall(g, __HYPERVISOR_multicall,
				     (uintptr_t)buffer(0), UINT64_MAX, 0));
	/* The second entry lies where nothing is mapped: the first has run. */
	fake_guest_write(g, g->ram.addr + border - sizeof(e[0]), e,
			 sizeof(e[0]));
	fake_guest_protect(g, g->ram.addr + border, false, false);
	ANSWERS(-XEN_EFAULT,
		fake_guest_hypercall(g, __HYPERVISOR_multicall,
				     (uintptr_t)buffer(1) - sizeof(e[0]), 2,
				     0));
	fake_guest_read(g, g->ram.addr + border - sizeof(e[0]), back,
			sizeof(back[0]));
	ck_assert_int_eq((int64_t)back[0].result, 4 << 16 | 17);
	machine_shutdown();
}
END_TEST

static unsigned resets;

static void count_reset(void)
{
	resets++;
}

static int64_t shut_down(struct fake_guest *g, uint32_t reason)
{
	struct sched_shutdown request = {.reason = reason};

	fake_guest_write(g, g->ram.addr + P(0), &request, sizeof(request));
	return fake_guest_hypercall(g, __HYPERVISOR_sched_op, SCHEDOP_shutdown,
				    fake_guest_linear(g, g->ram.addr + P(0)),
				    0);
}

static int64_t shut_down_other(struct fake_guest *g, uint16_t id,
			       uint32_t reason)
{
	struct sched_remote_shutdown request = {id, reason};

	fake_guest_write(g, g->ram.addr + P(0), &request, sizeof(request));
	return fake_guest_hypercall(
		g, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown,
		fake_guest_linear(g, g->ram.addr + P(0)), 0);
}

START_TEST(guests_end_themselves_or_are_ended)
{
	/* The first reason stays; only the control domain ends the machine. */
	struct fake_guest *g, *other, *control;

	boot_service(0);
	control = machine_control();
	g = guest_with(0, 0);
	other = guest_with(0, 0);
	hypercall_reset_machine = count_reset;
	ANSWERS(0, fake_guest_hypercall(g, __HYPERVISOR_sched_op, SCHEDOP_yield,
					0, 0));
	ANSWERS(-XEN_ENOSYS, fake_guest_hypercall(g, __HYPERVISOR_sched_op,
						  SCHEDOP_poll, 0, 0));
	ANSWERS(-XEN_EINVAL, shut_down(g, SHUTDOWN_MAX + 1));
	ck_assert_uint_eq(info_of(g->guest->id).flags & XEN_DOMINF_shutdown, 0);
	ANSWERS(0, shut_down(g, SHUTDOWN_crash));
	ANSWERS(0, shut_down(g, SHUTDOWN_poweroff));
	ck_assert_uint_eq(info_of(g->guest->id).flags >>
				  XEN_DOMINF_shutdownshift,
			  SHUTDOWN_crash);
	ANSWERS(-XEN_ENOSYS, shut_down_other(g, other->guest->id, 0));
	ANSWERS(-XEN_ESRCH, shut_down_other(control, 99, 0));
	ANSWERS(-XEN_EINVAL, shut_down_other(control, 0, 0));
	ANSWERS(-XEN_EINVAL, shut_down_other(control, other->guest->id, 99));
	ck_assert_uint_eq(info_of(other->guest->id).flags & XEN_DOMINF_shutdown,
			  0);
	ANSWERS(0, shut_down_other(control, other->guest->id, SHUTDOWN_reboot));
	ck_assert_uint_ne(info_of(other->guest->id).flags & XEN_DOMINF_shutdown,
			  0);
	ck_assert_uint_eq(resets, 0);
	ANSWERS(0, shut_down(control, SHUTDOWN_soft_reset));
	ck_assert_uint_eq(resets, 0);
	ANSWERS(0, shut_down(control, SHUTDOWN_reboot));
	ck_assert_uint_eq(resets, 1);
	machine_shutdown();
}
END_TEST

UNIT_SUITE(xen, other_interface_versions_are_refused, machine_is_described,
	   guests_are_listed_in_order, console_is_read_in_pieces,
	   version_is_four_seventeen, multicall_runs_each_entry_alone,
	   guests_end_themselves_or_are_ended)
