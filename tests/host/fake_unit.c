// SPDX-License-Identifier: MIT
/* From the handle of a unit to the vendor's own fake. */
#include "fake_unit.h"

#include "fake_amdvi.h"
#include "fake_vtd.h"

#include <stdlib.h>

struct fake_unit {
	uint64_t registers;
	uint64_t register_bytes;
	bool is_gone;
	/* One of them. */
	struct fake_vtd *vtd;
	struct fake_amdvi *amdvi;
};

/* EITHER() - Call the vendor's function of this name. */
#define EITHER(unit, name, ...)                                                \
	((unit)->vtd != NULL                                                   \
		 ? fake_vtd_##name((unit)->vtd, ##__VA_ARGS__)                 \
		 : fake_amdvi_##name((unit)->amdvi, ##__VA_ARGS__))

static struct fake_unit *make(uint64_t registers, uint64_t bytes)
{
	struct fake_unit *unit = calloc(1, sizeof(*unit));

	if (unit == NULL) {
		abort();
	}
	unit->registers = registers;
	unit->register_bytes = bytes;
	return unit;
}

struct fake_unit *fake_unit_vtd(const struct fake_vtd_config *config,
				uint64_t registers)
{
	struct fake_unit *unit = make(registers, 0x1000);

	unit->vtd = fake_vtd_create(config, registers);
	return unit;
}

struct fake_unit *fake_unit_amdvi(const struct fake_amdvi_config *config,
				  uint64_t registers)
{
	struct fake_unit *unit = make(registers, FAKE_AMDVI_WINDOW);

	unit->amdvi = fake_amdvi_create(config, registers);
	return unit;
}

void fake_unit_destroy(struct fake_unit *unit)
{
	EITHER(unit, destroy);
	free(unit);
}

enum fake_dma fake_unit_translate(struct fake_unit *unit, uint16_t source,
				  uint64_t iova, bool is_write, uint64_t *hpa)
{
	return EITHER(unit, translate, source, iova, is_write, hpa);
}

bool fake_unit_interrupt(struct fake_unit *unit, uint16_t source,
			 uint64_t address, uint32_t data,
			 struct fake_arrival *arrival)
{
	return EITHER(unit, interrupt, source, address, data, arrival);
}

void fake_unit_delay(struct fake_unit *unit, uint64_t ns)
{
	EITHER(unit, delay, ns);
}

void fake_unit_reorder(struct fake_unit *unit, bool reorder)
{
	EITHER(unit, reorder, reorder);
}

void fake_unit_hold(struct fake_unit *unit, bool hold)
{
	EITHER(unit, hold, hold);
}

void fake_unit_queue_error(struct fake_unit *unit, unsigned n)
{
	EITHER(unit, queue_error, n);
}

void fake_unit_ignore_commands(struct fake_unit *unit, bool ignore)
{
	EITHER(unit, ignore_commands, ignore);
}

void fake_unit_vanish(struct fake_unit *unit, bool is_gone)
{
	unit->is_gone = is_gone;
}

void fake_unit_damage(struct fake_unit *unit, bool on)
{
	EITHER(unit, damage, on);
}

void fake_unit_between(struct fake_unit *unit, void (*hook)(void *), void *arg)
{
	EITHER(unit, between, hook, arg);
}

struct fake_unit_counts fake_unit_counts(const struct fake_unit *unit)
{
	return EITHER(unit, counts);
}

bool fake_unit_is_translating(const struct fake_unit *unit)
{
	return EITHER(unit, is_translating);
}

const char *fake_unit_violation(const struct fake_unit *unit)
{
	return EITHER(unit, violation);
}

void fake_unit_forgive(struct fake_unit *unit)
{
	EITHER(unit, forgive);
}

unsigned fake_unit_cached(const struct fake_unit *unit, uint16_t did)
{
	return EITHER(unit, cached, did);
}

bool fake_unit_answers(const struct fake_unit *unit, uint64_t address)
{
	return address >= unit->registers &&
	       address - unit->registers < unit->register_bytes;
}

uint64_t fake_unit_read(struct fake_unit *unit, uint64_t address,
			unsigned bytes)
{
	if (unit->is_gone) {
		return UINT64_MAX >> (64 - 8 * bytes);
	}
	return EITHER(unit, read, (unsigned)(address - unit->registers), bytes);
}

void fake_unit_write(struct fake_unit *unit, uint64_t address, unsigned bytes,
		     uint64_t value)
{
	if (unit->is_gone) {
		return;
	}
	EITHER(unit, write, (unsigned)(address - unit->registers), bytes,
	       value);
}

void fake_unit_tick(struct fake_unit *unit)
{
	EITHER(unit, tick);
}

void fake_unit_clock_was_read(struct fake_unit *unit)
{
	EITHER(unit, clock_was_read);
}
