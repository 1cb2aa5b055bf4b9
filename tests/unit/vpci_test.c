// SPDX-License-Identifier: MIT
/* Configuration space as a guest sees it: what is shown, what can be changed.
 */
#include "dma/device.h"
#include "vpci_fixture.h"

#include <string.h>

/* The words that D1 shows at first; the others are 0. */
static const struct {
	uint32_t at, value;
} shown[] = {
	{0x00, 0x11e81234},	      /* vendor, device              */
	{0x04, 0x00100002},	      /* memory decoded, a list      */
	{0x08, 0x00ff0000},	      /* class                       */
	{0x10, (uint32_t)BAR_AT},     /* BAR 0                       */
	{0x2c, 0x11001af4},	      /* subsystem                   */
	{0x34, AT_POWER},	      /* first capability            */
	{AT_POWER, 0x00036001},	      /* version alone, then MSI     */
	{AT_POWER + 4, 0x00000008},   /* D0, no soft reset           */
	{AT_MSI, 0x01808005},	      /* 64 bits, masks, one message */
	{AT_MSI + 20, 0x00000001},    /* its pending bit             */
	{AT_EXPRESS, 0x0002c010},     /* version 2, then MSI-X       */
	{AT_EXPRESS + 4, 0x00008fc5}, /* no reset of its own         */
	{AT_EXPRESS + 8, 0x00002810}, /* device control, as it is    */
	{AT_MSIX, 0x00040011},	      /* five entries, the last      */
	{AT_MSIX + 4, (uint32_t)TABLE},
	{AT_MSIX + 8, (uint32_t)PENDING},
};

static uint32_t expected(uint32_t at)
{
	for (size_t i = 0; i < ARRAY_COUNT(shown); i++) {
		if (shown[i].at == at) {
			return shown[i].value;
		}
	}
	return 0;
}

static void expect_shown(struct fake_guest *g, const char *when)
{
	for (uint32_t at = 0; at < 256; at += 4) {
		uint32_t got = config_get(g, at, 4);

		EXPECT(got == expected(at), "%s, %x: %x, not %x", when, at, got,
		       expected(at));
	}
}

START_TEST(every_byte_reads_as_the_policy_says)
{
	/* 256 bytes by 1, 2 and 4: what is listed, and 0 for all else. */
	struct fake_guest *g = vpci_boot(true);

	expect_shown(g, "at first");
	for (uint32_t at = 0; at < 256; at++) {
		uint32_t word = expected(at & ~3u) >> 8 * (at & 3);

		EXPECT(config_get(g, at, 1) == (word & 0xff), "byte %x", at);
		if ((at & 3) <= 2) {
			EXPECT(config_get(g, at, 2) == (word & 0xffff),
			       "two bytes at %x", at);
		}
	}
	vpci_boot_end();
}
END_TEST

/* What a guest's writes may never change in the hardware, word by word. */
static void expect_hardware(const uint32_t *before, uint32_t at)
{
	for (uint32_t word = 0; word < 256; word += 4) {
		uint32_t now = fake_function_config32(D1, word);
		uint32_t may = word == 0x04 ? 0x0406u /* bus master, pin off */
			       : word == AT_MSI	 ? 0x00010000u
			       : word == AT_MSIX ? 0xc0000000u
						 : 0;

		EXPECT(((now ^ before[word / 4]) & ~may) == 0,
		       "after a write at %x, %x is %x, was %x", at, word, now,
		       before[word / 4]);
	}
}

START_TEST(writes_reach_nothing_that_is_not_listed)
{
	/* Every offset and width, hostile values: the hardware keeps its
	 * registers but for bus master and the switches of messages, and these
	 * lead nowhere.
	 */
	static const uint32_t values[] = {UINT32_MAX, 0, 0xfee00000,
					  0xa5a5a5a5};
	struct fake_guest *g = vpci_boot(true);
	uint32_t before[64];

	(void)config_get(g, 0, 4);
	for (uint32_t word = 0; word < 256; word += 4) {
		before[word / 4] = fake_function_config32(D1, word);
	}
	for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
		for (uint32_t at = 0; at < 256; at++) {
			for (unsigned bytes = 1; bytes <= 4; bytes *= 2) {
				if ((at & 3) + bytes <= 4) {
					config_put(g, at, bytes, values[i]);
					expect_hardware(before, at);
				}
			}
		}
	}
	for (unsigned n = 0; n < IOMMU_INTR_ENTRIES; n++) {
		ck_assert_uint_eq(vpci_entry[n].vector, 0);
	}
	vpci_boot_end();
}
END_TEST

