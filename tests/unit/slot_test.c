// SPDX-License-Identifier: MIT
/*
 * Bus resets below hot-plug ports: what the control domain's driver of the port
 * is told of them, and finds in the slot's registers.
 */
#include "handover_fixture.h"
#include "lib/bits.h"

#define BEHIND SLUICE_SBDF(0, 1, 0, 0) /* the function below the port */
#define PORT   SLUICE_SBDF(0, 0, 28, 0)

#define GONE (FAKE_SLOT_PRESENCE | FAKE_SLOT_LINK)

/* As Linux's driver has it: both events, completion, an indicator on. */
#define INDICATOR 0x0200u
#define DRIVEN                                                                 \
	(FAKE_SLOT_PRESENCE | FAKE_SLOT_COMPLETED | FAKE_SLOT_INTERRUPT |      \
	 FAKE_SLOT_LINK_ON | INDICATOR)

#define ROOT_PORT_WITH_SLOT 0x01420010u

static struct fake_guest *g;

static struct machine_config with_port(int kind)
{
	struct machine_config c = service_machine(kind);

	c.function[1] = (struct fake_function_config){
		.sbdf = PORT,
		.vendor = 0x1b36,
		.device = 0x000c,
		.class_code = 0x060400,
		.is_bridge = true,
		.capability = ROOT_PORT_WITH_SLOT,
		.secondary = 1,
		.slot = {.has_registers = true,
			 .is_hotplug = true,
			 .link_ns = 20 * MS},
	};
	c.function[2].sbdf = BEHIND;
	return c;
}

static uint16_t control(void)
{
	return (uint16_t)fake_config_read(PORT, FAKE_SLOT_CTL, 2);
}

static uint16_t status(void)
{
	return (uint16_t)fake_config_read(PORT, FAKE_SLOT_STS, 2);
}

/* Booted, the slot's control set by the control domain, nothing told yet. */
static struct fake_slot *boot(const struct machine_config *c, uint16_t set)
{
	machine_boot(c);
	g = fake_guest_create(NULL);
	fake_config_write(PORT, FAKE_SLOT_CTL, 2, set);
	machine_clock_advance(2 * MS);
	(void)status();
	fake_config_write(PORT, FAKE_SLOT_STS, 2, FAKE_SLOT_COMPLETED);
	fake_function_slot(PORT)->told = 0;
	fake_function_slot(PORT)->control_writes = 0;
	return fake_function_slot(PORT);
}

static void reset_behind(void)
{
	take(BEHIND);
	ck_assert_int_eq(assign_to(g, BEHIND, NO_WAIVER), 0);
	ck_assert_uint_eq(fake_function_resets(BEHIND), 1);
	machine_clock_advance(1000 * MS);
	(void)status();
}

START_TEST(reset_is_not_told_as_an_unplugging)
{
	/* Nothing is told of it, nothing is left of it, all is on again. */
	struct machine_config c = with_port(_i);
	struct fake_slot *slot = boot(&c, DRIVEN);

	reset_behind();
	ck_assert_uint_eq(slot->told & GONE, 0);
	ck_assert_uint_eq(status() & GONE, 0);
	ck_assert_uint_eq(control(), DRIVEN);
	/* What happens after it is. */
	fake_slot_raise(slot, fake_function_space(PORT), GONE);
	ck_assert_uint_eq(slot->told & GONE, GONE);
	machine_shutdown();
}
END_TEST

START_TEST(link_that_comes_late_is_waited_for)
{
	/* It comes up with the device's answer, 600 ms after the reset. */
	struct machine_config c = with_port(_i);
	struct fake_slot *slot;

	c.function[1].slot.link_ns = 590 * MS;
	c.function[2].reset.answer_ns = 500 * MS;
	slot = boot(&c, DRIVEN);
	reset_behind();
	ck_assert_uint_eq(slot->told & GONE, 0);
	ck_assert_uint_eq(status() & GONE, 0);
	ck_assert_uint_eq(control(), DRIVEN);
	machine_shutdown();
}
END_TEST

START_TEST(event_of_before_is_kept)
{
	/* One that nobody has taken yet is still there, and told again. */
	struct machine_config c = with_port(_i);
	struct fake_slot *slot = boot(&c, DRIVEN & ~FAKE_SLOT_LINK_ON);

	fake_slot_raise(slot, fake_function_space(PORT), FAKE_SLOT_LINK);
	reset_behind();
	ck_assert_uint_eq(slot->told & GONE, 0);
	ck_assert_uint_eq(status() & GONE, FAKE_SLOT_LINK);
	machine_shutdown();
}
END_TEST

