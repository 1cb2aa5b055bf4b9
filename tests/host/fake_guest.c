// SPDX-License-Identifier: MIT
/*
 * Guests and their calls. Linear addresses are walked for real: tables are
 * built in guest RAM, one 4 KiB leaf a page, in AMD64's long-mode format.
 */
#include "fake_guest.h"

#include "dma/dma.h"
#include "guestmem.h"
#include "hypercall/hypercall.h"
#include "iommu/intr.h"
#include "lib/error.h"
#include "machine.h"
#include "mm/page.h"

#include <stdlib.h>
#include <string.h>

#define PTE_PRESENT BIT(0)
#define PTE_WRITE   BIT(1)
#define PTE_USER    BIT(2)
#define PTE_ADDRESS GENMASK(51, 12)
#define LIST_BYTES  (8 * PAGE_BYTES)

#define CR0_LONG  (BIT(31) | BIT(16) | BIT(0)) /* PG, WP, PE */
#define CR4_LONG  BIT(5)		       /* PAE */
#define EFER_LONG (BIT(10) | BIT(8))	       /* LMA, LME */

static struct fake_guest *all[GUESTS_MAX];

static void keep(struct fake_guest *g)
{
	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		if (all[i] == NULL) {
			all[i] = g;
			return;
		}
	}
	machine_fail("more fake guests than slots");
}

static void forget(struct fake_guest *g)
{
	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		if (all[i] == g) {
			all[i] = NULL;
		}
	}
	for (unsigned i = 0; i < g->table_count; i++) {
		guestmem_exempt(g->table_page[i], false);
	}
	free(g);
}

uint64_t fake_guest_hpa(struct fake_guest *guest, uint64_t gpa)
{
	hpa_t page;

	if (p2m_lookup(&guest->guest->p2m, to_gpa(gpa & ~PAGE_MASK), &page) !=
	    P2M_RAM) {
		machine_fail("guest %u has no RAM at %lx", guest->guest->id,
			     (unsigned long)gpa);
	}
	return page.addr + (gpa & PAGE_MASK);
}

static void copy(struct fake_guest *guest, uint64_t gpa, void *with,
		 size_t bytes, bool to_guest)
{
	uint8_t *at = with;

	while (bytes > 0) {
		size_t part = PAGE_BYTES - (gpa & PAGE_MASK);
		uint64_t hpa = fake_guest_hpa(guest, gpa);
		void *memory;

		part = part < bytes ? part : bytes;
		memory = machine_ram(hpa, part);
		memcpy(to_guest ? memory : at, to_guest ? at : memory, part);
		gpa += part;
		at += part;
		bytes -= part;
	}
}

void fake_guest_write(struct fake_guest *guest, uint64_t gpa, const void *from,
		      size_t bytes)
{
	copy(guest, gpa, (void *)(uintptr_t)from, bytes, true);
}

void fake_guest_read(struct fake_guest *guest, uint64_t gpa, void *to,
		     size_t bytes)
{
	copy(guest, gpa, to, bytes, false);
}

void fake_guest_fill(struct fake_guest *guest, uint64_t gpa, uint8_t byte,
		     size_t bytes)
{
	uint8_t page[PAGE_BYTES];

	memset(page, byte, sizeof(page));
	while (bytes > 0) {
		size_t part = bytes < sizeof(page) ? bytes : sizeof(page);

		fake_guest_write(guest, gpa, page, part);
		gpa += part;
		bytes -= part;
	}
}

uint64_t fake_guest_linear(const struct fake_guest *guest, uint64_t gpa)
{
	return FAKE_GUEST_LINEAR + (gpa - guest->ram.addr);
}

/* ---- the guest's own page tables ---- */

/* Tables lie below the end of RAM, the root last. */
static uint64_t table_gpa(const struct fake_guest *g, unsigned n)
{
	return g->ram.addr + (g->ram_pages - 1 - n) * PAGE_BYTES;
}