START_TEST(only_the_bridge_and_own_functions_answer)
{
	/* Other functions, buses, reserved address bits, the disabled window
	 * and what crosses its edge read all ones.
	 */
	struct fake_guest *g = vpci_boot(true);

	ck_assert_uint_eq(port_get(g, 0x80000000, 0, 4), 0x00081b36);
	ck_assert_uint_eq(port_get(g, 0x80000008, 0, 4), 0x06000000);
	ck_assert_uint_eq(port_get(g, 0x80000008, 3, 1), 0x06);
	ck_assert_uint_eq(port_get(g, 0x8000000c, 2, 1), 0);
	for (uint32_t sbdf = 1; sbdf < 0x10000; sbdf++) {
		uint32_t got = port_get(g, 0x80000000 | sbdf << 8, 0, 4);

		EXPECT(got == (sbdf == V1 ? 0x11e81234 : UINT32_MAX),
		       "%x reads %x", sbdf, got);
	}
	for (unsigned bit = 24; bit < 31; bit++) {
		ck_assert_uint_eq(
			port_get(g, 0x80000000 | V1 << 8 | 1u << bit, 0, 4),
			UINT32_MAX);
	}
	ck_assert_uint_eq(port_get(g, V1 << 8, 0, 4), UINT32_MAX);
	ck_assert_uint_eq(port_get(g, 0x80000001 | V1 << 8, 0, 4), UINT32_MAX);
	ck_assert_uint_eq(port_get(g, 0x80000000 | V1 << 8, 1, 4), UINT32_MAX);
	ck_assert_uint_eq(port_get(g, 0x80000000 | V1 << 8, 3, 2), 0xffff);
	vpci_boot_end();
}
END_TEST

START_TEST(other_ports_do_not_exist)
{
	/* The address register is one of 32 bits; a byte of it, the reset
	 * register, and every other port are refused.
	 */
	struct fake_guest *g = vpci_boot(true);

	for (uint32_t port = 0; port < 0x10000; port++) {
		for (unsigned bytes = 1; bytes <= 4; bytes *= 2) {
			uint32_t value = 0;
			bool wanted = (port >= 0xcfc && port <= 0xcff) ||
				      (port == 0xcf8 && bytes == 4) ||
				      (port == 0xcfb && bytes == 1);

			EXPECT(vpci_port(g->guest, (uint16_t)port, bytes, false,
					 &value) == wanted,
			       "port %x, %u bytes", port, bytes);
		}
	}
	vpci_boot_end();
}
END_TEST

START_TEST(address_register_is_each_guests_own)
{
	/* What one guest selects, another does not find selected. */
	struct fake_guest *g = vpci_boot(true);
	struct fake_guest *other = fake_guest_create(NULL);
	uint32_t value = 0;

	vpci_guest_create(other->guest);
	ck_assert_uint_eq(config_get(g, 0, 4), 0x11e81234);
	ck_assert(vpci_port(other->guest, VPCI_PORT_DATA, 4, false, &value));
	ck_assert_uint_eq(value, UINT32_MAX);
	ck_assert(vpci_port(other->guest, VPCI_PORT_ADDRESS, 4, false, &value));
	ck_assert_uint_eq(value, 0);
	ck_assert_uint_eq(port_get(other, 0x80000000 | V1 << 8, 0, 4),
			  UINT32_MAX);
	ck_assert(vpci_port(g->guest, VPCI_PORT_ADDRESS, 4, false, &value));
	ck_assert_uint_eq(value, 0x80000000 | V1 << 8);
	vpci_boot_end();
}
END_TEST

