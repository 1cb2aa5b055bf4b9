// SPDX-License-Identifier: MIT
/*
 * PCI functions behind ECAM: identity, command register, BARs that can be
 * sized. PCI Express base specification, 7.5.1. What they send: fake_dma.c.
 */
#include "fake_device.h"

#include "fake_registers.h"
#include "lib/addr.h"
#include "machine.h"

#include <string.h>

#define COMMAND	       0x04
#define COMMAND_WRITES 0x0547u /* bits that software can change */
#define COMMAND_MASTER BIT(2)
#define BAR0	       0x10
#define CAPABILITIES   0x34
#define CAPABILITY_AT  0x40
#define CLASS_IOMMU    0x080600u
#define MSI_AT	       FAKE_FUNCTION_MSI
#define MSI_BYTES      14u
#define SECONDARY      0x19
#define BRIDGE_CONTROL 0x3e
#define BRIDGE_RESET   BIT(6)
#define CONFIG_BYTES   4096u

struct function {
	struct fake_function_config config;
	uint8_t space[CONFIG_BYTES];
	uint64_t bar[FAKE_BARS_MAX];
	struct fake_reset reset;
	struct fake_slot slot;
};

static struct function functions[MACHINE_FUNCTIONS_MAX];
static unsigned function_count;

void fake_functions_reset(void)
{
	memset(functions, 0, sizeof(functions));
	function_count = 0;
}

static struct function *find(uint32_t sbdf)
{
	for (unsigned i = 0; i < function_count; i++) {
		if (functions[i].config.sbdf == sbdf) {
			return &functions[i];
		}
	}
	return NULL;
}

static struct function *get(uint32_t sbdf)
{
	struct function *f = find(sbdf);

	if (f == NULL) {
		machine_fail("no PCI function %05x in this machine", sbdf);
	}
	return f;
}

static void put32(struct function *f, unsigned offset, uint32_t value)
{
	memcpy(&f->space[offset], &value, sizeof(value));
}

static uint32_t get32(const struct function *f, unsigned offset)
{
	uint32_t value;

	memcpy(&value, &f->space[offset], sizeof(value));
	return value;
}

static void show_bars(struct function *f)
{
	for (unsigned i = 0; i < FAKE_BARS_MAX; i++) {
		uint64_t bytes = f->config.bar[i].bytes;
		uint64_t value = f->bar[i] & ~(bytes - 1);

		if (bytes == 0) {
			continue;
		}
		if (f->config.bar[i].is_io) {
			put32(f, BAR0 + 4 * i, (uint32_t)value | 1);
			continue;
		}
		put32(f, BAR0 + 4 * i,
		      (uint32_t)value | (f->config.bar[i].is_64bit ? 4u : 0));
		if (f->config.bar[i].is_64bit) {
			put32(f, BAR0 + 4 * i + 4, (uint32_t)(value >> 32));
		}
	}
}

void fake_function_add(const struct fake_function_config *config)
{
	struct function *f = &functions[function_count++];

	f->config = *config;
	put32(f, 0x00, config->vendor | (uint32_t)config->device << 16);
	put32(f, 0x08, config->class_code << 8);
	f->space[0x0e] = (uint8_t)(config->is_bridge |
				   (config->multifunction ? 0x80 : 0));
	/* Firmware leaves memory decode on, and DMA of a bridge or a disk. */
	put32(f, COMMAND, 0x0002);
	if (config->capability != 0) {
		put32(f, CAPABILITY_AT, config->capability);
		put32(f, COMMAND, 0x00100006); /* and it has a list */
		f->space[CAPABILITIES] = CAPABILITY_AT;
	}
	if (config->class_code == CLASS_IOMMU) {
		f->space[CAPABILITY_AT + 1] = MSI_AT;
		put32(f, MSI_AT, 0x00800005); /* 64-bit addresses */
	}
	for (unsigned i = 0; i < FAKE_BARS_MAX; i++) {
		f->bar[i] = config->bar[i].address;
	}
	f->space[SECONDARY] = config->secondary;
	f->space[SECONDARY + 1] = config->subordinate ?: config->secondary;
	fake_words_build(config, f->space);
	f->reset.config = config->reset;
	fake_reset_build(&f->reset, f->space);
	f->slot.config = config->slot;
	fake_slot_build(&f->slot, f->space);
	show_bars(f);
}

/* What a reset takes: switches, BARs, what an owner left inside. */
static void reset_function(struct function *f)
{
	fake_reset_enter(&f->reset, f->space);
	put32(f, COMMAND, get32(f, COMMAND) & ~COMMAND_WRITES);
	for (unsigned i = 0; i < FAKE_BARS_MAX; i++) {
		f->bar[i] = 0;
	}
	show_bars(f);
}

