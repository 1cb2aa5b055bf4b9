// SPDX-License-Identifier: MIT
/*
 * The fakes themselves: a test bench that cannot fail proves nothing, so each
 * kind of trap is sprung here once on purpose.
 */
#include "arch/cache.h"
#include "arch/guestmem.h"
#include "arch/mmio.h"
#include "arch/physmap.h"
#include "arch/time.h"
#include "fail_at.h"
#include "fake_guest.h"
#include "fake_tlb.h"
#include "guestmem.h"
#include "iommu/unit.h"
#include "suite.h"

#include <string.h>

#define D1 SLUICE_SBDF(0, 0, 3, 0)

START_TEST(whole_machine_boots_and_goes_down)
{
	/* The default machine comes up with an interface and leaks nothing. */
	machine_boot(NULL);
	ck_assert_uint_eq(machine_no_interface(), SLUICE_INTERFACE_PRESENT);
	ck_assert(fake_unit_is_translating(machine_unit(0)));
	machine_shutdown();
	machine_boot(NULL);
	machine_shutdown();
}
END_TEST

static void read_nowhere(void *arg)
{
	(void)arg;
	mmio_read32(to_hpa(0xd0000000));
}

static void read_register_by_bytes(void *arg)
{
	(void)arg;
	mmio_read8(to_hpa(MACHINE_VTD_BASE));
}

static void touch_no_ram(void *arg)
{
	(void)arg;
	*(volatile char *)physmap_ptr(to_hpa(0x1000));
}

static void touch_freed(void *page)
{
	*(volatile char *)physmap_ptr(*(hpa_t *)page);
}

static void poll_for_ever(void *arg)
{
	(void)arg;
	for (;;) {
		mmio_read32(to_hpa(MACHINE_VTD_BASE + 0x1c));
	}
}

START_TEST(stray_accesses_fail_the_test)
{
	/* No device, a wrong width, no RAM, a freed page, an endless poll. */
	hpa_t page;

	machine_boot(NULL);
	ck_assert(machine_panics(read_nowhere, NULL));
	ck_assert(machine_panics(read_register_by_bytes, NULL));
	ck_assert(machine_panics(touch_no_ram, NULL));
	ck_assert(machine_panics(poll_for_ever, NULL));
	page = page_alloc(PAGE_POOL_HYPERVISOR, 1);
	page_put(page);
	ck_assert(machine_panics(touch_freed, &page));
}
END_TEST

static void shut_down(void *arg)
{
	(void)arg;
	machine_shutdown();
}

START_TEST(leaked_page_fails_the_test)
{
	/* One page taken and not given back is noticed at the end. */
	machine_boot(NULL);
	page_alloc(PAGE_POOL_HYPERVISOR, PAGE_OWNER_NONE);
	ck_assert(machine_panics(shut_down, NULL));
	ck_assert_ptr_nonnull(strstr(machine_panic_text(), "pool"));
}
END_TEST

START_TEST(misuse_of_a_unit_fails_the_test)
{
	/* A reserved command bit is a violation, and that fails the shutdown.
	 */
	machine_boot(NULL);
	mmio_write32(to_hpa(MACHINE_VTD_BASE + 0x18), 0x84000001);
	ck_assert_ptr_nonnull(fake_unit_violation(machine_unit(0)));
	ck_assert(machine_panics(shut_down, NULL));
}
END_TEST

/* One of each vendor: entry, then translations, then the wait. */
static const struct order {
	enum machine_vendor vendor;
	uint64_t base, ring_at, tail_at, address;
	uint64_t command[3][2];
} orders[] = {
	{MACHINE_INTEL,
	 MACHINE_VTD_BASE,
	 0x90,
	 0x88,
	 0x000ffffffffff000,
	 {{0x11, 0}, {0x12, 0}, {0x25, 0}}},
	{MACHINE_AMD,
	 MACHINE_AMDVI_BASE,
	 0x08,
	 0x2008,
	 0x000ffffffffff000,
	 {{2ull << 60 | 0x18, 0},
	  {3ull << 60 | 5ull << 32, 0x7ffffffffffff003},
	  {1ull << 60 | 1, 1}}},
};

