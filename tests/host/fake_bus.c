// SPDX-License-Identifier: MIT
/*
 * From a machine address to the fake device that answers there. Nobody there,
 * or an access that the device does not take, fails the test.
 */
#include "arch/mmio.h"
#include "fake_device.h"
#include "fake_registers.h"
#include "machine.h"

static bool is_in(uint64_t address, uint64_t start, uint64_t bytes)
{
	return address >= start && address - start < bytes;
}

static struct fake_unit *unit_at(uint64_t address)
{
	for (unsigned i = 0; i < MACHINE_UNITS_MAX; i++) {
		struct fake_unit *unit = machine_unit(i);

		if (unit != NULL && fake_unit_answers(unit, address)) {
			return unit;
		}
	}
	return NULL;
}

static bool is_config(uint64_t address)
{
	return is_in(address, MACHINE_ECAM_BASE,
		     (uint64_t)MACHINE_ECAM_BUSES << 20);
}

uint64_t fake_bus_read(uint64_t address, unsigned bytes)
{
	struct fake_unit *unit = unit_at(address);
	uint64_t value;

	machine_lock();
	if (unit != NULL) {
		value = fake_unit_read(unit, address, bytes);
	} else if (is_config(address)) {
		value = fake_config_read(
			(uint32_t)((address - MACHINE_ECAM_BASE) >> PAGE_SHIFT),
			(unsigned)(address & PAGE_MASK), bytes);
	} else if (fake_registers_answer(address, bytes)) {
		value = fake_registers_read(address, bytes);
	} else {
		machine_fail("read of %u bytes at %lx: nobody there", bytes,
			     (unsigned long)address);
	}
	machine_unlock();
	return value;
}

void fake_bus_write(uint64_t address, unsigned bytes, uint64_t value)
{
	struct fake_unit *unit = unit_at(address);

	machine_lock();
	if (unit != NULL) {
		fake_unit_write(unit, address, bytes, value);
	} else if (is_config(address)) {
		fake_config_write(
			(uint32_t)((address - MACHINE_ECAM_BASE) >> PAGE_SHIFT),
			(unsigned)(address & PAGE_MASK), bytes, value);
	} else if (fake_registers_answer(address, bytes)) {
		fake_registers_write(address, bytes, value);
	} else {
		machine_fail("write of %lx, %u bytes, at %lx: nobody there",
			     (unsigned long)value, bytes,
			     (unsigned long)address);
	}
	machine_unlock();
}