static void write_entry(struct fake_guest *g, uint64_t table, uint64_t index,
			uint64_t value)
{
	fake_guest_write(g, table + index * 8, &value, sizeof(value));
}

/* Guest-physical address of the leaf entry for a page of RAM. */
static uint64_t leaf_of(const struct fake_guest *g, uint64_t gpa)
{
	uint64_t n = (gpa - g->ram.addr) >> PAGE_SHIFT;

	return table_gpa(g, (unsigned)(3 + n / 512)) + n % 512 * 8;
}

static void build_tables(struct fake_guest *g)
{
	uint64_t at = FAKE_GUEST_LINEAR;
	unsigned leaves = (unsigned)((g->ram_pages + 511) / 512);
	uint64_t flags = PTE_PRESENT | PTE_WRITE | PTE_USER;

	g->table_count = 3 + leaves;
	if (g->table_count > FAKE_GUEST_TABLES_MAX) {
		machine_fail("fake guest of %lu pages",
			     (unsigned long)g->ram_pages);
	}
	for (unsigned i = 0; i < g->table_count; i++) {
		fake_guest_fill(g, table_gpa(g, i), 0, PAGE_BYTES);
		g->table_page[i] = to_hpa(fake_guest_hpa(g, table_gpa(g, i)));
		guestmem_exempt(g->table_page[i], true);
	}
	write_entry(g, table_gpa(g, 0), at >> 39 & 511,
		    table_gpa(g, 1) | flags);
	write_entry(g, table_gpa(g, 1), at >> 30 & 511,
		    table_gpa(g, 2) | flags);
	for (unsigned i = 0; i < leaves; i++) {
		write_entry(g, table_gpa(g, 2), (at >> 21 & 511) + i,
			    table_gpa(g, 3 + i) | flags);
	}
	for (uint64_t i = 0; i < g->ram_pages; i++) {
		uint64_t gpa = g->ram.addr + i * PAGE_BYTES;

		write_entry(g, leaf_of(g, gpa), 0, gpa | flags);
	}
}

void fake_guest_protect(struct fake_guest *guest, uint64_t gpa, bool present,
			bool writable)
{
	uint64_t entry = gpa & ~PAGE_MASK;

	entry |= PTE_USER | (present ? PTE_PRESENT : 0) |
		 (writable ? PTE_WRITE : 0);
	write_entry(guest, leaf_of(guest, gpa), 0, entry);
}

void fake_guest_remap(struct fake_guest *guest, uint64_t gpa, uint64_t target)
{
	write_entry(guest, leaf_of(guest, gpa), 0,
		    (target & PTE_ADDRESS) | PTE_PRESENT | PTE_WRITE |
			    PTE_USER);
}

/* ---- life ---- */

static struct fake_guest *new_guest(uint16_t id, bool is_control, uint64_t ram,
				    uint64_t pages)
{
	struct fake_guest *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		abort();
	}
	keep(g);
	g->guest = guest_create(id, is_control);
	if (g->guest == NULL) {
		machine_fail("guest_create(%u) refused", id);
	}
	g->guest->max_pages = pages;
	g->ram = to_gpa(ram);
	g->ram_pages = pages;
	g->argument_at = fake_guest_linear(g, ram + FAKE_GUEST_ARGUMENT);
	return g;
}

static void start_caller(struct fake_guest *g)
{
	build_tables(g);
	g->caller = (struct guest_caller){
		.guest = g->guest,
		.cr0 = CR0_LONG,
		.cr3 = table_gpa(g, 0),
		.cr4 = CR4_LONG,
		.efer = EFER_LONG,
		.is_64bit = true,
	};
}

static bool is_hole(const struct fake_guest_config *c, uint64_t page)
{
	return c->hole_pages != 0 && page >= c->hole_page &&
	       page - c->hole_page < c->hole_pages;
}