static uint64_t flushed_by[3];
static unsigned order_count;

/* Flushes of entries that have taken effect by the n-th command. */
static void note_order(void *arg)
{
	(void)arg;
	if (order_count < 3) {
		flushed_by[order_count++] =
			fake_unit_counts(machine_unit(0)).context_flushes;
	}
}

static void check_order(const struct order *o)
{
	struct machine_config c =
		o->vendor == MACHINE_AMD ? machine_amd() : machine_default();
	struct fake_unit_counts before, after;
	hpa_t status;
	uint64_t ring, tail;

	c.stage = MACHINE_IOMMU;
	machine_boot(&c);
	status = page_alloc(PAGE_POOL_HYPERVISOR, PAGE_OWNER_NONE);
	ring = mmio_read64(to_hpa(o->base + o->ring_at)) & o->address;
	tail = mmio_read64(to_hpa(o->base + o->tail_at));
	for (unsigned n = 0; n < 3; n++) {
		uint64_t *to = machine_ram(ring + tail + n * 16, 16);

		to[0] = o->command[n][0];
		to[1] = o->command[n][1];
		if (n == 2 && o->vendor == MACHINE_INTEL) {
			to[1] = status.addr;
		} else if (n == 2) {
			to[0] |= status.addr;
		}
	}
	before = fake_unit_counts(machine_unit(0));
	fake_unit_reorder(machine_unit(0), true);
	order_count = 0;
	fake_unit_between(machine_unit(0), note_order, NULL);
	mmio_write64(to_hpa(o->base + o->tail_at), tail + 48);
	after = fake_unit_counts(machine_unit(0));
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
	ck_assert_uint_eq(order_count, 3);
	ck_assert_uint_eq(after.waits, before.waits + 1);
	ck_assert_uint_eq(after.context_flushes, before.context_flushes + 1);
	/* The translations' flush came first, the entry's second. */
	ck_assert_uint_eq(flushed_by[1], before.context_flushes);
	ck_assert_uint_eq(flushed_by[2], before.context_flushes + 1);
	machine_reset();
}

START_TEST(commands_between_waits_overtake_each_other)
{
	/* Asked to, a unit takes up the last of them first, the wait last. */
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		check_order(&orders[i]);
	}
}
END_TEST

START_TEST(second_read_of_guest_memory_is_seen)
{
	/* A byte read twice in one call is counted, a changed one is changed.
	 */
	struct fake_guest *g;
	uint32_t word = 1, other = 2;
	hpa_t at;

	machine_boot(NULL);
	g = fake_guest_create(NULL);
	at = to_hpa(fake_guest_hpa(g, 0x10000));
	fake_guest_write(g, 0x10000, &word, sizeof(word));
	guestmem_begin();
	guestmem_change_after_read(at, &other, sizeof(other));
	guestmem_read(&word, at, 4);
	ck_assert_uint_eq(word, 1);
	ck_assert_uint_eq(guestmem_double_reads(), 0);
	guestmem_read(&word, to_hpa(at.addr + 2), 2);
	guestmem_end();
	ck_assert_uint_eq(guestmem_double_reads(), 1);
	guestmem_read(&word, at, 4);
	ck_assert_uint_eq(word, 2);
	guestmem_forgive();
	machine_shutdown();
}
END_TEST

START_TEST(uncleaned_store_is_unseen)
{
	/* A walker that does not snoop sees 64-byte lines that were cleaned. */
	const uint8_t *seen;
	uint8_t *page;
	hpa_t at;

	machine_boot(NULL);
	at = page_alloc(PAGE_POOL_HYPERVISOR, 1);
	page = physmap_ptr(at);
	seen = machine_uncached(at.addr, PAGE_BYTES);
	page[63] = 1;
	page[64] = 2;
	page[128] = 3;
	ck_assert_uint_ne(seen[63], 1);
	cache_clean(page + 63, 2);
	ck_assert_uint_eq(seen[63], 1);
	ck_assert_uint_eq(seen[64], 2);
	ck_assert_uint_ne(seen[128], 3);
}
END_TEST

