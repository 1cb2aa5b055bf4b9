// SPDX-License-Identifier: MIT
/* A guest's local APIC: what it takes, in which order it hands out. */
#include "suite.h"
#include "vpci/lapic.h"

#define ID	0x802u
#define VERSION 0x803u
#define TPR	0x808u
#define PPR	0x80au
#define EOI	0x80bu
#define LDR	0x80du
#define SVR	0x80fu
#define ISR	0x810u
#define IRR	0x820u
#define SELF	0x83fu

static struct lapic lapic;

static void start(void)
{
	lapic_reset(&lapic);
	ck_assert(lapic_write(&lapic, SVR, 0x1ff));
}

static uint64_t get(uint32_t msr)
{
	uint64_t value = ~UINT64_C(0);

	EXPECT(lapic_read(&lapic, msr, &value), "no register %x", msr);
	return value;
}

START_TEST(disabled_it_takes_nothing)
{
	/* Until software enables it, and below vector 16, nothing arrives. */
	lapic_reset(&lapic);
	lapic_raise(&lapic, 0x31);
	ck_assert_uint_eq(lapic_next(&lapic), 0);
	ck_assert_uint_eq(get(SVR), 0xff);
	ck_assert(lapic_write(&lapic, SVR, 0x1ff));
	for (unsigned vector = 0; vector < 16; vector++) {
		lapic_raise(&lapic, (uint8_t)vector);
	}
	ck_assert_uint_eq(lapic_next(&lapic), 0);
	lapic_raise(&lapic, 16);
	ck_assert_uint_eq(lapic_next(&lapic), 16);
}
END_TEST

START_TEST(higher_classes_interrupt_lower_ones)
{
	/* The highest first; one of the same class waits for the end of what
	 * is in service.
	 */
	start();
	lapic_raise(&lapic, 0x31);
	lapic_raise(&lapic, 0x52);
	ck_assert_uint_eq(lapic_next(&lapic), 0x52);
	lapic_deliver(&lapic, 0x52);
	ck_assert_uint_eq(lapic_next(&lapic), 0);
	ck_assert_uint_eq(get(PPR), 0x50);
	lapic_raise(&lapic, 0x5f);
	ck_assert_uint_eq(lapic_next(&lapic), 0);
	lapic_raise(&lapic, 0x60);
	ck_assert_uint_eq(lapic_next(&lapic), 0x60);
	lapic_deliver(&lapic, 0x60);
	ck_assert_uint_eq(get(ISR + 2), 1u << (0x52 - 0x40));
	ck_assert_uint_eq(get(ISR + 3), 1);
	ck_assert(lapic_write(&lapic, EOI, 0));
	ck_assert_uint_eq(lapic_next(&lapic), 0);
	ck_assert(lapic_write(&lapic, EOI, 0));
	ck_assert_uint_eq(lapic_next(&lapic), 0x5f);
	lapic_deliver(&lapic, 0x5f);
	ck_assert(lapic_write(&lapic, EOI, 0));
	ck_assert_uint_eq(lapic_next(&lapic), 0x31);
	ck_assert(lapic_write(&lapic, EOI, 0));
	ck_assert_uint_eq(lapic_next(&lapic), 0x31);
}
END_TEST

START_TEST(task_priority_holds_back)
{
	/* Its own class and those below wait; they are known to wait. */
	start();
	lapic_raise(&lapic, 0x51);
	ck_assert(lapic_write(&lapic, TPR, 0x50));
	ck_assert_uint_eq(lapic_next(&lapic), 0);
	ck_assert_uint_eq(lapic_waiting(&lapic), 0x51);
	ck_assert(lapic_write(&lapic, TPR, 0x4f));
	ck_assert_uint_eq(lapic_next(&lapic), 0x51);
	lapic_deliver(&lapic, 0x51);
	ck_assert_uint_eq(lapic_waiting(&lapic), 0);
	lapic_raise(&lapic, 0x61);
	ck_assert(lapic_write(&lapic, TPR, 0x60));
	ck_assert_uint_eq(lapic_next(&lapic), 0);
	ck_assert_uint_eq(lapic_waiting(&lapic), 0x61);
}
END_TEST

START_TEST(every_vector_is_kept_once)
{
	/* A vector raised twice before it is taken comes once. */
	start();
	for (unsigned vector = 16; vector < 256; vector++) {
		lapic_raise(&lapic, (uint8_t)vector);
		lapic_raise(&lapic, (uint8_t)vector);
	}
	for (unsigned vector = 255; vector >= 16; vector--) {
		ck_assert_uint_eq(lapic_next(&lapic), vector);
		ck_assert_uint_ne(get(IRR + vector / 32) & 1u << vector % 32,
				  0);
		lapic_deliver(&lapic, (uint8_t)vector);
		ck_assert_uint_eq(get(IRR + vector / 32) & 1u << vector % 32,
				  0);
		ck_assert(lapic_write(&lapic, EOI, 0));
	}
	ck_assert_uint_eq(lapic_next(&lapic), 0);
}
END_TEST

START_TEST(registers_are_those_of_the_table)
{
	/* All 256 MSRs: which can be read, which take 0, all ones, a value. */
	for (uint32_t msr = 0x800; msr < 0x900; msr++) {
		bool is_vector = msr >= 0x810 && msr < 0x828;
		bool reads = is_vector || msr == ID || msr == VERSION ||
			     msr == TPR || msr == PPR || msr == LDR ||
			     msr == SVR || msr == 0x828;
		bool takes_zero = msr == TPR || msr == EOI || msr == SVR ||
				  msr == 0x828 || msr == SELF;
		bool takes_value = msr == TPR || msr == SVR || msr == SELF;
		uint64_t value = 0x1234;

		start();
		EXPECT(lapic_read(&lapic, msr, &value) == reads, "read %x",
		       msr);
		EXPECT(reads || value == 0x1234, "%x was written to", msr);
		EXPECT(lapic_write(&lapic, msr, 0) == takes_zero, "%x = 0",
		       msr);
		EXPECT(lapic_write(&lapic, msr, 0x40) == takes_value,
		       "%x = 40h", msr);
		EXPECT(!lapic_write(&lapic, msr, UINT64_MAX), "%x = ones", msr);
		EXPECT(!lapic_write(&lapic, msr, UINT64_C(1) << 32),
		       "%x = 2^32", msr);
	}
	start();
	ck_assert_uint_eq(get(ID), 0);
	ck_assert_uint_eq(get(LDR), 1);
	ck_assert(lapic_write(&lapic, TPR, 0x45));
	ck_assert_uint_eq(get(TPR), 0x45);
	ck_assert_uint_eq(get(PPR), 0x45);
	ck_assert(lapic_write(&lapic, SELF, 0x77));
	ck_assert_uint_eq(lapic_next(&lapic), 0x77);
}
END_TEST

UNIT_SUITE(lapic, disabled_it_takes_nothing,
	   higher_classes_interrupt_lower_ones, task_priority_holds_back,
	   every_vector_is_kept_once, registers_are_those_of_the_table)
