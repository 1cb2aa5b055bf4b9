/* SPDX-License-Identifier: MIT */
/*
 * PCI functions: configuration space behind the fake ECAM window, and their
 * DMA, which goes through the IOMMU unit in front of them.
 */
#pragma once

#include "fake_reset.h"
#include "fake_slot.h"
#include "fake_unit.h"

#define FAKE_NO_UNIT  0xffu
#define FAKE_BARS_MAX 6u

/* One word of configuration space beside what the header is made of. */
struct fake_register {
	uint16_t offset; /* multiple of 4                                    */
	uint32_t value;
	uint32_t writable; /* bits that software can change                  */
};

struct fake_function_config {
	uint32_t sbdf;
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code; /* class 23..16, subclass, interface            */
	unsigned unit;	     /* index of the unit in front, or FAKE_NO_UNIT  */
	bool is_bridge;	     /* header type 1                                */
	bool multifunction;
	uint16_t express; /* capabilities register of a PCI Express one at
			     40h, 0 = it is conventional                     */
	uint32_t express_device; /* its device capabilities                  */
	uint32_t capability; /* first word of one at 40h, 0 = none           */
	uint8_t secondary;   /* of a bridge: the bus below, 0 = none         */
	uint8_t subordinate; /* highest bus below; 0 = the same one          */
	struct fake_reset_config reset;
	struct fake_slot_config slot; /* of a port                           */
	const struct fake_register *registers;
	unsigned register_count;
	struct {
		uint64_t address;
		uint64_t bytes; /* power of two; 0 = none                    */
		bool is_64bit;	/* takes the next register too               */
		bool is_io;
	} bar[FAKE_BARS_MAX];
};

/**
 * fake_dma() - A function reads or writes memory.
 * @sbdf:  the machine's PCI address; segment 0..
 * @iova:  logical address; may cross pages
 * @write: true = device writes @buffer to memory, false = reads into it
 *
 * Goes only when the function exists and its bus-master bit is on. Pages before
 * the first blocked one have been copied.
 */
enum fake_dma fake_dma(uint32_t sbdf, uint64_t iova, void *buffer, size_t bytes,
		       bool write);

/* fake_function_unit() - The unit in front of any requester, or NULL. */
struct fake_unit *fake_function_unit(uint32_t sbdf);

/* fake_dma_as() - The same for any requester id, heedless of bus-master. */
enum fake_dma fake_dma_as(uint32_t sbdf, uint64_t iova, void *buffer,
			  size_t bytes, bool write);

/* fake_probe() - One byte at @iova read or written back; changes nothing seen.
 */
enum fake_dma fake_probe(uint32_t sbdf, uint64_t iova, bool write);

bool fake_function_is_master(uint32_t sbdf);
void fake_function_set_master(uint32_t sbdf, bool on);

/* Resets that a function went through. */
unsigned fake_function_resets(uint32_t sbdf);

/*
 * A word inside the function that software may set and a reset clears: what an
 * owner leaves to the next one.
 */
void fake_function_keep(uint32_t sbdf, uint32_t word);
uint32_t fake_function_kept(uint32_t sbdf);

/* fake_function_unplug() - From now on nobody answers there, and no DMA comes.
 */
void fake_function_unplug(uint32_t sbdf);

/* fake_function_poke32() - Write a register as the control domain would. */
void fake_function_poke32(uint32_t sbdf, unsigned offset, uint32_t value);

struct fake_reset *fake_function_reset(uint32_t sbdf);
struct fake_slot *fake_function_slot(uint32_t sbdf);

/* Its 4 KiB of configuration space, as it stands. */
uint8_t *fake_function_space(uint32_t sbdf);

#define FAKE_FUNCTION_MSI 0x60u /* an IOMMU function's MSI capability */

/* fake_function_message() - What its MSI capability sends; false: nothing. */
bool fake_function_message(uint32_t sbdf, uint64_t *address, uint32_t *data);

/* What a configuration register reads, without the bus. */
uint32_t fake_function_config32(uint32_t sbdf, unsigned offset);

/* Whatever a function may say of itself: its first bytes, 4096 at most. */
void fake_function_fill(uint32_t sbdf, const uint8_t *bytes, size_t size);

/* ---- for the machine and the bus ---- */
void fake_functions_reset(void);
void fake_function_add(const struct fake_function_config *config);
uint64_t fake_config_read(uint32_t sbdf, unsigned offset, unsigned bytes);
void fake_config_write(uint32_t sbdf, unsigned offset, unsigned bytes,
		       uint64_t value);
