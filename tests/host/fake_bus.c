// SPDX-License-Identifier: MIT
/*
 * From a machine address to the fake device that answers there. Nobody there,
 * or an access that the device does not take, fails the test.
 */
#include "arch/mmio.h"
#include "fake_device.h"
#include "machine.h"

static bool is_in(uint64_t address, uint64_t start, uint64_t bytes)
{
	return address >= start && address - start < bytes;
}

static struct fake_vtd *unit_at(uint64_t address, unsigned *offset)
{
	if (!is_in(address, MACHINE_VTD_BASE, MACHINE_UNITS_MAX * PAGE_BYTES)) {
		return NULL;
	}
	*offset = (unsigned)(address & PAGE_MASK);
	return machine_unit(
		(unsigned)((address - MACHINE_VTD_BASE) >> PAGE_SHIFT));
}

static bool is_config(uint64_t address)
{
	return is_in(address, MACHINE_ECAM_BASE,
		     (uint64_t)MACHINE_ECAM_BUSES << 20);
}

uint64_t fake_bus_read(uint64_t address, unsigned bytes)
{
	unsigned offset;
	struct fake_vtd *unit = unit_at(address, &offset);
	uint64_t value;

	machine_lock();
	if (unit != NULL) {
		value = fake_vtd_read(unit, offset, bytes);
	} else if (is_config(address)) {
		value = fake_config_read(
			(uint32_t)((address - MACHINE_ECAM_BASE) >> PAGE_SHIFT),
			(unsigned)(address & PAGE_MASK), bytes);
	} else {
		machine_fail("read of %u bytes at %lx: nobody there", bytes,
			     (unsigned long)address);
	}
	machine_unlock();
	return value;
}

void fake_bus_write(uint64_t address, unsigned bytes, uint64_t value)
{
	unsigned offset;
	struct fake_vtd *unit = unit_at(address, &offset);

	machine_lock();
	if (unit != NULL) {
		fake_vtd_write(unit, offset, bytes, value);
	} else if (is_config(address)) {
		fake_config_write(
			(uint32_t)((address - MACHINE_ECAM_BASE) >> PAGE_SHIFT),
			(unsigned)(address & PAGE_MASK), bytes, value);
	} else {
		machine_fail("write of %lx, %u bytes, at %lx: nobody there",
			     (unsigned long)value, bytes,
			     (unsigned long)address);
	}
	machine_unlock();
}