static void add_ram(struct fake_guest *g, const struct fake_guest_config *c)
{
	for (uint64_t i = 0; i < g->ram_pages; i++) {
		hpa_t page;
		int error;

		if (is_hole(c, i)) {
			continue;
		}
		page = page_alloc(PAGE_POOL_GUEST, g->guest->id);
		if (hpa_is_none(page)) {
			machine_fail("guest pool is empty");
		}
		error = p2m_add(&g->guest->p2m, to_gpa(i * PAGE_BYTES), page, 1,
				P2M_RAM);
		if (error != 0) {
			machine_fail("p2m_add() of page %lu: %d",
				     (unsigned long)i, error);
		}
	}
}

static void set_policy(struct fake_guest *g, const struct fake_guest_config *c)
{
	struct guest_policy *p = &g->guest->policy;

	p->machine = c->machine;
	if (c->allowed_types != 0) {
		p->allowed_types = c->allowed_types;
	}
	if (c->domain_quota != 0) {
		p->domain_quota = c->domain_quota;
	}
	if (c->table_page_quota != 0) {
		p->table_page_quota = c->table_page_quota;
	}
}

struct fake_guest *fake_guest_create(const struct fake_guest_config *config)
{
	struct fake_guest_config c = {0};
	struct fake_guest *g;

	if (config != NULL) {
		c = *config;
	}
	c.machine = c.machine ? c.machine : SLUICE_MACHINE_AMD64;
	c.ram_pages = c.ram_pages ? c.ram_pages : 512;
	g = new_guest(c.id, false, 0, c.ram_pages);
	set_policy(g, &c);
	add_ram(g, &c);
	dma_guest_create(g->guest);
	start_caller(g);
	return g;
}

struct fake_guest *fake_guest_control_create(uint64_t ram, uint64_t pages)
{
	struct fake_guest *g = new_guest(GUEST_CONTROL_ID, true, ram, pages);
	int error = p2m_add(&g->guest->p2m, to_gpa(ram), to_hpa(ram), pages,
			    P2M_RAM);

	if (error != 0) {
		machine_fail("control domain's memory: %d", error);
	}
	start_caller(g);
	fake_guest_run(g);
	return g;
}

void fake_guest_run(struct fake_guest *guest)
{
	p2m_freeze(&guest->guest->p2m);
	guest->guest->has_run = true;
	guest->guest->state = GUEST_RUNNING;
}

int fake_guest_destroy(struct fake_guest *guest)
{
	struct guest *g = guest->guest;
	int error;

	g->state = GUEST_DYING;
	error = dma_guest_destroy(g);
	if (error == 0) {
		p2m_destroy(&g->p2m);
		guest_release(g);
	}
	forget(guest);
	return error;
}

void fake_guests_destroy_all(void)
{
	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		if (all[i] != NULL && !all[i]->guest->is_control &&
		    fake_guest_destroy(all[i]) != 0) {
			machine_fail("dma_guest_destroy() failed");
		}
	}
}

void fake_guests_forget(void)
{
	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		if (all[i] != NULL) {
			forget(all[i]);
		}
	}
}

/* What the machine's list of devices says of one. */
static uint32_t address_in_guest(uint32_t sbdf)
{
	struct sluice_device_info info = {.scope = SLUICE_SCOPE_MACHINE};

	for (; dma_list_devices(guest_control(), &info) == STATUS_SUCCESS;
	     info.index++) {
		if (info.sbdf == sbdf) {
			return info.guest_sbdf;
		}
	}
	machine_fail("device %05x is not listed", sbdf);
}

uint32_t fake_guest_assign(struct fake_guest *guest, uint32_t sbdf)
{
	int error = dma_device_quarantine(sbdf);

	if (error == 0) {
		error = dma_device_assign(guest->guest, sbdf,
					  iommu_intr_covers(sbdf)
						  ? SLUICE_ASSIGN_RESET_WAIVED
						  : SLUICE_ASSIGN_FLAGS);
	}
	if (error != 0) {
		machine_fail("device %05x to guest %u: %d", sbdf,
			     guest->guest->id, error);
	}
	return address_in_guest(sbdf);
}