START_TEST(bars_can_be_sized_and_not_moved)
{
	/* All ones read back as the size; any other value as the place. */
	struct machine_config c = machine_default();
	struct fake_guest *g;

	c.function[1].bar[0].is_64bit = true;
	c.function[1].bar[2].address = 0xc001;
	c.function[1].bar[2].bytes = 32;
	c.function[1].bar[2].is_io = true;
	c.function[1].bar[3].address = MACHINE_BAR_BASE;
	c.function[1].bar[3].bytes = 4096;
	machine_boot(&c);
	g = fake_guest_create(NULL);
	vpci_guest_create(g->guest);
	fake_guest_assign(g, D1);
	dma_device_note_bar(g->guest, BAR_MACHINE, BAR_BYTES,
			    to_gpa(UINT64_C(0x1e0000000)), true);
	ck_assert_uint_eq(config_get(g, 0x10, 4), 0xe0000004);
	ck_assert_uint_eq(config_get(g, 0x14, 4), 1);
	config_put(g, 0x10, 4, 0xfffffff0);
	config_put(g, 0x14, 4, UINT32_MAX);
	ck_assert_uint_eq(config_get(g, 0x10, 4), 0xfff00004);
	ck_assert_uint_eq(config_get(g, 0x14, 4), UINT32_MAX);
	config_put(g, 0x10, 4, 0xd0000000);
	config_put(g, 0x14, 4, 0);
	ck_assert_uint_eq(config_get(g, 0x10, 4), 0xe0000004);
	ck_assert_uint_eq(config_get(g, 0x14, 4), 1);
	/* I/O, not mapped, and none at all. */
	for (unsigned at = 0x18; at <= 0x24; at += 4) {
		config_put(g, at, 4, UINT32_MAX);
		ck_assert_uint_eq(config_get(g, at, 4), 0);
	}
	ck_assert_uint_eq(fake_function_config32(D1, 0x10),
			  (uint32_t)BAR_MACHINE | 4);
	machine_shutdown();
}
END_TEST

START_TEST(command_register_keeps_the_hypervisors_bits)
{
	/* Memory stays decoded and the pin silent; bus master follows the
	 * guest; the guest reads what it wrote of these three.
	 */
	struct fake_guest *g = vpci_boot(true);

	ck_assert_uint_eq(config_get(g, 4, 2), 0x0002);
	ck_assert_uint_eq(fake_function_config32(D1, 4) & 0xffff, 0x0402);
	config_put(g, 4, 2, 0xffff);
	ck_assert_uint_eq(config_get(g, 4, 2), 0x0406);
	ck_assert_uint_eq(fake_function_config32(D1, 4) & 0xffff, 0x0406);
	ck_assert(fake_function_is_master(D1));
	config_put(g, 4, 2, 0);
	ck_assert_uint_eq(config_get(g, 4, 2), 0);
	ck_assert_uint_eq(fake_function_config32(D1, 4) & 0xffff, 0x0402);
	config_put(g, 4, 1, 0x04);
	ck_assert_uint_eq(config_get(g, 4, 4), 0x00100004);
	vpci_boot_end();
}
END_TEST

START_TEST(function_taken_away_is_gone)
{
	/* After de-assignment its place reads all ones, and writes go nowhere.
	 */
	struct fake_guest *g = vpci_boot(true);

	config_put(g, 4, 2, 6);
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert(!fake_function_is_master(D1));
	ck_assert_uint_eq(config_get(g, 0, 4), UINT32_MAX);
	config_put(g, 4, 2, 6);
	ck_assert(!fake_function_is_master(D1));
	ck_assert_uint_eq(config_get(g, 4, 4), UINT32_MAX);
	vpci_boot_end();
}
END_TEST

START_TEST(messages_are_not_offered_without_remapping)
{
	/* No remapping: neither MSI nor MSI-X is in the list, both stay off. */
	struct fake_guest *g = vpci_boot(false);

	ck_assert_uint_eq(config_get(g, 0x34, 1), AT_POWER);
	ck_assert_uint_eq(config_get(g, AT_POWER + 1, 1), AT_EXPRESS);
	ck_assert_uint_eq(config_get(g, AT_EXPRESS + 1, 1), 0);
	for (uint32_t at = AT_MSI; at < AT_MSI + 24; at += 4) {
		config_put(g, at, 4, UINT32_MAX);
		ck_assert_uint_eq(config_get(g, at, 4), 0);
	}
	config_put(g, AT_MSIX, 4, UINT32_MAX);
	ck_assert_uint_eq(fake_function_config32(D1, AT_MSI) & 0x10000, 0);
	ck_assert_uint_eq(fake_function_config32(D1, AT_MSIX) >> 30, 0);
	vpci_boot_end();
}
END_TEST

