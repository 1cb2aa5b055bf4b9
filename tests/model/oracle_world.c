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
#define ABSENT_PAGE   10u /* of each guest; lists may run into it */

static void boot_machine(const struct oracle_setting *s)
{
	struct machine_config c =
		s->vendor == MACHINE_AMD ? machine_amd() : machine_default();

	c.hypervisor_pages = 768;
	c.guest_pages = 2200;
	c.control_pages = CONTROL_PAGES;
	c.clock_step_ns = 1000;
	c.unit[0] = s->vtd;
	c.amdvi[0] = s->amdvi;
	c.unit_count = s->has_no_unit ? 0 : 1;
	for (unsigned i = 0; s->has_no_unit && i < c.function_count; i++) {
		c.function[i].unit = FAKE_NO_UNIT;
	}
	machine_boot(&c);
	if (!s->has_no_unit) {
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

static void learn_guest(struct oracle *o, unsigned n, struct fake_guest *fake)
{
	struct model_guest *g = &o->model.guest[n];

	o->guest[n] = fake;
	g->id = fake->guest->id;
	g->is_control = fake->guest->is_control;
	g->has_home = g->is_control;
	learn_memory(g, fake);
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
			      SLUICE_ASSIGN_RESET_WAIVED) != 0) {
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
	struct fake_guest_config c = {
		.ram_pages = 700,
		.hole_page = 600,
		.hole_pages = 20,
		.domain_quota = o->setting->domain_quota,
		.table_page_quota = o->setting->table_page_quota,
	};

	o->model.device_count = 0;
	o->guest[ORACLE_A] = fake_guest_create(&c);
	give_device(o, ORACLE_A, SLUICE_SBDF(0, 0, 3, 0), first);
	give_device(o, ORACLE_A, SLUICE_SBDF(0, 0, 4, 0), first);
	o->guest[ORACLE_B] = fake_guest_create(&c);
	give_device(o, ORACLE_B, SLUICE_SBDF(0, 0, 5, 0), first);
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
	o->is_over = false;
	memset(o->handle, 0, sizeof(o->handle));
	o->model.guest_count = MODEL_GUESTS;
	learn_guest(o, ORACLE_CONTROL, machine_control());
	make_guests(o, true);
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

/* ---- the way back ---- */

static int32_t call(struct oracle *o, unsigned n, unsigned op, void *argument,
		    size_t bytes)
{
	if (fake_guest_call(o->guest[n], op, argument, bytes) != 0) {
		return STATUS_UNSUCCESSFUL;
	}
	return ((struct sluice_header *)argument)->status;
}

static void drop_device(struct oracle *o, struct model_device *d)
{
	struct sluice_device_ref a = {.device = d->token};
	uint64_t left = d->domain;

	if (left != 0) {
		if (call(o, d->guest, SLUICE_OP_detach_device, &a, sizeof(a))) {
			oracle_wrong(o, "clean-up: detach refused");
		}
		d->domain = 0;
		o->removals++;
		oracle_look_cached(o, d, left);
	}
	a = (struct sluice_device_ref){.device = d->token};
	if (d->token != 0 &&
	    call(o, d->guest, SLUICE_OP_delete_device, &a, sizeof(a)) != 0) {
		oracle_wrong(o, "clean-up: delete_device refused");
	}
	d->token = 0;
}

static void drop_segments(struct oracle *o, struct model_domain *d,
			  const struct model_range *r)
{
	for (unsigned i = 0; i < MODEL_SEGMENTS; i++) {
		struct model_segment *s = &d->segment[i];

		for (uint64_t p = 0;
		     s->id != 0 && s->token == r->token && p < s->pages; p++) {
			struct sluice_unmap_token a = {
				.token = r->token,
				.segment_offset = s->offset << PAGE_SHIFT,
				.segment_bytes = s->pages << PAGE_SHIFT,
				.offset = (s->offset + p) << PAGE_SHIFT,
				.pages = 1,
			};

			call(o, d->guest, SLUICE_OP_unmap_token, &a, sizeof(a));
			o->removals++;
		}
	}
}

static void drop_domain(struct oracle *o, struct model_domain *d)
{
	struct sluice_domain_ref a = {.domain = d->handle};

	for (unsigned i = 0; i < d->range_count; i++) {
		struct sluice_token_ref t = {.token = d->range[i].token};

		if (d->range[i].kind != MODEL_RANGE_TOKEN) {
			continue;
		}
		drop_segments(o, d, &d->range[i]);
		if (call(o, d->guest, SLUICE_OP_free_token, &t, sizeof(t))) {
			oracle_wrong(o, "clean-up: free_token: %08x",
				     (unsigned)t.header.status);
		}
	}
	if (call(o, d->guest, SLUICE_OP_delete_domain, &a, sizeof(a)) != 0) {
		oracle_wrong(o, "clean-up: delete_domain: %08x",
			     (unsigned)a.header.status);
	}
	o->removals++;
}

static void allow_all(struct oracle *o, unsigned n)
{
	struct model_guest *g = &o->model.guest[n];
	struct sluice_guest_policy a = {
		.operation = SLUICE_POLICY_SET,
		.guest = g->id,
		.machine =
			g->is_x86 ? SLUICE_MACHINE_I386 : SLUICE_MACHINE_AMD64,
		.allowed_types = 0xf,
		.domain_quota = g->domain_quota,
		.table_page_quota = g->table_page_quota,
	};

	if (g->allowed_types != 0xf &&
	    call(o, ORACLE_CONTROL, SLUICE_OP_guest_policy, &a, sizeof(a))) {
		oracle_wrong(o, "clean-up: guest_policy refused");
	}
	g->allowed_types = 0xf;
}

void oracle_audit(struct oracle *o, unsigned guest)
{
	union model_argument a = {.inventory = {.guest = SLUICE_GUEST_SELF}};
	union model_argument before = a;
	const char *text;

	if (call(o, guest, SLUICE_OP_inventory, &a.inventory,
		 sizeof(a.inventory)) != STATUS_SUCCESS) {
		oracle_wrong(o, "inventory refused");
		return;
	}
	text = model_settle(&o->model, guest, SLUICE_OP_inventory, NULL,
			    &before, &a, NULL);
	if (text != NULL) {
		oracle_wrong(o, "inventory of guest %u %s", guest, text);
	}
}

void oracle_clean(struct oracle *o)
{
	struct sluice_inventory a = {.guest = SLUICE_GUEST_SELF};

	fail_off();
	for (unsigned i = 0; i < o->model.device_count; i++) {
		drop_device(o, &o->model.device[i]);
	}
	for (unsigned i = 0; i < MODEL_DOMAINS; i++) {
		if (o->model.domain[i].is_live) {
			drop_domain(o, &o->model.domain[i]);
		}
	}
	model_clear(&o->model);
	for (unsigned n = 0; n < o->model.guest_count; n++) {
		allow_all(o, n);
		a = (struct sluice_inventory){.guest = SLUICE_GUEST_SELF};
		call(o, n, SLUICE_OP_inventory, &a, sizeof(a));
		if (n != ORACLE_CONTROL &&
		    (a.domain_count || a.device_count || a.attached_count ||
		     a.asid_count || a.mapped_pages || a.table_pages)) {
			oracle_wrong(o,
				     "clean-up: guest %u keeps %u ids, %lu "
				     "mapped, %lu table pages",
				     n, a.asid_count,
				     (unsigned long)a.mapped_pages,
				     (unsigned long)a.table_pages);
		}
		o->model.guest[n].table_pages = a.table_pages;
	}
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
