// SPDX-License-Identifier: MIT
/* What a function sends: reads, writes and interrupt messages, page by page. */
#include "fake_device.h"
#include "lib/addr.h"
#include "machine.h"

#include <string.h>

/* Return: true when it has reached a CPU. */
static bool send(struct fake_unit *unit, uint32_t sbdf, uint64_t address,
		 uint32_t data)
{
	struct fake_arrival arrival = fake_intr_raw(address, data);

	if (unit != NULL && !fake_unit_interrupt(unit, (uint16_t)sbdf, address,
						 data, &arrival)) {
		return false;
	}
	arrival.sbdf = sbdf;
	fake_intr_arrive(arrival);
	return true;
}

bool fake_msi(uint32_t sbdf, uint64_t address, uint32_t data)
{
	bool has_arrived;

	machine_lock();
	has_arrived = send(fake_function_unit(sbdf), sbdf, address, data);
	machine_unlock();
	return has_arrived;
}

/* DMA into the interrupt window: each aligned word is a message. */
static void send_all(struct fake_unit *unit, uint32_t sbdf, uint64_t address,
		     const uint8_t *buffer, size_t bytes)
{
	for (size_t at = 0; is_aligned(address, 4) && at + 4 <= bytes;
	     at += 4) {
		uint32_t data;

		memcpy(&data, buffer + at, sizeof(data));
		send(unit, sbdf, address + at, data);
	}
}

static enum fake_dma access_page(struct fake_unit *unit, uint32_t sbdf,
				 uint64_t iova, uint8_t *buffer, size_t bytes,
				 bool write)
{
	uint64_t hpa = iova;
	enum fake_dma result = FAKE_DMA_OK;
	uint8_t *memory;

	if (unit != NULL) {
		result = fake_unit_translate(unit, (uint16_t)sbdf, iova, write,
					     &hpa);
	}
	if (result == FAKE_DMA_INTERRUPT) {
		send_all(unit, sbdf, iova, buffer, bytes);
	}
	if (result != FAKE_DMA_OK) {
		return result;
	}
	memory = machine_ram(hpa, bytes);
	if (memory == NULL) {
		return FAKE_DMA_LOST;
	}
	if (machine_page_is_freed(hpa)) {
		machine_fail("device %05x reached page %lx, which was given "
			     "back, by logical address %lx",
			     sbdf, (unsigned long)hpa, (unsigned long)iova);
	}
	memcpy(write ? memory : buffer, write ? buffer : memory, bytes);
	return FAKE_DMA_OK;
}

enum fake_dma fake_dma_as(uint32_t sbdf, uint64_t iova, void *buffer,
			  size_t bytes, bool write)
{
	struct fake_unit *unit = fake_function_unit(sbdf);
	enum fake_dma result = FAKE_DMA_OK;
	uint8_t *at = buffer;

	machine_lock();
	while (bytes > 0 && result == FAKE_DMA_OK) {
		size_t part = PAGE_BYTES - (iova & PAGE_MASK);

		part = part < bytes ? part : bytes;
		result = access_page(unit, sbdf, iova, at, part, write);
		iova += part;
		at += part;
		bytes -= part;
	}
	machine_unlock();
	return result;
}

enum fake_dma fake_dma(uint32_t sbdf, uint64_t iova, void *buffer, size_t bytes,
		       bool write)
{
	if (!fake_function_is_master(sbdf)) {
		return FAKE_DMA_NO_MASTER;
	}
	return fake_dma_as(sbdf, iova, buffer, bytes, write);
}

enum fake_dma fake_probe(uint32_t sbdf, uint64_t iova, bool write)
{
	struct fake_unit *unit = fake_function_unit(sbdf);
	enum fake_dma result = FAKE_DMA_OK;
	uint64_t hpa = iova;

	if (!fake_function_is_master(sbdf)) {
		return FAKE_DMA_NO_MASTER;
	}
	machine_lock();
	if (unit != NULL) {
		result = fake_unit_translate(unit, (uint16_t)sbdf, iova, write,
					     &hpa);
	}
	machine_unlock();
	if (result == FAKE_DMA_OK && machine_page_is_freed(hpa)) {
		machine_fail("device %05x reaches page %lx, which was given "
			     "back, by logical address %lx",
			     sbdf, (unsigned long)hpa, (unsigned long)iova);
	}
	return result;
}
