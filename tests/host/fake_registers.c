// SPDX-License-Identifier: MIT
/* Words that a test names, one window. A misaligned access fails the test. */
#include "fake_registers.h"

#include "machine.h"

#include <string.h>

static struct {
	uint64_t address;
	uint64_t writes;
	uint8_t bytes[FAKE_REGISTERS_BYTES];
} window;

void fake_registers_place(uint64_t address)
{
	memset(&window, 0, sizeof(window));
	window.address = address;
}

bool fake_registers_answer(uint64_t address, unsigned bytes)
{
	return window.address != 0 && address >= window.address &&
	       address + bytes <= window.address + FAKE_REGISTERS_BYTES;
}

static uint8_t *at(uint64_t address, unsigned bytes)
{
	if (address % bytes != 0) {
		machine_fail("register access of %u bytes at %lx", bytes,
			     (unsigned long)address);
	}
	return &window.bytes[address - window.address];
}

uint64_t fake_registers_read(uint64_t address, unsigned bytes)
{
	uint64_t value = 0;

	memcpy(&value, at(address, bytes), bytes);
	return value;
}

void fake_registers_write(uint64_t address, unsigned bytes, uint64_t value)
{
	window.writes++;
	memcpy(at(address, bytes), &value, bytes);
}

uint64_t fake_registers_writes(void)
{
	return window.writes;
}

/* A PCI Express capability at 40h, the only one of a list. */
static void build_express(const struct fake_function_config *config,
			  uint8_t *space)
{
	uint32_t first = 0x10 | (uint32_t)config->express << 16;

	memcpy(space + 0x40, &first, sizeof(first));
	memcpy(space + 0x44, &config->express_device, sizeof(uint32_t));
	space[0x06] |= 0x10;
	space[0x34] = 0x40;
}

void fake_words_build(const struct fake_function_config *config, uint8_t *space)
{
	if (config->express != 0) {
		build_express(config, space);
	}
	for (unsigned i = 0; i < config->register_count; i++) {
		const struct fake_register *r = &config->registers[i];
		uint32_t word;

		memcpy(&word, &space[r->offset], sizeof(word));
		word |= r->value;
		memcpy(&space[r->offset], &word, sizeof(word));
	}
}

void fake_words_write(const struct fake_function_config *config, uint8_t *space,
		      unsigned offset, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < config->register_count; i++) {
		const struct fake_register *r = &config->registers[i];
		unsigned shift = 8 * (offset & 3);
		uint32_t mask, word;

		if (r->offset != (offset & ~3u)) {
			continue;
		}
		mask = (uint32_t)(GENMASK(8 * bytes - 1, 0) << shift) &
		       r->writable;
		memcpy(&word, &space[r->offset], sizeof(word));
		word = (word & ~mask) | ((uint32_t)(value << shift) & mask);
		memcpy(&space[r->offset], &word, sizeof(word));
	}
}