START_TEST(change_made_meanwhile_stays)
{
	/* The control domain turns its indicator off during the reset. */
	struct machine_config c = with_port(_i);
	struct fake_slot *slot = boot(&c, DRIVEN);

	take(BEHIND);
	while (control() == DRIVEN) {
		ck_assert_int_eq(dma_device_assign(g->guest, BEHIND, NO_WAIVER),
				 -XEN_EAGAIN);
	}
	ck_assert_uint_eq(control(), FAKE_SLOT_COMPLETED | INDICATOR);
	machine_clock_advance(2 * MS);
	fake_config_write(PORT, FAKE_SLOT_CTL, 2, FAKE_SLOT_COMPLETED);
	ck_assert_int_eq(assign_to(g, BEHIND, NO_WAIVER), 0);
	ck_assert_uint_eq(control(), DRIVEN & ~INDICATOR);
	ck_assert_uint_eq(slot->told & GONE, 0);
	machine_shutdown();
}
END_TEST

START_TEST(device_that_is_lost_is_told)
{
	/* One that does not come back has gone, and the driver learns of it. */
	struct machine_config c = with_port(_i);
	struct fake_slot *slot;

	c.function[1].slot.stays_down = true;
	c.function[2].reset.never_answers = true;
	slot = boot(&c, DRIVEN);
	take(BEHIND);
	ck_assert_int_eq(assign_to(g, BEHIND, NO_WAIVER), -XEN_EIO);
	ck_assert_uint_eq(control(), DRIVEN);
	ck_assert_uint_eq(slot->told & GONE, GONE);
	machine_shutdown();
}
END_TEST

START_TEST(slot_that_tells_nothing_is_not_commanded)
{
	/* Without a driver, or polled: its control is let be, events go. */
	struct machine_config c = with_port(_i);
	struct fake_slot *slot = boot(&c, INDICATOR);

	reset_behind();
	ck_assert_uint_eq(slot->control_writes, 0);
	ck_assert_uint_eq(control(), INDICATOR);
	ck_assert_uint_eq(status() & GONE, 0);
	machine_shutdown();
}
END_TEST

START_TEST(port_without_an_answer_is_not_believed)
{
	/* All ones that it reads for a while are not written back to it. */
	struct machine_config c = with_port(_i);
	struct fake_slot *slot = boot(&c, INDICATOR);

	take(BEHIND);
	machine_clock_advance(150 * MS);
	fake_function_reset(PORT)->is_unplugged = true;
	ck_assert_int_eq(dma_device_assign(g->guest, BEHIND, NO_WAIVER),
			 -XEN_EAGAIN);
	fake_function_reset(PORT)->is_unplugged = false;
	ck_assert_int_eq(assign_to(g, BEHIND, NO_WAIVER), 0);
	ck_assert_uint_eq(slot->control_writes, 0);
	ck_assert_uint_eq(control(), INDICATOR);
	machine_shutdown();
}
END_TEST

START_TEST(other_ports_have_no_slot)
{
	/* No hot-plug, no slot, no port's type, not PCI Express: let be. */
	static const struct {
		uint32_t capability;
		bool is_hotplug;
	} rows[] = {
		{ROOT_PORT_WITH_SLOT, false}, {0x00420010, true},
		{0x01020010, true},	      {0x01720010, true},
		{0x00000001, true},	      {0, true},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
		struct machine_config c = with_port(_i);
		struct fake_slot *slot;

		c.function[1].capability = rows[i].capability;
		c.function[1].slot.is_hotplug = rows[i].is_hotplug;
		slot = boot(&c, DRIVEN);
		reset_behind();
		EXPECT(slot->control_writes == 0 && control() == DRIVEN,
		       "row %u", i);
		EXPECT((status() & GONE) == GONE, "row %u", i);
		machine_shutdown();
	}
}
END_TEST

SERVICE_SUITE(slot, reset_is_not_told_as_an_unplugging,
	      link_that_comes_late_is_waited_for, event_of_before_is_kept,
	      change_made_meanwhile_stays, device_that_is_lost_is_told,
	      slot_that_tells_nothing_is_not_commanded,
	      port_without_an_answer_is_not_believed, other_ports_have_no_slot)
