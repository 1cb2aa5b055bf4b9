/* SPDX-License-Identifier: MIT */
/*
 * Registers of a function beside its header: words of configuration space, and
 * one window behind a BAR, plain memory that counts its writes.
 */
#pragma once

#include "fake_device.h"

#define FAKE_REGISTERS_BYTES 16384u

/* fake_registers_place() - All zero, at @address from now on; 0 = nowhere. */
void fake_registers_place(uint64_t address);

bool fake_registers_answer(uint64_t address, unsigned bytes);
uint64_t fake_registers_read(uint64_t address, unsigned bytes);
void fake_registers_write(uint64_t address, unsigned bytes, uint64_t value);
uint64_t fake_registers_writes(void);

/* Words of a function's configuration space; for the function itself. */
void fake_words_build(const struct fake_function_config *config,
		      uint8_t *space);
void fake_words_write(const struct fake_function_config *config, uint8_t *space,
		      unsigned offset, unsigned bytes, uint64_t value);
