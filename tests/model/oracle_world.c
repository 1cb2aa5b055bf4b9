// SPDX-License-Identifier: MIT
/*
 * The oracle's machine: boot, four guests (the control domain, A with
 * two devices, B with one, a 32-bit one), and the way back to an empty model.
 */
#include "dma/dma.h"
#include "fail_at.h"
#include "machine.h"
#include "oracle.h"

#include <stdio.h>
#include <string.h>

#define CONTROL_PAGES 1024u
#define ALONE_PAGES   4096u /* as replay_guest has: 16 MiB */
#define ARM_FIRST     640u  /* pages of guests A and B */
#define ABSENT_PAGE   10u   /* of each guest; lists may run into it */

static void boot_machine(const struct oracle_setting *s)
{
	struct machine_config c =
		s->vendor == MACHINE_AMD ? machine_amd() : machine_default();

	c.hypervisor_pages = 768;
	c.guest_pages = 2200 + (s->is_alone ? ALONE_PAGES : 0);
	c.control_pages = CONTROL_PAGES;
	c.clock_step_ns = 1000;
	c.unit[0] = s->vtd;
	c.amdvi[0] = s->amdvi;
	c.unit_count = s->has_no_unit ? 0 : 1;
	for (unsigned i = 0; s->has_no_unit && i < c.function_count; i++) {
		c.function[i].unit = FAKE_NO_UNIT;
	}
	if (oracle_nests(s)) {
		fake_nest_prepare(&c, &s->nest);
	}
	machine_boot(&c);
	if (machine_unit(0) != NULL) {
		fake_unit_delay(machine_unit(0), s->delay_ns);
		fake_unit_reorder(machine_unit(0), s->reorders);
	}
}

/* The model's copy of who owns which frame. */
static void learn_memory(struct model_guest *g, struct fake_guest *fake)
{
	g->ram_first = fake->ram.addr >> PAGE_SHIFT;
	g->ram_count = fake->ram_pages;
	for (uint64_t i = 0; i < g->ram_count; i++) {
		hpa_t page;
		enum p2m_type type = p2m_lookup(
			&fake->guest->p2m,
			to_gpa((g->ram_first + i) << PAGE_SHIFT), &page);

		g->frame[i] = type == P2M_RAM ? page.addr : MODEL_NO_FRAME;
	}
}

static void read_policy(struct oracle *o, unsigned n)
{
	struct sluice_guest_policy a = {.guest = o->model.guest[n].id};
	struct model_guest *g = &o->model.guest[n];

	if (fake_guest_status(o->guest[ORACLE_CONTROL], SLUICE_OP_guest_policy,
			      &a, sizeof(a)) != STATUS_SUCCESS) {
		oracle_wrong(o, "policy of guest %u cannot be read", n);
	}
	g->allowed_types = a.allowed_types;
	g->domain_quota = a.domain_quota;
	g->table_page_quota = a.table_page_quota;
	g->is_x86 = a.machine == SLUICE_MACHINE_I386;
}

/* A page of the n-th table, by its level: 2 is the root. */
static uint64_t arm_page(const struct model_guest *g, unsigned n,
			 unsigned level)
{
	return (g->ram_first + ARM_FIRST + 3 * n + level) << PAGE_SHIFT;
}

static void put_entry(struct fake_guest *fake, uint64_t at, uint64_t value)
{
	fake_guest_write(fake, at, &value, sizeof(value));
}

/* Tables that the guest may hand to a unit: three levels, 39 bits. */
static void build_arm(struct model_guest *g, struct fake_guest *fake,
		      unsigned n)
{
	struct model_arm *arm = &g->arm[n];

	arm->root = arm_page(g, n, 2) >> PAGE_SHIFT;
	for (unsigned level = 0; level < 3; level++) {
		fake_guest_fill(fake, arm_page(g, n, level), 0, PAGE_BYTES);
	}
	put_entry(fake, arm_page(g, n, 2), arm_page(g, n, 1) | ARM64_TABLE);
	put_entry(fake, arm_page(g, n, 1), arm_page(g, n, 0) | ARM64_TABLE);
	for (unsigned i = 0; i < MODEL_ARM_PAGES; i++) {
		uint64_t frame = g->ram_first + 16 + (i * 7 + n * 31) % 64;
		bool is_read_only = i % 3 == n;

		arm->page[i].frame = (uint32_t)frame;
		arm->page[i].permissions = i % 5 == 4	  ? 0
					   : is_read_only ? 1
							  : 3;
		if (arm->page[i].permissions != 0) {
			put_entry(fake, arm_page(g, n, 0) + i * 8,
				  frame << PAGE_SHIFT | ARM64_PAGE |
					  ARM64_ACCESSED |
					  (is_read_only ? ARM64_READ_ONLY : 0));
		}
	}
}

static void learn_guest(struct oracle *o, unsigned n, struct fake_guest *fake)
{
	struct model_guest *g = &o->model.guest[n];

	o->guest[n] = fake;
	g->id = fake->guest->id;
	g->is_control = fake->guest->is_control;
	g->has_home = g->is_control;
	learn_memory(g, fake);
	for (unsigned i = 0;
	     i < MODEL_ARM_TABLES && o->setting->nest.can_nest &&
	     (n == ORACLE_A || n == ORACLE_B);
	     i++) {
		build_arm(g, fake, i);
	}
	fake_guest_protect(fake, fake->ram.addr + ABSENT_PAGE * PAGE_BYTES,
			   false, false);
	fake_guest_run(fake);
	read_policy(o, n);
}

