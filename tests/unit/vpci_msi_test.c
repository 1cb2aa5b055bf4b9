// SPDX-License-Identifier: MIT
/* MSI: the guest programs as on a bare machine, the device sends our message.
 */
#include "dma/device.h"
#include "vpci_fixture.h"

#define CONTROL (AT_MSI + 2)
#define LOW	(AT_MSI + 4)
#define HIGH	(AT_MSI + 8)
#define DATA	(AT_MSI + 12)
#define MASK	(AT_MSI + 16)

static bool hardware_is_on(void)
{
	return (fake_function_config32(D1, AT_MSI) & 0x00010000) != 0;
}

static void program(struct fake_guest *g, uint32_t low, uint32_t high,
		    uint32_t data)
{
	config_put(g, CONTROL, 2, 0);
	config_put(g, LOW, 4, low);
	config_put(g, HIGH, 4, high);
	config_put(g, DATA, 2, data);
	config_put(g, CONTROL, 2, 1);
}

static bool is_pending(struct fake_guest *g, uint8_t vector)
{
	uint64_t word = 0;

	ck_assert(
		lapic_read(vpci_lapic(g->guest), 0x820u + vector / 32, &word));
	return word >> vector % 32 & 1;
}

static void enable_lapic(struct fake_guest *g)
{
	ck_assert(lapic_write(vpci_lapic(g->guest), 0x80f, 0x1ff));
}

START_TEST(programmed_message_becomes_the_hypervisors)
{
	/* The guest reads what it wrote; the device holds the unit's message,
	 * and the unit the guest's vector and the guest's CPU.
	 */
	struct fake_guest *g = vpci_boot(true);

	program(g, 0xfee00000, 0, 0x4031);
	ck_assert_uint_eq(config_get(g, LOW, 4), 0xfee00000);
	ck_assert_uint_eq(config_get(g, DATA, 2), 0x4031);
	ck_assert_uint_eq(config_get(g, CONTROL, 2), 0x0181);
	ck_assert_uint_eq(vpci_entry[0].vector, 0x31);
	ck_assert_uint_eq(vpci_entry[0].apic_id, FAKE_APIC_ID(g->guest));
	ck_assert(hardware_is_on());
	ck_assert_uint_eq(fake_function_config32(D1, LOW), MESSAGE_ADDRESS);
	ck_assert_uint_eq(fake_function_config32(D1, HIGH), 0);
	ck_assert_uint_eq(fake_function_config32(D1, DATA), MESSAGE_DATA(0));
	/* One message, whatever was asked for. */
	ck_assert_uint_eq(fake_function_config32(D1, AT_MSI) & 0x00700000, 0);
	config_put(g, CONTROL, 2, 0x0051);
	ck_assert_uint_eq(config_get(g, CONTROL, 2), 0x0181);
	ck_assert_uint_eq(fake_function_config32(D1, AT_MSI) & 0x00700000, 0);
	config_put(g, CONTROL, 2, 0);
	ck_assert(!hardware_is_on());
	ck_assert_uint_eq(vpci_entry[0].vector, 0);
	vpci_boot_end();
}
END_TEST

/* Every vector but these is let through; 0 = the message goes nowhere. */
static uint8_t wanted_vector(unsigned vector)
{
	return vector >= 0x20 && vector <= 0xef ? (uint8_t)vector : 0;
}

START_TEST(every_vector_is_its_own_or_none)
{
	/* All 256: those of exceptions and of the hypervisor's class go
	 * nowhere, and the device is off.
	 */
	struct fake_guest *g = vpci_boot(true);

	for (unsigned vector = 0; vector < 256; vector++) {
		program(g, 0xfee00000, 0, vector);
		EXPECT(vpci_entry[0].vector == wanted_vector(vector),
		       "vector %x became %x", vector, vpci_entry[0].vector);
		EXPECT(hardware_is_on() == (wanted_vector(vector) != 0),
		       "vector %x", vector);
		EXPECT(config_get(g, DATA, 2) == vector &&
			       (config_get(g, CONTROL, 2) & 1) == 1,
		       "the guest's own view of %x", vector);
	}
	vpci_boot_end();
}
END_TEST

START_TEST(foreign_messages_go_nowhere)
{
	/* Another CPU, another delivery mode, a level, a remappable format, an
	 * address that is no message: nothing is let through.
	 */
	static const struct {
		uint32_t low, high, data;
		bool passes;
	} rows[] = {
		{0xfee00000, 0, 0x31, true},
		{0xfee00008, 0, 0x31, true},   /* redirection hint         */
		{0xfee0000c, 0, 0x31, false},  /* logical: nobody          */
		{0xfee01004, 0, 0x31, true},   /* logical: its own bit     */
		{0xfee03004, 0, 0x31, true},   /* logical: its own, others */
		{0xfee02004, 0, 0x31, false},  /* logical: another         */
		{0xfeeff000, 0, 0x31, true},   /* everybody                */
		{0xfee01000, 0, 0x31, false},  /* physical: another CPU    */
		{0xfee00000, 0, 0x131, true},  /* lowest priority          */
		{0xfee00000, 0, 0x4031, true}, /* level bit of an edge     */
		{0xfee00000, 0, 0x231, false}, /* SMI                      */
		{0xfee00000, 0, 0x331, false},
		{0xfee00000, 0, 0x431, false}, /* NMI                      */
		{0xfee00000, 0, 0x531, false}, /* INIT                     */
		{0xfee00000, 0, 0x631, false}, /* start-up                 */
		{0xfee00000, 0, 0x731, false}, /* external                 */
		{0xfee00000, 0, 0x8031, false},
		{0xfee00000, 0, 0x831, false},
		{0xfee00010, 0, 0x31, false}, /* remappable format        */
		{0xfee00800, 0, 0x31, false},
		{0xfee00000, 1, 0x31, false},
		{0xfed00000, 0, 0x31, false},
		{0xfef00000, 0, 0x31, false},
		{0x00000000, 0, 0x31, false},
	};
	struct fake_guest *g = vpci_boot(true);

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		program(g, rows[i].low, rows[i].high, rows[i].data);
		EXPECT((vpci_entry[0].vector == 0x31) == rows[i].passes,
		       "row %zu: vector %x", i, vpci_entry[0].vector);
		EXPECT(hardware_is_on() == rows[i].passes, "row %zu", i);
	}
	vpci_boot_end();
}
END_TEST

