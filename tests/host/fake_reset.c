// SPDX-License-Identifier: MIT
/* Resets of PCI functions. PCI Express base specification, 6.6.2, 7.5.3. */
#include "fake_reset.h"

#include "lib/bits.h"
#include "machine.h"

#include <string.h>

#define COMMAND	       0x04u
#define COMMAND_MASTER BIT(2)
#define STATUS	       0x06u
#define POINTER	       0x34u
#define DEVICE_CAP     (FAKE_RESET_EXPRESS + 4)
#define DEVICE_CTL     (FAKE_RESET_EXPRESS + 8)
#define DEVICE_STS     (FAKE_RESET_EXPRESS + 10)
#define AF_CAP	       (FAKE_RESET_EXPRESS + 3)
#define AF_CTL	       (FAKE_RESET_EXPRESS + 4)
#define AF_STS	       (FAKE_RESET_EXPRESS + 5)
#define QUIET_NS       UINT64_C(100000000)

static void put(uint8_t *space, unsigned offset, uint32_t value, unsigned bytes)
{
	memcpy(&space[offset], &value, bytes);
}

static void build_express(struct fake_reset *r, uint8_t *space)
{
	put(space, FAKE_RESET_EXPRESS, 0x00020010, 4);
	put(space, DEVICE_CAP, BIT(28), 4);
	put(space, DEVICE_CTL, 0x2810, 2);
	put(space, DEVICE_STS, r->config.never_drains ? BIT(5) : 0, 2);
}

static void build_advanced(struct fake_reset *r, uint8_t *space)
{
	put(space, FAKE_RESET_EXPRESS, 0x03060013, 4);
	put(space, AF_STS, r->config.never_drains ? 1 : 0, 1);
}

void fake_reset_build(struct fake_reset *r, uint8_t *space)
{
	if (r->config.has_ats) {
		put(space, FAKE_RESET_ATS, 0x1101000f, 4);
		put(space, FAKE_RESET_ATS + 16, 0x12010013, 4);
		put(space, FAKE_RESET_ATS + 32, 0x0001001b, 4);
	}
	if (r->config.way == FAKE_RESET_NONE) {
		return;
	}
	put(space, POINTER, FAKE_RESET_EXPRESS, 1);
	put(space, STATUS, BIT(4), 2);
	if (r->config.way == FAKE_RESET_FLR) {
		build_express(r, space);
	} else {
		build_advanced(r, space);
	}
}

bool fake_reset_reads(struct fake_reset *r)
{
	if (machine_clock_now() < r->quiet_until) {
		machine_fail(
			"a function was accessed %lu ns before its reset "
			"is over",
			(unsigned long)(r->quiet_until - machine_clock_now()));
	}
	if (r->is_unplugged) {
		return false;
	}
	return r->count == 0 || (!r->config.never_answers &&
				 machine_clock_now() >= r->mute_until);
}

void fake_reset_enter(struct fake_reset *r, uint8_t *space)
{
	if (space[COMMAND] & COMMAND_MASTER) {
		machine_fail("a function is reset with bus-master on");
	}
	r->count++;
	r->kept = 0;
	r->quiet_until = machine_clock_now() + QUIET_NS;
	r->mute_until = r->quiet_until + r->config.answer_ns;
	if (r->config.way == FAKE_RESET_FLR) {
		put(space, DEVICE_CTL, 0x2000, 2);
	}
	if (r->config.has_ats) {
		put(space, FAKE_RESET_ATS + 6, 0, 2);
		put(space, FAKE_RESET_ATS + 20, 0, 2);
		put(space, FAKE_RESET_ATS + 38, 0, 2);
	}
}

/* Registers that simply keep what is written. */
static bool is_plain(const struct fake_reset *r, unsigned offset)
{
	return (r->config.way == FAKE_RESET_FLR && offset == DEVICE_CTL) ||
	       (r->config.has_ats && (offset == FAKE_RESET_ATS + 6 ||
				      offset == FAKE_RESET_ATS + 20 ||
				      offset == FAKE_RESET_ATS + 38));
}

bool fake_reset_write(struct fake_reset *r, uint8_t *space, unsigned offset,
		      unsigned bytes, uint64_t value)
{
	if (is_plain(r, offset)) {
		put(space, offset,
		    (uint32_t)value & ~(offset == DEVICE_CTL ? 0x8000u : 0),
		    bytes);
	}
	return (r->config.way == FAKE_RESET_FLR && offset == DEVICE_CTL &&
		(value & 0x8000) != 0) ||
	       (r->config.way == FAKE_RESET_AF && offset == AF_CTL &&
		(value & 1) != 0);
}

unsigned fake_function_resets(uint32_t sbdf)
{
	return fake_function_reset(sbdf)->count;
}

void fake_function_keep(uint32_t sbdf, uint32_t word)
{
	fake_function_reset(sbdf)->kept = word;
}

uint32_t fake_function_kept(uint32_t sbdf)
{
	return fake_function_reset(sbdf)->kept;
}

void fake_function_unplug(uint32_t sbdf)
{
	fake_function_reset(sbdf)->is_unplugged = true;
}