START_TEST(chosen_allocation_fails)
{
	/* fail_at() refuses the n-th allocation, fail_from() all from it on. */
	machine_boot(NULL);
	fail_at(2);
	ck_assert(!hpa_is_none(page_alloc(PAGE_POOL_HYPERVISOR, 1)));
	ck_assert(!fail_hit());
	ck_assert(hpa_is_none(page_alloc(PAGE_POOL_HYPERVISOR, 1)));
	ck_assert(fail_hit());
	ck_assert(!hpa_is_none(page_alloc(PAGE_POOL_HYPERVISOR, 1)));
	fail_from(1);
	ck_assert(hpa_is_none(page_alloc(PAGE_POOL_HYPERVISOR, 1)));
	ck_assert(hpa_is_none(page_alloc(PAGE_POOL_HYPERVISOR, 1)));
	fail_off();
}
END_TEST

START_TEST(nested_translation_stays_until_flushed)
{
	/* The fake TLB gives a removed page until p2m_flush() names its map. */
	struct p2m *p2m;
	hpa_t page;

	machine_boot(NULL);
	p2m = &fake_guest_create(NULL)->guest->p2m;
	ck_assert_int_eq(fake_tlb_access(p2m, to_gpa(0x5000), &page), P2M_RAM);
	ck_assert_int_eq(p2m_remove(p2m, to_gpa(0x5000), 1, P2M_RAM), 0);
	ck_assert_uint_eq(fake_tlb_flushes(), 1);
	ck_assert_int_eq(fake_tlb_access(p2m, to_gpa(0x5000), &page), P2M_HOLE);
}
END_TEST

START_TEST(device_goes_through_the_gate)
{
	/* Create, attach, map by hypercall: DMA lands where the guest meant. */
	struct sluice_create_domain domain = {.type = 0};
	struct sluice_create_device device = {.sbdf = 0};
	struct sluice_attach_device attach = {.domain = 0};
	struct sluice_map map = {.permissions = 3, .kind = 1, .pages = 1};
	struct fake_guest *g;
	char text[16] = "";

	machine_boot(NULL);
	g = fake_guest_create(NULL);
	device.sbdf = fake_guest_assign(g, D1);
	ck_assert_int_eq(fake_guest_status(g, SLUICE_OP_create_domain, &domain,
					   sizeof(domain)),
			 STATUS_SUCCESS);
	ck_assert_int_eq(fake_guest_status(g, SLUICE_OP_create_device, &device,
					   sizeof(device)),
			 STATUS_SUCCESS);
	attach.domain = domain.domain;
	attach.device = device.device;
	ck_assert_int_eq(fake_dma(D1, 0x40000, "hello", 6, true),
			 FAKE_DMA_NO_MASTER);
	ck_assert_int_eq(fake_dma_as(D1, 0x40000, "hello", 6, true),
			 FAKE_DMA_FAULT);
	ck_assert_int_eq(fake_guest_status(g, SLUICE_OP_attach_device, &attach,
					   sizeof(attach)),
			 STATUS_SUCCESS);
	map.domain = domain.domain;
	map.base = 0x20000;
	map.logical_address = 0x40000;
	map.has_logical_address = 1;
	ck_assert_int_eq(fake_guest_status(g, SLUICE_OP_map, &map, sizeof(map)),
			 STATUS_SUCCESS);
	ck_assert_int_eq(fake_dma(D1, 0x40000, "hello", 6, true), FAKE_DMA_OK);
	fake_guest_read(g, 0x20000, text, 6);
	ck_assert_str_eq(text, "hello");
	machine_shutdown();
}
END_TEST

UNIT_SUITE(harness, whole_machine_boots_and_goes_down,
	   stray_accesses_fail_the_test, leaked_page_fails_the_test,
	   misuse_of_a_unit_fails_the_test, second_read_of_guest_memory_is_seen,
	   commands_between_waits_overtake_each_other,
	   uncleaned_store_is_unseen, chosen_allocation_fails,
	   nested_translation_stays_until_flushed, device_goes_through_the_gate)