static void give_device(struct oracle *o, unsigned n, uint32_t sbdf, bool home)
{
	struct model_device *d = &o->model.device[o->model.device_count++];
	struct sluice_device_info info = {.scope = SLUICE_SCOPE_MACHINE};

	*d = (struct model_device){.sbdf = sbdf, .guest = (uint8_t)n};
	if (o->setting->has_no_unit) {
		o->model.device_count--;
		return;
	}
	if ((home && dma_device_quarantine(sbdf) != 0) ||
	    dma_device_assign(o->guest[n]->guest, sbdf,
			      oracle_nests(o->setting)
				      ? SLUICE_ASSIGN_FLAGS
				      : SLUICE_ASSIGN_RESET_WAIVED) != 0) {
		oracle_wrong(o, "device %x cannot be assigned", sbdf);
	}
	for (; dma_list_devices(guest_control(), &info) == STATUS_SUCCESS;
	     info.index++) {
		if (info.sbdf == sbdf) {
			d->guest_sbdf = info.guest_sbdf;
		}
	}
}

static void make_guests(struct oracle *o, bool first)
{
	bool is_alone = o->setting->is_alone;
	struct fake_guest_config c = {
		.ram_pages = is_alone ? ALONE_PAGES : 700,
		.hole_page = is_alone ? 0 : 600,
		.hole_pages = is_alone ? 0 : 20,
		.domain_quota = o->setting->domain_quota,
		.table_page_quota = o->setting->table_page_quota,
	};

	o->model.device_count = 0;
	o->guest[ORACLE_A] = fake_guest_create(&c);
	give_device(o, ORACLE_A, SLUICE_SBDF(0, 0, 3, 0), first);
	give_device(o, ORACLE_A, SLUICE_SBDF(0, 0, 4, 0), first);
	c.ram_pages = 700;
	o->guest[ORACLE_B] = fake_guest_create(&c);
	if (!is_alone) {
		give_device(o, ORACLE_B, SLUICE_SBDF(0, 0, 5, 0), first);
	}
	learn_guest(o, ORACLE_A, o->guest[ORACLE_A]);
	learn_guest(o, ORACLE_B, o->guest[ORACLE_B]);
}

void oracle_boot(struct oracle *o, const struct oracle_setting *setting)
{
	struct fake_guest_config x86 = {.machine = SLUICE_MACHINE_I386,
					.ram_pages = 64};
	struct sluice_platform p = {.header.size = 0};
	struct sluice_info info = {.header.size = 0};

	boot_machine(setting);
	model_start(&o->model);
	o->setting = setting;
	o->fail_1_in = setting->fail_1_in;
	o->copy_1_in = setting->copy_1_in;
	o->is_alone = setting->is_alone;
	o->is_over = false;
	memset(o->handle, 0, sizeof(o->handle));
	o->model.guest_count = MODEL_GUESTS;
	learn_guest(o, ORACLE_CONTROL, machine_control());
	make_guests(o, true);
	o->model.can_nest = setting->nest.can_nest;
	o->model.pasid_count = setting->nest.pasid_count;
	if (setting->hammers) {
		fake_unit_between(machine_unit(0), oracle_hammer, o);
	}
	learn_guest(o, ORACLE_X86, fake_guest_create(&x86));
	fake_guest_status(machine_control(), SLUICE_OP_platform, &p, sizeof(p));
	fake_guest_status(machine_control(), SLUICE_OP_info, &info,
			  sizeof(info));
	o->model.has_interface = info.no_interface == 0;
	o->model.address_bits = setting->address_bits;
	o->model.offered_types = oracle_types(setting);
	o->model.lacks_write_only = setting->vtd.first_stage;
	o->model.asid_capacity = p.asid_capacity;
	o->model.asid_foreign = p.asid_in_use;
	if (o->model.has_interface == setting->has_no_unit) {
		oracle_wrong(o, "interface %u", info.no_interface);
	}
	if (o->model.has_interface &&
	    (info.address_bits != setting->address_bits ||
	     (info.available_types & ~model_types(&o->model, ORACLE_CONTROL)) !=
		     0)) {
		oracle_wrong(o, "info says %u bits, types %x",
			     info.address_bits, info.available_types);
	}
}

void oracle_renew(struct oracle *o)
{
	for (unsigned n = ORACLE_A; n <= ORACLE_B; n++) {
		if (fake_guest_destroy(o->guest[n]) != 0) {
			oracle_wrong(o, "guest %u cannot be destroyed", n);
		}
		o->removals++;
	}
	model_clear(&o->model);
	memset(o->handle[ORACLE_A], 0, sizeof(o->handle[0]));
	memset(o->handle[ORACLE_B], 0, sizeof(o->handle[0]));
	make_guests(o, false);
}

int32_t oracle_ask(struct oracle *o, unsigned guest, unsigned op,
		   void *argument, size_t bytes)
{
	if (fake_guest_call(o->guest[guest], op, argument, bytes) != 0) {
		return STATUS_UNSUCCESSFUL;
	}
	return ((struct sluice_header *)argument)->status;
}

void oracle_shutdown(struct oracle *o)
{
	if (o->is_over) {
		machine_reset();
	} else {
		machine_shutdown();
	}
	model_clear(&o->model);
}