static void write_bridge_control(struct function *f, uint16_t value)
{
	uint32_t was = get32(f, BRIDGE_CONTROL & ~3u) >> 16;

	memcpy(&f->space[BRIDGE_CONTROL], &value, sizeof(value));
	fake_slot_bus(&f->slot, f->space, (was & BRIDGE_RESET) != 0,
		      (value & BRIDGE_RESET) != 0);
	if (!(was & BRIDGE_RESET) || (value & BRIDGE_RESET)) {
		return;
	}
	for (unsigned i = 0; i < function_count; i++) {
		if ((uint8_t)(functions[i].config.sbdf >> 8) ==
		    f->config.secondary) {
			reset_function(&functions[i]);
		}
	}
}

static void write_bar(struct function *f, unsigned n, uint32_t value)
{
	if (f->reset.config.forgets_bars && f->reset.count != 0) {
		return;
	}
	if (f->config.bar[n].bytes != 0) {
		f->bar[n] = (f->bar[n] & ~(uint64_t)UINT32_MAX) | value;
	} else if (n > 0 && f->config.bar[n - 1].is_64bit) {
		f->bar[n - 1] = (uint32_t)f->bar[n - 1] | (uint64_t)value << 32;
	}
	show_bars(f);
}

static void check_access(unsigned offset, unsigned bytes)
{
	if (bytes > 4 || offset % bytes != 0) {
		machine_fail("configuration access of %u bytes at %x", bytes,
			     offset);
	}
}

uint64_t fake_config_read(uint32_t sbdf, unsigned offset, unsigned bytes)
{
	struct function *f = find(sbdf);
	uint64_t value = 0;

	check_access(offset, bytes);
	if (f == NULL || !fake_reset_reads(&f->reset)) {
		return UINT64_MAX >> (64 - 8 * bytes);
	}
	fake_slot_tick(&f->slot, f->space);
	memcpy(&value, &f->space[offset], bytes);
	return value;
}

void fake_config_write(uint32_t sbdf, unsigned offset, unsigned bytes,
		       uint64_t value)
{
	struct function *f = find(sbdf);
	uint32_t command;

	check_access(offset, bytes);
	if (f == NULL || !fake_reset_reads(&f->reset)) {
		return;
	}
	if (fake_reset_write(&f->reset, f->space, offset, bytes, value)) {
		reset_function(f);
	} else if (fake_slot_write(&f->slot, f->space, offset, bytes, value)) {
		/* Done. */
	} else if (f->config.class_code == CLASS_IOMMU &&
		   offset >= MSI_AT + 2 && offset < MSI_AT + MSI_BYTES) {
		memcpy(&f->space[offset], &value, bytes);
	} else if (offset == BRIDGE_CONTROL && f->config.secondary != 0) {
		write_bridge_control(f, (uint16_t)value);
	} else if (offset >= BAR0 && offset < BAR0 + 4 * FAKE_BARS_MAX) {
		if (bytes != 4) {
			machine_fail("BAR written with %u bytes", bytes);
		}
		write_bar(f, (offset - BAR0) / 4, (uint32_t)value);
	} else if (offset == COMMAND && bytes >= 2) {
		/* The status half takes writes of 1 only; none is modelled. */
		command = get32(f, COMMAND) & ~COMMAND_WRITES;
		put32(f, COMMAND, command | ((uint32_t)value & COMMAND_WRITES));
	} else {
		fake_words_write(&f->config, f->space, offset, bytes, value);
	}
}

bool fake_function_is_master(uint32_t sbdf)
{
	uint32_t command;

	machine_lock();
	command = get(sbdf)->reset.is_unplugged ? 0 : get32(get(sbdf), COMMAND);
	machine_unlock();
	return command & COMMAND_MASTER;
}

void fake_function_set_master(uint32_t sbdf, bool on)
{
	uint32_t command =
		get32(get(sbdf), COMMAND) & ~(uint32_t)COMMAND_MASTER;

	put32(get(sbdf), COMMAND,
	      command | (on ? (uint32_t)COMMAND_MASTER : 0));
}

struct fake_reset *fake_function_reset(uint32_t sbdf)
{
	return &get(sbdf)->reset;
}

struct fake_slot *fake_function_slot(uint32_t sbdf)
{
	return &get(sbdf)->slot;
}

uint8_t *fake_function_space(uint32_t sbdf)
{
	return get(sbdf)->space;
}

void fake_function_fill(uint32_t sbdf, const uint8_t *bytes, size_t size)
{
	memcpy(get(sbdf)->space, bytes, size);
}

struct fake_unit *fake_function_unit(uint32_t sbdf)
{
	const struct function *f = find(sbdf);

	if (f == NULL) {
		return machine_catch_all_unit();
	}
	return f->config.unit == FAKE_NO_UNIT ? NULL
					      : machine_unit(f->config.unit);
}