START_TEST(reprogramming_takes_effect_at_once)
{
	/* A new vector while enabled; a bad one switches the device off, a
	 * good one on again.
	 */
	struct fake_guest *g = vpci_boot(true);

	program(g, 0xfee00000, 0, 0x31);
	config_put(g, DATA, 1, 0x45);
	ck_assert_uint_eq(vpci_entry[0].vector, 0x45);
	ck_assert(hardware_is_on());
	config_put(g, DATA + 1, 1, 0x04);
	ck_assert_uint_eq(vpci_entry[0].vector, 0);
	ck_assert(!hardware_is_on());
	config_put(g, DATA, 2, 0x46);
	ck_assert_uint_eq(vpci_entry[0].vector, 0x46);
	ck_assert(hardware_is_on());
	vpci_boot_end();
}
END_TEST

START_TEST(unit_that_refuses_leaves_the_device_off)
{
	/* No entry, no message: the device stays off, and the next try works.
	 */
	struct fake_guest *g = vpci_boot(true);

	vpci_set_error = -XEN_EIO;
	program(g, 0xfee00000, 0, 0x31);
	ck_assert(!hardware_is_on());
	enable_lapic(g);
	vpci_arrived(g->guest, 0x31);
	ck_assert(!is_pending(g, 0x31));
	program(g, 0xfee00000, 0, 0x31);
	ck_assert(hardware_is_on());
	vpci_boot_end();
}
END_TEST

START_TEST(mask_is_the_hardwares)
{
	/* The mask bit reaches the device with the message, bit 0 alone. */
	struct fake_guest *g = vpci_boot(true);

	config_put(g, MASK, 4, UINT32_MAX);
	program(g, 0xfee00000, 0, 0x31);
	ck_assert_uint_eq(config_get(g, MASK, 4), 1);
	ck_assert_uint_eq(fake_function_config32(D1, MASK), 1);
	config_put(g, MASK, 4, 0);
	ck_assert_uint_eq(fake_function_config32(D1, MASK), 0);
	ck_assert(hardware_is_on());
	vpci_boot_end();
}
END_TEST

START_TEST(only_programmed_vectors_arrive)
{
	/* A vector that came to the guest's CPU counts if a device of the
	 * guest's has it; from the moment it has not, it is dropped.
	 */
	struct fake_guest *g = vpci_boot(true);

	enable_lapic(g);
	program(g, 0xfee00000, 0, 0x31);
	for (unsigned vector = 0; vector < 256; vector++) {
		vpci_arrived(g->guest, (uint8_t)vector);
		EXPECT(is_pending(g, (uint8_t)vector) == (vector == 0x31),
		       "vector %x", vector);
	}
	lapic_deliver(vpci_lapic(g->guest), 0x31);
	config_put(g, DATA, 2, 0x32);
	vpci_arrived(g->guest, 0x31);
	ck_assert(!is_pending(g, 0x31));
	vpci_arrived(g->guest, 0x32);
	ck_assert(is_pending(g, 0x32));
	vpci_boot_end();
}
END_TEST

START_TEST(next_owner_starts_from_nothing)
{
	/* A function that went to another guest shows none of what the first
	 * programmed, and is off.
	 */
	struct fake_guest *g = vpci_boot(true);
	struct fake_guest *heir = fake_guest_create(NULL);

	program(g, 0xfee00000, 0, 0x31);
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	vpci_guest_create(heir->guest);
	ck_assert_int_eq(
		dma_device_assign(heir->guest, D1, SLUICE_ASSIGN_RESET_WAIVED),
		0);
	ck_assert_uint_eq(config_get(heir, LOW, 4), 0);
	ck_assert_uint_eq(config_get(heir, DATA, 2), 0);
	ck_assert_uint_eq(config_get(heir, CONTROL, 2), 0x0180);
	ck_assert(!hardware_is_on());
	ck_assert_uint_eq(config_get(g, 0, 4), UINT32_MAX);
	vpci_boot_end();
}
END_TEST

UNIT_SUITE(vpci_msi, programmed_message_becomes_the_hypervisors,
	   every_vector_is_its_own_or_none, foreign_messages_go_nowhere,
	   reprogramming_takes_effect_at_once,
	   unit_that_refuses_leaves_the_device_off, mask_is_the_hardwares,
	   only_programmed_vectors_arrive, next_owner_starts_from_nothing)