START_TEST(former_owners_messages_are_switched_off)
{
	/* Left on by whoever had it, both are off after the guest's first
	 * look.
	 */
	struct fake_guest *g = vpci_boot(true);

	fake_function_poke32(D1, AT_MSI, 0x01f78005);
	fake_function_poke32(D1, AT_MSIX, 0x80040011);
	(void)config_get(g, 0, 4);
	ck_assert_uint_eq(fake_function_config32(D1, AT_MSI) & 0x10000, 0);
	ck_assert_uint_eq(fake_function_config32(D1, AT_MSIX) >> 31, 0);
	vpci_boot_end();
}
END_TEST

START_TEST(dead_function_reads_all_ones)
{
	/* A function that answers nothing any more is survived: its id reads
	 * all ones, and every access comes back.
	 */
	struct fake_guest *g = vpci_boot(true);

	for (unsigned at = 0; at < 256; at += 4) {
		fake_function_poke32(D1, at, UINT32_MAX);
	}
	ck_assert_uint_eq(config_get(g, 0, 4), UINT32_MAX);
	for (unsigned at = 0; at < 256; at += 4) {
		config_put(g, at, 4, 0x12345678);
		(void)config_get(g, at, 4);
	}
	ck_assert_uint_eq(config_get(g, 0x34, 4), 0);
	ck_assert_uint_eq(vpci_sets, 0);
	vpci_boot_end();
}
END_TEST

START_TEST(nonsense_lists_end)
{
	/* Circles, twins, overlaps and what leaves the space: what is left is
	 * each kind once, whole and apart.
	 */
	static const struct fake_register circle[] = {
		{0x04, 0x00100000, 0},
		{0x34, 0x50, 0},
		{0x50, 0x00036001, 0},
		{0x60, 0x00805005, 0},
	};
	static const struct fake_register twins[] = {
		{0x04, 0x00100000, 0}, {0x34, 0x50, 0},
		{0x50, 0x00806005, 0}, {0x60, 0x00807005, 0},
		{0x70, 0x00030001, 0},
	};
	static const struct fake_register overlap[] = {
		{0x04, 0x00100000, 0}, {0x34, 0x50, 0},
		{0x50, 0x00805405, 0}, {0x54, 0x0003f801, 0},
		{0xf8, 0x0003fc01, 0}, {0xfc, 0x00800005, 0},
	};
	struct fake_guest *g = vpci_boot_with(true, circle, 4);

	ck_assert_uint_eq(config_get(g, 0x34, 1), 0x50);
	ck_assert_uint_eq(config_get(g, 0x51, 1), 0x60);
	ck_assert_uint_eq(config_get(g, 0x61, 1), 0);
	vpci_boot_end();
	g = vpci_boot_with(true, twins, 5);
	ck_assert_uint_eq(config_get(g, 0x51, 1), 0x70);
	ck_assert_uint_eq(config_get(g, 0x71, 1), 0);
	ck_assert_uint_eq(config_get(g, 0x60, 4), 0);
	vpci_boot_end();
	g = vpci_boot_with(true, overlap, 6);
	ck_assert_uint_eq(config_get(g, 0x51, 1), 0xf8);
	ck_assert_uint_eq(config_get(g, 0xf9, 1), 0);
	vpci_boot_end();
}
END_TEST

UNIT_SUITE(vpci, every_byte_reads_as_the_policy_says,
	   writes_reach_nothing_that_is_not_listed,
	   only_the_bridge_and_own_functions_answer, other_ports_do_not_exist,
	   address_register_is_each_guests_own, bars_can_be_sized_and_not_moved,
	   command_register_keeps_the_hypervisors_bits,
	   function_taken_away_is_gone,
	   messages_are_not_offered_without_remapping,
	   former_owners_messages_are_switched_off,
	   dead_function_reads_all_ones, nonsense_lists_end)
